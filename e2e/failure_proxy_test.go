package e2e

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// endsTLS is a proxy with a public https URL before a server that speaks http. It serves the server below a prefix, and the
// well-known URLs of that path. A server that does not know its public name is shown its own as Host.
func endsTLS(prefix string, told bool) func(t *testing.T, backend string) (string, string, http.RoundTripper) {
	return func(t *testing.T, backend string) (public, resource string, clients http.RoundTripper) {
		behind, err := url.Parse(backend)
		require.NoError(t, err)
		proxy := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(behind)
			r.SetXForwarded()
			if told {
				r.Out.Host = r.In.Host
			} else {
				r.Out.URL.Path = strings.Replace(r.Out.URL.Path, prefix+"/mcp", "/mcp", 1)
			}
		}})
		t.Cleanup(proxy.Close)
		public, resource = proxy.URL+prefix+"/mcp", backend+"/mcp"
		if told {
			resource = public
		}
		return public, resource, proxy.Client().Transport
	}
}

// Failure 11: behind a proxy that ends TLS, a server's metadata name a URL that no client has asked for.
func TestAServerBehindAProxyNamesItsPublicURL(t *testing.T) {
	t.Parallel()
	offline(t)
	for name, prefix := range map[string]string{"same path": "", "path of the proxy": "/todo"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			on := newTarget(t, setup{front: endsTLS(prefix, false)})
			_, err := (&visitor{people: []string{"bob"}}).connect(t, on)
			require.Error(t, err, "the client does not use metadata of another resource, and knows no authorization server then")
			challenge := on.ask(t, "").header.Get("WWW-Authenticate")
			require.Contains(t, challenge, `resource_metadata="http://127.0.0.1`, "http behind https")

			on = newTarget(t, setup{front: endsTLS(prefix, true)})
			require.Equal(t, on.url, on.prm(t).Resource)
			session := (&visitor{people: []string{"bob"}}).visit(t, on)
			require.NoError(t, remove(t, session, create(t, session, "through the proxy").ID))
		})
	}
}

// Failure 11, the cure that is worse: whoever sends a header chooses what the metadata say.
func TestForwardedHeadersChangeNothing(t *testing.T) {
	t.Parallel()
	offline(t)
	on := newTarget(t, setup{})
	for _, header := range []http.Header{
		{"X-Forwarded-Host": {"evil.example"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Prefix": {"/evil"}}, {"Forwarded": {"host=evil.example;proto=https"}},
	} {
		for _, at := range []string{on.url, strings.Replace(on.url, "/mcp", "/.well-known/oauth-protected-resource/mcp", 1)} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at, nil)
			require.NoError(t, err)
			request.Header = header
			response, err := on.http.Do(request)
			require.NoError(t, err)
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			require.NotContains(t, string(body)+response.Header.Get("WWW-Authenticate"), "evil")
			require.Contains(t, string(body)+response.Header.Get("WWW-Authenticate"), strings.TrimSuffix(on.url, "/mcp"))
		}
	}
}

// renaming is a gateway that writes something else into answers.
type renaming struct {
	next     http.RoundTripper
	from, to string // in bodies
	header   string // is taken away and put back under another name
}

func (g *renaming) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if values := response.Header.Values(g.header); g.header != "" && values != nil {
		response.Header["X-Amzn-Remapped-"+g.header] = values
		response.Header.Del(g.header)
	}
	if g.from == "" {
		return response, nil
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	body = bytes.ReplaceAll(body, []byte(g.from), []byte(g.to))
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return response, err
}

// TestAGatewayThatHidesTheChallengeIsGotRound is a near miss: clients still find the metadata at their well-known place.
func TestAGatewayThatHidesTheChallengeIsGotRound(t *testing.T) {
	t.Parallel()
	offline(t)
	on := newTarget(t, setup{})
	on.http.Transport = &renaming{next: on.http.Transport, header: "Www-Authenticate"}
	require.Empty(t, on.ask(t, "").header.Get("WWW-Authenticate"))
	session := (&visitor{people: []string{"alice"}}).visit(t, on)
	require.ElementsMatch(t, todoScopes, identityOf(t, session).Scopes, "of scopes_supported in the metadata")
}

// Failure 20: what a client in a browser needs, asked as a browser does. A fault shows what the lack of it looks like.
func TestAClientInABrowserReadsEveryAnswerOfTheWay(t *testing.T) {
	t.Parallel()
	offline(t)
	const origin = "http://localhost:6274"
	for name, row := range map[string]struct {
		faults []string
		opens  bool
	}{"with CORS": {nil, true}, "without": {[]string{"no-cors"}, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			on := newTarget(t, setup{faults: row.faults, origins: []string{origin}})
			page := &script{origin: origin, next: on.http}
			metadata, err := on.metadata(t.Context())
			require.NoError(t, err, "other clients do not mind")
			json, form := http.Header{"Content-Type": {"application/json"}}, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
			version := http.Header{"Mcp-Protocol-Version": {modern}}
			for _, call := range []struct {
				method, url string
				header      http.Header
			}{
				{http.MethodGet, on.issuer + "/.well-known/oauth-authorization-server", version},
				{http.MethodGet, on.issuer + "/.well-known/openid-configuration", version},
				{http.MethodGet, metadata.JWKSURI, nil}, {http.MethodPost, metadata.RegistrationEndpoint, json}, {http.MethodPost, metadata.TokenEndpoint, form},
			} {
				_, err := page.fetch(t, call.method, call.url, call.header)
				require.Equal(t, row.opens, err == nil, "%s: %v", call.url, err)
			}
			_, err = page.fetch(t, http.MethodGet, strings.Replace(on.url, "/mcp", "/.well-known/oauth-protected-resource/mcp", 1), version)
			require.NoError(t, err)
			answer, err := page.fetch(t, http.MethodPost, on.url, http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer x"}, "Mcp-Protocol-Version": {modern}, "Mcp-Method": {"tools/list"}})
			require.NoError(t, err)
			require.Contains(t, answer.Get("WWW-Authenticate"), "resource_metadata=", "exposed, so the script can go on from it")
		})
	}
	on := newTarget(t, setup{})
	answer, err := (&script{origin: "https://evil.example", next: on.http}).fetch(t, http.MethodPost, on.url, http.Header{"Content-Type": {"application/json"}})
	require.Error(t, err, "%v", answer)
}
