package engine

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // x5t is SHA-1 (RFC 7517 §4.8)
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// certified adds a certificate to a public key, as some clients look for x5c (RFC 7517 §4.7). The key that signs tokens signs it; nobody
// is meant to trust it for that. The same key gets the same certificate until the server ends.
func (e *Engine) certified(key jose.JSONWebKey) jose.JSONWebKey {
	if _, isRSA := key.Key.(*rsa.PublicKey); !isRSA || !e.Personality.KeyCertificates {
		return key
	}
	e.certificates.Lock()
	defer e.certificates.Unlock()
	made := e.certificates.of[key.KeyID]
	if made == nil {
		now := time.Now()
		template := &x509.Certificate{
			SerialNumber: big.NewInt(now.UnixMilli()), Subject: pkix.Name{CommonName: e.Issuer},
			NotBefore: now.Add(-time.Minute), NotAfter: now.AddDate(10, 0, 0),
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Key, e.Store.SigningKey().Signer)
		if err == nil {
			made, err = x509.ParseCertificate(der)
		}
		if err != nil {
			return key // a key that no certificate can hold
		}
		if e.certificates.of == nil {
			e.certificates.of = map[string]*x509.Certificate{}
		}
		e.certificates.of[key.KeyID] = made
	}
	short, long := sha1.Sum(made.Raw), sha256.Sum256(made.Raw)
	key.Certificates, key.CertificateThumbprintSHA1, key.CertificateThumbprintSHA256 = []*x509.Certificate{made}, short[:], long[:]
	return key
}
