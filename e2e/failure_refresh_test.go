package e2e

import (
	"net/url"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/internal/testnet"
	"mcpharness/mockidp"
)

// Failure 15: a refresh token comes by one of four rules, and a client that knows another one gets none, or an error.
func TestRefreshTokensComeByFourRules(t *testing.T) {
	t.Parallel()
	offline(t)
	type given struct{ plain, offline, consent bool }
	for name, row := range map[string]struct {
		setup setup
		want  given
	}{
		"always":                  {setup{as: "keycloak"}, given{true, true, true}},
		"offline_access":          {setup{as: "auth0"}, given{false, true, true}},
		"offline_access, consent": {setup{as: "logto"}, given{false, false, true}},
		"never":                   {setup{faults: []string{"refresh-none"}}, given{false, false, false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			on := newTarget(t, row.setup)
			bob := &visitor{people: []string{"bob"}, registered: true, scopes: ofUser}
			got := func(scopes []string, parameters ...string) bool {
				bob.scopes = scopes
				token, err := bob.flow(t, on, parameters...)
				require.NoError(t, err)
				on.accepted(t, token.AccessToken) // the access token is good in any case
				return token.RefreshToken != ""
			}
			offline := append(slices.Clone(ofUser), "offline_access")
			require.Equal(t, row.want, given{got(ofUser), got(offline), got(offline, "prompt", "consent")})
		})
	}
}

// Failure 15, the opposite: offline_access is asked for where the client may not have it.
func TestOfflineAccessIsNotAskedForWhereItIsRefused(t *testing.T) {
	t.Parallel()
	offline(t)
	on := newTarget(t, setup{configure: func(c *mockidp.Config) {
		at := slices.IndexFunc(c.Clients, func(client mockidp.Client) bool { return client.ID == "mcp-client" })
		c.Clients[at].Scopes = todoScopes
	}})
	bob := &visitor{people: []string{"bob"}, registered: true, scopes: append(slices.Clone(ofUser), "offline_access")}
	_, err := bob.flow(t, on)
	require.ErrorContains(t, err, "invalid_scope")
	require.ErrorContains(t, err, "offline_access", "the refusal names it")
	require.NotContains(t, on.prm(t).ScopesSupported, "offline_access", "it is no scope of a resource server")
	bob.scopes = ofUser
	token, err := bob.flow(t, on)
	require.NoError(t, err)
	require.NotEmpty(t, token.RefreshToken, "here it is not needed either")
}

// Failure 16: two processes of one client refresh at once.
func TestTwoRefreshesAtOnceEndTheGrantUnlessTheyAreOne(t *testing.T) {
	t.Parallel()
	offline(t)
	on := newTarget(t, setup{})
	bob := &visitor{people: []string{"bob"}, registered: true}
	bob.settle(on)
	client, err := bob.client(t.Context(), on)
	require.NoError(t, err)
	token, err := bob.codeFlow(t.Context(), on, client)
	require.NoError(t, err)
	stale := &oauth2.Token{RefreshToken: token.RefreshToken}

	var together sync.WaitGroup
	results := make([]*oauth2.Token, 2)
	failures := make([]error, 2)
	for i := range results {
		together.Go(func() { results[i], failures[i] = client.TokenSource(on.context(t.Context()), stale).Token() })
	}
	together.Wait()
	require.False(t, failures[0] == nil && failures[1] == nil, "a refresh token is good for one use")
	for _, winner := range results {
		if winner == nil {
			continue
		}
		_, err := client.TokenSource(on.context(t.Context()), &oauth2.Token{RefreshToken: winner.RefreshToken}).Token()
		require.ErrorContains(t, err, "invalid_grant", "the second use of the old one looks like a thief's: the winner's is dead, too")
	}

	token, err = bob.codeFlow(t.Context(), on, client)
	require.NoError(t, err)
	on.wire.forget()
	shared := client.TokenSource(on.context(t.Context()), &oauth2.Token{RefreshToken: token.RefreshToken}) // one source for all
	for range 8 {
		together.Go(func() {
			if fresh, err := shared.Token(); err != nil || on.status(t, "Bearer "+fresh.AccessToken) != 200 {
				t.Errorf("refreshing together: %v", err)
			}
		})
	}
	together.Wait()
	require.Equal(t, 1, on.wire.grants("refresh_token"))
}

// Failure 16: the answer with the new tokens is lost on the way. The old refresh token is used up, so trying again ends the grant.
func TestALostRefreshAnswerLeadsToANewSignIn(t *testing.T) {
	t.Parallel()
	offline(t)
	synctest.Test(t, func(t *testing.T) {
		network := testnet.New()
		t.Cleanup(func() { _ = network.Close() })
		on := newTarget(t, setup{network: network, faults: []string{"refresh-answer-lost"}, configure: func(c *mockidp.Config) { c.Lifetimes = fiveMinuteTokens }})
		bob := &visitor{people: []string{"bob"}, refresh: true}
		session := bob.visit(t, on)
		made := create(t, session, "before")
		time.Sleep(6 * time.Minute)

		err := remove(t, session, made.ID)
		require.Error(t, err, "this call is lost with its answer")
		require.NotContains(t, err.Error(), "invalid_grant")
		require.NoError(t, remove(t, session, made.ID), "the next one hears invalid_grant and signs in")
		require.Equal(t, 2, bob.signed())
		require.Equal(t, 1, on.wire.grants("refresh_token"), "one refresh was answered, and there was no third")
	})
}

// Failure 16, as a client sees it that only ever tries again.
func TestTryingALostRefreshAgainIsOfNoUse(t *testing.T) {
	t.Parallel()
	offline(t)
	on := newTarget(t, setup{faults: []string{"refresh-answer-lost"}})
	bob := &visitor{people: []string{"bob"}, registered: true}
	bob.settle(on)
	client, err := bob.client(t.Context(), on)
	require.NoError(t, err)
	token, err := bob.codeFlow(t.Context(), on, client)
	require.NoError(t, err)
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {client.ClientID}, "refresh_token": {token.RefreshToken}}
	_, err = on.http.PostForm(client.Endpoint.TokenURL, form)
	require.ErrorContains(t, err, "EOF")
	for range 3 {
		status, body := on.redeem(t, form)
		require.Equal(t, 400, status)
		require.Equal(t, "invalid_grant", body["error"])
	}
	token, err = bob.codeFlow(t.Context(), on, client)
	require.NoError(t, err)
	on.accepted(t, token.AccessToken)
}
