package hostile

import (
	"strconv"
	"strings"
)

// nestingCases are honest tokens wrapped into something else, and other formats.
func nestingCases() []Case {
	const nestedJWT = "RFC 7519 section 5.2, RFC 8725 section 2.7"
	const encrypted = "RFC 7516 section 3.1, CVE-2016-10555"
	flattened := func(t string) string {
		p := strings.Split(t, ".")
		return `{"payload":"` + p[1] + `","protected":"` + p[0] + `","signature":"` + p[2] + `"}`
	}
	general := func(t string) string {
		p := strings.Split(t, ".")
		return `{"payload":"` + p[1] + `","signatures":[{"protected":"` + p[0] + `","signature":"` + p[2] + `"}]}`
	}
	encryptedBy := func(header string) string {
		return encode(header) + "." + encode("key") + "." + encode("initialization") + "." + encode("ciphertext") + "." + encode("tag")
	}
	return []Case{
		refused("token inside the token", nestedJWT, header("cty", `"JWT"`), inside(func(t string) string { return t })),
		refused("token as a JSON string", nestedJWT, header("cty", `"JWT"`), inside(strconv.Quote)),
		refused("honest claims that say they are a token", nestedJWT, header("cty", `"JWT"`)),
		refused("content type application/jwt", nestedJWT, header("cty", `"application/jwt"`)),
		refused("content type a number", nestedJWT, header("cty", "1")),
		malformed("JWS in flattened JSON", "RFC 7515 section 7.2.2", edited(flattened)),
		malformed("JWS in general JSON", "RFC 7515 section 7.2.1", edited(general)),
		refused("JWS in flattened JSON, base64url", "RFC 7515 section 7.2.2", edited(func(t string) string { return encode(flattened(t)) })),
		refused("JWS in general JSON, base64url", "RFC 7515 section 7.2.1", edited(func(t string) string { return encode(general(t)) })),
		refused("flattened JSON as claims", "RFC 7515 section 7.2.2", inside(flattened)),
		refused("JWE by RSA-OAEP", encrypted, token(encryptedBy(`{"alg":"RSA-OAEP-256","enc":"A256GCM"}`))),
		refused("JWE by a direct key", encrypted, token(encryptedBy(`{"alg":"dir","enc":"A128GCM"}`))),
		refused("JWE by a password of a billion rounds", "RFC 7518 section 4.8.1.2, CVE-2023-50658", token(encryptedBy(`{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2000000000,"p2s":"AAAA"}`))),
		refused("JWE header on a signed token", encrypted, header("enc", `"A128GCM"`)),
		refused("ephemeral key on a signed token", encrypted, header("epk", `{"kty":"EC","crv":"P-256"}`)),
		refused("JWE of compressed claims", "CVE-2024-28180", token(encryptedBy(`{"alg":"dir","enc":"A128GCM","zip":"DEF"}`))),
		refused("five parts, honest in front", encrypted, edited(func(t string) string { return t + ".AAAA.AAAA" })),
		refused("SD-JWT with a disclosure", "SD-JWT section 4", edited(func(t string) string { return t + "~" + encode(`["salt","scope","delete:todos"]`) + "~" })),
		refused("PASETO", mcpTokens, token("v4.public.eyJzdWIiOiJhbGljZSJ9AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
		refused("SAML", mcpTokens, token("PHNhbWw6QXNzZXJ0aW9uPjwvc2FtbDpBc3NlcnRpb24+")),
		refused("name and password", mcpTokens, token("YWxpY2U6cGFzc3dvcmQ=")),
	}
}

// inside makes an honest token the claims of another one.
func inside(write func(token string) string) change {
	return func(d *draft) {
		d.claims.text, d.claims.isText = write(newDraft(d.world, "").token()), true
	}
}
