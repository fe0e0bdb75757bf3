package idp_test

import (
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// revoked sends a token of the inspector to be revoked.
func (s server) revoked(token any, changes q, header ...string) answer {
	s.t.Helper()
	return s.form("/revoke", with(url.Values{"client_id": {"mcp-inspector"}, "token": {token.(string)}}, changes), header...)
}

func TestARevokedRefreshTokenEndsItsGrant(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	for name, pick := range map[string]func(first, second map[string]any) any{
		"the newest":         func(_, second map[string]any) any { return second["refresh_token"] },
		"one used before it": func(first, _ map[string]any) any { return first["refresh_token"] },
	} {
		for _, hint := range []string{"refresh_token", "access_token", "unheard_of", ""} {
			first := s.grant("alice", q{"scope": one("openid create:todos")})
			second := s.issued(refreshing(first["refresh_token"], nil))
			a := s.revoked(pick(first, second), q{"token_type_hint": one(hint)})
			require.Equal(t, 200, a.status, a.body)
			require.Empty(t, a.body, "RFC 7009 §2.2")
			requireNoStore(t, a)
			s.refused(400, "invalid_grant", refreshing(second["refresh_token"], nil))
			for _, token := range []any{first["access_token"], second["access_token"], second["refresh_token"]} {
				require.Equal(t, inactive, s.introspected(token), "RFC 7009 §2.1: %s", name)
			}
			require.Equal(t, 401, s.get("/userinfo", "Authorization", "Bearer "+second["access_token"].(string)).status)
			require.Equal(t, 200, s.revoked(pick(first, second), nil).status, "RFC 7009 §2.2: again is no error")
		}
	}
}

func TestARevokedAccessTokenEndsAlone(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	granted := s.grant("alice", q{"scope": one("openid create:todos")})
	token := granted["access_token"].(string)
	require.Equal(t, 200, s.revoked(token, nil).status)
	require.Equal(t, inactive, s.introspected(token))
	a := s.get("/userinfo", "Authorization", "Bearer "+token)
	a.isError(t, 401, "invalid_token")
	require.Equal(t, 200, s.revoked(token, nil).status, "again is no error")
	next := s.issued(refreshing(granted["refresh_token"], nil))
	require.Equal(t, true, s.introspected(next["access_token"])["active"], "RFC 7009 §2.1 leaves the refresh token to us")
	_, payload := claims(t, token)
	require.Equal(t, inactive, s.introspected(s.Mint(nil, payload, nil)), "it is the jti that is revoked, not one way to write the signature")

	batch := basic("todo-batch", "todo-batch-secret")
	own := s.issued(ownName, batch...)["access_token"].(string)
	require.Equal(t, 200, s.form("/revoke", url.Values{"token": {own}}, batch...).status)
	require.Equal(t, inactive, s.introspected(own))

	unnamed := s.Mint(nil, map[string]any{"iss": s.Issuer(), "client_id": "mcp-inspector", "exp": time.Now().Add(time.Hour).Unix()}, nil)
	require.Equal(t, true, s.introspected(unnamed)["active"])
	require.Equal(t, 200, s.revoked(unnamed, nil).status)
	require.Equal(t, inactive, s.introspected(unnamed), "also without a jti")
}

func TestRevocationRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	granted := s.grant("alice", q{"scope": one("openid create:todos")})
	access, refresh, id := granted["access_token"].(string), granted["refresh_token"].(string), granted["id_token"].(string)
	code := s.code("alice", nil)
	for name, row := range map[string]struct {
		token      string
		change     q
		header     []string
		status     int
		code, says string
		rfc        string
	}{
		"another client's refresh token":   {refresh, q{"client_id": one("mcp-client")}, nil, 400, "invalid_grant", "another client", "RFC 7009 §2.1"},
		"another client's access token":    {access, q{"client_id": one("mcp-client")}, nil, 400, "invalid_grant", "another client", "RFC 7009 §2.1"},
		"by a confidential other client":   {refresh, q{"client_id": nil}, basic("todo-web", "todo-web-secret"), 400, "invalid_grant", "another client", "RFC 7009 §2.1"},
		"an ID token":                      {id, nil, nil, 400, "unsupported_token_type", "only access tokens and refresh tokens", "RFC 7009 §2.2.1"},
		"a code":                           {code, nil, nil, 400, "unsupported_token_type", "only access tokens and refresh tokens", "RFC 7009 §2.2.1"},
		"no token":                         {"", nil, nil, 400, "invalid_request", "token is missing", "RFC 7009 §2.1"},
		"two tokens":                       {access, q{"token": {access, access}}, nil, 400, "invalid_request", "token is repeated", "RFC 6749 §3.2"},
		"nobody":                           {access, q{"client_id": nil}, nil, 401, "invalid_client", "no client_id", "RFC 7009 §2.1"},
		"an unknown client":                {access, q{"client_id": one("gone")}, nil, 401, "invalid_client", "register again", "RFC 7009 §2.1"},
		"a confidential one, no secret":    {access, q{"client_id": one("todo-web")}, nil, 401, "invalid_client", "must authenticate", "RFC 7009 §2.1"},
		"a confidential one, wrong secret": {access, q{"client_id": nil}, basic("todo-web", "x"), 401, "invalid_client", "secret is wrong", "RFC 7009 §2.1"},
	} {
		a := s.revoked(row.token, row.change, row.header...)
		require.Contains(t, a.isError(t, row.status, row.code), row.says, name)
		requireNoStore(t, a)
		require.Equal(t, "*", a.header.Get("Access-Control-Allow-Origin"), "clients in browsers revoke too")
	}
	require.Equal(t, true, s.introspected(access)["active"], "nothing was revoked")
	require.Equal(t, true, s.introspected(refresh)["active"])
	s.issued(redeeming(code, nil))
	for _, unknown := range []string{"garbage", access + "x", refresh[:len(refresh)-1], strings.ToUpper(refresh)} {
		require.Equal(t, 200, s.revoked(unknown, nil).status, "RFC 7009 §2.2: invalid tokens are no error")
	}
}

func TestARevocationIsRememberedUntilTheTokenExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, mockidp.Options{})
		token := s.grant("alice", nil)["access_token"]
		time.Sleep(9 * time.Minute)
		require.Equal(t, 200, s.revoked(token, nil).status)
		time.Sleep(59 * time.Second)
		require.Equal(t, inactive, s.introspected(token))
		time.Sleep(time.Minute)
		require.Equal(t, inactive, s.introspected(token))
		require.Equal(t, 200, s.revoked(token, nil).status, "an expired one is no error")
	})
}
