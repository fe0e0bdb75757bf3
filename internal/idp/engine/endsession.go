package engine

import (
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// EndSession ends the session that a client's refresh token is of, and what the client was granted in it. To end it again is no error.
func (e *Engine) EndSession(c *store.Client, refreshToken string) *Error {
	of, err := parseSignature(e.refreshSignature(refreshToken))
	grant, known := e.Store.Recall(of.grant)
	switch {
	case !known && e.isOffline(refreshToken):
		return nil
	case err != nil || !known:
		return NewFault(personality.BadRefreshToken, "", "invalid_grant", "the refresh token is unknown here")
	case grant.ClientID != c.ID:
		return NewFault(personality.RefreshTokenOfAnother, "", "invalid_grant", "the refresh token was issued to another client")
	}
	e.Store.Revoke(of.grant)
	e.Store.EndSession(grant.SessionID)
	return nil
}

// SignResponse makes a JWT of an authorization response to a client (JARM §2.1).
func (e *Engine) SignResponse(claims map[string]any) (string, error) {
	return e.signers.sign("JWT", claims)
}
