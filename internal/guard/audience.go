package guard

import (
	"slices"
	"strings"
)

// checkAudience judges aud (RFC 7519 section 4.1.3, RFC 9068 section 4).
func (g *Guard) checkAudience(c claims, client string) error {
	s := &g.settings
	raw, present := c["aud"]
	if s.AudienceMode == AudienceUnbound || !present && s.AudienceMode == AudienceAbsent {
		return nil
	}
	audiences, err := stringsOf(raw)
	switch {
	case !present && s.AudienceMode != AudienceClientID:
		return refuseToken("aud: want %s, the token has none; let the issuer write it into tokens for this server", s.Audience)
	case err != nil:
		return refuseToken("aud: want a string or an array of strings, got %s", describeList(raw))
	}
	switch s.AudienceMode {
	case AudienceClientID:
		if client == "" || !slices.Contains(audiences, client) {
			return refuseToken("audience: want the client that the token was issued to")
		}
	case AudienceExact:
		if len(audiences) != 1 || !g.isFor(audiences) {
			return refuseToken("audience: this server is %s, want no other beside it", s.Audience)
		}
	default:
		if !g.isFor(audiences) {
			return refuseToken("audience: this server is %s, the token is for another; let the client ask for it (resource), or the issuer write it into aud", s.Audience)
		}
	}
	return nil
}

// isFor reports whether one of a token's audiences is this server.
func (g *Guard) isFor(audiences []string) bool {
	return slices.ContainsFunc(audiences, func(audience string) bool {
		return audience == g.settings.Audience || slices.Contains(g.settings.AudienceAlt, audience)
	})
}

// checkBinding judges what ties a token to this server beside its audience. The scopes are those of the token.
func (g *Guard) checkBinding(client string, wire []string) error {
	s := &g.settings
	if len(s.BoundClients) > 0 && !slices.Contains(s.BoundClients, client) {
		return refuseToken("client: the token was issued to a client that this server does not take tokens of")
	}
	if s.BoundScopePrefix != "" && !slices.ContainsFunc(wire, func(scope string) bool { return strings.HasPrefix(scope, s.BoundScopePrefix) }) {
		return refuseToken("scope: want one of this server's scopes, they begin with %s", s.BoundScopePrefix)
	}
	return nil
}
