package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"mcpharness/mockidp"
)

// tlsFlags say whether and with which certificate the server speaks https.
type tlsFlags struct {
	made           bool
	authority      string // where to write the authority of a made certificate; empty: a temporary file
	cert, key      string
	wroteTemporary string
}

// misuse tells flags that do not go together.
func (f *tlsFlags) misuse() error {
	switch {
	case (f.cert == "") != (f.key == ""):
		return errors.New("--tls-cert and --tls-key go together")
	case f.made && f.cert != "":
		return errors.New("--tls makes a certificate, and --tls-cert brings one; want one of them")
	case f.authority != "" && !f.made:
		return errors.New("--tls-ca says where the authority of --tls is written; it needs --tls")
	}
	return nil
}

func (f *tlsFlags) on() bool { return f.made || f.cert != "" }

func (f *tlsFlags) apply(options *mockidp.Options) error {
	options.TLS = f.made
	if f.cert == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return fmt.Errorf("--tls-cert %s, --tls-key %s: %w", f.cert, f.key, err)
	}
	options.Certificate = &pair
	return nil
}

// publish writes the authority of a made certificate to a file and returns where; "" where none was made.
func (f *tlsFlags) publish(server *mockidp.Server) (string, error) {
	if !f.made {
		return "", nil
	}
	path := f.authority
	if path == "" {
		folder, err := os.MkdirTemp("", "mock-idp-")
		if err != nil {
			return "", fmt.Errorf("writing the certificate authority: %w", err)
		}
		f.wroteTemporary, path = folder, filepath.Join(folder, "ca.pem")
	}
	if err := os.WriteFile(path, server.CertificateAuthority(), 0o644); err != nil { // public: it is for clients to trust
		return "", fmt.Errorf("writing the certificate authority: %w", err)
	}
	return filepath.Abs(path)
}

// cleanUp takes away what publish wrote into a temporary folder.
func (f *tlsFlags) cleanUp() {
	if f.wroteTemporary != "" {
		_ = os.RemoveAll(f.wroteTemporary)
	}
}
