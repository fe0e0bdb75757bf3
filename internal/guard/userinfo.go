package guard

import (
	"context"
	"fmt"
	"net/http"
)

// askUserinfo asks the issuer whom a token is for (OpenID Connect Core section 5.3), where nothing else tells about opaque
// tokens. The answer says nothing of scopes, clients and audiences: see [AudienceUnbound].
func (g *Guard) askUserinfo(ctx context.Context, token string) (Identity, validity, error) {
	location, err := g.authority.endpoint(ctx, userinfoEndpoint)
	if err != nil {
		return Identity{}, validity{}, fmt.Errorf("finding the userinfo endpoint: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, location, nil)
	if err != nil {
		return Identity{}, validity{}, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	status, answer, err := g.askIssuer(req)
	switch {
	case err != nil:
		return Identity{}, validity{}, fmt.Errorf("userinfo: %w", err)
	case status == http.StatusOK:
		return g.readClaims(answer, userinfo)
	case status == http.StatusBadRequest || status == http.StatusUnauthorized || status == http.StatusForbidden: // RFC 6750 section 3.1
		return Identity{}, validity{}, refuseToken("the issuer tells nobody's name for the token: it is not active, or has no scope openid")
	}
	authorityTrouble(ctx, g.authority, userinfoEndpoint, status)
	return Identity{}, validity{}, fmt.Errorf("userinfo: want status 200, got %d", status)
}
