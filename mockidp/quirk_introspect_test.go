package mockidp_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatIntrospectionTellsByCallerKindAndHint has the resource server's client and the client that got the tokens ask about each kind.
func TestWhatIntrospectionTellsByCallerKindAndHint(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	_, client := s.enrol(t, `{`+callbackOnly+`,"token_endpoint_auth_method":"client_secret_post"}`)
	id, secret := client["client_id"].(string), client["client_secret"].(string)
	code := s.authorize(t, "alice", url.Values{"client_id": {id}, "scope": {"openid create:todos"}}).Get("code")
	status, tokens := s.redeem(t, code, url.Values{"client_id": {id}, "client_secret": {secret}})
	require.Equal(t, 200, status, tokens)
	server, own := []string{"todo-mcp", "todo-mcp-secret"}, []string{id, secret}

	const access, identity, refresh = "access_token", "id_token", "refresh_token"
	for _, row := range []struct {
		token  string
		caller []string
		active map[string]bool // by hint; others are inactive
	}{
		{access, server, map[string]bool{"": true, access: true}},
		{access, own, nil}, // not in aud, though the token is the client's
		{identity, server, nil},
		{identity, own, map[string]bool{"": true, access: true}},
		{refresh, server, nil},
		{refresh, own, map[string]bool{refresh: true}},
	} {
		for _, hint := range []string{"", access, refresh} {
			form := url.Values{"token": {tokens[row.token].(string)}, "client_id": {row.caller[0]}, "client_secret": {row.caller[1]}}
			if hint != "" {
				form.Set("token_type_hint", hint)
			}
			status, body := s.post(t, "introspection_endpoint", form)
			require.Equal(t, []any{200, row.active[hint]}, []any{status, body["active"]}, "%s asks about %s with the hint %q: %v", row.caller[0], row.token, hint, body)
			if body["active"] == false {
				require.Len(t, body, 1)
				continue
			}
			require.Equal(t, []any{id, "alice", body["typ"]}, []any{body["client_id"], body["username"], body["token_type"]})
		}
	}
}

func TestIntrospectionRepeatsAllThatAnAccessTokenSays(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	token := s.tokens(t, "alice", "openid", "create:todos")["access_token"]
	_, claims := decoded(token)
	_, body := s.post(t, "introspection_endpoint", url.Values{"token": {token.(string)}}, "todo-mcp", "todo-mcp-secret")
	for name, value := range map[string]any{"active": true, "client_id": "mcp-client", "username": "alice", "token_type": "Bearer"} {
		claims[name] = value
	}
	require.Equal(t, claims, body)
}

func TestWhoMayNotIntrospectHearsWhy(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	for want, form := range map[heard]url.Values{
		{403, "invalid_request", "Client not allowed."}:                         {"token": {"x"}, "client_id": {"mcp-client"}},
		{401, "invalid_client", "Client authentication failed."}:                {"token": {"x"}, "client_id": {"todo-mcp"}, "client_secret": {"wrong"}},
		{401, "invalid_client", "Invalid client or Invalid client credentials"}: {"token": {"x"}},
		{400, "invalid_request", "Token not provided."}:                         {"client_id": {"todo-mcp"}, "client_secret": {"todo-mcp-secret"}},
		{400, "invalid_request", "Unsupported token type."}:                     {"token": {"x"}, "token_type_hint": {"id_token"}, "client_id": {"todo-mcp"}, "client_secret": {"todo-mcp-secret"}},
		{400, "invalid_request", "duplicated parameter"}:                        {"token": {"x", "y"}, "client_id": {"todo-mcp"}, "client_secret": {"todo-mcp-secret"}},
	} {
		status, body := s.post(t, "introspection_endpoint", form)
		want.check(t, status, body)
	}
	status, body := standIn(t, "strict").post(t, "introspection_endpoint", url.Values{"token": {"x"}, "token_type_hint": {"id_token"}}, "todo-mcp", "todo-mcp-secret")
	require.Equal(t, []any{200, false}, []any{status, body["active"]}, "a hint is no more than that")
}
