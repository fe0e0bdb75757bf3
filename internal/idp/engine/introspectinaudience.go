package engine

import (
	"maps"
	"slices"
	"time"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// unmapped are the claims of an access token that mappers have no part in. The others are told as the mappers for introspection write
// them, by the scopes that the token names: not by hidden ones that were asked for.
var unmapped = []string{"jti", "typ", "sub", "iat", "exp", "azp", "iss", "nonce", "scope", "sid", "aud"}

// introspectInAudience tells of access and ID tokens to who is in aud, and of a refresh token to its client, if the hint says that it is
// one. The answer has all that the token says, and what mappers write for this place.
func (e *Engine) introspectInAudience(c *store.Client, token, hint string) (map[string]any, *Error) {
	switch hint {
	case "", "access_token":
		if access, err := e.AccessToken(token); err == nil {
			return e.tellAccess(c, access), nil
		}
		return e.tellIDToken(c, token), nil
	case "refresh_token":
		return e.tellRefresh(c, token), nil
	}
	return nil, NewFault(personality.HintUnknown, hint, "unsupported_token_type", "token_type_hint must be access_token or refresh_token")
}

func (e *Engine) tellAccess(c *store.Client, access *AccessToken) map[string]any {
	if !slices.Contains(inAudience(access.Claims), c.ID) {
		return inactive()
	}
	answer := maps.Clone(access.Claims)
	if e.Personality.ClientScopes {
		maps.DeleteFunc(answer, func(name string, _ any) bool { return !slices.Contains(unmapped, name) })
		mapped := e.Told(access, store.InIntrospection)
		audiences := inAudience(answer)
		for _, name := range inAudience(mapped) {
			if !slices.Contains(audiences, name) {
				audiences = append(audiences, name)
			}
		}
		maps.Copy(answer, mapped)
		answer["aud"] = audClaim(audiences)
	}
	return active(answer, access.ClientID, access.Person)
}

// tellIDToken adds what the default scopes of the token's client tell: which others were granted it does not say.
func (e *Engine) tellIDToken(c *store.Client, token string) map[string]any {
	var claims map[string]any
	if e.verified(token, &claims, e.Personality.IDToken.Type) != nil || claims["at_hash"] == nil || !slices.Contains(inAudience(claims), c.ID) {
		return inactive()
	}
	delete(claims, "at_hash")
	subject, _ := claims["sub"].(string)
	session, _ := claims["sid"].(string)
	expires, _ := claims["exp"].(float64)
	person, known := e.Store.PersonBySubject(subject)
	if !known || time.Now().Unix() >= int64(expires) || session != "" && !e.Store.InSession(session, c.ID) {
		return inactive()
	}
	return active(e.withMapped(claims, store.Grant{ClientID: c.ID, Username: person.Username}, c.DefaultScopes), c.ID, person)
}

func (e *Engine) tellRefresh(c *store.Client, token string) map[string]any {
	of, ok := e.refreshToken(token)
	if !ok {
		return inactive()
	}
	grant, err := e.Store.Look(of.grant, of.generation) // looks only: asking about a used one is no replay
	if err != nil || grant.ClientID != c.ID {
		return inactive()
	}
	var claims map[string]any
	if !e.Personality.Refresh.Readable {
		answer, _ := e.introspectRefreshToken(token)
		return answer
	}
	if e.sealed.read(token, &claims) != nil {
		return inactive()
	}
	person, _ := e.speaksFor(grant)
	for _, hidden := range []string{"aud_x", "prov", "reuse_id"} {
		delete(claims, hidden)
	}
	return active(e.withMapped(claims, grant, grant.Scopes), c.ID, person)
}

// withMapped adds what mappers write for introspection, and their audiences to those that are there.
func (e *Engine) withMapped(claims map[string]any, grant store.Grant, scopes []string) map[string]any {
	if !e.Personality.ClientScopes {
		return claims
	}
	mapped := e.mapped(&session{grant: grant, scopes: scopes}, store.InIntrospection)
	audiences := inAudience(claims)
	for _, name := range inAudience(mapped) {
		if !slices.Contains(audiences, name) {
			audiences = append(audiences, name)
		}
	}
	if claims["auth_time"] != nil { // as the token says it
		delete(mapped, "auth_time")
	}
	maps.Copy(claims, mapped)
	claims["aud"] = audiences
	if len(audiences) == 1 {
		claims["aud"] = audiences[0]
	}
	return claims
}

func active(claims map[string]any, clientID string, person store.Person) map[string]any {
	claims["active"], claims["client_id"], claims["token_type"] = true, clientID, claims["typ"]
	if person.Username != "" {
		claims["username"] = person.Username
	}
	return claims
}

// inAudience are the names in aud, which is a string, or an array where there are several.
func inAudience(claims map[string]any) (names []string) {
	switch aud := claims["aud"].(type) {
	case string:
		return []string{aud}
	case []string:
		return aud
	case []any:
		for _, name := range aud {
			if name, ok := name.(string); ok {
				names = append(names, name)
			}
		}
	}
	return names
}
