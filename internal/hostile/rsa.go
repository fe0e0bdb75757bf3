package hostile

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"math/big"
	"slices"
)

func rsaCases() []Case {
	const form = "RFC 8017 section 8.2.2"
	honestThen := func(change func(signature []byte) []byte) change {
		return signedAs(func(k *KeyRing, input string) []byte { return change(k.sign(input)) })
	}
	// padded is the bare private operation on a text of one's own, which no verifier may take for a signature.
	padded := func(message func(digest []byte) []byte) change {
		return signedAs(func(k *KeyRing, input string) []byte {
			key := k.signer.(*rsa.PrivateKey)
			m := new(big.Int).SetBytes(message(sum(crypto.SHA256, input)))
			return m.Exp(m, key.D, key.N).FillBytes(make([]byte, key.Size()))
		})
	}
	info := []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20} // SHA-256
	return only("RS256",
		refused("PSS under RS256", "RFC 7518 section 3.3", signedPSS()),
		refused("over SHA-1", form, signedWith(crypto.SHA1, honestKey)),
		refused("over SHA-384", form, signedWith(crypto.SHA384, honestKey)),
		refused("over SHA-512", form, signedWith(crypto.SHA512, honestKey)),
		refused("over the hash of the hash", form, signedAs(func(k *KeyRing, input string) []byte {
			return signature(k.signer, crypto.SHA256, string(sum(crypto.SHA256, input)))
		})),
		refused("over the claims only", "RFC 7515 section 5.1", signedAs(func(k *KeyRing, input string) []byte {
			return signature(k.signer, crypto.SHA256, part(0, func(string) string { return "" })(input)[1:])
		})),
		refused("bare digest, no padding", form, padded(func(digest []byte) []byte { return digest })),
		refused("short padding, garbage after the digest", "CVE-2006-4339", padded(func(digest []byte) []byte {
			return slices.Concat([]byte{0, 1}, bytes.Repeat([]byte{0xff}, 8), []byte{0}, info, digest, make([]byte, 256-11-len(info)-len(digest)))
		})),
		refused("padding of zeros", form, padded(func(digest []byte) []byte {
			return slices.Concat([]byte{0, 1}, make([]byte, 256-3-len(info)-len(digest)), []byte{0}, info, digest)
		})),
		refused("padding without the hash's name", form, padded(func(digest []byte) []byte {
			return slices.Concat([]byte{0, 1}, bytes.Repeat([]byte{0xff}, 256-3-len(digest)), []byte{0}, digest)
		})),
		refused("padding for encryption", form, padded(func(digest []byte) []byte {
			return slices.Concat([]byte{0, 2}, bytes.Repeat([]byte{0xff}, 256-3-len(info)-len(digest)), []byte{0}, info, digest)
		})),
		refused("the padded digest itself", form, signedAs(func(_ *KeyRing, input string) []byte {
			digest := sum(crypto.SHA256, input)
			return slices.Concat([]byte{0, 1}, bytes.Repeat([]byte{0xff}, 256-3-len(info)-len(digest)), []byte{0}, info, digest)
		})),
		refused("zero", form, honestThen(func(s []byte) []byte { return make([]byte, len(s)) })),
		refused("one", form, honestThen(func(s []byte) []byte { return append(make([]byte, len(s)-1), 1) })),
		refused("all bits set", form, honestThen(func(s []byte) []byte { return bytes.Repeat([]byte{0xff}, len(s)) })),
		refused("the modulus", form, signedAs(func(k *KeyRing, _ string) []byte { return k.signer.Public().(*rsa.PublicKey).N.Bytes() })),
		refused("honest and the modulus", form, signedAs(func(k *KeyRing, input string) []byte {
			s := new(big.Int).SetBytes(k.sign(input))
			return s.Add(s, k.signer.Public().(*rsa.PublicKey).N).Bytes()
		})),
		refused("negated", form, signedAs(func(k *KeyRing, input string) []byte {
			s := new(big.Int).SetBytes(k.sign(input))
			return s.Sub(k.signer.Public().(*rsa.PublicKey).N, s).FillBytes(make([]byte, 256))
		})),
		refused("zero byte before it", form, honestThen(func(s []byte) []byte { return append([]byte{0}, s...) })),
		refused("zero byte after it", form, honestThen(func(s []byte) []byte { return append(s, 0) })),
		refused("255 bytes", form, honestThen(func(s []byte) []byte { return s[:255] })),
		refused("reversed", form, honestThen(func(s []byte) []byte { slices.Reverse(s); return s })),
		refused("128 bytes", form, honestThen(func(s []byte) []byte { return s[:128] })),
		refused("one byte", form, honestThen(func(s []byte) []byte { return s[:1] })),
	)
}
