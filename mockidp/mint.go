package mockidp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
)

// Mint signs any header and any claims, right or wrong, so that a test can show a token that no flow would give.
//
// The header starts as alg and kid of the signing key and typ at+jwt; entries of header replace these, and a nil entry
// takes one out. The claims are encoded as they are; a json.RawMessage stays as it is, malformed or not. The key is nil for the
// server's own signing key and algorithm, a *ecdsa.PrivateKey for ES256, ES384 or ES512 by its curve, a *rsa.PrivateKey for RS256, an
// ed25519.PrivateKey for EdDSA, a []byte for HS256; with "alg": "none" the signature is empty. What the header says about alg does
// not change how is signed.
//
// Mint panics on claims that cannot be encoded and on keys of other types, which are mistakes of the test.
func (s *Server) Mint(header map[string]any, claims any, key any) string {
	own := s.store.SigningKey()
	merged := map[string]any{"alg": own.Algorithm, "kid": own.ID, "typ": "at+jwt"}
	maps.Copy(merged, header)
	maps.DeleteFunc(merged, func(_ string, value any) bool { return value == nil })
	input := encode(merged) + "." + encode(claims)
	if merged["alg"] == "none" {
		return input + "."
	}
	pss := key == nil && own.Algorithm == "PS256"
	if key == nil {
		key = own.Signer
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature(input, key, pss))
}

func encode(part any) string {
	if raw, ok := part.(json.RawMessage); ok {
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	encoded, err := json.Marshal(part)
	if err != nil {
		panic(fmt.Sprintf("mockidp: encoding a part of a token: %v", err))
	}
	return base64.RawURLEncoding.EncodeToString(encoded)
}

// signature is by hand, as go-jose rightly refuses most of what a hostile token needs.
func signature(input string, key any, pss bool) []byte {
	var signed []byte
	var err error
	switch key := key.(type) {
	case []byte:
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(input))
		signed = mac.Sum(nil)
	case *rsa.PrivateKey:
		digest := sha256.Sum256([]byte(input))
		if pss { // RFC 7518 §3.5: the salt is as long as the hash
			signed, err = rsa.SignPSS(rand.Reader, key, crypto.SHA256, digest[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		} else {
			signed, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
		}
	case *ecdsa.PrivateKey:
		var r, s *big.Int
		size := (key.Params().BitSize + 7) / 8 // RFC 7518 §3.4: both numbers at full length
		if r, s, err = ecdsa.Sign(rand.Reader, key, digestFor(size, input)); err == nil {
			signed = append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
		}
	case ed25519.PrivateKey:
		signed = ed25519.Sign(key, []byte(input))
	default:
		panic(fmt.Sprintf("mockidp: want a key of type *ecdsa.PrivateKey, *rsa.PrivateKey, ed25519.PrivateKey or []byte, got %T", key))
	}
	if err != nil {
		panic(fmt.Sprintf("mockidp: signing: %v", err))
	}
	return signed
}

// digestFor hashes for a curve whose numbers have so many bytes (RFC 7518 §3.4).
func digestFor(size int, input string) []byte {
	switch size {
	case 48:
		sum := sha512.Sum384([]byte(input))
		return sum[:]
	case 66:
		sum := sha512.Sum512([]byte(input))
		return sum[:]
	}
	sum := sha256.Sum256([]byte(input))
	return sum[:]
}
