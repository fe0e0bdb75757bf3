package engine

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/ory/fosite"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// storage shows the store to fosite. fosite's own MemoryStore can be crashed by a client that replays one code concurrently
// (v0.49.0), and keeps kilobytes for each grant.
type storage struct {
	store     *store.Store
	lifetimes Lifetimes
	refresh   personality.Refresh
}

// client shows a store.Client to fosite.
type client struct{ *store.Client }

func (c client) GetID() string                      { return c.ID }
func (c client) GetHashedSecret() []byte            { return c.SecretHash[:] }
func (c client) GetRedirectURIs() []string          { return c.RedirectURIs }
func (c client) GetGrantTypes() fosite.Arguments    { return c.GrantTypes }
func (c client) GetResponseTypes() fosite.Arguments { return fosite.Arguments{"code"} }
func (c client) GetScopes() fosite.Arguments        { return c.Scopes }
func (c client) IsPublic() bool                     { return c.Public() }
func (c client) GetAudience() fosite.Arguments      { return nil }

func (s storage) GetClient(_ context.Context, id string) (fosite.Client, error) {
	c, ok := s.store.Client(id)
	if !ok {
		return nil, fosite.ErrNotFound
	}
	return client{c}, nil
}

func (s storage) ClientAssertionJWTValid(context.Context, string) error { return fosite.ErrNotFound }

func (s storage) SetClientAssertionJWT(context.Context, string, time.Time) error { return nil }

// look builds the request that fosite expects for a handle. Its error says why there is none, a replay included; fosite
// passes it on, and Engine.failed acts on it.
func (s storage) look(signature string) (fosite.Requester, error) {
	of, err := parseSignature(signature)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", fosite.ErrNotFound, err)
	}
	grant, err := s.store.Look(of.grant, of.generation)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", fosite.ErrNotFound, err)
	}
	c, ok := s.store.Client(grant.ClientID)
	if !ok {
		return nil, fmt.Errorf("%w: %w", fosite.ErrNotFound, store.ErrUnknown)
	}
	method := "S256"
	if grant.PlainChallenge {
		method = "plain"
	}
	return &fosite.Request{
		ID:              signature,
		RequestedAt:     time.Now(),
		Client:          client{c},
		GrantedScope:    grant.Scopes,
		GrantedAudience: grant.Resources,
		Form: url.Values{
			"redirect_uri":          {grant.RedirectURI},
			"code_challenge":        {grant.CodeChallenge},
			"code_challenge_method": {method},
		},
		Session: &session{grantID: of.grant, generation: of.generation, grant: grant},
	}, nil
}

// reusable reports whether a client's refresh tokens stay good when they are used.
func (s storage) reusable(c fosite.Client) bool {
	return s.refresh.Reusable || s.refresh.ReusableBySecret && !c.IsPublic()
}

func (s storage) redeem(signature string, lifetime time.Duration) error {
	of, err := parseSignature(signature)
	if err != nil {
		return err
	}
	access := s.lifetimes.AccessToken
	if grant, err := s.store.Look(of.grant, of.generation); err == nil {
		access = s.lifetimes.accessToken(s.store, grant.ClientID)
	}
	return s.store.Redeem(of.grant, of.generation, lifetime, access)
}

// void ends the grant of a handle; the empty handle, which is nobody's, ends nothing.
func (s storage) void(signature string) {
	if of, err := parseSignature(signature); err == nil {
		s.store.Void(of.grant, of.generation)
	}
}

// burn ends what a code is good for.
func (s storage) burn(signature string) {
	if of, err := parseSignature(signature); err == nil {
		s.store.Burn(of.grant)
	}
}

func (s storage) CreateAuthorizeCodeSession(_ context.Context, _ string, r fosite.Requester) error {
	ses := r.GetSession().(*session)
	ses.grant.Lasts = s.lifetimes.most(s.store, ses.grant)
	s.store.AddGrant(ses.grantID, ses.grant, s.lifetimes.Code)
	return nil
}

func (s storage) GetAuthorizeCodeSession(_ context.Context, signature string, _ fosite.Session) (fosite.Requester, error) {
	return s.look(signature)
}

// InvalidateAuthorizeCodeSession is where exactly one of several concurrent redemptions succeeds.
func (s storage) InvalidateAuthorizeCodeSession(_ context.Context, signature string) error {
	r, err := s.look(signature)
	if err != nil {
		return err
	}
	lifetime := s.lifetimes.accessToken(s.store, r.GetClient().GetID())
	if r.GetClient().GetGrantTypes().Has("refresh_token") {
		lifetime = s.lifetimes.refreshToken(s.store, r.GetSession().(*session).grant)
	}
	return s.redeem(signature, lifetime)
}

func (s storage) GetPKCERequestSession(_ context.Context, signature string, _ fosite.Session) (fosite.Requester, error) {
	return s.look(signature)
}

// The challenge is part of the grant, so it needs no entry of its own.

func (s storage) CreatePKCERequestSession(context.Context, string, fosite.Requester) error {
	return nil
}

func (s storage) DeletePKCERequestSession(context.Context, string) error { return nil }

func (s storage) GetRefreshTokenSession(_ context.Context, signature string, _ fosite.Session) (fosite.Requester, error) {
	return s.look(signature)
}

// RotateRefreshToken is where exactly one of several concurrent refreshes succeeds.
func (s storage) RotateRefreshToken(_ context.Context, _ string, signature string) error {
	r, err := s.look(signature)
	if err != nil {
		return err
	}
	of := r.GetSession().(*session)
	lifetime := s.lifetimes.refreshToken(s.store, of.grant)
	if s.reusable(r.GetClient()) {
		s.store.Extend(of.grantID, lifetime, s.lifetimes.accessToken(s.store, of.grant.ClientID))
		return nil
	}
	return s.redeem(signature, lifetime)
}

// Engine.failed ends grants; fosite, which never hears of a replay, has nothing to revoke.

func (s storage) RevokeRefreshToken(context.Context, string) error { return nil }

func (s storage) DeleteRefreshTokenSession(context.Context, string) error { return nil }

// A refresh token is the grant's next generation, and an access token is a signed JWT: neither needs an entry of its own.

func (s storage) CreateRefreshTokenSession(context.Context, string, string, fosite.Requester) error {
	return nil
}

func (s storage) CreateAccessTokenSession(context.Context, string, fosite.Requester) error {
	return nil
}

func (s storage) GetAccessTokenSession(context.Context, string, fosite.Session) (fosite.Requester, error) {
	return nil, fosite.ErrNotFound
}

func (s storage) DeleteAccessTokenSession(context.Context, string) error { return nil }

func (s storage) RevokeAccessToken(context.Context, string) error { return nil }
