package hostile

// kindCases are other tokens that the same issuer signs with the same keys. None of them fails for want of a scope: with
// scopes per tool, a call that needs none would let it in.
func kindCases() []Case {
	const source = "RFC 8725 section 3.11 and 3.12, RFC 9068 section 4"
	const oidc = "OpenID Connect Core section 2, RFC 9068 section 4"
	const logout = "OpenID Connect Back-Channel Logout section 2.4"
	const bound = "RFC 9449 section 7.2, RFC 8705 section 3"
	typ := func(name, value string) Case { return refused(name, source, header("typ", value)) }
	idToken := together(header("typ", `"JWT"`), claim("aud", `"$client"`), claim("azp", `"$client"`), claim("auth_time", "$now"), claim("nonce", `"n"`), claim("at_hash", `"AAAA"`))
	logoutEvent := claim("events", `{"http://schemas.openid.net/event/backchannel-logout":{}}`)
	return []Case{
		refused("a real ID token", oidc, token("$realIDToken")),
		refused("a real refresh token", "RFC 6749 section 1.5", token("$realRefreshToken")),
		refused("ID token without scope", oidc, idToken, claim("scope", "")),
		refused("ID token with scope", oidc, idToken),
		refused("ID token for this audience, without scope", oidc, idToken, claim("aud", `["$client","$resource"]`), claim("scope", "")),
		refused("ID token for this audience, with scope", oidc, idToken, claim("aud", `["$client","$resource"]`)),
		refused("ID token that says at+jwt", oidc, claim("nonce", `"n"`), claim("at_hash", `"AAAA"`)),
		refused("at_hash", oidc, claim("at_hash", `"AAAA"`)),
		refused("c_hash", oidc, claim("c_hash", `"AAAA"`)),
		refused("nonce", oidc, claim("nonce", `"n"`)),
		refused("logout token", logout, header("typ", `"logout+jwt"`), claim("scope", ""), logoutEvent),
		refused("logout token of type JWT", logout, header("typ", `"JWT"`), claim("scope", ""), logoutEvent),
		refused("logout token that says at+jwt", logout, logoutEvent),
		refused("security event", "RFC 8417 section 2.3", header("typ", `"secevent+jwt"`), claim("events", `{"urn:example:event":{}}`)),
		refused("refresh token of Keycloak's shape", source, header("typ", `"JWT"`), claim("typ", `"Refresh"`)),
		refused("refresh token of Keycloak's shape that says at+jwt", source, claim("typ", `"Refresh"`)),
		refused("offline token of Keycloak's shape that says at+jwt", source, claim("typ", `"Offline"`)),
		refused("ID token of Keycloak's shape that says at+jwt", source, claim("typ", `"ID"`)),
		refused("ID token of Cognito's shape that says at+jwt", source, claim("token_use", `"id"`)),
		refused("client assertion", "RFC 7523 section 3", header("typ", `"client-authentication+jwt"`), claim("scope", "")),
		refused("authorization grant", "RFC 7523 section 3", header("typ", `"authorization-grant+jwt"`)),
		refused("request object", "RFC 9101 section 10.8", header("typ", `"oauth-authz-req+jwt"`)),
		refused("introspection answer", "RFC 9701 section 8", header("typ", `"token-introspection+jwt"`), claim("token_introspection", `{"active":true}`)),
		refused("software statement", "RFC 7591 section 2.3", header("typ", `"JWT"`), claim("software_id", `"s"`)),
		refused("DPoP proof", "RFC 9449 section 4.2", header("typ", `"dpop+jwt"`)),
		refused("entity statement", "OpenID Federation section 3", header("typ", `"entity-statement+jwt"`)),
		refused("verifiable credential", "SD-JWT VC section 3.2", header("typ", `"dc+sd-jwt"`)),
		typ("typ missing", ""),
		typ("typ empty", `""`),
		typ("typ null", "null"),
		typ("typ a number", "1"),
		typ("typ an array", `["at+jwt"]`),
		typ("typ JWT", `"JWT"`),
		typ("typ application/jwt", `"application/jwt"`),
		typ("typ jose", `"JOSE"`),
		typ("typ at+jwt with a blank", `"at+jwt "`),
		typ("typ at jwt", `"at jwt"`),
		typ("typ with a parameter", `"at+jwt; charset=utf-8"`),
		typ("typ of another tree", `"text/at+jwt"`),
		typ("typ at+jwt twice", `"application/application/at+jwt"`),
		refused("typ in the claims only", source, header("typ", ""), claim("typ", `"at+jwt"`)),
		refused("typ name in another case", source, header("typ", ""), header("TYP", `"at+jwt"`)),
		refused("bound to a key by DPoP", bound, claim("cnf", `{"jkt":"AAAA"}`)),
		refused("bound to a certificate", bound, claim("cnf", `{"x5t#S256":"AAAA"}`)),
		refused("opaque, of letters", mcpTokens, token("ory_at_bm90LWEtand0.c2lnbmF0dXJl")),
		refused("opaque, a UUID", mcpTokens, token("7d444840-9dc0-11d1-b245-5ffdce74fad2")),
		refused("the word null", mcpTokens, token("null")),
		refused("the word undefined", mcpTokens, token("undefined")),
	}
}

// claimCases are claims that an access token must have, and their types.
func claimCases() []Case {
	const types = "RFC 7519 section 4.1, RFC 9068 section 2.2"
	return []Case{
		refused("sub missing", jwtProfile, claim("sub", "")),
		refused("sub empty", types, claim("sub", `""`)),
		refused("sub null", types, claim("sub", "null")),
		refused("sub a number", types, claim("sub", "1")),
		refused("sub an array", types, claim("sub", `["$subject"]`)),
		refused("sub name in another case", types, claim("sub", ""), claim("SUB", `"$subject"`)),
		refused("client_id missing", jwtProfile, claim("client_id", "")),
		refused("client_id empty", types, claim("client_id", `""`)),
		refused("client_id null", types, claim("client_id", "null")),
		refused("client_id a number", types, claim("client_id", "1")),
		refused("azp instead of client_id", jwtProfile, claim("client_id", ""), claim("azp", `"$client"`)),
		refused("jti missing", jwtProfile, claim("jti", "")),
		refused("jti a number", types, claim("jti", "1")),
		refused("jti null", types, claim("jti", "null")),
		refused("roles an object", types, claim("roles", `{"Admin":true}`)),
		refused("roles with a number", types, claim("roles", `["Admin",1]`)),
	}
}
