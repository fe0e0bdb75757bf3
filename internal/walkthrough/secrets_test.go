package walkthrough_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/walkthrough"
)

// secret is a value that must never be shown whole.
type secret struct{ what, value string }

// collect notes the secrets of an exchange in its own way, not by the product's list.
func (b *between) collect(r *http.Request, sent []byte, answer *http.Response, received []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	note := func(what, value string) {
		if value != "" {
			b.secrets = append(b.secrets, secret{what, value})
		}
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	note("credentials of scheme "+scheme, token)
	for _, cookie := range append(r.Cookies(), answer.Cookies()...) {
		note("cookie "+cookie.Name, cookie.Value)
	}
	if form, err := url.ParseQuery(string(sent)); err == nil && r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		note("code", form.Get("code"))
		note("code_verifier", form.Get("code_verifier"))
		note("transaction of a sign-in", form.Get("transaction"))
	}
	if location, err := url.Parse(answer.Header.Get("Location")); err == nil {
		note("code", location.Query().Get("code"))
	}
	var document struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		ID      string `json:"id_token"`
		Secret  string `json:"client_secret"`
	}
	if json.Unmarshal(received, &document) == nil {
		note("access_token", document.Access)
		note("refresh_token", document.Refresh)
		note("id_token", document.ID)
		note("client_secret", document.Secret)
		for part := range strings.SplitSeq(document.Access, ".") {
			note("part of an access token", part)
		}
	}
}

func requireNoSecret(t *testing.T, b *between, text string) {
	t.Helper()
	for _, s := range b.secrets {
		require.Greater(t, len(s.value), 12, "%s is too short to be looked for", s.what)
		if strings.Contains(text, s.value) || strings.Contains(text, url.QueryEscape(s.value)) {
			t.Errorf("a whole %s is shown", s.what)
		}
	}
}

func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	b := newBetween(t, nil)
	var out bytes.Buffer
	require.NoError(t, walkthrough.Run(t.Context(), walkthrough.Options{Endpoint: startServers(t, nil), Out: &out, Client: b.client()}))
	requireNoSecret(t, b, out.String())
	for _, what := range []string{"code", "code_verifier", "access_token", "part of an access token", "credentials of scheme Bearer", "cookie mock_idp_browser"} {
		require.True(t, slices.ContainsFunc(b.secrets, func(s secret) bool { return s.what == what }), "the test saw no %s, so it proves nothing", what)
	}
}

func TestNoSecretIsShownWhereAStepFails(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*http.Request, []byte, *http.Response){
		"a foreign iss in the redirect": func(_ *http.Request, _ []byte, answer *http.Response) {
			location := answer.Header.Get("Location")
			answer.Header.Set("Location", strings.Replace(location, "iss=http", "iss=https", 1))
		},
		"a type that the client does not know": replace("/token", `"Bearer"`, `"MAC"`),
		"a last step that fails": func(_ *http.Request, sent []byte, answer *http.Response) {
			if calls(sent, "get-todos") {
				answer.StatusCode = http.StatusTeapot
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBetween(t, change)
			var out bytes.Buffer
			err := walkthrough.Run(t.Context(), walkthrough.Options{Endpoint: startServers(t, nil), Out: &out, Client: b.client()})
			require.Error(t, err)
			require.NotEmpty(t, b.secrets)
			requireNoSecret(t, b, out.String()+err.Error())
		})
	}
}
