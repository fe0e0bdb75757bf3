package hostile

import "crypto"

func algorithmCases() []Case {
	const unsecured = "RFC 8725 section 3.2, CVE-2015-2951"
	const confused = "RFC 8725 section 3.1"
	cases := []Case{
		refused("none, no signature", unsecured, header("alg", `"none"`), unsigned()),
		refused("None, no signature", unsecured, header("alg", `"None"`), unsigned()),
		refused("NONE, no signature", unsecured, header("alg", `"NONE"`), unsigned()),
		refused("nOnE, no signature", unsecured, header("alg", `"nOnE"`), unsigned()),
		refused("none with a blank, no signature", unsecured, header("alg", `"none "`), unsigned()),
		refused("none, no signature, no final dot", unsecured, header("alg", `"none"`), unsigned(), edited(func(t string) string { return t[:len(t)-1] })),
		refused("none without kid", unsecured, header("alg", `"none"`), header("kid", ""), unsigned()),
		refused("none, with an honest signature", unsecured, header("alg", `"none"`)),
		refused("none, escaped", unsecured, header("alg", `"\u006eone"`), unsigned()),
		refused("alg missing", "RFC 7515 section 4.1.1", header("alg", "")),
		refused("alg missing, no signature", unsecured, header("alg", ""), unsigned()),
		refused("alg empty", confused, header("alg", `""`)),
		refused("alg null", confused, header("alg", "null"), unsigned()),
		refused("alg an array", confused, header("alg", `["ES256","RS256"]`)),
		refused("alg a number", confused, header("alg", "256")),
		refused("alg true", confused, header("alg", "true")),
		refused("alg an object", confused, header("alg", `{"name":"ES256"}`)),
		refused("alg in another case", "RFC 7515 section 4.1.1", header("alg", ""), header("ALG", `"ES256"`)),
		refused("alg value in lower case", "RFC 7515 section 4.1.1", header("alg", `"es256"`)),
		refused("alg with a blank", confused, header("alg", `" ES256"`)),
		refused("honest alg, no signature", "RFC 7515 section 5.2", unsigned()),
		refused("unknown algorithm", confused, header("alg", `"XX256"`)),
		refused("ES256K", confused, header("alg", `"ES256K"`)),
		refused("EdDSA with a key that is none", confused, header("alg", `"EdDSA"`)),
		refused("an encryption algorithm", confused, header("alg", `"RSA-OAEP"`)),
		refused("dir", confused, header("alg", `"dir"`)),
		refused("SHA256withECDSA", confused, header("alg", `"SHA256withECDSA"`)),
		refused("key of the other algorithm under its kid", confused, header("kid", `"`+kidOther+`"`), signedBy(otherKey)),
		refused("honest kid, key of the other algorithm", confused, signedBy(otherKey)),
	}
	cases = append(cases, only("ES256",
		refused("RS256 under the kid of an EC key", confused, header("alg", `"RS256"`), signedBy(otherKey)),
		refused("ES384 by a P-256 key", confused, header("alg", `"ES384"`), signedWith(crypto.SHA384, honestKey)),
		refused("ES512 by a P-256 key", confused, header("alg", `"ES512"`), signedWith(crypto.SHA512, honestKey)),
	)...)
	return append(cases, only("RS256",
		refused("ES256 under the kid of an RSA key", confused, header("alg", `"ES256"`), signedBy(otherKey)),
		refused("RS384 by a key for RS256", confused, header("alg", `"RS384"`), signedWith(crypto.SHA384, honestKey)),
		refused("RS512 by a key for RS256", confused, header("alg", `"RS512"`), signedWith(crypto.SHA512, honestKey)),
		refused("PS256 by a key for RS256", confused, header("alg", `"PS256"`), signedPSS()),
	)...)
}
