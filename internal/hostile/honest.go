package hostile

import (
	"strconv"
	"strings"
	"time"
)

// honestTokenCases are unusual and right: a server that refuses them is too strict.
func honestTokenCases() []Case {
	const unknown = "RFC 7519 section 4, RFC 7515 section 4"
	const types = "RFC 7515 section 4.1.9"
	const dates = "RFC 7519 section 2, NumericDate"
	const free = "RFC 8259 section 2 and 4"
	cases := []Case{
		honest("plain", jwtProfile),
		honest("aud in an array", "RFC 7519 section 4.1.3", claim("aud", `["$resource"]`)),
		honest("aud among others", "RFC 7519 section 4.1.3", claim("aud", `["https://other.example/mcp","$resource","account"]`)),
		honest("typ application/at+jwt", types, header("typ", `"application/at+jwt"`)),
		honest("typ in upper case", types, header("typ", `"AT+JWT"`)),
		honest("typ in mixed case", types, header("typ", `"Application/At+Jwt"`)),
		honest("unknown header parameters", unknown, header("x-env", `"prod"`), header("iat", "1"), header("nested", `{"a":[1,2]}`)),
		honest("thumbprint of a certificate", "RFC 7515 section 4.1.7", header("x5t", `"AAAA"`), header("x5t#S256", `"AAAA"`)),
		honest("unknown claims", unknown, claim("tenant", `"t"`), claim("https://example.com/claim", `{"a":[1,{"b":null}]}`), claim("flag", "true")),
		honest("claims of RFC 9068", "RFC 9068 section 2.2.1", claim("auth_time", "$now"), claim("acr", `"1"`), claim("amr", `["pwd"]`), claim("sid", `"s"`), claim("azp", `"$client"`)),
		honest("claims about the person", "RFC 9068 section 2.2.2", claim("name", `"Zoë 🎉"`), claim("email", `"z@example.com"`), claim("email_verified", "true"), claim("groups", `["a"]`)),
		honest("scope in upper case beside scope", unknown, claim("SCOPE", "7")),
		honest("no scope", "RFC 9068 section 2.2.3", claim("scope", "")),
		honest("empty scope", "Keycloak 26.7, a token without scopes", claim("scope", `""`)),
		honest("200 scopes", "RFC 6749 section 3.3", func(d *draft) {
			scopes := make([]string, 200)
			for i := range scopes {
				scopes[i] = "https://api.example/scope." + strconv.Itoa(i)
			}
			d.claims.set("scope", `"`+strings.Join(scopes, " ")+`"`)
		}),
		honest("a scope twice", "RFC 6749 section 3.3", claim("scope", `"create:todos create:todos"`)),
		honest("scopes of every character", "RFC 6749 section 3.3", claim("scope", `"!#$%&'()*+,-./:;<=>?@[]^_{|}~ create:todos"`)),
		honest("no roles", jwtProfile, claim("roles", "")),
		honest("iat now, nbf now", "RFC 7519 section 4.1.5", claim("nbf", "$now")),
		honest("issued long ago", "RFC 7519 section 4.1.6", claim("iat", "1"), claim("nbf", "0")),
		honest("exp with a fraction", dates, func(d *draft) { d.claims.set("exp", d.after(time.Hour)+".25") }),
		honest("exp with an exponent", dates, claim("exp", "4.1024448e9")),
		honest("exp in the year 9999", dates, claim("exp", "253402300799")),
		honest("expires in half a minute", dates, claimAt("exp", 30*time.Second)),
		honest("white space in the claims", free, claimsText("\r\n\t $self \n")),
		honest("white space in the header", free, headerText(" \n$self\t")),
		honest("claim names escaped", free, claim("aud", ""), claim(`\u0061ud`, `"$resource"`)),
		honest("claim values escaped", free, func(d *draft) { d.claims.set("iss", `"`+escaped(d.world.Issuer)+`"`) }),
		honest("members in another order", free, func(d *draft) { reverse(&d.header); reverse(&d.claims) }),
		honest("sub outside ASCII", "RFC 7519 section 2, StringOrURI", claim("sub", `"Zoë \ud83c\udf89"`)),
		honest("sub of 255 characters", "OpenID Connect Core section 2", claim("sub", `"`+strings.Repeat("s", 255)+`"`)),
		honest("claims ten deep", free, claim("x", nested(10, "1"))),
		honest("as long as is read", "RFC 8725 section 3.7", sized(maxToken)),
		honest("a second key of the issuer", "RFC 7517 section 5", header("kid", `"`+kidSecond+`"`), signedBy(secondKey)),
		honest("the issuer's other algorithm", "RFC 7518 section 3.1", func(d *draft) {
			d.header.set("kid", `"`+kidOther+`"`)
			d.header.set("alg", `"`+otherAlgorithm(d.world.Keys.Algorithm)+`"`)
			signedBy(otherKey)(d)
		}),
	}
	return append(cases, only("ES256", honest("the higher s", "RFC 7518 section 3.4", highS()))...)
}

// escaped writes every character as \uXXXX.
func escaped(ascii string) string {
	var b strings.Builder
	for i := range len(ascii) {
		b.WriteString(`\u00` + strconv.FormatUint(uint64(ascii[i]>>4), 16) + strconv.FormatUint(uint64(ascii[i]&15), 16))
	}
	return b.String()
}

func reverse(o *object) {
	for i, j := 0, len(o.members)-1; i < j; i, j = i+1, j-1 {
		o.members[i], o.members[j] = o.members[j], o.members[i]
	}
}

func honestRequestCases() []Case {
	const scheme = "RFC 9110 section 11.1"
	const free = "RFC 8259 section 2 and 4"
	const named = "MCP 2026-07-28, transports, standard headers (SEP-2243)"
	const call = `"method":"tools/call","params":{"name":"whoami","arguments":{}$meta}`
	return []Case{
		honest("scheme in lower case", scheme, credentials("bearer $token")),
		honest("scheme in upper case", scheme, credentials("BEARER $token")),
		honest("several blanks after the scheme", bearerUsage, credentials("Bearer   $token")),
		honest("own origin", "RFC 6454 section 7", field("Origin", "http://$authority")),
		honest("own origin by the name localhost", "RFC 6454 section 7", field("Origin", "http://localhost:$port")),
		honest("host by the name localhost", "RFC 9110 section 7.2", host("localhost:$port")),
		honest("host in another case", "RFC 9110 section 4.2.3", host("LocalHost:$port")),
		honest("charset", "RFC 8259 section 11", field("Content-Type", "application/json; charset=utf-8")),
		honest("content type in another case", "RFC 9110 section 8.3.1", field("Content-Type", "Application/JSON")),
		honest("white space around the body", free, body("\r\n\t {\"jsonrpc\" : \"2.0\", \"id\" : $id , "+call+"} \n")),
		honest("names escaped", free, body(`{"jsonrpc":"2.0","id":$id,"m\u0065thod":"tools\/call","params":{"n\u0061me":"who\u0061mi","arguments":{}$meta}}`)),
		honest("members in another order", free, body(`{`+call+`,"id":$id,"jsonrpc":"2.0"}`)),
		honest("no arguments", mcpTransport, body(`{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"whoami"$meta}}`)),
		honest("an unknown member", jsonRPC, body(`{"jsonrpc":"2.0","id":$id,"trace":"x",`+call+`}`)),
		honest("Mcp-Method and Mcp-Name", named, field("Mcp-Method", "tools/call"), field("Mcp-Name", "whoami")),
		honest("Mcp-Name in base64", named, field("Mcp-Name", "=?base64?d2hvYW1p?=")),
		honest("cookies", "RFC 6265 section 4.2", field("Cookie", "a=b; c=d")),
		honest("session id of before", "MCP 2025-11-25, transports, session management", field("Mcp-Session-Id", "left-over")),
		honest("token with a scope for the deed", bearerErrors, calls("create-todo", `{"content":"honest"}`)),
	}
}
