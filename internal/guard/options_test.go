package guard_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
)

// wrongOptions are options with one fault, and what New says of it.
type wrongOptions struct {
	change func(*guard.Options)
	want   string
}

func requireRefused(t *testing.T, rows map[string]wrongOptions) {
	t.Helper()
	is := newIssuer(t)
	for name, c := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := is.options()
			c.change(&o)
			_, err := guard.New(o)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestNewRefusesWrongOptions(t *testing.T) {
	t.Parallel()
	requireRefused(t, map[string]wrongOptions{
		"no issuer":            {func(o *guard.Options) { o.Issuer = "" }, "issuer: want an absolute"},
		"issuer path":          {func(o *guard.Options) { o.Issuer = "/idp" }, "issuer: want an absolute"},
		"issuer fragment":      {func(o *guard.Options) { o.Issuer = "https://x#y" }, "without user, fragment"},
		"no resource":          {func(o *guard.Options) { o.Resource = "" }, "resource: want an absolute"},
		"resource scheme":      {func(o *guard.Options) { o.Resource = "ftp://x/mcp" }, "resource: want an absolute"},
		"resource query":       {func(o *guard.Options) { o.Resource = "http://x/mcp?a" }, "without a query"},
		"resource user":        {func(o *guard.Options) { o.Resource = "http://u:p@x/mcp" }, "without user"},
		"resource quote":       {func(o *guard.Options) { o.Resource = `http://x"/mcp` }, "without user, fragment, quotes"},
		"JWKS URL":             {func(o *guard.Options) { o.JWKSURL = "jwks" }, "JWKS URL: want an absolute"},
		"metadata URL":         {func(o *guard.Options) { o.MetadataURL = "file:///x" }, "metadata URL: want an absolute"},
		"HMAC":                 {func(o *guard.Options) { o.Algorithms = []string{"HS256"} }, `got "HS256"`},
		"alg none":             {func(o *guard.Options) { o.Algorithms = []string{"none"} }, `got "none"`},
		"leeway":               {func(o *guard.Options) { o.Leeway = -1 }, "leeway: want zero or more"},
		"scope with space":     {func(o *guard.Options) { o.Scopes = []string{"a b"} }, `got "a b"`},
		"offline_access":       {func(o *guard.Options) { o.Scopes = []string{"offline_access"} }, "offline_access"},
		"any origin":           {func(o *guard.Options) { o.AllowedOrigins = []string{"*"} }, "allowed origin"},
		"origin with path":     {func(o *guard.Options) { o.AllowedOrigins = []string{"http://x/"} }, `"http://x"`},
		"origin with own port": {func(o *guard.Options) { o.AllowedOrigins = []string{"https://X:443"} }, `"https://x"`},
	})
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	g := is.guard(t, func(o *guard.Options) { o.ResourceName = "Todos" })
	require.Equal(t, []string{"/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"}, g.MetadataPaths())
	for _, m := range []string{"GET", "HEAD"} {
		w := serve(g.Metadata(), httptest.NewRequest(m, g.MetadataPaths()[0], nil))
		require.Equal(t, 200, w.Code)
		require.Equal(t, "application/json", w.Header().Get("Content-Type"))
		require.Equal(t, "*", w.Header().Get("Access-Control-Allow-Origin"))
		require.NotEmpty(t, w.Header().Get("Cache-Control"))
	}
	w := serve(g.Metadata(), httptest.NewRequest("GET", g.MetadataPaths()[0], nil))
	require.JSONEq(t, `{"resource":"http://localhost:3001/mcp","authorization_servers":["https://idp.example"],
		"scopes_supported":["create:todos","read:todos","delete:todos"],"bearer_methods_supported":["header"],"resource_name":"Todos"}`, w.Body.String())
	w = serve(g.Metadata(), httptest.NewRequest("OPTIONS", g.MetadataPaths()[0], nil))
	require.Equal(t, 204, w.Code)
	require.Contains(t, w.Header().Get("Access-Control-Allow-Headers"), "MCP-Protocol-Version")
	w = serve(g.Metadata(), httptest.NewRequest("POST", g.MetadataPaths()[0], nil))
	require.Equal(t, 405, w.Code)
	require.Equal(t, "GET, HEAD, OPTIONS", w.Header().Get("Allow"))
}

// RFC 9728 section 3.1, and which Host means this server.
func TestResourceDecidesPathsAndHosts(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	for resource, c := range map[string]struct {
		path       string
		good, evil []string
	}{
		"https://mcp.example":       {"/.well-known/oauth-protected-resource", []string{"mcp.example", "MCP.example:443"}, []string{"mcp.example:80", "localhost", "mcp.example.evil"}},
		"https://mcp.example/":      {"/.well-known/oauth-protected-resource", []string{"mcp.example"}, nil},
		"https://mcp.example/a/mcp": {"/.well-known/oauth-protected-resource/a/mcp", []string{"mcp.example"}, []string{"127.0.0.1"}},
		"http://[::1]:80/mcp":       {"/.well-known/oauth-protected-resource/mcp", []string{"[::1]", "localhost", "127.0.0.1:80"}, []string{"localhost:3001", "localhost.evil"}},
		"http://127.0.0.5:3001/mcp": {"/.well-known/oauth-protected-resource/mcp", []string{"127.0.0.5:3001", "localhost:3001"}, []string{"127.0.0.6:3001"}},
	} {
		g := is.guard(t, func(o *guard.Options) { o.Resource = resource })
		require.Equal(t, c.path, g.MetadataPaths()[0])
		h := g.Protect(http.NotFoundHandler())
		for _, name := range c.good {
			require.Equal(t, 401, serve(h, request(ping, host(name))).Code, name)
		}
		for _, name := range c.evil {
			require.Equal(t, 403, serve(h, request(ping, host(name))).Code, name)
		}
		var document struct{ Resource string }
		require.NoError(t, json.Unmarshal(serve(g.Metadata(), httptest.NewRequest("GET", "/", nil)).Body.Bytes(), &document))
		require.Equal(t, resource, document.Resource)
	}
}
