package hostile

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/asn1"
	"math/big"
	"slices"
)

func ecdsaCases() []Case {
	const psychic = "CVE-2022-21449"
	const form = "RFC 7518 section 3.4"
	constant := func(r, s int64) change {
		return signedAs(func(*KeyRing, string) []byte { return raw(big.NewInt(r), big.NewInt(s)) })
	}
	ofOrder := func(make func(n *big.Int) []byte) change {
		return signedAs(func(k *KeyRing, _ string) []byte { return make(order(k)) })
	}
	honestThen := func(change func(signature []byte) []byte) change {
		return signedAs(func(k *KeyRing, input string) []byte { return change(k.sign(input)) })
	}
	return only("ES256",
		refused("r and s zero", psychic, constant(0, 0)),
		refused("r zero", psychic, constant(0, 1)),
		refused("s zero", psychic, constant(1, 0)),
		refused("r and s one", psychic, constant(1, 1)),
		refused("r zero, honest s", psychic, honestThen(func(s []byte) []byte { return append(make([]byte, 32), s[32:]...) })),
		refused("s zero, honest r", psychic, honestThen(func(s []byte) []byte { return append(s[:32:32], make([]byte, 32)...) })),
		refused("r and s the order", psychic, ofOrder(func(n *big.Int) []byte { return raw(n, n) })),
		refused("r the order, s one", psychic, ofOrder(func(n *big.Int) []byte { return raw(n, big.NewInt(1)) })),
		refused("r one, s the order", psychic, ofOrder(func(n *big.Int) []byte { return raw(big.NewInt(1), n) })),
		refused("r and s one less than the order", psychic, ofOrder(func(n *big.Int) []byte { m := new(big.Int).Sub(n, big.NewInt(1)); return raw(m, m) })),
		refused("all bits set", form, honestThen(func(s []byte) []byte { return slices.Repeat([]byte{0xff}, 64) })),
		refused("r and s swapped", form, honestThen(func(s []byte) []byte { return append(s[32:64:64], s[:32]...) })),
		refused("DER instead of r and s", form, signedAs(func(k *KeyRing, input string) []byte {
			return must(k.signer.Sign(rand.Reader, sum(crypto.SHA256, input), crypto.SHA256))
		})),
		refused("DER of zeros", psychic, signedAs(func(*KeyRing, string) []byte { return must(asn1.Marshal(struct{ R, S int }{})) })),
		refused("63 bytes", form, honestThen(func(s []byte) []byte { return s[:63] })),
		refused("65 bytes, a zero after it", form, honestThen(func(s []byte) []byte { return append(s, 0) })),
		refused("66 bytes, zeros before r and s", form, honestThen(func(s []byte) []byte { return slices.Concat([]byte{0}, s[:32], []byte{0}, s[32:]) })),
		refused("32 bytes", form, honestThen(func(s []byte) []byte { return s[:32] })),
		refused("128 bytes, the signature twice", form, honestThen(func(s []byte) []byte { return append(s, s...) })),
		refused("one byte", form, honestThen(func(s []byte) []byte { return s[:1] })),
		refused("over SHA-384", form, signedWith(crypto.SHA384, honestKey)),
		refused("over SHA-512", form, signedWith(crypto.SHA512, honestKey)),
		refused("over SHA-1", form, signedWith(crypto.SHA1, honestKey)),
		refused("over the hash of the hash", form, signedAs(func(k *KeyRing, input string) []byte {
			return signature(k.signer, crypto.SHA256, string(sum(crypto.SHA256, input)))
		})),
		refused("over the claims only", "RFC 7515 section 5.1", signedAs(func(k *KeyRing, input string) []byte {
			return signature(k.signer, crypto.SHA256, part(0, func(string) string { return "" })(input)[1:])
		})),
		refused("by a P-384 key", form, signedAs(func(_ *KeyRing, input string) []byte {
			key := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
			r, s := numbers(key, sum(crypto.SHA384, input))
			return append(r.FillBytes(make([]byte, 48)), s.FillBytes(make([]byte, 48))...)
		})),
	)
}

// highS is the other of the two signatures that hold: RFC 7518 does not demand the low one.
func highS() change {
	return signedAs(func(k *KeyRing, input string) []byte {
		r, s := numbers(k.signer, sum(crypto.SHA256, input))
		if other := new(big.Int).Sub(order(k), s); other.Cmp(s) > 0 {
			s = other
		}
		return raw(r, s)
	})
}
