package engine

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/ory/fosite"

	"mcpharness/internal/idp/store"
)

// storage shows the store to fosite. fosite's own MemoryStore can be crashed by a client that replays one code concurrently
// (v0.49.0), and keeps kilobytes for each grant.
type storage struct {
	store     *store.Store
	lifetimes Lifetimes
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

// look builds the request that fosite expects for a handle. It returns one with store.ErrReplayed too.
func (s storage) look(signature string) (*fosite.Request, error) {
	of, err := parseSignature(signature)
	if err != nil {
		return nil, err
	}
	grant, err := s.store.Look(of.grant, of.generation)
	if err != nil && !errors.Is(err, store.ErrReplayed) {
		return nil, err
	}
	c, ok := s.store.Client(grant.ClientID)
	if !ok {
		return nil, store.ErrUnknown
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
			"code_challenge_method": {"S256"},
		},
		Session: &session{grantID: of.grant, generation: of.generation, grant: grant},
	}, err
}

func (s storage) redeem(signature string, lifetime time.Duration) error {
	of, err := parseSignature(signature)
	if err != nil {
		return err
	}
	return s.store.Redeem(of.grant, of.generation, lifetime)
}

func (s storage) revoke(signature string) error {
	if of, err := parseSignature(signature); err == nil {
		s.store.Revoke(of.grant)
	}
	return nil
}

func (s storage) CreateAuthorizeCodeSession(_ context.Context, _ string, r fosite.Requester) error {
	ses := r.GetSession().(*session)
	s.store.AddGrant(ses.grantID, ses.grant, s.lifetimes.Code)
	return nil
}

func (s storage) GetAuthorizeCodeSession(_ context.Context, signature string, _ fosite.Session) (fosite.Requester, error) {
	r, err := s.look(signature)
	switch {
	case errors.Is(err, store.ErrReplayed):
		return r, fmt.Errorf("%w: %w", fosite.ErrInvalidatedAuthorizeCode, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", fosite.ErrNotFound, err)
	}
	return r, nil
}

// InvalidateAuthorizeCodeSession is where exactly one of several concurrent redemptions succeeds.
func (s storage) InvalidateAuthorizeCodeSession(_ context.Context, signature string) error {
	r, err := s.look(signature)
	if err != nil {
		return err
	}
	lifetime := s.lifetimes.AccessToken
	if r.Client.GetGrantTypes().Has("refresh_token") {
		lifetime = s.lifetimes.RefreshToken
	}
	return s.redeem(signature, lifetime)
}

func (s storage) GetPKCERequestSession(ctx context.Context, signature string, ses fosite.Session) (fosite.Requester, error) {
	return s.GetAuthorizeCodeSession(ctx, signature, ses)
}

// The challenge is part of the grant, so it needs no entry of its own.

func (s storage) CreatePKCERequestSession(context.Context, string, fosite.Requester) error {
	return nil
}

func (s storage) DeletePKCERequestSession(context.Context, string) error { return nil }

func (s storage) GetRefreshTokenSession(_ context.Context, signature string, _ fosite.Session) (fosite.Requester, error) {
	r, err := s.look(signature)
	switch {
	case errors.Is(err, store.ErrReplayed):
		return r, fmt.Errorf("%w: %w", fosite.ErrInactiveToken, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", fosite.ErrNotFound, err)
	}
	return r, nil
}

// RotateRefreshToken is where exactly one of several concurrent refreshes succeeds.
func (s storage) RotateRefreshToken(_ context.Context, _ string, signature string) error {
	return s.redeem(signature, s.lifetimes.RefreshToken)
}

func (s storage) RevokeRefreshToken(_ context.Context, requestID string) error {
	return s.revoke(requestID)
}

func (s storage) DeleteRefreshTokenSession(_ context.Context, signature string) error {
	return s.revoke(signature)
}

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
