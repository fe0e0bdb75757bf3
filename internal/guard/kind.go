package guard

import (
	"slices"
	"strings"
)

// checkKind lets only access tokens pass. The same issuer signs ID, logout, refresh and event tokens with the same keys,
// and where scopes are asked for per tool a missing scope stops none of them. The typ of the header decides (RFC 9068
// section 4); the shapes below hold whatever typ values a profile allows.
func (g *Guard) checkKind(t *token) error {
	typ := ""
	if raw, present := t.header["typ"]; present {
		var err error
		if typ, err = stringOf(raw); err != nil || typ == "" {
			return refuseToken("typ: want a string that is not empty, got %s", kindOf(raw))
		}
	}
	if typ = canonicalType(typ); !slices.Contains(g.settings.TokenTypes, typ) {
		return refuseToken("typ: want an access token (%s)", strings.Join(g.typeNames(), " or "))
	}
	if raw, present := t.header["cty"]; present {
		if cty, err := stringOf(raw); err != nil || canonicalType(cty) == "application/jwt" {
			return refuseToken("cty: want no token inside the token")
		}
	}
	for name, kind := range foreignClaims {
		if _, present := t.claims[name]; present {
			return refuseToken("want an access token, got %s (claim %s)", kind, name)
		}
	}
	// Keycloak and Cognito write the kind into the claims.
	for name, kinds := range kindClaims {
		if raw, present := t.claims[name]; present {
			if kind, err := stringOf(raw); err != nil || !slices.Contains(kinds, strings.ToLower(kind)) {
				return refuseToken("want an access token, got another kind (claim %s)", name)
			}
		}
	}
	if _, present := t.claims["auth_time"]; present && typ != typeAccessToken && !g.carriesScopes(t) {
		return refuseToken("want an access token, got what looks like an ID token (auth_time and no scope claim)")
	}
	// RFC 9449 section 7.2, RFC 8705 section 3: without the proof, whoever stole the token could use it.
	if _, present := t.claims["cnf"]; present {
		return refuseToken("the token is bound to a key (cnf), want a plain bearer token")
	}
	return nil
}

const typeAccessToken = "application/at+jwt"

// foreignClaims occur in other tokens only: OpenID Connect Core section 2 and 3.3.2.11, FAPI, RFC 8417 section 2.2.
var foreignClaims = map[string]string{
	"nonce":   "an ID token",
	"at_hash": "an ID token",
	"c_hash":  "an ID token",
	"s_hash":  "an ID token",
	"events":  "a logout or event token",
}

var kindClaims = map[string][]string{
	"typ":       {"bearer", "access", "access_token", "at+jwt"},
	"token_use": {"access"},
}

// canonicalType applies RFC 7515 section 4.1.9: case does not matter, and "application/" may be left out.
func canonicalType(typ string) string {
	typ = strings.ToLower(typ)
	if typ != "" && !strings.Contains(typ, "/") {
		typ = "application/" + typ
	}
	return typ
}

func (g *Guard) typeNames() []string {
	names := make([]string, len(g.settings.TokenTypes))
	for i, typ := range g.settings.TokenTypes {
		if names[i] = strings.TrimPrefix(typ, "application/"); typ == "" {
			names[i] = "no typ"
		}
	}
	return names
}

func (g *Guard) carriesScopes(t *token) bool {
	return slices.ContainsFunc(g.settings.ScopeClaims, func(name string) bool {
		_, present := t.claims[name]
		return present
	})
}
