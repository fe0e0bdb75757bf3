package engine

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// envelopes make opaque access tokens: the claims, encrypted, so that nobody but this server reads them and nothing is stored.
// They are longer than a random number would be; otherwise nobody can tell.
type envelopes struct{ aead cipher.AEAD }

func newEnvelopes() envelopes {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the size of the key is right
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size that GCM wants
	}
	return envelopes{aead}
}

func (v envelopes) seal(claims map[string]any) (string, error) {
	plain, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encoding claims: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(v.aead.Seal(nil, nil, plain, nil)), nil
}

var errNotOpaque = errors.New("no opaque token of this server")

func (v envelopes) open(token string) (claims map[string]any, err error) {
	wire, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, errNotOpaque
	}
	plain, err := v.aead.Open(nil, nil, wire, nil)
	if err != nil {
		return nil, errNotOpaque
	}
	return claims, json.Unmarshal(plain, &claims)
}
