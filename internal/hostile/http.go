package hostile

import "net/http"

func httpCases() []Case {
	const scheme = "RFC 9110 section 11.1, RFC 6750 section 2.1"
	const several = "RFC 6750 section 3.1, RFC 9110 section 5.3"
	const elsewhere = "MCP 2026-07-28, authorization, access token usage"
	return append([]Case{
		anonymous("no credentials", bearerErrors, credentials()),
		anonymous("Basic", scheme, credentials("Basic YWxpY2U6cGFzc3dvcmQ=")),
		anonymous("Digest", scheme, credentials(`Digest username="alice"`)),
		anonymous("DPoP with an honest token", scheme, credentials("DPoP $token")),
		anonymous("Token with an honest token", scheme, credentials("Token $token")),
		anonymous("JWT with an honest token", scheme, credentials("JWT $token")),
		anonymous("BearerX with an honest token", scheme, credentials("BearerX $token")),
		anonymous("Basic with an honest token as password", scheme, credentials("Basic Bearer $token")),
		anonymous("honest token without a scheme", scheme, credentials("$token")),
		anonymous("token in the query", elsewhere, credentials(), query("access_token=$token")),
		anonymous("token in the query by another name", elsewhere, credentials(), query("token=$token&authorization=Bearer%20$token")),
		anonymous("token in a cookie", elsewhere, credentials(), field("Cookie", "access_token=$token; Authorization=$token")),
		withoutID(anonymous("token in a form", "RFC 6750 section 2.2", credentials(), field("Content-Type", "application/x-www-form-urlencoded"), body("access_token=$token"))),
		anonymous("token in the JSON body", elsewhere, credentials(), body(`{"jsonrpc":"2.0","id":$id,"access_token":"$token","method":"tools/call","params":{"name":"whoami","authorization":"Bearer $token"$meta}}`)),
		anonymous("token for the proxy", elsewhere, credentials(), field("Proxy-Authorization", "Bearer $token")),
		anonymous("token in a header of its own", elsewhere, credentials(), field("X-Access-Token", "$token"), field("X-Api-Key", "$token"), field("Access-Token", "$token")),
		anonymous("token in a header that proxies set", elsewhere, credentials(), field("X-Forwarded-Authorization", "Bearer $token"), field("X-Original-Authorization", "Bearer $token"), field("X-Forwarded-Access-Token", "$token")),
		anonymous("identity in headers that proxies set", elsewhere, credentials(), field("X-Forwarded-User", "$subject"), field("X-Remote-User", "$subject"), field("X-User-Id", "$subject")),
		anonymous("token in the protocol of a web socket", elsewhere, credentials(), field("Sec-Websocket-Protocol", "bearer, $token")),
		anonymous("session id of somebody", elsewhere, credentials(), field("Mcp-Session-Id", "1")),
		malformed("empty header", scheme, credentials("")),
		malformed("scheme only", bearerUsage, credentials("Bearer")),
		malformed("scheme and a blank", bearerUsage, credentials("Bearer ")),
		malformed("two tokens, honest first", bearerUsage, credentials("Bearer $token x")),
		malformed("two tokens, honest last", bearerUsage, credentials("Bearer x $token")),
		malformed("the scheme twice", bearerUsage, credentials("Bearer Bearer $token")),
		malformed("tab instead of the blank", bearerUsage, credentials("Bearer\t$token")),
		malformed("colon after the scheme", bearerUsage, credentials("Bearer: $token")),
		malformed("equals sign after the scheme", bearerUsage, credentials("Bearer=$token")),
		malformed("comma and another credential", several, credentials("Bearer $token, Basic YWxpY2U6cGFzc3dvcmQ=")),
		malformed("comma and the token again", several, credentials("Bearer $token,Bearer $token")),
		malformed("token as a parameter", bearerUsage, credentials(`Bearer token="$token"`)),
		malformed("token and a parameter", bearerUsage, credentials(`Bearer $token realm="x"`)),
		malformed("only an equals sign", bearerUsage, credentials("Bearer =")),
		malformed("no scheme but quotes", scheme, credentials(`"Bearer $token"`)),
		malformed("two headers, honest first", several, credentials("Bearer $token", "Bearer x")),
		malformed("two headers, honest last", several, credentials("Bearer x", "Bearer $token")),
		malformed("two headers, both honest", several, credentials("Bearer $token", "Bearer $token")),
		malformed("two headers, Basic first", several, credentials("Basic YWxpY2U6cGFzc3dvcmQ=", "Bearer $token")),
		malformed("two headers, an empty one", several, credentials("", "Bearer $token")),
		malformed("three headers", several, credentials("Bearer $token", "Bearer $token", "Bearer $token")),
		answered(http.StatusUnsupportedMediaType, codeRefused, "no content type", mcpTransport, field("Content-Type")),
		answered(http.StatusUnsupportedMediaType, codeRefused, "text/plain", "CWE-352", field("Content-Type", "text/plain")),
		answered(http.StatusUnsupportedMediaType, codeRefused, "a form", "CWE-352", field("Content-Type", "application/x-www-form-urlencoded")),
		answered(http.StatusUnsupportedMediaType, codeRefused, "multipart", "CWE-352", field("Content-Type", "multipart/form-data; boundary=x")),
		answered(http.StatusUnsupportedMediaType, codeRefused, "JSON as a parameter", "CWE-352", field("Content-Type", "text/plain; application/json")),
		answered(http.StatusUnsupportedMediaType, codeRefused, "another kind of JSON", mcpTransport, field("Content-Type", "application/json-seq")),
		answered(http.StatusUnsupportedMediaType, codeRefused, "broken content type", mcpTransport, field("Content-Type", "application/json; =")),
	}, methodCases()...)
}

// methodCases: without a token every method is refused like a POST, so that nobody learns more; with one only POST is there.
func methodCases() []Case {
	const source = "MCP 2026-07-28, transports; RFC 9110 section 15.5.6"
	var cases []Case
	for _, name := range []string{http.MethodGet, http.MethodHead, http.MethodDelete, http.MethodPut, http.MethodPatch, http.MethodOptions, http.MethodTrace, "PROPFIND"} {
		notAllowed := unanswerable(http.StatusMethodNotAllowed, codeRefused, name+" with an honest token", source, method(name))
		notAllowed.Want.Allow = http.MethodPost
		cases = append(cases, notAllowed,
			withoutID(anonymous(name+" without a token", bearerErrors, method(name), credentials())),
			withoutID(refused(name+" with an expired token", bearerErrors, method(name), claim("exp", "1"))))
	}
	return cases
}

// originCases: a foreign web page is refused before its token is looked at, on every method.
func originCases() []Case {
	const source = "MCP 2026-07-28, transports, security; CVE-2025-66414"
	const rebinding = "CWE-350, CVE-2025-49596"
	foreign := func(name, origin string) Case {
		return answered(http.StatusForbidden, codeRefused, name, source, field("Origin", origin))
	}
	return []Case{
		foreign("another site", "https://evil.example"),
		foreign("another port", "http://127.0.0.1:1"),
		foreign("another scheme", "https://$authority"),
		foreign("null", "null"),
		foreign("empty", ""),
		foreign("a star", "*"),
		foreign("slash after it", "http://$authority/"),
		foreign("path after it", "$resource"),
		foreign("a name that begins alike", "http://$authority.evil.example"),
		foreign("a name that ends alike", "http://evil-$authority"),
		foreign("as a user", "http://$authority@evil.example"),
		foreign("two in one", "http://$authority https://evil.example"),
		foreign("two by comma", "http://$authority, https://evil.example"),
		foreign("without a scheme", "$authority"),
		foreign("private scheme", "chrome-extension://abcdefghijklmnop"),
		foreign("a file", "file://"),
		answered(http.StatusForbidden, codeRefused, "own and foreign", source, field("Origin", "http://$authority", "https://evil.example")),
		answered(http.StatusForbidden, codeRefused, "own twice", source, field("Origin", "http://$authority", "http://$authority")),
		answered(http.StatusForbidden, codeRefused, "foreign, no token", source, field("Origin", "https://evil.example"), credentials()),
		answered(http.StatusForbidden, codeRefused, "foreign, expired token", source, field("Origin", "https://evil.example"), claim("exp", "1")),
		unanswerable(http.StatusForbidden, codeRefused, "foreign, GET", source, field("Origin", "https://evil.example"), method(http.MethodGet)),
		unanswerable(http.StatusForbidden, codeRefused, "foreign, DELETE", source, field("Origin", "https://evil.example"), method(http.MethodDelete)),
		unanswerable(http.StatusForbidden, codeRefused, "foreign, preflight", source, field("Origin", "https://evil.example"), field("Access-Control-Request-Method", "POST"), method(http.MethodOptions), credentials()),
		answered(http.StatusForbidden, codeRefused, "foreign host", rebinding, host("evil.example:$port")),
		answered(http.StatusForbidden, codeRefused, "host that begins alike", rebinding, host("127.0.0.1.evil.example:$port")),
		answered(http.StatusForbidden, codeRefused, "host without the port", rebinding, host("127.0.0.1")),
		answered(http.StatusForbidden, codeRefused, "foreign host and origin that agree", rebinding, host("evil.example:$port"), field("Origin", "http://evil.example:$port")),
		answered(http.StatusForbidden, codeRefused, "foreign host, own host forwarded", rebinding, host("evil.example:$port"), field("X-Forwarded-Host", "$authority"), field("Forwarded", "host=$authority")),
	}
}
