package idp_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// withKeysURI configures a client whose keys are at a stranger's host, which answers with body.
func withKeysURI(t *testing.T, body string) (*documentHost, func(url string) func(*mockidp.Config)) {
	t.Helper()
	h := withDocuments(t, nil)
	h.serveText(body)
	return h, func(url string) func(*mockidp.Config) {
		return func(c *mockidp.Config) {
			c.ClientDocuments = h.Config().ClientDocuments
			c.Clients = append(c.Clients, mockidp.Client{ID: robot, AuthMethod: "private_key_jwt", JWKSURI: url, GrantTypes: []string{"client_credentials"}})
		}
	}
}

func TestAClientsKeysAreFetchedFromWhereItSays(t *testing.T) {
	t.Parallel()
	key := newClientKey(t, "k")
	h, at := withKeysURI(t, key.set())
	s := configured(t, at(h.url))
	for range 3 {
		s.issued(asserting(key.sign("", assertionClaims(s, nil)), nil))
	}
	require.EqualValues(t, 1, h.fetched.Load(), "and remembered")
	stranger := newClientKey(t, "another")
	for range 3 {
		require.Contains(t, s.refused(401, "invalid_client", asserting(stranger.sign("", assertionClaims(s, nil)), nil)), "kid that is not in")
	}
	require.EqualValues(t, 1, h.fetched.Load(), "unknown keys cause no storm")
}

func TestAHostOfKeysThatFailsIsToldToTheClient(t *testing.T) {
	t.Parallel()
	key := newClientKey(t, "k")
	for name, row := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"not found": {http.NotFound, "cannot be fetched"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.example", http.StatusFound)
		}, "cannot be fetched"},
		"no end": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"keys":[],"x":"` + strings.Repeat("x", 70<<10) + `"}`))
		}, "cannot be fetched"},
		"a private key": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"keys":[{"kty":"EC","crv":"P-256","x":"A","y":"A","d":"A"}]}`))
		}, "private or symmetric"},
	} {
		h, at := withKeysURI(t, "")
		h.answer.Store(&row.answer)
		s := configured(t, at(h.url))
		require.Contains(t, s.refused(401, "invalid_client", asserting(key.sign("", assertionClaims(s, nil)), nil)), row.says, name)
	}
	h, at := withKeysURI(t, key.set())
	inside := configured(t, func(c *mockidp.Config) {
		at(h.url)(c)
		c.ClientDocuments.AllowPrivate = false
	})
	require.Contains(t, inside.refused(401, "invalid_client", asserting(key.sign("", assertionClaims(inside, nil)), nil)), "loopback, private or otherwise special")
	require.Zero(t, h.fetched.Load())
}
