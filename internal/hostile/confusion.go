package hostile

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
)

// confusionCases sign by HMAC with what is public: a verifier that takes the key by kid and the algorithm from the token
// would use the public key as the secret.
func confusionCases() []Case {
	const source = "RFC 8725 section 2.1, CVE-2015-9235"
	const known = "RFC 8725 section 3.5"
	hs256, hs384, hs512 := header("alg", `"HS256"`), header("alg", `"HS384"`), header("alg", `"HS512"`)
	cases := []Case{
		refused("public key as PEM", source, hs256, hmacWith(crypto.SHA256, pkixPEM)),
		refused("public key as PEM, HS384", source, hs384, hmacWith(crypto.SHA384, pkixPEM)),
		refused("public key as PEM, HS512", source, hs512, hmacWith(crypto.SHA512, pkixPEM)),
		refused("public key as PEM without the last line break", source, hs256, hmacWith(crypto.SHA256, func(k *KeyRing) []byte { return bytes.TrimSpace(pkixPEM(k)) })),
		refused("public key as PEM with CR and LF", source, hs256, hmacWith(crypto.SHA256, func(k *KeyRing) []byte { return bytes.ReplaceAll(pkixPEM(k), []byte("\n"), []byte("\r\n")) })),
		refused("public key as DER", source, hs256, hmacWith(crypto.SHA256, subjectKey)),
		refused("public key as the published JWK", source, hs256, hmacWith(crypto.SHA256, publishedJWK)),
		refused("public key as a JWK of the required members", source, hs256, hmacWith(crypto.SHA256, func(k *KeyRing) []byte { return jwk(k.signer.Public(), "", "") })),
		refused("public key as its bare numbers", source, hs256, hmacWith(crypto.SHA256, bareKey)),
		refused("HMAC under the honest alg", source, hmacWith(crypto.SHA256, pkixPEM)),
		refused("hs256 in lower case", source, header("alg", `"hs256"`), hmacWith(crypto.SHA256, pkixPEM)),
		refused("HMAC without kid", source, hs256, header("kid", ""), hmacWith(crypto.SHA256, pkixPEM)),
		refused("empty secret", known, hs256, hmacWith(crypto.SHA256, func(*KeyRing) []byte { return nil })),
		refused("secret of zero bytes", known, hs256, hmacWith(crypto.SHA256, func(*KeyRing) []byte { return make([]byte, 32) })),
		refused("kid as the secret", known, hs256, hmacWith(crypto.SHA256, func(k *KeyRing) []byte { return []byte(k.ID) })),
		refused("the word secret", known, hs256, hmacWith(crypto.SHA256, func(*KeyRing) []byte { return []byte("secret") })),
		refused("symmetric key that the issuer published", known, hs256, header("kid", `"`+kidSymmetric+`"`), hmacWith(crypto.SHA256, func(*KeyRing) []byte { return []byte(publishedSecret) })),
	}
	return append(cases, only("RS256",
		refused("public key as PKCS #1 PEM", source, hs256, hmacWith(crypto.SHA256, func(k *KeyRing) []byte {
			return pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: pkcs1(k)})
		})),
		refused("public key as PKCS #1 DER", source, hs256, hmacWith(crypto.SHA256, pkcs1)),
	)...)
}

func subjectKey(k *KeyRing) []byte { return must(x509.MarshalPKIXPublicKey(k.signer.Public())) }

func pkixPEM(k *KeyRing) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: subjectKey(k)})
}

func pkcs1(k *KeyRing) []byte { return x509.MarshalPKCS1PublicKey(k.signer.Public().(*rsa.PublicKey)) }

func bareKey(k *KeyRing) []byte {
	if key, isEC := k.signer.Public().(*ecdsa.PublicKey); isEC {
		x, y := coordinates(key)
		return append(bytes.Clone(x), y...)
	}
	return k.signer.Public().(*rsa.PublicKey).N.Bytes()
}

func publishedJWK(k *KeyRing) []byte {
	for _, raw := range k.KeySet() {
		var named struct {
			ID string `json:"kid"`
		}
		if json.Unmarshal(raw, &named) == nil && named.ID == k.ID {
			return raw
		}
	}
	return nil
}
