package engine

import (
	"errors"
	"time"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// Revoke makes a token useless (RFC 7009 §2.1). A refresh token ends its whole grant, also if it was used before: who sends
// it wants to be done, and may have missed the newer one. An access token ends alone. Another client's token is refused; one
// that is unknown or over already is no error.
func (e *Engine) Revoke(c *store.Client, token string) *Error {
	if e.Personality.Introspection == personality.IntrospectionOfOpaque && structured(token) {
		return structuredRefused("revoked via the revocation_endpoint")
	}
	rules := e.Personality.Revocation
	notYours := NewFault(personality.RevocationOfAnother, "", "invalid_grant", "the token was issued to another client; only that client can revoke it (RFC 7009 section 2.1)")
	if rules.ForeignInSilence && c.Public() {
		notYours = nil
	}
	if of, ok := e.refreshToken(token); ok {
		grant, lives := e.Store.Grant(of.grant)
		switch {
		case lives && grant.ClientID != c.ID:
			return notYours
		case lives:
			e.end(of.grant)
			return nil
		}
		return e.nothingToRevoke()
	}
	access, err := e.AccessToken(token)
	switch {
	case err == nil && access.ClientID != c.ID:
		return notYours
	case err == nil && rules.AccessEndsAll && e.references.grant(access.id) != (store.GrantID{}):
		e.end(e.references.grant(access.id))
		return nil
	case err == nil:
		if err := e.Store.Remember(revokedToken, access.id, access.Expires); err != nil && err != store.ErrReplayed {
			return &Error{Code: "temporarily_unavailable", Description: "too many revoked tokens are remembered; the token is still good, revoke it again in " + e.Lifetimes.AccessToken.Round(time.Second).String(), Status: 503}
		}
		return nil
	case errors.Is(err, errRevoked), rules.AccessEndsAll: // what is none of these nobody is told about
		return nil
	case e.handles.signature(token) != "" || e.isIDToken(token):
		return NewFault(personality.RevocationOfIDToken, "", "unsupported_token_type", "only access tokens and refresh tokens can be revoked here; a code and an ID token cannot (RFC 7009 section 2.2.1)")
	}
	return e.nothingToRevoke()
}

// end ends a grant that its client is done with.
func (e *Engine) end(grant store.GrantID) {
	if e.Personality.Session.OutlivesClients {
		e.Store.Void(grant, 1)
		return
	}
	e.Store.Revoke(grant)
}

// nothingToRevoke is what is said of a token that is over or was never known: nothing, as its client has what it wanted (RFC 7009 §2.2),
// but for personalities that mind.
func (e *Engine) nothingToRevoke() *Error {
	if !e.Minds(personality.RevocationOfAny) {
		return nil
	}
	return NewFault(personality.RevocationOfAny, "", "invalid_token", "there is no such token")
}

func (e *Engine) isIDToken(token string) bool {
	_, err := e.IDToken(token)
	return err == nil
}
