package mockidp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
)

// Mint signs any header and any claims, right or wrong, so that a test can show a token that no flow would give.
//
// The header starts as alg and kid of the signing key and typ at+jwt; entries of header replace these, and a nil entry
// takes one out. The claims are encoded as they are; a json.RawMessage stays as it is, malformed or not. The key is nil for the
// server's own signing key, a *ecdsa.PrivateKey (P-256) or *rsa.PrivateKey for a signature as ES256 or RS256, a []byte for
// HS256; with "alg": "none" the signature is empty. What the header says about alg does not change how is signed.
//
// Mint panics on claims that cannot be encoded and on keys of other types, which are mistakes of the test.
func (s *Server) Mint(header map[string]any, claims any, key any) string {
	own := s.store.SigningKey()
	merged := map[string]any{"alg": own.Algorithm, "kid": own.ID, "typ": "at+jwt"}
	maps.Copy(merged, header)
	maps.DeleteFunc(merged, func(_ string, value any) bool { return value == nil })
	if key == nil {
		key = own.Signer
	}
	input := encode(merged) + "." + encode(claims)
	if merged["alg"] == "none" {
		return input + "."
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature(input, key))
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
func signature(input string, key any) []byte {
	digest := sha256.Sum256([]byte(input))
	switch key := key.(type) {
	case []byte:
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(input))
		return mac.Sum(nil)
	case *rsa.PrivateKey:
		signed, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
		if err != nil {
			panic(fmt.Sprintf("mockidp: signing: %v", err))
		}
		return signed
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
		if err != nil {
			panic(fmt.Sprintf("mockidp: signing: %v", err))
		}
		size := (key.Params().BitSize + 7) / 8 // RFC 7518 §3.4: both numbers at full length
		return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	default:
		panic(fmt.Sprintf("mockidp: want a key of type *ecdsa.PrivateKey, *rsa.PrivateKey or []byte, got %T", key))
	}
}
