package guard

import (
	"maps"
	"slices"
	"strings"
)

// Only access tokens may pass. The same issuer signs ID, logout, refresh and event tokens with the same keys, and where
// scopes are asked for per tool a missing scope stops none of them. Three rules, from the strongest down:
//
//   - The typ of the header says at+jwt (RFC 9068 section 4). A profile may allow other typ values; then
//   - the claims of the profile (RequiredClaims) must be there: Keycloak writes typ Bearer, Cognito token_use access. By
//     default it is a claim with scopes, which no provider's ID token has; and
//   - whatever a profile allows, claims that occur in other kinds only, or that name another kind, end it.

// checkKind judges the kind of a JWT.
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
	if err := checkForeign(t.claims); err != nil {
		return err
	}
	switch {
	case typ == typeAccessToken:
		return checkProfiled(t.claims)
	case len(g.settings.RequiredClaims) > 0:
		return g.checkRequired(t.claims)
	case !g.carriesScopes(t.claims):
		return refuseToken("want an access token, got what may be an ID token (its typ does not tell, and it has no claim %s)",
			strings.Join(g.settings.ScopeClaims, " or "))
	}
	return nil
}

// checkProfiled wants what a token must have that says it follows RFC 9068 (section 2.2) and that nothing else here asks for.
// Tokens of another typ are not held to it.
func checkProfiled(c claims) error {
	for _, name := range []string{"iat", "jti"} {
		if _, present := c[name]; !present {
			return refuseToken("%s: want this claim in a token of typ at+jwt, the token has none", name)
		}
	}
	return nil
}

// checkAnswerKind judges the kind of the token that an introspection answer is about. Keycloak says active:true about ID
// tokens with token_type ID; Logto says it about refresh tokens, without a token_type.
func (g *Guard) checkAnswerKind(c claims) error {
	if err := checkForeign(c); err != nil {
		return err
	}
	raw, present := c["token_type"]
	if tokenType, err := stringOf(raw); present && (err != nil || !strings.EqualFold(tokenType, "Bearer")) { // RFC 6749 section 7.1: any case
		return refuseToken("want an access token of type Bearer, the issuer says it is another (token_type)")
	}
	if len(g.settings.RequiredClaims) > 0 {
		return g.checkRequired(c)
	}
	if !present {
		return refuseToken("want an access token, the issuer does not tell what it is (no token_type)")
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

// kindClaims name the kind. Keycloak and Cognito write them into tokens, Hydra into introspection answers.
var kindClaims = map[string][]string{
	"typ":       {"bearer", "access", "access_token", "at+jwt"},
	"token_use": {"access", "access_token"},
}

func checkForeign(c claims) error {
	for name, kind := range foreignClaims {
		if _, present := c[name]; present {
			return refuseToken("want an access token, got %s (claim %s)", kind, name)
		}
	}
	for name, kinds := range kindClaims {
		if raw, present := c[name]; present {
			if kind, err := stringOf(raw); err != nil || !slices.Contains(kinds, strings.ToLower(kind)) {
				return refuseToken("want an access token, got another kind (claim %s)", name)
			}
		}
	}
	// RFC 9449 section 7.2, RFC 8705 section 3: without the proof, whoever stole the token could use it.
	if _, present := c["cnf"]; present {
		return refuseToken("the token is bound to a key (cnf), want a plain bearer token")
	}
	return nil
}

func (g *Guard) checkRequired(c claims) error {
	for _, name := range slices.Sorted(maps.Keys(g.settings.RequiredClaims)) {
		raw, present := c[name]
		value, err := stringOf(raw)
		if want := g.settings.RequiredClaims[name]; !present || want != "" && (err != nil || value != want) {
			return refuseToken("want an access token, got another kind (claim %s is not as in this issuer's access tokens)", name)
		}
	}
	return nil
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

func (g *Guard) carriesScopes(c claims) bool {
	return slices.ContainsFunc(g.settings.ScopeClaims, func(name string) bool {
		_, present := c[name]
		return present
	})
}
