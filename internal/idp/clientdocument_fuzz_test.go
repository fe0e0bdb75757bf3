package idp

import (
	"encoding/json"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A URL that may be fetched names the same host, port and path to whoever parses it, and nothing that is resolved away.
func FuzzDocumentURL(f *testing.F) {
	for _, seed := range []string{
		"https://app.example/client.json", "https://app.example:8443/a/b?v=1", "https://[::1]/c", "https://app.example/../c", "https://app.example/%2e%2e/c",
		"https://a@b/c", "https://app.example", "https://app.example/#", "https://app.example\\@evil/c", "https://app.example/\x00", "https://app.example:99999/c", "http://app.example/c", "https://1.2.3/c", "https://[1]/c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if checkDocumentURL(id) != nil {
			return
		}
		u, err := url.Parse(id)
		require.NoError(t, err)
		require.Equal(t, id, u.String(), "nothing is changed on the way")
		require.Nil(t, u.User)
		require.Empty(t, u.Fragment)
		require.NotEmpty(t, u.Hostname())
		require.True(t, strings.HasPrefix(u.Path, "/"))
		require.Equal(t, u.EscapedPath(), u.ResolveReference(u).EscapedPath(), "no dot segments")
		if host, ok := strings.CutPrefix(u.Host, "["); ok {
			host, _, _ = strings.Cut(host, "]")
			if address, err := netip.ParseAddr(host); err == nil {
				require.Empty(t, address.Zone())
			}
		}
	})
}

// A document that is taken makes a client that is named by its URL, has no secret, and is answered only where it may be.
func FuzzClientDocument(f *testing.F) {
	const id = "https://app.example/client.json"
	for _, seed := range []string{
		`{"client_id":"` + id + `","client_name":"S","redirect_uris":["http://127.0.0.1/cb"]}`,
		`{"client_id":"` + id + `","client_name":"S","redirect_uris":["cursor://x"],"client_id":"x"}`,
		`{"client_id":"` + id + `","client_name":"S","redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"client_secret_post"}`,
		`{"client_id":"` + id + `","client_name":"S","redirect_uris":["https://app.example/cb"],"jwks":{"keys":[{"kty":"oct","k":"AA"}]}}`,
		`{"client_id":"` + id + `","client_name":null,"redirect_uris":[]}`, `[]`, `{}{}`, `{"a":`, `{"a":1,"a":2}`,
	} {
		f.Add([]byte(seed))
	}
	s := fuzzed(f)
	f.Fuzz(func(t *testing.T, document []byte) {
		c, refusal := s.documentedClient(id, document)
		if refusal != nil {
			require.Empty(t, c)
			requireAllowed(t, refusal.Description)
			return
		}
		var plain map[string]any
		require.NoError(t, json.Unmarshal(document, &plain))
		require.Equal(t, id, plain["client_id"])
		require.NotContains(t, plain, "client_secret")
		require.Equal(t, id, c.ID)
		require.True(t, c.Document)
		require.False(t, c.Registered)
		require.Zero(t, c.SecretHash)
		require.NotContains(t, c.AuthMethod, "secret")
		require.NotEmpty(t, strings.TrimSpace(c.Name))
		require.NotEmpty(t, c.RedirectURIs)
		for _, uri := range c.RedirectURIs {
			require.NoError(t, CheckRedirectURI(uri, c.ApplicationType))
		}
	})
}
