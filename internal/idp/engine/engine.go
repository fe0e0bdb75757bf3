// Package engine is the seam to fosite, and its only importer. fosite does the grants: codes, PKCE, refresh, client
// credentials. This package gives it a storage, token formats and client authentication, checks what fosite would let pass,
// and speaks plain types to the endpoints. Its methods are safe for concurrent use.
package engine

import (
	"cmp"
	"context"
	"crypto/x509"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/handler/pkce"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// Lifetimes of what the server hands out.
type Lifetimes struct {
	Code, AccessToken, IDToken, RefreshToken time.Duration
	Offline                                  time.Duration       // of refresh tokens that outlive the person's session; zero: RefreshToken
	Session                                  time.Duration       // no token outlives a session, which lasts this long at the most; zero: they may
	OfflineEnds                              bool                // refresh tokens for offline_access tell when they are over
	ClientSession                            store.ClientSession // of clients that have none of their own; zero: as long as the session
}

// refreshToken is how long a refresh token of a grant is good without being used.
func (l Lifetimes) refreshToken(s *store.Store, g store.Grant) time.Duration {
	own := ownSession(s, g)
	if g.Outlives && l.Offline > 0 {
		return cmp.Or(own.OfflineIdle, l.ClientSession.OfflineIdle, l.Offline)
	}
	return cmp.Or(own.Idle, l.ClientSession.Idle, l.RefreshToken)
}

// most is how long all tokens of a grant are good, used or not; zero: nothing says so.
func (l Lifetimes) most(s *store.Store, g store.Grant) time.Duration {
	own := ownSession(s, g)
	if g.Outlives {
		return cmp.Or(own.OfflineMost, l.ClientSession.OfflineMost)
	}
	return cmp.Or(own.Most, l.ClientSession.Most)
}

func ownSession(s *store.Store, g store.Grant) store.ClientSession {
	if c, known := s.Client(g.ClientID); known {
		return c.Session
	}
	return store.ClientSession{}
}

// accessToken is how long an access token of a client lives, which has perhaps a lifetime of its own.
func (l Lifetimes) accessToken(s *store.Store, clientID string) time.Duration {
	if c, known := s.Client(clientID); known && c.AccessTokenLifetime > 0 {
		return c.AccessTokenLifetime
	}
	return l.AccessToken
}

// idToken is how long an ID token of a client lives: as long as its access tokens, where these have a lifetime of their own.
func (l Lifetimes) idToken(s *store.Store, clientID string) time.Duration {
	if c, known := s.Client(clientID); known && c.AccessTokenLifetime > 0 {
		return c.AccessTokenLifetime
	}
	return l.IDToken
}

// lives is how long a token of a session is good that could live for lifetime: not longer than the person's session, but where it is for
// offline_access, nor than the client's part in it.
func (e *Engine) lives(s *session, lifetime time.Duration) time.Duration {
	most := e.Lifetimes.Session
	if most == 0 {
		return lifetime
	}
	if s.offline() {
		most = lifetime
	}
	if ends := e.Store.Until(s.grantID, most); !ends.IsZero() {
		most = time.Duration(ends.Unix()-s.issuedAt.Unix()) * time.Second // tokens tell whole seconds
	}
	return min(lifetime, most)
}

// Config is what an engine needs. All fields are required.
type Config struct {
	Issuer      string
	Base        string // what the endpoints' paths follow
	Personality personality.Personality
	Store       *store.Store
	// FindClient finds the client of a token request, or refuses with invalid_client.
	FindClient func(ctx context.Context, id string) (*store.Client, *Error)
	// FetchKeys gets the document at a client's jwks_uri, and tells how long its headers call it fresh; negative: they do not say.
	FetchKeys func(ctx context.Context, url string) (body []byte, freshFor time.Duration, err error)
	Catalog   *Catalog
	Lifetimes Lifetimes
}

// Engine issues codes and tokens.
type Engine struct {
	Config
	codes      *fosite.Fosite            // issues codes
	tokens     map[string]*fosite.Fosite // by grant type, as fosite would ask every handler about every request
	storage    storage
	handles    handles
	references references
	clientKeys clientKeys
	signers    *signers
	envelopes  envelopes
	sealed     sealed
	started    time.Time
	decoys     []jose.JSONWebKey // verify nothing

	certificates struct { // of published keys, by key ID
		sync.Mutex
		of map[string]*x509.Certificate
	}
}

// New returns an engine.
func New(config Config) *Engine {
	e := &Engine{
		Config:     config,
		storage:    storage{config.Store, config.Lifetimes, config.Personality.Refresh},
		handles:    newHandles(),
		references: newReferences(config.Personality.AccessToken.IDPrefix != personality.IDPrefix{}),
		clientKeys: clientKeys{fetch: config.FetchKeys},
		signers:    newSigners(config.Store),
		envelopes:  newEnvelopes(),
		started:    time.Now(),
		sealed:     newSealed(),
	}
	e.handles.storage = e.storage
	config.Store.Grace(config.Personality.Refresh.Grace)
	e.handles.named = config.Personality.Session.Named
	if config.Personality.EncryptionKey {
		e.decoys = append(e.decoys, newDecoy(string(jose.RSA_OAEP), "enc"))
	}
	if spare := config.Personality.SpareKey; spare != "" && spare != config.Store.SigningKey().Algorithm {
		e.decoys = append(e.decoys, newDecoy(spare, "sig"))
	}
	settings := &fosite.Config{
		AuthorizeCodeLifespan:          config.Lifetimes.Code,
		AccessTokenLifespan:            config.Lifetimes.AccessToken,
		RefreshTokenLifespan:           config.Lifetimes.RefreshToken,
		RefreshTokenScopes:             []string{}, // none needed: the client's grant types decide
		EnforcePKCE:                    config.Personality.Authorization.PKCE == personality.PKCEAlways,
		EnablePKCEPlainChallengeMethod: config.Personality.Authorization.PKCE == personality.PKCEByClient, // asked for at the authorization endpoint
		// These are checked before fosite sees a request, with better words; fosite's own audience match is by prefix.
		ScopeStrategy:                func([]string, string) bool { return true },
		AudienceMatchingStrategy:     func(_, _ []string) error { return nil },
		RedirectSecureChecker:        func(context.Context, redirect) bool { return true },
		OmitRedirectScopeParam:       true,
		ClientAuthenticationStrategy: authenticatedClient,
	}
	if config.Personality.Refresh.Rule != personality.RefreshAlways {
		settings.RefreshTokenScopes = []string{"offline_access"}
	}
	access := accessTokens{e}
	code := &oauth2.AuthorizeExplicitGrantHandler{
		AccessTokenStrategy: access, RefreshTokenStrategy: refreshTokens{e.handles, e}, AuthorizeCodeStrategy: e.handles,
		CoreStorage: e.storage, TokenRevocationStorage: e.storage, Config: settings,
	}
	proof := &pkce.Handler{AuthorizeCodeStrategy: e.handles, Storage: e.storage, Config: settings}
	refresh := &oauth2.RefreshTokenGrantHandler{
		AccessTokenStrategy: access, RefreshTokenStrategy: refreshTokens{e.handles, e}, TokenRevocationStorage: e.storage, Config: settings,
	}
	own := &oauth2.ClientCredentialsGrantHandler{
		HandleHelper: &oauth2.HandleHelper{AccessTokenStrategy: access, AccessTokenStorage: e.storage, Config: settings},
		Config:       settings,
	}
	settings.AuthorizeEndpointHandlers = fosite.AuthorizeEndpointHandlers{code, proof}
	e.codes = fosite.NewOAuth2Provider(e.storage, settings)
	e.tokens = map[string]*fosite.Fosite{}
	for grantType, handlers := range map[string]fosite.TokenEndpointHandlers{
		GrantCode: {code, proof}, GrantRefresh: {refresh}, GrantClientCredentials: {own},
	} {
		forGrant := *settings
		forGrant.TokenEndpointHandlers = handlers
		e.tokens[grantType] = fosite.NewOAuth2Provider(e.storage, &forGrant)
	}
	return e
}

// URL is an endpoint as metadata name it.
func (e *Engine) URL(path string) string { return e.Base + path }
