package hostile

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
)

// KeyRing is the keys that hostile tokens are made with. Its KeySet stands at the issuer. It is not changed after it was made.
type KeyRing struct {
	Algorithm string // ES256 or RS256
	ID        string // kid of the key that signs honest tokens

	signer     crypto.Signer // published, signs honest tokens
	foreign    crypto.Signer // of the same kind, not published
	encryption crypto.Signer // of the same kind, published with use enc
	second     crypto.Signer // of the same kind, published like the signer
	other      crypto.Signer // for the other algorithm, published
	weak       *rsa.PrivateKey
}

// kids of the published keys.
const (
	kidEncryption = "for-encryption"
	kidSecond     = "second"
	kidOther      = "other-algorithm"
	kidWeak       = "weak"
	kidSymmetric  = "symmetric"
	kidNoVerify   = "key-ops-sign"
)

// publishedSecret is a symmetric key that the issuer published by mistake: anybody can sign with it.
const publishedSecret = "a secret of thirty-two bytes or so"

// NewKeyRing makes the keys for ES256 or RS256. RSA keys take some hundred milliseconds.
func NewKeyRing(algorithm string) (*KeyRing, error) {
	k := &KeyRing{Algorithm: algorithm, ID: "honest-" + rand.Text()}
	kind, otherKind := newEC, newRSA
	if algorithm == "RS256" {
		kind, otherKind = newRSA, newEC
	} else if algorithm != "ES256" {
		return nil, fmt.Errorf("making keys: want ES256 or RS256, got %q", algorithm)
	}
	for _, slot := range []struct {
		key  *crypto.Signer
		make func() (crypto.Signer, error)
	}{{&k.signer, kind}, {&k.foreign, kind}, {&k.encryption, kind}, {&k.second, kind}, {&k.other, otherKind}} {
		var err error
		if *slot.key, err = slot.make(); err != nil {
			return nil, fmt.Errorf("making keys: %w", err)
		}
	}
	var err error
	if k.weak, err = rsa.GenerateKey(rand.Reader, 1024); err != nil {
		return nil, fmt.Errorf("making a weak key: %w", err)
	}
	return k, nil
}

func newEC() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

func newRSA() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) }

// KeySet returns the JWKs that the issuer must publish (RFC 7517), besides its own ones: the honest key and a second one, and,
// around them, what a client has to skip: keys for other uses, weak, symmetric, broken and alien ones.
func (k *KeyRing) KeySet() []json.RawMessage {
	return []json.RawMessage{
		json.RawMessage(`{"kty":"quantum","kid":"alien","alg":"Q1","state":[0,1]}`),
		json.RawMessage(`{"kty":"EC","crv":"P-256","kid":"broken","alg":"ES256","use":"sig","x":"AA","y":"AA"}`),
		json.RawMessage(`{"kty":"RSA","kid":"half","use":"sig","e":"AQAB"}`),
		json.RawMessage(`{"kty":"oct","kid":"` + kidSymmetric + `","use":"sig","k":"` + encode(publishedSecret) + `"}`),
		jwk(k.encryption.Public(), kidEncryption, `"use":"enc"`),
		jwk(k.weak.Public(), kidWeak, `"use":"sig","alg":"RS256"`),
		jwk(k.other.Public(), kidOther, `"use":"sig","alg":"`+otherAlgorithm(k.Algorithm)+`"`),
		jwk(k.second.Public(), kidNoVerify, `"key_ops":["sign"]`),
		jwk(k.signer.Public(), k.ID, `"use":"sig","alg":"`+k.Algorithm+`"`),
		jwk(k.second.Public(), kidSecond, `"use":"sig"`),
	}
}

func otherAlgorithm(algorithm string) string {
	if algorithm == "RS256" {
		return "ES256"
	}
	return "RS256"
}

// jwk is a public key as RFC 7518 section 6 writes it.
func jwk(key crypto.PublicKey, kid, more string) json.RawMessage {
	b64 := func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
	text := ""
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		x, y := coordinates(key)
		text = `{"kty":"EC","crv":"P-256","x":"` + b64(x) + `","y":"` + b64(y) + `"`
	case *rsa.PublicKey:
		text = `{"kty":"RSA","n":"` + b64(key.N.Bytes()) + `","e":"` + b64(big.NewInt(int64(key.E)).Bytes()) + `"`
	}
	if kid != "" {
		text += `,"kid":"` + kid + `"`
	}
	if more != "" {
		text += "," + more
	}
	return json.RawMessage(text + "}")
}

func coordinates(key *ecdsa.PublicKey) (x, y []byte) {
	point, err := key.Bytes() // 4, x, y (SEC 1 section 2.3.3)
	if err != nil {
		return nil, nil
	}
	half := len(point) / 2
	return point[1 : 1+half], point[1+half:]
}

// sign makes the honest signature.
func (k *KeyRing) sign(input string) []byte { return signature(k.signer, crypto.SHA256, input) }

// thumbprint is the start of a key's hash, for kids that look like one.
func thumbprint(key crypto.PublicKey) string {
	sum := sha256.Sum256(jwk(key, "", ""))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
