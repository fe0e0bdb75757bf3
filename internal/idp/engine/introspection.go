package engine

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// inactive is all that is said of a token that is not good, whatever the reason (RFC 7662 §2.2).
func inactive() map[string]any { return map[string]any{"active": false} }

// told are the claims of an access token that an introspection answer repeats (RFC 7662 §2.2, RFC 9068 §2.2.1).
var told = []string{"iss", "sub", "aud", "exp", "iat", "nbf", "jti", "auth_time"}

// Introspect answers about a token (RFC 7662 §2.2). The hint only says where to look first (§2.1); as a token cannot be both,
// the order is no matter, and the hint is not needed. ID tokens and codes are no tokens of this protocol, so inactive.
//
// Which tokens are told about, and to whom, is the personality's rule.
func (e *Engine) Introspect(c *store.Client, token, hint string) (map[string]any, *Error) {
	rule := e.Personality.Introspection
	switch {
	case rule == personality.IntrospectionInAudience:
		return e.introspectInAudience(c, token, hint)
	case rule == personality.IntrospectionOfOpaque && structured(token):
		return nil, structuredRefused("introspected via the introspection_endpoint")
	}
	if answer, ok := e.introspectRefreshToken(token); ok {
		if (c.Strange() || c.Public()) && answer["client_id"] != c.ID {
			return inactive(), nil
		}
		return e.withoutOmitted(answer), nil
	}
	access, err := e.AccessToken(token)
	if err != nil || (c.Strange() || c.Public()) && access.ClientID != c.ID {
		return inactive(), nil
	}
	answer := map[string]any{"active": true, "token_type": "Bearer"}
	for _, name := range told {
		if value, has := access.Claims[name]; has {
			answer[name] = value
		}
	}
	if roles := e.Personality.AccessToken.RolesClaim; len(roles) > 0 && access.Claims[roles[0]] != nil {
		answer[roles[0]] = access.Claims[roles[0]]
	}
	if access.ClientID != "" {
		answer["client_id"] = access.ClientID
	}
	if len(access.Scopes) > 0 {
		answer["scope"] = strings.Join(access.Scopes, " ")
	}
	if access.Person.Username != "" {
		answer["username"] = access.Person.Username
	}
	for name := range e.Personality.AccessToken.Fixed {
		answer[name] = access.Claims[name]
	}
	return e.withoutOmitted(answer), nil
}

func (e *Engine) withoutOmitted(answer map[string]any) map[string]any {
	for _, name := range e.Personality.IntrospectionOmits {
		delete(answer, name)
	}
	return answer
}

// structured reports whether a token looks like a JWS: three parts, of which the first is a header.
func structured(token string) bool {
	header, rest, _ := strings.Cut(token, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(header)
	return err == nil && strings.Count(rest, ".") == 1 && json.Valid(decoded)
}

func structuredRefused(done string) *Error {
	return NewFault(personality.StructuredToken, done, "unsupported_token_type", "JWTs are not "+done+" here; verify them with the keys at jwks_uri")
}

// introspectRefreshToken says nothing of token_type, which is about access tokens (RFC 6749 §5.1): a resource server that
// looks for Bearer takes no refresh token for one.
func (e *Engine) introspectRefreshToken(token string) (answer map[string]any, ok bool) {
	of, ok := e.refreshToken(token)
	if !ok {
		return nil, false
	}
	grant, err := e.Store.Look(of.grant, of.generation) // looks only: asking about a used one is no replay
	if err != nil {
		return inactive(), true
	}
	person, known := e.Store.Person(grant.Username)
	if !known {
		return inactive(), true
	}
	expires := e.Store.Expiry(of.grant)
	answer = map[string]any{
		"active": true, "iss": e.Issuer, "client_id": grant.ClientID, "sub": person.Subject, "username": person.Username, "aud": grant.Resources,
		"exp": expires.Unix(), "iat": expires.Add(-e.Lifetimes.refreshToken(e.Store, grant)).Unix(), "auth_time": grant.AuthTime.Unix(),
	}
	if len(grant.Resources) == 1 {
		answer["aud"] = grant.Resources[0]
	}
	if len(grant.Scopes) > 0 {
		answer["scope"] = strings.Join(grant.Scopes, " ")
	}
	return answer, true
}

// refreshToken reads a refresh token of this server, good or not any more.
func (e *Engine) refreshToken(token string) (handle, bool) {
	of, err := parseSignature(e.refreshSignature(token))
	return of, err == nil && of.generation > 0
}
