package engine

import (
	"maps"
	"slices"
	"strings"
	"time"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// accessClaims are the claims of an access token in the dialect of the personality.
func (e *Engine) accessClaims(s *session, id string) (map[string]any, error) {
	shape := e.Personality.AccessToken
	issued := s.issuedAt.Unix()
	claims := map[string]any{
		"iss":             e.Issuer,
		"sub":             s.grant.ClientID, // without a person the client speaks for itself (RFC 9068 §2.2)
		shape.ClientClaim: s.grant.ClientID,
		"iat":             issued,
		"exp":             issued + int64(e.lives(s, e.Lifetimes.accessToken(e.Store, s.grant.ClientID))/time.Second),
		"jti":             id,
	}
	maps.Copy(claims, shape.Fixed)
	e.nameSession(claims, s)
	if e.Personality.ClientScopes {
		if delete(claims, "sub"); s.grant.Username == "" {
			account, _ := e.speaksFor(s.grant)
			claims["sub"] = account.Subject
		}
		e.writeScopes(claims, s)
		maps.Copy(claims, e.mapped(s, store.InAccessToken))
		return claims, nil
	}
	if aud := e.audience(s); aud != nil {
		claims["aud"] = aud
	}
	e.writeScopes(claims, s)
	if s.grant.Username == "" {
		return claims, nil
	}
	person, ok := e.Store.Person(s.grant.Username)
	if !ok {
		return nil, store.ErrUnknown
	}
	claims["sub"] = person.Subject
	if !shape.NoAuthTime {
		claims["auth_time"] = s.grant.AuthTime.Unix() // RFC 9068 §2.2.1
	}
	if shape.UsernameClaim != "" {
		claims[shape.UsernameClaim] = person.Username
	}
	if shape.PermissionsToo != "" {
		claims[shape.PermissionsToo] = append([]string{}, person.Scopes...)
	}
	if len(person.Roles) > 0 {
		put(claims, shape.RolesClaim, person.Roles)
	}
	return claims, nil
}

// nameSession says which session a token is of (OpenID Connect Back-Channel Logout 1.0 §2.1).
func (e *Engine) nameSession(claims map[string]any, s *session) {
	if e.Personality.Session.Named && s.grant.SessionID != "" {
		claims["sid"] = s.grant.SessionID
	}
}

// audience is nil, a string, or an array where there are several.
func (e *Engine) audience(s *session) any {
	shape := e.Personality.AccessToken
	var all []string
	for _, resource := range s.resources {
		if audience := e.Audience(resource); audience != "" {
			all = append(all, audience)
		}
	}
	if shape.UserInfoInAud && slices.Contains(s.scopes, "openid") {
		all = append(all, e.URL(e.Personality.Paths.UserInfo))
	}
	return audClaim(all)
}

// Audience is what aud says for a resource; empty where the personality writes no aud.
func (e *Engine) Audience(resource string) string {
	switch e.Personality.AccessToken.Audience {
	case personality.AudienceAbsent:
		return ""
	case personality.AudienceGUID:
		return guid(resource)
	}
	return resource
}

func (e *Engine) writeScopes(claims map[string]any, s *session) {
	shape := e.Personality.AccessToken
	words := []string{}
	for _, scope := range s.scopes {
		if e.shown(scope) && (!shape.HidesIdentity || !IsIdentity(scope)) {
			words = append(words, e.inToken(s.resources, scope))
		}
	}
	switch {
	case len(words) == 0 && (!shape.ScopeAlways || e.sparesScope(s)):
	case shape.ScopeArray:
		claims[shape.ScopeClaim] = words
	default:
		claims[shape.ScopeClaim] = strings.Join(words, " ")
	}
}

// readScopes are the words of a token's scope claim.
func (e *Engine) readScopes(claims map[string]any) (words []string) {
	switch value := claims[e.Personality.AccessToken.ScopeClaim].(type) {
	case string:
		return strings.Fields(value)
	case []any:
		for _, word := range value {
			if word, ok := word.(string); ok {
				words = append(words, word)
			}
		}
	}
	return words
}

// put writes a claim at the end of a path, and nothing where there is no path.
func put(claims map[string]any, path personality.Claim, value any) {
	for i, step := range path {
		if i == len(path)-1 {
			claims[step] = value
			return
		}
		next := map[string]any{}
		claims[step] = next
		claims = next
	}
}
