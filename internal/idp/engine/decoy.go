package engine

import (
	"crypto/rand"
	"crypto/rsa"
	"math/big"

	"github.com/go-jose/go-jose/v4"
)

// newDecoy makes a public key as some providers publish beside those that sign: for encryption, or of another algorithm. Nobody has its
// private part, and nothing is encrypted to it: it is there so that clients which take the first key fail here, and not in production.
func newDecoy(algorithm, use string) jose.JSONWebKey {
	modulus := make([]byte, 256)
	_, _ = rand.Read(modulus) // never fails (crypto/rand)
	modulus[0] |= 0x80
	modulus[len(modulus)-1] |= 1
	return jose.JSONWebKey{
		Key: &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537}, KeyID: rand.Text(), Algorithm: algorithm, Use: use,
	}
}
