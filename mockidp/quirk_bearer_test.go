package mockidp_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHowABearerTokenIsRefused is about what a client reads of a refusal: status, challenge, and whether there is a body.
func TestHowABearerTokenIsRefused(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	live := s.tokens(t, "alice", "openid", "create:todos")
	nobody := s.tokens(t, "bob", "create:todos")["access_token"].(string)
	revoked := s.tokens(t, "bob", "openid")["access_token"].(string)
	s.post(t, "revocation_endpoint", url.Values{"client_id": {"mcp-client"}, "token": {revoked}})
	over := s.tokens(t, "bob", "openid")
	s.post(t, "revocation_endpoint", url.Values{"client_id": {"mcp-client"}, "token": {over["refresh_token"].(string)}})
	token := live["access_token"].(string)

	const none, location = `Bearer realm="todo"`, "userinfo_endpoint"
	refused := func(code, text string) string {
		return none + `, error="` + code + `", error_description="` + text + `"`
	}
	unverified := refused("invalid_token", "Token verification failed")
	for name, try := range map[string]struct {
		header, query, form string
		status              int
		challenge           string
	}{
		"none":                    {"", "", "", 401, none},
		"Basic":                   {"Basic eDp5", "", "", 401, none},
		"no token behind Bearer":  {"Bearer", "", "", 401, none},
		"two words":               {"Bearer " + token + " x", "", "", 401, none},
		"in the query":            {"", "?access_token=" + token, "", 401, none},
		"garbage":                 {"Bearer x", "", "", 401, unverified},
		"an ID token":             {"Bearer " + live["id_token"].(string), "", "", 401, unverified},
		"a refresh token":         {"Bearer " + live["refresh_token"].(string), "", "", 401, unverified},
		"a revoked one":           {"Bearer " + revoked, "", "", 401, unverified},
		"one of an ended session": {"Bearer " + over["access_token"].(string), "", "", 401, refused("invalid_token", "user_session_not_found")},
		"without openid":          {"Bearer " + nobody, "", "", 403, refused("insufficient_scope", "Missing openid scope")},
		"in header and form":      {"Bearer " + token, "", token, 400, refused("invalid_request", "More than one method used for including an access token")},
		"in the form":             {"", "", token, 200, ""},
		"in the header":           {"bearer " + token, "", "", 200, ""},
	} {
		method, body := http.MethodGet, ""
		if try.form != "" {
			method, body = http.MethodPost, url.Values{"access_token": {try.form}}.Encode()
		}
		request, err := http.NewRequestWithContext(t.Context(), method, s.metadata[location].(string)+try.query, strings.NewReader(body))
		require.NoError(t, err)
		request.Header.Set("Content-Type", formType)
		if try.header != "" {
			request.Header.Set("Authorization", try.header)
		}
		res, err := s.idp.Client().Do(request)
		require.NoError(t, err)
		raw, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, []any{try.status, try.challenge}, []any{res.StatusCode, res.Header.Get("WWW-Authenticate")}, name)
		require.Equal(t, try.status == 200, len(raw) > 0, name)
	}
	strict := standIn(t, "strict")
	status, body, _ := strict.program(t, "POST", location, url.Values{"access_token": {strict.tokens(t, "bob", "openid")["access_token"].(string)}}.Encode(), "Content-Type", formType)
	require.Equal(t, 401, status)
	require.NotEmpty(t, body["error_description"])
}
