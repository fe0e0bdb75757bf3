package mockidp_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (s *stand) refreshed(t *testing.T, token any, parameters url.Values) (int, object) {
	t.Helper()
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {"mcp-client"}, "refresh_token": {token.(string)}}
	for name, values := range parameters {
		form[name] = values
	}
	return s.post(t, "token_endpoint", form)
}

// TestTokenAnswersNameTheSessionAndItsEnd has alice get tokens of each kind.
func TestTokenAnswersNameTheSessionAndItsEnd(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	expiry := func(answer object) any { return answer["refresh_expires_in"] }

	online := s.tokens(t, "alice", "openid", "create:todos")
	require.Equal(t, 0.0, online["not-before-policy"])
	require.InDelta(t, (8 * time.Hour).Seconds(), expiry(online), 2, "the refresh token ends with the session")
	_, access := decoded(online["access_token"])
	_, identity := decoded(online["id_token"])
	require.Equal(t, []any{access["sid"], access["sid"]}, []any{identity["sid"], online["session_state"]})
	require.Regexp(t, `^onrtac:`, access["jti"])
	require.Regexp(t, uuid, identity["jti"])
	require.Equal(t, "mcp-client", identity["azp"])

	_, again := s.refreshed(t, online["refresh_token"], nil)
	_, access = decoded(again["access_token"])
	require.Regexp(t, `^onrtrt:`, access["jti"])
	require.Equal(t, online["session_state"], again["session_state"])

	offline := s.tokens(t, "alice", "openid", "offline_access")
	require.Equal(t, 0.0, expiry(offline), "it has no end")
	_, access = decoded(offline["access_token"])
	require.Regexp(t, `^ofrtac:`, access["jti"])
	_, again = s.refreshed(t, offline["refresh_token"], nil)
	_, access = decoded(again["access_token"])
	require.Regexp(t, `^ofrtrt:`, access["jti"])

	_, client := s.enrol(t, `{`+callbackOnly+`,"token_endpoint_auth_method":"none","grant_types":["authorization_code"]}`)
	id := client["client_id"].(string)
	_, once := s.redeem(t, s.authorize(t, "alice", url.Values{"client_id": {id}}).Get("code"), url.Values{"client_id": {id}})
	require.NotContains(t, once, "refresh_token")
	require.Equal(t, 0.0, expiry(once), "there is none")

	strict := standIn(t, "strict").tokens(t, "alice", "openid")
	for _, name := range []string{"refresh_expires_in", "not-before-policy", "session_state"} {
		require.NotContains(t, strict, name)
	}
}

func TestAClientCanReadItsRefreshTokenWhereTheProviderLetsIt(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	for typ, scopes := range map[string][]string{"Refresh": {"openid", "create:todos"}, "Offline": {"openid", "create:todos", "offline_access"}} {
		answer := s.tokens(t, "alice", scopes...)
		_, access := decoded(answer["access_token"])
		header, claims := decoded(answer["refresh_token"])
		require.Equal(t, "HS512", header["alg"])
		require.Equal(t, []any{typ, s.idp.Issuer(), s.idp.Issuer(), access["sub"], "mcp-client", access["sid"], access["aud"]},
			[]any{claims["typ"], claims["iss"], claims["aud"], claims["sub"], claims["azp"], claims["sid"], claims["aud_x"]})
		require.Equal(t, typ == "Refresh", claims["exp"] != nil)
		require.Regexp(t, uuid, claims["jti"])
		for _, scope := range append(scopes, "basic", "roles", "profile") { // hidden ones, too
			require.Contains(t, strings.Fields(claims["scope"].(string)), scope)
		}
	}
	_, claims := decoded(standIn(t, "strict").tokens(t, "alice", "openid")["refresh_token"])
	require.Nil(t, claims)
}

// TestANarrowerRefreshIsForThatAccessTokenAlone has the next refresh get all again.
func TestANarrowerRefreshIsForThatAccessTokenAlone(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	all := s.tokens(t, "alice", "openid", "create:todos", "read:todos")
	status, narrow := s.refreshed(t, all["refresh_token"], url.Values{"scope": {"read:todos"}})
	require.Equal(t, 200, status)
	require.Equal(t, "read:todos profile email", narrow["scope"])
	status, again := s.refreshed(t, narrow["refresh_token"], nil)
	require.Equal(t, []any{200, all["scope"]}, []any{status, again["scope"]})
	for scope, want := range map[string]string{"nobody:knows": "Invalid scopes: nobody:knows", "": "Invalid scopes: ", " openid": "Invalid scopes:  openid"} {
		status, refused := s.refreshed(t, again["refresh_token"], url.Values{"scope": {scope}})
		heard{400, "invalid_scope", want}.check(t, status, refused)
	}
	status, _ = s.refreshed(t, again["refresh_token"], nil)
	require.Equal(t, 200, status, "a refusal leaves the refresh token good")
}

func TestARefreshTokenSaysWhyItIsOver(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	for scope, want := range map[string]string{"openid": "Session not active", "offline_access": "Offline user session not found"} {
		token := s.tokens(t, "alice", scope)["refresh_token"].(string)
		status, _ := s.post(t, "revocation_endpoint", url.Values{"client_id": {"mcp-client"}, "token": {token}})
		require.Equal(t, 200, status)
		status, body := s.refreshed(t, token, nil)
		heard{400, "invalid_grant", want}.check(t, status, body)
		for _, other := range []string{"x", token[:len(token)-4] + "AAAA"} {
			status, body = s.refreshed(t, other, nil)
			heard{400, "invalid_grant", "Invalid refresh token"}.check(t, status, body)
		}
	}
}
