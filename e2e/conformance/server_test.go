//go:build unix

package conformance

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/e2e/binary"
	"mcpharness/internal/useragent"
)

// serverLeg has todo-mcp judged. The suite can carry no token, so a proxy adds alice's. The baseline lists what cannot pass
// and why; the suite fails if it lists something that passes.
func serverLeg(revision string) func(*testing.T, suite) score {
	return func(t *testing.T, s suite) score {
		front := httptest.NewUnstartedServer(nil)
		t.Cleanup(front.Close)
		endpoint := "http://" + front.Listener.Addr().String() + "/mcp"
		var todo struct{ Listen, Issuer string }
		binary.Start(t, binary.Build(t, "todo-mcp"), &todo, "--listen", "localhost:0", "--public-url", endpoint,
			"--idp-listen", "localhost:0", "--db", filepath.Join(t.TempDir(), "todos.db"), "--rate-limit", "0")
		front.Config.Handler = bearing(t, todo.Listen, signIn(t, todo.Issuer, endpoint, "alice"))
		front.Start()
		baseline, err := filepath.Abs("baseline-" + revision + ".yaml")
		require.NoError(t, err)

		checks, status := s.run(t, io.Discard, "server", "--url", endpoint, "--requirements", revision, "--expected-failures", baseline)
		require.Zero(t, status, "want the failures of baseline-%s.yaml and no others", revision)
		sum := scoreOf(checks, s.required(t, revision, "server"))
		sum.leg, sum.revision, sum.what = "server", revision, "`todo-mcp`, with alice's token; what the rest wants says [the baseline](e2e/conformance/baseline-"+revision+".yaml)"
		return sum
	}
}

// signIn is the code flow of the client that mock-idp knows from the start.
func signIn(t *testing.T, issuer, resource, person string) (token string) {
	t.Helper()
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, http.DefaultClient)
	metadata, err := auth.GetAuthServerMetadata(ctx, issuer, http.DefaultClient)
	require.NoError(t, err)
	client := &oauth2.Config{
		ClientID: "mcp-client", RedirectURL: "http://127.0.0.1:54321/callback",
		Endpoint: oauth2.Endpoint{AuthURL: metadata.AuthorizationEndpoint, TokenURL: metadata.TokenEndpoint, AuthStyle: oauth2.AuthStyleInParams},
	}
	verifier, named := oauth2.GenerateVerifier(), oauth2.SetAuthURLParam("resource", resource)
	callback, err := useragent.New(nil).SignIn(ctx, client.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier), named), useragent.Person{Username: person})
	require.NoError(t, err)
	got, err := client.Exchange(ctx, callback.Query().Get("code"), oauth2.VerifierOption(verifier), named)
	require.NoError(t, err)
	return got.AccessToken
}

// bearing is a proxy that adds the token. Host and Origin stay as they are, for the checks on them.
func bearing(t *testing.T, server, token string) http.Handler {
	t.Helper()
	target, err := url.Parse(server)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
			r.Out.Header.Set("Authorization", "Bearer "+token)
		},
		FlushInterval: -1,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Otherwise net/http closes the request's body when the answer begins. If the transport has then yet to see the end of the
		// body, it drops the connection to the server, and the answer with it: in one of ten runs.
		_ = http.NewResponseController(w).EnableFullDuplex()
		proxy.ServeHTTP(w, r)
	})
}
