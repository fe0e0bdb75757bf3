package mockidp_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/useragent"
)

func TestWhatAPushedRequestAnswers(t *testing.T) {
	t.Parallel()
	type row struct {
		seconds                      float64
		unknown, secret, scope, name heard
	}
	stranger := heard{401, "invalid_request", "Authentication failed."}
	for as, want := range map[string]row{
		"strict":   {90, heard{401, "invalid_client", ""}, heard{401, "invalid_client", ""}, heard{400, "invalid_scope", ""}, heard{400, "invalid_request", ""}},
		"keycloak": {60, stranger, stranger, heard{400, "invalid_request", "Invalid scopes: nobody:knows"}, heard{400, "invalid_request", "It is not allowed to include request_uri to PAR."}},
	} {
		s := standIn(t, as)
		push := func(changes url.Values) (int, object) {
			form := url.Values{
				"client_id": {"mcp-client"}, "redirect_uri": {redirect}, "response_type": {"code"},
				"code_challenge": {strings.Repeat("c", 43)}, "code_challenge_method": {"S256"},
			}
			maps.Copy(form, changes)
			return s.post(t, "pushed_authorization_request_endpoint", form)
		}
		if as == "keycloak" { // of two faults
			for text, changes := range map[string]url.Values{
				"Invalid scopes: nobody:knows": {"x": {"1", "2"}, "scope": {"nobody:knows"}}, "duplicated parameter": {"x": {"1", "2"}, "code_challenge": {"x"}},
			} {
				status, body := push(changes)
				heard{400, "invalid_request", text}.check(t, status, body)
			}
		}
		status, body := push(nil)
		require.Equal(t, []any{201, want.seconds}, []any{status, body["expires_in"]}, body)
		for expected, changes := range map[*heard]url.Values{
			&want.unknown: {"client_id": {"nope"}}, &want.secret: {"client_id": {"todo-web"}},
			&want.scope: {"scope": {"nobody:knows"}}, &want.name: {"request_uri": {"urn:x"}},
		} {
			status, body := push(changes)
			expected.check(t, status, body)
		}
	}
}

func TestAPushedRequestIsGoodUntilItGetsACode(t *testing.T) {
	t.Parallel()
	for as, wants := range map[string][]int{"strict": {303, 400, 400}, "keycloak": {302, 302, 400}} { // opened, opened again, opened when there is a code
		s := standIn(t, as)
		form := url.Values{
			"client_id": {"mcp-client"}, "redirect_uri": {redirect}, "response_type": {"code"}, "scope": {"create:todos"},
			"code_challenge": {strings.Repeat("c", 43)}, "code_challenge_method": {"S256"},
		}
		_, body := s.post(t, "pushed_authorization_request_endpoint", form)
		location := s.metadata["authorization_endpoint"].(string) + "?" + url.Values{"client_id": {"mcp-client"}, "request_uri": {body["request_uri"].(string)}, "redirect_uri": {redirect}}.Encode()
		open := func() int {
			still := *s.idp.Client()
			still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			res, err := still.Get(location)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			return res.StatusCode
		}
		require.Equal(t, wants[:2], []int{open(), open()}, as)
		if as == "keycloak" {
			callback, err := useragent.New(s.idp.Client()).SignIn(t.Context(), location, useragent.Person{Username: "bob", Password: "bob"})
			require.NoError(t, err)
			require.NotEmpty(t, callback.Query().Get("code"))
		}
		require.Equal(t, wants[2], open(), as)
	}
}
