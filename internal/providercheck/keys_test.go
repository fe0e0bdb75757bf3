package providercheck_test

import (
	"encoding/base64"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
)

// rsaKey is a public key with a modulus of so many bits. That it is no product of two primes is of no matter here.
func rsaKey(bits int) map[string]string {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	n.SetBit(n, 0, 1)
	return map[string]string{"kty": "RSA", "kid": "rsa", "use": "sig", "n": base64.RawURLEncoding.EncodeToString(n.Bytes()), "e": "AQAB"}
}

func TestAnRSAKeyOf2048BitsIsEnough(t *testing.T) {
	t.Parallel()
	d := newDouble(t)
	d.keys = []any{rsaKey(2048)}
	require.Empty(t, faults(check(t, d.asks())))
}
