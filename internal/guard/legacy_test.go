package guard_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
)

const legacyURL = "http://localhost:3001/sse"

func legacyGuard(t *testing.T, g *guard.Guard) *guard.Guard {
	t.Helper()
	legacy, err := g.Legacy(legacyURL)
	require.NoError(t, err)
	return legacy
}

var ok = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })

func TestLegacyAcceptsTokensForBothURLsAndTheFirstGuardItsOwnOnly(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	g := is.guard(t)
	legacy := legacyGuard(t, g)
	for _, round := range []string{"first", "from a cache"} {
		for aud, want := range map[string][2]int{ // at the legacy guard, at the first
			resourceURL:                  {200, 200},
			legacyURL:                    {200, 401},
			"http://localhost:3001":      {401, 401},
			"http://localhost:3001/":     {401, 401},
			"http://localhost:3001/ss":   {401, 401},
			legacyURL + "/":              {401, 401},
			"https://localhost:3001/sse": {401, 401},
		} {
			token := set("Authorization", "Bearer "+is.token(t, object{"aud": aud}))
			for i, gate := range []*guard.Guard{legacy, g, legacy} {
				require.Equal(t, want[i%2], serve(gate.Protect(ok), request(ping, token)).Code, "%s, %s, %d", round, aud, i)
				require.Equal(t, want[i%2], serve(gate.Authenticate(ok), request(ping, token)).Code, "%s, %s, %d", round, aud, i)
			}
		}
	}
	require.EqualValues(t, 1, is.fetches.Load(), "both share the keys")
}

func TestLegacyLeavesAFixedAudienceAlone(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	legacy := legacyGuard(t, is.guard(t, func(o *guard.Options) { o.Audience = "todo-api" }))
	for aud, want := range map[string]int{"todo-api": 200, legacyURL: 401, resourceURL: 401} {
		token := set("Authorization", "Bearer "+is.token(t, object{"aud": aud}))
		require.Equal(t, want, serve(legacy.Protect(ok), request(ping, token)).Code, aud)
	}
}

func TestLegacyHasMetadataOfItsOwn(t *testing.T) {
	t.Parallel()
	legacy := legacyGuard(t, newIssuer(t).guard(t, func(o *guard.Options) { o.ResourceName = "Todos" }))
	require.Equal(t, []string{"/.well-known/oauth-protected-resource/sse"}, legacy.MetadataPaths())
	w := serve(legacy.Metadata(), request("", method(http.MethodGet)))
	require.JSONEq(t, `{"resource":"`+legacyURL+`","authorization_servers":["`+issuerURL+`"],"scopes_supported":["create:todos","read:todos","delete:todos"],
		"bearer_methods_supported":["header"],"resource_name":"Todos"}`, w.Body.String())
	w = serve(legacy.Authenticate(ok), request("", method(http.MethodGet)))
	requireRefusal(t, w, 401, -32089, "null")
	require.Equal(t, `Bearer resource_metadata="http://localhost:3001/.well-known/oauth-protected-resource/sse", `+challengeScope, w.Header().Get("WWW-Authenticate"))
}

func TestLegacyNeedsNoVersionHeaderButHeadersThatAgree(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	h := legacyGuard(t, is.guard(t)).Protect(ok)
	token := set("Authorization", "Bearer "+is.token(t))
	const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}`
	require.Equal(t, 200, serve(h, request(body, token)).Code)
	require.Equal(t, 200, serve(h, request(body, token, set("Mcp-Protocol-Version", "2026-07-28"))).Code)
	for name, value := range map[string]string{"Mcp-Protocol-Version": "2025-11-25", "Mcp-Method": "ping", "Mcp-Name": "delete-todo"} {
		requireRefusal(t, serve(h, request(body, token, set(name, value))), 400, -32020, "1")
	}
	requireRefusal(t, serve(h, request(body, token, set("Mcp-Protocol-Version", ""))), 400, -32020, "1")
}

func TestLegacyStaysOnTheOriginOfTheFirstGuard(t *testing.T) {
	t.Parallel()
	g := newIssuer(t).guard(t)
	for _, resource := range []string{"", "/sse", "http://elsewhere.example/sse", "https://localhost:3001/sse", "http://localhost:3002/sse", legacyURL + "?x", legacyURL + "#x"} {
		_, err := g.Legacy(resource)
		require.ErrorContains(t, err, "resource: want", resource)
	}
}

func TestAuthenticateLetsAnyMethodThroughWithoutTheToken(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	h := is.guard(t).Authenticate(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, known := guard.FromContext(r.Context())
		if !known || r.Header.Get("Authorization") != "" {
			http.Error(w, "want an identity and no token", http.StatusTeapot)
			return
		}
		_, _ = io.WriteString(w, r.Method+" "+id.Subject)
	}))
	token := set("Authorization", "Bearer "+is.token(t))
	for _, m := range []string{http.MethodGet, http.MethodDelete, http.MethodOptions} {
		w := serve(h, request("", method(m), token))
		require.Equal(t, 200, w.Code, m)
		require.Equal(t, m+" alice", w.Body.String())
	}
	for name, c := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"foreign host":   {host("evil.example"), 403},
		"foreign origin": {set("Origin", "http://evil.example"), 403},
		"expired":        {set("Authorization", "Bearer "+is.token(t, object{"exp": 1})), 401},
		"anonymous":      {func(r *http.Request) { r.Header.Del("Authorization") }, 401},
	} {
		w := serve(h, request("", method(http.MethodGet), token, c.change))
		require.Equal(t, c.status, w.Code, name)
		requireRefusal(t, w, c.status, -32089, "null")
	}
}

func TestThrottleRunsAfterTheVerdictAndBeforeTheBodyIsJudged(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	var asked []string
	wait := 1500 * time.Millisecond
	g := is.guard(t, func(o *guard.Options) {
		o.Throttle = func(id guard.Identity) time.Duration {
			asked = append(asked, id.Subject)
			return wait
		}
	})
	token := set("Authorization", "Bearer "+is.token(t))
	for _, h := range []http.Handler{g.Protect(ok), g.Authenticate(ok), legacyGuard(t, g).Protect(ok)} {
		w := serve(h, request(`{"id":7,"jsonrpc":"1.0"}`, token))
		requireRefusal(t, w, 429, -32089, "7")
		require.Equal(t, "2", w.Header().Get("Retry-After"), "whole seconds, rounded up")
		require.Empty(t, w.Header().Get("WWW-Authenticate"))
	}
	require.Equal(t, []string{"alice", "alice", "alice"}, asked)
	require.Equal(t, 401, serve(g.Protect(ok), request(ping)).Code)
	require.Equal(t, 401, serve(g.Protect(ok), request(ping, set("Authorization", "Bearer "+is.token(t, object{"exp": 1})))).Code)
	require.Len(t, asked, 3, "nobody is asked about who is not verified")
	wait = 0
	require.Equal(t, 200, serve(g.Protect(ok), request(ping, token)).Code)
}
