package mockidp_test

import (
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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
