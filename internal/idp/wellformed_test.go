package idp_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// The endpoints that clients post to read forms by the same rules (RFC 6749 §3.2).
func TestEveryFormEndpointRefusesWhatIsNotWellFormed(t *testing.T) {
	t.Parallel()
	const encoded = "application/x-www-form-urlencoded"
	s := start(t, mockidp.Options{})
	web := basic("todo-web", "todo-web-secret")
	good := map[string]url.Values{
		"/token":      ownName,
		"/introspect": {"token": {"x"}},
		"/revoke":     {"token": {"x"}},
		"/par":        asking(q{"client_id": one("todo-web"), "redirect_uri": one("http://127.0.0.1/callback")}),
	}
	for path, form := range good {
		body := form.Encode()
		for name, row := range map[string]struct {
			target, body string
			header       []string
			status       int
			code, says   string
			rfc          string
		}{
			"a query":               {path + "?x=1", body, []string{"Content-Type", encoded}, 400, "invalid_request", "query must be empty", "RFC 6749 §3.2"},
			"all in the query":      {path + "?" + body, "", []string{"Content-Type", encoded}, 400, "invalid_request", "query must be empty", "RFC 6749 §3.2"},
			"JSON":                  {path, `{"token":"x"}`, []string{"Content-Type", "application/json"}, 400, "invalid_request", encoded, "RFC 6749 §3.2"},
			"multipart":             {path, body, []string{"Content-Type", "multipart/form-data; boundary=x"}, 400, "invalid_request", encoded, "RFC 6749 §3.2"},
			"no content type":       {path, body, nil, 400, "invalid_request", encoded, "RFC 6749 §3.2"},
			"a bad escape":          {path, body + "&x=%zz", []string{"Content-Type", encoded}, 400, "invalid_request", "percent escape", "RFC 6749 appendix B"},
			"a semicolon":           {path, body + "&x;y", []string{"Content-Type", encoded}, 400, "invalid_request", "semicolon", "RFC 6749 appendix B"},
			"unknown, twice":        {path, body + "&x=1&x=2", []string{"Content-Type", encoded}, 400, "invalid_request", "parameter x is repeated", "RFC 6749 §3.2"},
			"client_secret twice":   {path, body + "&client_secret=a&client_secret=a", []string{"Content-Type", encoded}, 400, "invalid_request", "client_secret is repeated", "RFC 6749 §3.2"},
			"without end":           {path, body + "&x=" + strings.Repeat("x", 64<<10), []string{"Content-Type", encoded}, 413, "invalid_request", "longer than 64 KiB", "RFC 9110 §15.5.14"},
			"several Authorization": {path, body, append([]string{"Content-Type", encoded}, basic("a", "b")...), 400, "invalid_request", "several Authorization", "RFC 9110 §5.3"},
		} {
			a := s.send("POST", row.target, row.body, append(row.header, web...)...)
			require.Contains(t, a.isError(t, row.status, row.code), row.says, "%s: %s", path, name)
			requireNoStore(t, a)
		}
		unknown := s.send("POST", path, body+"&never_heard_of=1", append([]string{"Content-Type", encoded + ";charset=UTF-8"}, web...)...)
		require.NotEqual(t, "invalid_request", unknown.json["error"], "RFC 6749 §3.2: unknown parameters are ignored: %s", path)
		for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "PATCH"} {
			a := s.send(method, path, "", web...)
			require.Equal(t, 405, a.status, "%s %s", method, path)
			require.Equal(t, "POST", a.header.Get("Allow"))
		}
	}
}

// A grant type is one of the advertised ones, to the letter, on every kind of client.
func TestUnknownGrantTypesAreRefusedBeforeAnythingElse(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	for _, grant := range []string{
		"password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:token-exchange",
		"urn:ietf:params:oauth:grant-type:jwt-bearer", "AUTHORIZATION_CODE", "authorization_code ", "refresh-token", "\x00", strings.Repeat("x", 10_000),
	} {
		for _, header := range [][]string{nil, basic("todo-web", "todo-web-secret"), basic("todo-web", "wrong")} {
			s.refused(400, "unsupported_grant_type", url.Values{"grant_type": {grant}, "client_id": {"todo-web"}}, header...)
		}
	}
}
