package idp_test

import (
	"context"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/mockidp"
)

func oauthContext(t testing.TB, s server) context.Context {
	return context.WithValue(t.Context(), oauth2.HTTPClient, s.Client())
}

func TestRefreshTokensRotateAndReuseEndsTheFamily(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	first := s.grant("alice", nil)
	second := s.issued(refreshing(first["refresh_token"], nil))
	require.NotEqual(t, first["refresh_token"], second["refresh_token"], "RFC 9700 §4.14.2")
	require.NotEqual(t, first["access_token"], second["access_token"])
	third := s.issued(refreshing(second["refresh_token"], nil))
	require.Contains(t, s.refused(400, "invalid_grant", refreshing(first["refresh_token"], nil)), "used before")
	require.Contains(t, s.refused(400, "invalid_grant", refreshing(third["refresh_token"], nil)), "start a new authorization")
}

func TestARefreshIsForTheClientsOwnTokenAndNoMoreThanTheGrant(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	granted := s.grant("bob", q{"scope": one("create:todos read:todos openid")})
	for name, row := range map[string]struct {
		change q
		status int
		code   string
		says   string
		rfc    string
	}{
		"another client":         {q{"client_id": one("mcp-client")}, 400, "invalid_grant", "does not match", "RFC 6749 §6"},
		"no token":               {q{"refresh_token": nil}, 400, "invalid_request", "refresh_token is missing", "RFC 6749 §6"},
		"a broken token":         {q{"refresh_token": one(granted["refresh_token"].(string)[1:])}, 400, "invalid_grant", "unknown here", "RFC 6749 §5.2"},
		"no client":              {q{"client_id": nil}, 401, "invalid_client", "no client_id", "RFC 6749 §5.2"},
		"withheld scope":         {q{"scope": one("create:todos read:todos")}, 400, "invalid_scope", "beyond the grant", "RFC 6749 §6"},
		"unknown scope":          {q{"scope": one("x")}, 400, "invalid_scope", "which holds: create:todos openid", "RFC 6749 §6"},
		"other resource":         {q{"resource": one(remote)}, 400, "invalid_target", "beyond the grant", "RFC 8707 §2.2"},
		"unknown resource":       {q{"resource": one("https://evil.example")}, 400, "invalid_target", "beyond the grant", "RFC 8707 §2.2"},
		"client without refresh": {q{"client_id": nil}, 400, "unauthorized_client", "not for refresh_token", "RFC 6749 §5.2"},
	} {
		var header []string
		if row.code == "unauthorized_client" {
			header = basic("todo-batch", "todo-batch-secret")
		}
		require.Contains(t, s.refused(row.status, row.code, refreshing(granted["refresh_token"], row.change), header...), row.says, "%s: %s", name, row.rfc)
	}
	s.issued(refreshing(granted["refresh_token"], nil)) // none of these used the token up
}

func TestARefreshKeepsTheGrantWholeWhateverItsTokenIsFor(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	granted := s.grant("alice", q{"resource": {remote, todos}, "scope": one("create:todos read:todos openid"), "nonce": one("n-1")})
	for _, step := range []struct {
		change q
		scope  string
		aud    any
	}{
		{q{"scope": one("create:todos")}, "create:todos", []any{todos, remote}},
		{nil, "create:todos read:todos openid", []any{todos, remote}},
		{q{"resource": one(remote)}, "create:todos read:todos openid", remote},
		{q{"resource": one(todos), "scope": one("read:todos create:todos")}, "read:todos create:todos", todos},
		{nil, "create:todos read:todos openid", []any{todos, remote}},
	} {
		granted = s.issued(refreshing(granted["refresh_token"], step.change))
		_, payload := claims(t, granted["access_token"])
		require.Equal(t, step.scope, granted["scope"])
		require.Equal(t, step.scope, payload["scope"])
		require.Equal(t, step.aud, payload["aud"])
	}
	_, id := claims(t, granted["id_token"])
	require.NotContains(t, id, "nonce", "OpenID Connect Core §12.2")
}

func TestOfConcurrentReplaysExactlyOneWins(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{AutoLogin: true})
	const rounds, rivals = 50, 8
	race := func(form url.Values) (winner map[string]any) {
		answers := make([]answer, rivals)
		var ready, done sync.WaitGroup
		ready.Add(1)
		for i := range answers {
			done.Go(func() { ready.Wait(); answers[i] = s.token(form) })
		}
		ready.Done()
		done.Wait()
		for _, a := range answers {
			if a.status == 200 {
				require.Nil(t, winner, "a second winner")
				winner = a.json
				continue
			}
			a.isError(t, 400, "invalid_grant")
		}
		require.NotNil(t, winner, "nobody won")
		return winner
	}
	for range rounds {
		request := asking(q{"login_hint": one("alice")})
		code := s.get("/authorize?" + request.Encode()).location(t).Query().Get("code")
		won := race(redeeming(code, nil))
		s.refused(400, "invalid_grant", refreshing(won["refresh_token"], nil)) // the others were replays

		code = s.get("/authorize?" + request.Encode()).location(t).Query().Get("code")
		granted := s.issued(redeeming(code, nil))
		won = race(refreshing(granted["refresh_token"], nil))
		s.refused(400, "invalid_grant", refreshing(won["refresh_token"], nil))
	}
}

func TestEverythingLivesAsLongAsConfigured(t *testing.T) {
	t.Parallel()
	config := mockidp.DefaultConfig()
	config.Lifetimes = mockidp.Lifetimes{Code: time.Second, AccessToken: 2 * time.Second, IDToken: 3 * time.Second, RefreshToken: 4 * time.Second}
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, mockidp.Options{Config: &config, AutoLogin: true})
		code := func() string {
			return s.get("/authorize?" + asking(q{"login_hint": one("alice"), "scope": one("openid")}).Encode()).location(t).Query().Get("code")
		}
		late := code()
		time.Sleep(time.Second + time.Millisecond)
		require.Contains(t, s.refused(400, "invalid_grant", redeeming(late, nil)), "has expired")

		inTime := code()
		time.Sleep(time.Second)
		began := time.Now().Unix()
		granted := s.issued(redeeming(inTime, nil))
		require.Equal(t, float64(2), granted["expires_in"])
		_, access := claims(t, granted["access_token"])
		_, id := claims(t, granted["id_token"])
		require.Equal(t, float64(began), access["iat"])
		require.Equal(t, float64(began+2), access["exp"])
		require.Equal(t, float64(began-1), access["auth_time"], "RFC 9068 §2.2.1: when the person signed in")
		require.Equal(t, float64(began+3), id["exp"])

		time.Sleep(3 * time.Second)
		require.Equal(t, 401, s.get("/userinfo", "Authorization", "Bearer "+granted["access_token"].(string)).status)
		renewed := s.issued(refreshing(granted["refresh_token"], nil))
		require.Equal(t, 200, s.get("/userinfo", "Authorization", "Bearer "+renewed["access_token"].(string)).status)
		_, again := claims(t, renewed["access_token"])
		require.Equal(t, float64(began+3), again["iat"], "a fresh one")
		require.Equal(t, access["auth_time"], again["auth_time"], "the sign-in is the old one")
		require.NotEqual(t, access["jti"], again["jti"])

		time.Sleep(4*time.Second + time.Millisecond)
		require.Contains(t, s.refused(400, "invalid_grant", refreshing(renewed["refresh_token"], nil)), "has expired")
	})
}
