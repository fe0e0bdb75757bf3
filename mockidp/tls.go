package mockidp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"slices"
	"time"
)

const (
	certificateLifetime = 90 * 24 * time.Hour
	maxCertificates     = 1 << 20 // bytes of a file with certificates
)

// certificates are what a server shows and what its own clients trust. The zero value is plain http.
type certificates struct {
	own       *tls.Certificate
	authority []byte // PEM of the authority that was made for it; nil: none was
	trusted   []*x509.Certificate
}

// certificatesFor loads or makes what the options ask for.
func certificatesFor(options Options, listeners []net.Listener) (certificates, error) {
	switch {
	case options.Certificate != nil:
		var c certificates
		for _, der := range options.Certificate.Certificate {
			parsed, err := x509.ParseCertificate(der)
			if err != nil {
				return c, fmt.Errorf("certificate: %w", err)
			}
			c.trusted = append(c.trusted, parsed)
		}
		c.own = options.Certificate
		return c, nil
	case options.TLS:
		names := []string{"localhost", "127.0.0.1", "::1"}
		if issuer, err := url.Parse(options.Issuer); err == nil && issuer.Hostname() != "" {
			names = append(names, issuer.Hostname())
		}
		for _, l := range listeners {
			if host, _, err := net.SplitHostPort(l.Addr().String()); err == nil {
				names = append(names, host)
			}
		}
		c, err := issue(names)
		if err != nil {
			return c, fmt.Errorf("making a certificate: %w", err)
		}
		return c, nil
	}
	return certificates{}, nil
}

// issue makes an authority and one certificate of it. The authority's key is forgotten here, so it vouches for nothing else.
func issue(names []string) (certificates, error) {
	now := time.Now()
	authorityKey, errAuthority := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ownKey, errOwn := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(errAuthority, errOwn); err != nil {
		return certificates{}, err
	}
	authority := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "mock-idp, for tests"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateLifetime),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
	}
	authorityDER, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return certificates{}, err
	}
	authority, err = x509.ParseCertificate(authorityDER)
	if err != nil {
		return certificates{}, err
	}
	own := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "mock-idp"},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if ip := net.ParseIP(name); ip != nil {
			own.IPAddresses = append(own.IPAddresses, ip)
		} else {
			own.DNSNames = append(own.DNSNames, name)
		}
	}
	ownDER, err := x509.CreateCertificate(rand.Reader, own, authority, ownKey.Public(), authorityKey)
	if err != nil {
		return certificates{}, err
	}
	return certificates{
		own:       &tls.Certificate{Certificate: [][]byte{ownDER, authorityDER}, PrivateKey: ownKey},
		authority: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authorityDER}),
		trusted:   []*x509.Certificate{authority},
	}, nil
}

func serial() *big.Int {
	n, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) // never fails (crypto/rand)
	return n
}

func (c certificates) scheme() string {
	if c.own == nil {
		return "http"
	}
	return "https"
}

// server is how the listeners speak; nil: without TLS.
func (c certificates) server() *tls.Config {
	if c.own == nil {
		return nil
	}
	return &tls.Config{Certificates: []tls.Certificate{*c.own}, MinVersion: tls.VersionTLS12}
}

// client trusts the server and whom else the system trusts; nil: only the system's.
func (c certificates) client() *tls.Config {
	if c.own == nil {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	for _, certificate := range c.trusted {
		pool.AddCert(certificate)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// readCertificates reads the certificates in a PEM file.
func readCertificates(path string) ([]*x509.Certificate, error) {
	about, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !about.Mode().IsRegular() || about.Size() > maxCertificates {
		return nil, fmt.Errorf("%s: want a regular file of at most %d bytes", path, maxCertificates)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []*x509.Certificate
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		parsed, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, parsed)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: holds no certificate; want a PEM file with CERTIFICATE blocks", path)
	}
	return all, nil
}
