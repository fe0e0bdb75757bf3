package mockidp_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatARevocationAnswers(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	tokens := s.tokens(t, "alice", "openid", "create:todos")
	over := s.tokens(t, "alice", "openid")
	fine, nothing := heard{200, "", ""}, heard{200, "invalid_token", "Invalid token"}
	for _, try := range []struct {
		token, client any
		want          heard
	}{
		{"x", "mcp-client", nothing},
		{"", "mcp-client", nothing},
		{nil, "mcp-client", heard{400, "invalid_request", "Token not provided"}},
		{"x", "nope", heard{401, "invalid_client", ""}},
		{tokens["id_token"], "mcp-client", heard{400, "unsupported_token_type", "Unsupported token type"}},
		{tokens["access_token"], "mcp-inspector", heard{400, "invalid_request", "Unmatching clients"}},
		{tokens["refresh_token"], "mcp-inspector", heard{400, "invalid_request", "Unmatching clients"}},
		{tokens["access_token"], "mcp-client", fine},
		{tokens["access_token"], "mcp-client", fine}, // again
		{over["refresh_token"], "mcp-client", fine},
		{over["refresh_token"], "mcp-client", nothing},
		{over["access_token"], "mcp-client", nothing},
	} {
		form := url.Values{"client_id": {try.client.(string)}, "token_type_hint": {"nobody-knows"}}
		if token, sent := try.token.(string); sent {
			form.Set("token", token)
		}
		status, body := s.post(t, "revocation_endpoint", form)
		try.want.check(t, status, body)
		if try.want == fine {
			require.Nil(t, body, "it is empty")
		}
	}
	status, _ := s.refreshed(t, tokens["refresh_token"], nil)
	require.Equal(t, 200, status, "an access token is revoked alone")
	status, body := standIn(t, "strict").post(t, "revocation_endpoint", url.Values{"client_id": {"mcp-client"}, "token": {"x"}})
	require.Equal(t, 200, status)
	require.Nil(t, body)
}
