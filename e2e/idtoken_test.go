package e2e

import (
	"context"
	"crypto/rand"
	"net"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/internal/useragent"
	"mcpharness/mockidp"
)

// relyingParty is a web login as others write it: go-oidc and x/oauth2, which were told no more than the issuer and the client.
type relyingParty struct {
	idp      *mockidp.Server
	provider *oidc.Provider
	config   oauth2.Config
	ctx      context.Context // carries the HTTP client, as both libraries want it
}

func newRelyingParty(t *testing.T, algorithm, path string) *relyingParty {
	t.Helper()
	if live != "" {
		lacks(t, configuring)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	config := mockidp.DefaultConfig()
	config.SigningAlgorithm = algorithm
	idp, err := mockidp.Start(mockidp.Options{Config: &config, Issuer: "http://" + l.Addr().String() + path}, l)
	require.NoError(t, err)
	t.Cleanup(idp.Close)

	rp := &relyingParty{idp: idp, ctx: oidc.ClientContext(t.Context(), idp.Client())}
	rp.provider, err = oidc.NewProvider(rp.ctx, idp.Issuer())
	require.NoError(t, err)
	rp.config = oauth2.Config{
		ClientID: "mcp-client", RedirectURL: registeredRedirect, Endpoint: rp.provider.Endpoint(),
		Scopes: []string{oidc.ScopeOpenID, "profile", "email", oidc.ScopeOfflineAccess, "create:todos"},
	}
	return rp
}

// signIn runs the code flow and returns the token answer.
func (rp *relyingParty) signIn(t *testing.T, person, nonce string) *oauth2.Token {
	t.Helper()
	state, verifier := rand.Text(), oauth2.GenerateVerifier()
	callback, err := useragent.New(rp.idp.Client()).SignIn(rp.ctx,
		rp.config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), useragent.Person{Username: person})
	require.NoError(t, err)
	require.Equal(t, state, callback.Query().Get("state"))
	token, err := rp.config.Exchange(rp.ctx, callback.Query().Get("code"), oauth2.VerifierOption(verifier))
	require.NoError(t, err)
	return token
}

// verified is the ID token of a token answer, after go-oidc has checked it.
func (rp *relyingParty) verified(t *testing.T, token *oauth2.Token) *oidc.IDToken {
	t.Helper()
	raw, _ := token.Extra("id_token").(string)
	require.NotEmpty(t, raw)
	idToken, err := rp.provider.VerifierContext(rp.ctx, &oidc.Config{ClientID: rp.config.ClientID}).Verify(rp.ctx, raw)
	require.NoError(t, err)
	require.NoError(t, idToken.VerifyAccessToken(token.AccessToken))
	require.Error(t, idToken.VerifyAccessToken("another token"), "at_hash is there and is checked")
	return idToken
}

func TestAnIndependentRelyingPartySignsPeopleIn(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"ES256", "RS256"} {
		for name, path := range map[string]string{"plain issuer": "", "issuer with a path": "/realms/todo"} {
			t.Run(algorithm+"/"+name, func(t *testing.T) {
				t.Parallel()
				rp := newRelyingParty(t, algorithm, path)
				var discovered struct {
					Algorithms []string `json:"id_token_signing_alg_values_supported"`
					Subjects   []string `json:"subject_types_supported"`
					Responses  []string `json:"response_types_supported"`
					Scopes     []string `json:"scopes_supported"`
				}
				require.NoError(t, rp.provider.Claims(&discovered))
				require.Equal(t, []string{algorithm}, discovered.Algorithms)
				require.Equal(t, []string{"public"}, discovered.Subjects)
				require.Equal(t, []string{"code"}, discovered.Responses)
				require.Subset(t, discovered.Scopes, rp.config.Scopes)

				began := time.Now().Truncate(time.Second)
				nonce := rand.Text()
				token := rp.signIn(t, "alice", nonce)
				idToken := rp.verified(t, token)
				require.Equal(t, nonce, idToken.Nonce)
				require.Equal(t, rp.idp.Issuer(), idToken.Issuer)
				require.Equal(t, []string{rp.config.ClientID}, idToken.Audience)
				require.False(t, idToken.IssuedAt.Before(began))
				require.True(t, idToken.Expiry.After(time.Now()))
				var claims struct {
					AuthTime int64  `json:"auth_time"`
					Party    string `json:"azp"`
					Name     string `json:"name"`
					Email    string `json:"email"`
				}
				require.NoError(t, idToken.Claims(&claims))
				require.GreaterOrEqual(t, claims.AuthTime, began.Unix())
				require.Contains(t, []string{"", rp.config.ClientID}, claims.Party) // with one audience azp may be left out
				require.Equal(t, "Alice", claims.Name)
				require.Equal(t, "alice@example.com", claims.Email)

				about, err := rp.provider.UserInfo(rp.ctx, oauth2.StaticTokenSource(token))
				require.NoError(t, err)
				require.Equal(t, idToken.Subject, about.Subject)
				require.Equal(t, claims.Email, about.Email)
				require.True(t, about.EmailVerified)
			})
		}
	}
}

func TestARelyingPartyRefusesWhatIsNotForIt(t *testing.T) {
	t.Parallel()
	rp := newRelyingParty(t, "ES256", "")
	token := rp.signIn(t, "bob", "n")
	verify := func(client, raw string) error {
		_, err := rp.provider.VerifierContext(rp.ctx, &oidc.Config{ClientID: client}).Verify(rp.ctx, raw)
		return err
	}
	require.ErrorContains(t, verify("somebody-else", token.Extra("id_token").(string)), "audience")
	require.ErrorContains(t, verify(rp.config.ClientID, token.AccessToken), "audience", "an access token is no ID token")
	foreign := newRelyingParty(t, "ES256", "")
	require.Error(t, verify(rp.config.ClientID, foreign.signIn(t, "bob", "n").Extra("id_token").(string)))

	_, err := oidc.NewProvider(rp.ctx, rp.idp.Issuer()+"/")
	require.Error(t, err, "an issuer is compared letter by letter")
}

func TestARelyingPartyRefreshesOverAKeyRotation(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"ES256", "RS256"} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			rp := newRelyingParty(t, algorithm, "/tenant")
			first := rp.signIn(t, "carol", "n")
			require.NotEmpty(t, first.RefreshToken)
			before := rp.verified(t, first)
			require.NoError(t, rp.idp.RotateKeys())

			expired := *first
			expired.Expiry = time.Now().Add(-time.Hour)
			second, err := rp.config.TokenSource(rp.ctx, &expired).Token()
			require.NoError(t, err)
			require.NotEqual(t, first.AccessToken, second.AccessToken)
			require.NotEqual(t, first.RefreshToken, second.RefreshToken)
			after := rp.verified(t, second)
			require.Equal(t, before.Subject, after.Subject)
			require.Equal(t, before.Audience, after.Audience)
			require.Empty(t, after.Nonce, "a refreshed ID token answers no authorization request")
			require.Equal(t, before.Subject, rp.verified(t, first).Subject, "the old key is still published")
		})
	}
}
