package hostile

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // some hostile signatures are made with it
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/asn1"
	"math/big"
)

// signature is by hand, as JOSE libraries rightly refuse most of what is needed here. It panics where signing fails, which no
// key of a KeyRing makes it do.
func signature(key crypto.Signer, hash crypto.Hash, input string) []byte {
	digest := sum(hash, input)
	if _, isRSA := key.(*rsa.PrivateKey); isRSA {
		return must(key.Sign(rand.Reader, digest, hash))
	}
	r, s := numbers(key, digest)
	return raw(r, s)
}

func sum(hash crypto.Hash, input string) []byte {
	h := hash.New()
	h.Write([]byte(input))
	return h.Sum(nil)
}

// numbers are the two of an ECDSA signature.
func numbers(key crypto.Signer, digest []byte) (r, s *big.Int) {
	var pair struct{ R, S *big.Int }
	must(asn1.Unmarshal(must(key.Sign(rand.Reader, digest, crypto.SHA256)), &pair))
	return pair.R, pair.S
}

// raw is R || S at full length for P-256 (RFC 7518 section 3.4).
func raw(r, s *big.Int) []byte {
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

func must[T any](value T, err error) T {
	if err != nil {
		panic("hostile: signing: " + err.Error())
	}
	return value
}

// signedBy signs with one of the key ring's other keys.
func signedBy(choose func(*KeyRing) crypto.Signer) change {
	return signedWith(crypto.SHA256, choose)
}

func signedWith(hash crypto.Hash, choose func(*KeyRing) crypto.Signer) change {
	return func(d *draft) {
		key := choose(d.world.Keys)
		d.sign = func(input string) []byte { return signature(key, hash, input) }
	}
}

// signedAs makes the signature in any other way.
func signedAs(make func(k *KeyRing, input string) []byte) change {
	return func(d *draft) {
		keys := d.world.Keys
		d.sign = func(input string) []byte { return make(keys, input) }
	}
}

// signedPSS signs by RSASSA-PSS (RFC 7518 section 3.5).
func signedPSS() change {
	return signedAs(func(k *KeyRing, input string) []byte {
		return must(k.signer.Sign(rand.Reader, sum(crypto.SHA256, input), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}))
	})
}

// hmacWith signs by HMAC with a secret that everybody can know.
func hmacWith(hash crypto.Hash, secret func(*KeyRing) []byte) change {
	return signedAs(func(k *KeyRing, input string) []byte {
		mac := hmac.New(hash.New, secret(k))
		mac.Write([]byte(input))
		return mac.Sum(nil)
	})
}

func unsigned() change { return signedAs(func(*KeyRing, string) []byte { return nil }) }

// The keys to choose from.
func honestKey(k *KeyRing) crypto.Signer     { return k.signer }
func foreignKey(k *KeyRing) crypto.Signer    { return k.foreign }
func encryptionKey(k *KeyRing) crypto.Signer { return k.encryption }
func secondKey(k *KeyRing) crypto.Signer     { return k.second }
func otherKey(k *KeyRing) crypto.Signer      { return k.other }
func weakKey(k *KeyRing) crypto.Signer       { return k.weak }

// order is the order of P-256's group.
func order(k *KeyRing) *big.Int { return k.signer.Public().(*ecdsa.PublicKey).Params().N }
