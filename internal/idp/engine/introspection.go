package engine

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

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
func (e *Engine) Introspect(c *store.Client, token string) (map[string]any, *Error) {
	rule := e.Personality.Introspection
	if rule == personality.IntrospectionOfOpaque && structured(token) {
		return nil, structuredRefused("introspected via the introspection_endpoint")
	}
	if answer, ok := e.introspectRefreshToken(token); ok {
		if (rule == personality.IntrospectionInAudience || c.Strange()) && answer["client_id"] != c.ID {
			return inactive(), nil
		}
		return answer, nil
	}
	access, err := e.AccessToken(token)
	if err != nil || !e.mayLearn(c, access) {
		return inactive(), nil
	}
	answer := map[string]any{"active": true, "token_type": "Bearer"}
	for _, name := range told {
		if value, has := access.Claims[name]; has {
			answer[name] = value
		}
	}
	if e.Personality.ClientScopes {
		maps.Copy(answer, e.Told(access, store.InIntrospection))
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
	return answer, nil
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

// mayLearn reports whether a client is told about an access token.
func (e *Engine) mayLearn(c *store.Client, access *AccessToken) bool {
	if e.Personality.Introspection == personality.IntrospectionInAudience {
		return access.isFor(c.ID)
	}
	return !c.Strange() || access.ClientID == c.ID
}

// isFor reports whether aud names somebody.
func (a *AccessToken) isFor(name string) bool {
	switch aud := a.Claims["aud"].(type) {
	case string:
		return aud == name
	case []any:
		return slices.Contains(aud, any(name))
	}
	return false
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
		"exp": expires.Unix(), "iat": expires.Add(-e.Lifetimes.RefreshToken).Unix(), "auth_time": grant.AuthTime.Unix(),
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

// Revoke makes a token useless (RFC 7009 §2.1). A refresh token ends its whole grant, also if it was used before: who sends
// it wants to be done, and may have missed the newer one. An access token ends alone. Another client's token is refused; one
// that is unknown or over already is no error.
func (e *Engine) Revoke(c *store.Client, token string) *Error {
	if e.Personality.Introspection == personality.IntrospectionOfOpaque && structured(token) {
		return structuredRefused("revoked via the revocation_endpoint")
	}
	notYours := NewError("invalid_grant", "the token was issued to another client; only that client can revoke it (RFC 7009 section 2.1)")
	if of, ok := e.refreshToken(token); ok {
		grant, lives := e.Store.Grant(of.grant)
		switch {
		case lives && grant.ClientID != c.ID:
			return notYours
		case lives:
			e.Store.Revoke(of.grant)
		}
		return nil
	}
	access, err := e.AccessToken(token)
	switch {
	case err == nil && access.ClientID != c.ID:
		return notYours
	case err == nil:
		if err := e.Store.Remember(revokedToken, access.id, access.Expires); err != nil && err != store.ErrReplayed {
			return &Error{Code: "temporarily_unavailable", Description: "too many revoked tokens are remembered; the token is still good, revoke it again in " + e.Lifetimes.AccessToken.Round(time.Second).String(), Status: 503}
		}
		return nil
	case e.handles.signature(token) != "" || e.isIDToken(token):
		return NewError("unsupported_token_type", "only access tokens and refresh tokens can be revoked here; a code and an ID token cannot (RFC 7009 section 2.2.1)")
	}
	return nil
}

func (e *Engine) isIDToken(token string) bool {
	_, _, err := e.IDToken(token)
	return err == nil
}
