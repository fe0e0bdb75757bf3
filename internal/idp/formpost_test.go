package idp_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"mcpharness/mockidp"
)

// posted reads the form of a form post response: where it goes, and what it holds.
func (a answer) posted(t testing.TB) (action string, form url.Values) {
	t.Helper()
	require.Equal(t, 200, a.status, a.body)
	require.Empty(t, a.header.Get("Location"))
	requireNoStore(t, a)
	document, err := html.Parse(strings.NewReader(a.body))
	require.NoError(t, err)
	form = url.Values{}
	for n := range document.Descendants() {
		attributes := map[string]string{}
		for _, at := range n.Attr {
			attributes[at.Key] = at.Val
		}
		switch n.Data {
		case "form":
			require.Empty(t, action, "one form")
			require.Equal(t, "post", attributes["method"])
			action = attributes["action"]
		case "input":
			form.Add(attributes["name"], attributes["value"])
		}
	}
	return action, form
}

func TestAFormPostResponseHoldsWhatARedirectWould(t *testing.T) {
	t.Parallel()
	const state = "a b&c=d\"><script>é"
	s := start(t, mockidp.Options{})
	b := s.browser()
	transaction := b.begin(asking(q{"response_mode": one("form_post"), "state": one(state)}))
	b.signIn(transaction, "alice")
	allowed := b.decide(transaction, "allow")
	action, form := allowed.posted(t)
	require.Equal(t, callback, action)
	require.Equal(t, one(state), form["state"])
	require.Equal(t, one(s.Issuer()), form["iss"], "RFC 9207 §2")
	require.Len(t, form, 3)
	require.Contains(t, allowed.header.Get("Content-Security-Policy"), "script-src 'sha256-")
	require.NotContains(t, allowed.body, form.Get("code")+"&", "nothing in a URL")
	s.issued(redeeming(form.Get("code"), nil))
}

func TestAFormPostResponseTellsErrorsTheSameWay(t *testing.T) {
	t.Parallel()
	const private = "cursor://app/cb"
	s := configured(t, func(c *mockidp.Config) {
		c.Clients = append(c.Clients, mockidp.Client{ID: "private", AuthMethod: "none", RedirectURIs: []string{private}, GrantTypes: []string{"authorization_code"}})
	})
	for name, row := range map[string]struct {
		change q
		code   string
	}{
		"response type": {q{"response_type": one("token")}, "unsupported_response_type"},
		"no PKCE":       {q{"code_challenge": nil}, "invalid_request"},
		"prompt=none":   {q{"prompt": one("none")}, "login_required"},
		"scope":         {q{"scope": one("fly")}, "invalid_scope"},
	} {
		action, form := s.get("/authorize?" + with(asking(row.change), q{"response_mode": one("form_post")}).Encode()).posted(t)
		require.Equal(t, callback, action, name)
		require.Equal(t, one(row.code), form["error"], name)
		require.Equal(t, one("a-state"), form["state"], name)
		require.Equal(t, one(s.Issuer()), form["iss"], name)
		requireDescription(t, form.Get("error_description"))
		require.Len(t, form, 4)
	}

	b := s.browser()
	transaction := b.begin(asking(q{"response_mode": one("form_post")}))
	b.signIn(transaction, "alice")
	_, denied := b.decide(transaction, "deny").posted(t)
	require.Equal(t, one("access_denied"), denied["error"])

	for name, change := range map[string]q{
		"a private scheme cannot be posted to": {"client_id": one("private"), "redirect_uri": one(private), "response_mode": one("form_post")},
		"two modes are none":                   {"response_mode": {"form_post", "form_post"}},
		"an unknown mode":                      {"response_mode": one("web_message")},
	} {
		back := s.get("/authorize?" + asking(change).Encode()).location(t)
		require.Equal(t, "invalid_request", back.Query().Get("error"), name)
	}
}
