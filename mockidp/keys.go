package mockidp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/strictyaml"
)

// algorithms are what tokens can be signed with (RFC 7518 §3.1, RFC 8037 §3.1).
var algorithms = []string{"ES256", "ES384", "EdDSA", "PS256", "RS256"}

// generate makes a signing key.
func generate(algorithm string) (store.Key, error) {
	var signer crypto.Signer
	var err error
	switch algorithm {
	case "ES256":
		signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ES384":
		signer, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "EdDSA":
		_, signer, err = ed25519.GenerateKey(rand.Reader)
	case "PS256", "RS256":
		signer, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		err = fmt.Errorf("want %s, got %q", strings.Join(algorithms, ", "), algorithm)
	}
	if err != nil {
		return store.Key{}, fmt.Errorf("making a signing key: %w", err)
	}
	return named(signer, algorithm)
}

// named names a key by its RFC 7638 thumbprint, so that a key from a file has the same kid at every start.
func named(signer crypto.Signer, algorithm string) (store.Key, error) {
	public := jose.JSONWebKey{Key: signer.Public()}
	thumbprint, err := public.Thumbprint(crypto.SHA256)
	if err != nil {
		return store.Key{}, fmt.Errorf("naming a signing key: %w", err)
	}
	return store.Key{ID: base64.RawURLEncoding.EncodeToString(thumbprint), Algorithm: algorithm, Signer: signer}, nil
}

// signingKey is the key of a configuration: from its file, or a new one. Where no algorithm is named, the personality's one is
// taken, or the one that the key in the file is for.
func (c *Config) signingKey(preferred string) (store.Key, error) {
	algorithm := c.SigningAlgorithm
	if c.SigningKey == "" {
		if algorithm == "" {
			algorithm = preferred
		}
		return generate(algorithm)
	}
	data, err := strictyaml.ReadFile(c.SigningKey)
	if err != nil {
		return store.Key{}, fmt.Errorf("signing_key: %w", err)
	}
	signer, err := parsePEM(data)
	if err != nil {
		return store.Key{}, fmt.Errorf("signing_key: %s: %w", c.SigningKey, err)
	}
	able, err := algorithmsOf(signer)
	switch {
	case err != nil:
		return store.Key{}, fmt.Errorf("signing_key: %s: %w", c.SigningKey, err)
	case algorithm == "" && slices.Contains(able, preferred):
		algorithm = preferred
	case algorithm == "":
		algorithm = able[0]
	case !slices.Contains(able, algorithm):
		return store.Key{}, fmt.Errorf("signing_key: %s: the key is for %s, and signing_algorithm is %s", c.SigningKey, strings.Join(able, " or "), algorithm)
	}
	return named(signer, algorithm)
}

// parsePEM finds the first private key: PKCS #8, or the older PKCS #1 (RSA) and SEC 1 (EC), as openssl writes them.
func parsePEM(data []byte) (crypto.Signer, error) {
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return nil, errors.New("holds no private key; want a PEM file with PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY")
		}
		var key any
		var err error
		switch {
		case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
			return nil, errors.New("the private key is encrypted; write it without a passphrase (openssl pkey -in FILE -out PLAIN)")
		case block.Type == "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case block.Type == "RSA PRIVATE KEY":
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case block.Type == "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		default:
			continue // a certificate, or EC PARAMETERS before the key
		}
		if err != nil {
			return nil, errors.New("the " + block.Type + " block is damaged") // the parser's words may quote the key
		}
		if signer, ok := key.(crypto.Signer); ok {
			return signer, nil
		}
		return nil, fmt.Errorf("a key of type %T cannot sign; want an RSA, EC or Ed25519 key", key)
	}
}

func algorithmsOf(signer crypto.Signer) ([]string, error) {
	switch key := signer.(type) {
	case *rsa.PrivateKey:
		if bits := key.N.BitLen(); bits < 2048 {
			return nil, fmt.Errorf("an RSA key of %d bits is too short; want 2048 or more (RFC 7518 section 3.3)", bits)
		}
		return []string{"RS256", "PS256"}, nil
	case *ecdsa.PrivateKey:
		switch key.Curve {
		case elliptic.P256():
			return []string{"ES256"}, nil
		case elliptic.P384():
			return []string{"ES384"}, nil
		}
		return nil, fmt.Errorf("curve %s is not supported; want P-256 or P-384", key.Params().Name)
	case ed25519.PrivateKey:
		return []string{"EdDSA"}, nil
	}
	return nil, fmt.Errorf("a key of type %T is not supported; want RSA, EC or Ed25519", signer)
}
