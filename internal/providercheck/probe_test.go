package providercheck_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/providercheck"
)

// but is a server that takes what the predicate is about, and is strict otherwise.
func but(takes func(url.Values) bool) func(url.Values) string {
	return func(q url.Values) string {
		if takes(q) {
			return ""
		}
		return strict(q)
	}
}

// TestWhatEndpointsDoIsAsked has one fault a row, which the metadata do not show.
func TestWhatEndpointsDoIsAsked(t *testing.T) {
	t.Parallel()
	noPKCE := func(q url.Values) bool { return q.Get("response_type") == "code" && !q.Has("code_challenge") }
	plain := func(q url.Values) bool { return q.Get("code_challenge_method") == "plain" }
	foreign := func(q url.Values) bool {
		return q.Has("code_challenge") && q.Get("code_challenge_method") == "S256" && q.Get("response_type") == "code" && q.Has("resource")
	}
	alwaysPage := func(q url.Values) bool { return true }
	for name, row := range map[string]struct {
		change func(*double)
		want   []string
	}{
		"PKCE not enforced": {func(d *double) { d.refuse = but(noPKCE) }, []string{"warning pkce-enforced"}},
		"a code without PKCE": {func(d *double) {
			d.page, d.refuse = func(url.Values) bool { return false }, but(noPKCE)
			d.answer = func(v url.Values) {
				if v.Get("error") == "login_required" {
					v.Del("error")
					v.Set("code", "x")
				}
			}
		}, []string{"error pkce-enforced"}},
		"plain challenges taken":  {func(d *double) { d.refuse = but(plain) }, []string{"warning pkce-plain"}},
		"unknown resources taken": {func(d *double) { d.refuse = but(foreign) }, []string{"warning resource-unknown"}},
		"unknown resources refused by another code": {func(d *double) {
			d.refuse = func(q url.Values) string { return strings.ReplaceAll(strict(q), "invalid_target", "invalid_request") }
		}, []string{"info resource-unknown"}},
		"the known resource refused": {func(d *double) {
			d.refuse = func(q url.Values) string {
				if q.Has("resource") {
					return "invalid_target"
				}
				return strict(q)
			}
		}, []string{"error resource-known"}},
		"the scopes refused": {func(d *double) {
			d.refuse = func(q url.Values) string {
				if q.Has("scope") {
					return "invalid_scope"
				}
				return strict(q)
			}
		}, []string{"error scopes-accepted"}},
		"the client may not use codes":  {func(d *double) { d.refuse = func(url.Values) string { return "unauthorized_client" } }, []string{"error authorization-request"}},
		"the client is not known":       {func(d *double) { delete(d.clients, "client") }, []string{"warning public-client", "error authorization-request", "info iss-sent"}},
		"the redirect URI is not known": {func(d *double) { d.clients["client"] = []string{"https://other.example/"} }, []string{"error authorization-request", "info iss-sent"}},
		"iss advertised and not sent":   {func(d *double) { d.answer = func(v url.Values) { delete(v, "iss") } }, []string{"error iss-sent"}},
		"iss missing in some errors": {func(d *double) {
			d.answer = func(v url.Values) {
				if v.Get("error") == "invalid_request" {
					delete(v, "iss")
				}
			}
		}, []string{"error iss-sent"}},
		"another iss": {func(d *double) { d.answer = func(v url.Values) { v.Set("iss", issuer+"/") } }, []string{"error iss-sent"}},
		"two of iss":  {func(d *double) { d.answer = func(v url.Values) { v.Add("iss", issuer) } }, []string{"error iss-sent"}},
		"iss neither promised nor sent": {func(d *double) {
			delete(d.document, "authorization_response_iss_parameter_supported")
			d.answer = func(v url.Values) { delete(v, "iss") }
		}, []string{"warning iss-advertised", "info iss-sent"}},
		"state lost":    {func(d *double) { d.answer = func(v url.Values) { delete(v, "state") } }, []string{"error state"}},
		"state changed": {func(d *double) { d.answer = func(v url.Values) { v.Set("state", strings.ToUpper(v.Get("state"))) } }, []string{"error state"}},
		"longer paths redirected to": {func(d *double) {
			d.redirects = func(registered []string, asked string) bool {
				return loopbackPorts(registered, asked) || registered != nil && strings.HasPrefix(asked, registered[0]+"/")
			}
		}, []string{"error redirect-exact"}},
		"queries ignored in redirect URIs": {func(d *double) {
			d.redirects = func(registered []string, asked string) bool {
				path, _, _ := strings.Cut(asked, "?")
				return loopbackPorts(registered, path)
			}
		}, []string{"error redirect-exact"}},
		"any redirect URI of a known client": {func(d *double) { d.redirects = func(registered []string, _ string) bool { return registered != nil } }, []string{"error redirect-exact"}},
		"an open redirector":                 {func(d *double) { d.redirects = func([]string, string) bool { return true } }, []string{"error unknown-client", "error redirect-exact"}},
		"one port only":                      {func(d *double) { d.redirects = slices.Contains[[]string, string] }, []string{"warning redirect-loopback-port"}},

		// A server without prompt=none shows a page to good requests. An unknown response type then brings it to redirect.
		"no prompt=none":                    {func(d *double) { d.page = alwaysPage }, nil},
		"no prompt=none, PKCE not enforced": {func(d *double) { d.page, d.refuse = alwaysPage, but(noPKCE) }, []string{"warning pkce-enforced"}},
		"no prompt=none, unknown resources": {func(d *double) { d.page, d.refuse = alwaysPage, but(foreign) }, []string{"warning resource-unknown"}},
		"no prompt=none, longer paths": {func(d *double) {
			d.page = alwaysPage
			d.redirects = func(registered []string, asked string) bool {
				return loopbackPorts(registered, asked) || registered != nil && strings.HasPrefix(asked, registered[0]+"/")
			}
		}, []string{"error redirect-exact"}},
		// It takes everything but unknown response types, and tells nothing before the sign-in.
		"nothing by redirect": {func(d *double) {
			d.page, d.refuse = alwaysPage, func(url.Values) string { return "" }
		}, []string{"warning pkce-enforced", "warning pkce-plain", "info authorization-request", "info iss-sent", "warning resource-unknown"}},
		// Errors are pages with status 200: prompt=none tells them from the sign-in.
		"errors as pages with status 200": {func(d *double) {
			open := d.routes["/tenant/authorize"]
			d.routes["/tenant/authorize"] = func(w http.ResponseWriter, r *http.Request) {
				if strict(r.URL.Query()) != "" {
					w.WriteHeader(http.StatusOK)
					return
				}
				open(w, r)
			}
		}, []string{"info pkce-enforced", "info pkce-plain", "info resource-unknown"}},

		"token errors as a page":       {func(d *double) { d.serve("/tenant/token", 400, "text/html", "<p>no</p>") }, []string{"warning token-errors"}},
		"token errors with status 200": {func(d *double) { d.serve("/tenant/token", 200, "application/json", `{"error":"invalid_grant"}`) }, []string{"warning token-errors"}},
		"token errors with status 500": {func(d *double) { d.serve("/tenant/token", 500, "application/json", `{"error":"server_error"}`) }, []string{"warning token-errors"}},
		"a made-up code redeemed":      {func(d *double) { d.serve("/tenant/token", 200, "application/json", `{"access_token":"x"}`) }, []string{"error token-errors"}},
		"a secret demanded":            {func(d *double) { d.serve("/tenant/token", 401, "application/json", `{"error":"invalid_client"}`) }, []string{"warning public-client"}},

		"metadata closed to browsers": {func(d *double) { d.closed(oauthInserted) }, []string{"warning cors-metadata"}},
		"token endpoint closed":       {func(d *double) { d.closed("/tenant/token") }, []string{"warning cors-token"}},
		"key set closed":              {func(d *double) { d.closed("/tenant/jwks") }, []string{"info cors-keys"}},
		"MCP-Protocol-Version not allowed": {func(d *double) {
			d.routes["OPTIONS "+oauthInserted] = func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Access-Control-Allow-Headers", "Accept") }
		}, []string{"warning cors-metadata"}},
		"every header allowed": {func(d *double) {
			d.routes["OPTIONS "+oauthInserted] = func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Access-Control-Allow-Headers", "*") }
		}, nil},
		"preflights refused": {func(d *double) {
			d.routes["OPTIONS /tenant/register"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusMethodNotAllowed) }
			d.routes["OPTIONS /tenant/token"] = d.routes["OPTIONS /tenant/register"]
		}, []string{"warning cors-token", "warning cors-registration"}},
		"another origin allowed": {func(d *double) {
			open := d.routes["/tenant/token"]
			d.routes["/tenant/token"] = func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
				open(w, r)
			}
		}, []string{"warning cors-token"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDouble(t)
			row.change(d)
			report := check(t, d.asks())
			require.Equal(t, row.want, faults(report), text(t, report))
		})
	}
}

func TestWithoutAClientTheReportSaysWhatWasNotAsked(t *testing.T) {
	t.Parallel()
	d := newDouble(t)
	d.document["code_challenge_methods_supported"] = []string{"S256", "plain"}
	report := check(t, providercheck.Options{Issuer: issuer, Transport: d})
	require.Equal(t, []string{"info pkce-plain", "info asked"}, faults(report))
	require.Equal(t, providercheck.Fit, report.Verdict())
}

func TestARequestWithoutScopeShouldBeTaken(t *testing.T) {
	t.Parallel()
	d := newDouble(t)
	d.refuse = func(q url.Values) string {
		if !q.Has("scope") {
			return "access_denied" // as Logto does
		}
		return strings.ReplaceAll(strict(q), "invalid_scope", "")
	}
	options := d.asks()
	options.Scopes = nil
	require.Equal(t, []string{"warning scopes-accepted"}, faults(check(t, options)))
}

// TestNoSecretsAndNoVisits holds what is promised to the provider and to whoever runs the check.
func TestNoSecretsAndNoVisits(t *testing.T) {
	t.Parallel()
	d := newDouble(t)
	check(t, d.asks())
	for _, r := range d.seen {
		require.Empty(t, r.Header.Get("Authorization"))
		require.Empty(t, r.Header.Get("Cookie"))
		require.Equal(t, "mock-idp check-provider", r.Header.Get("User-Agent"))
		require.Equal(t, "idp.example", r.URL.Host, "redirects are read, not followed")
		require.NotEqual(t, "/tenant/login", r.URL.Path, "nobody is signed in")
		require.False(t, r.Method == http.MethodPost && r.URL.Path == "/tenant/register", "nothing is registered unless asked for")
	}
}
