package providercheck_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/providercheck"
)

const (
	issuer   = "https://idp.example/tenant"
	resource = "https://todo.example/mcp"
	redirect = "http://127.0.0.1/callback"

	oauthInserted = "/.well-known/oauth-authorization-server/tenant"
	oidcInserted  = "/.well-known/openid-configuration/tenant"
	oidcAppended  = "/tenant/.well-known/openid-configuration"
	oauthAppended = "/tenant/.well-known/oauth-authorization-server"
)

// double is a provider that does everything right, until a test changes it. It answers without a network.
type double struct {
	routes   map[string]http.HandlerFunc
	document map[string]any
	keys     []any

	// What a client sees of the authorization endpoint.
	clients   map[string][]string // redirect URIs by client
	refuse    func(url.Values) string
	page      func(url.Values) bool // shows a page instead of redirecting
	redirects func(registered []string, asked string) bool
	answer    func(url.Values) // changes what is sent back

	mu   sync.Mutex
	seen []*http.Request
}

func newDouble(t *testing.T) *double {
	t.Helper()
	d := &double{
		clients: map[string][]string{"client": {redirect}},
		document: map[string]any{
			"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token",
			"registration_endpoint": issuer + "/register", "jwks_uri": issuer + "/jwks",
			"scopes_supported": []string{"openid", "offline_access", "read"}, "response_types_supported": []string{"code"},
			"grant_types_supported":                 []string{"authorization_code", "refresh_token"},
			"token_endpoint_auth_methods_supported": []string{"none"}, "code_challenge_methods_supported": []string{"S256"},
			"authorization_response_iss_parameter_supported": true, "client_id_metadata_document_supported": true,
			"id_token_signing_alg_values_supported": []string{"ES256"},
		},
		keys:   []any{ecKey(t, "one")},
		refuse: strict, page: func(q url.Values) bool { return q.Get("prompt") != "none" },
		redirects: loopbackPorts, answer: func(url.Values) {},
	}
	document := func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, d.document) }
	d.routes = map[string]http.HandlerFunc{
		oauthInserted: document, oidcInserted: document, oidcAppended: document, oauthAppended: document,
		"/tenant/jwks":      func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, map[string]any{"keys": d.keys}) },
		"/tenant/authorize": d.authorize,
		"/tenant/token": func(w http.ResponseWriter, r *http.Request) {
			if d.clients[r.FormValue("client_id")] == nil {
				writeJSON(w, 401, map[string]string{"error": "invalid_client"})
				return
			}
			writeJSON(w, 400, map[string]string{"error": "invalid_grant"})
		},
		"/tenant/register":     d.register,
		"/tenant/register/new": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
	}
	return d
}

// RoundTrip answers a request with CORS for everybody, as a provider on the internet should.
func (d *double) RoundTrip(r *http.Request) (*http.Response, error) {
	d.mu.Lock()
	d.seen = append(d.seen, r)
	d.mu.Unlock()
	w := httptest.NewRecorder()
	w.Header().Set("Access-Control-Allow-Origin", "*")
	switch handle := d.routes[r.URL.Path]; {
	case handle == nil:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodOptions && d.routes["OPTIONS "+r.URL.Path] != nil:
		d.routes["OPTIONS "+r.URL.Path](w, r)
	case r.Method == http.MethodOptions:
		w.Header().Set("Access-Control-Allow-Headers", "Content-Type, MCP-Protocol-Version")
	default:
		handle(w, r)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	response := w.Result()
	response.Request = r
	return response, nil
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (d *double) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	registered, asked := d.clients[q.Get("client_id")], q.Get("redirect_uri")
	if !d.redirects(registered, asked) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	code := d.refuse(q)
	if code == "" && d.page(q) {
		w.Header().Set("Location", "/tenant/login")
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	if code == "" {
		code = "login_required"
	}
	back := url.Values{"error": {code}, "state": q["state"], "iss": {issuer}}
	d.answer(back)
	to, _ := url.Parse(asked)
	query := to.Query()
	maps.Copy(query, back)
	to.RawQuery = query.Encode()
	w.Header().Set("Location", to.String())
	w.WriteHeader(http.StatusFound)
}

// strict is what a server that obeys OAuth 2.1 and RFC 8707 refuses.
func strict(q url.Values) string {
	switch {
	case q.Get("response_type") != "code":
		return "unsupported_response_type"
	case q.Get("code_challenge") == "" || q.Get("code_challenge_method") != "S256":
		return "invalid_request"
	case q.Has("resource") && q.Get("resource") != resource:
		return "invalid_target"
	case q.Has("scope") && q.Get("scope") != "read":
		return "invalid_scope"
	}
	return ""
}

func loopbackPorts(registered []string, asked string) bool {
	u, err := url.Parse(asked)
	return slices.Contains(registered, asked) || err == nil && u.Hostname() == "127.0.0.1" && slices.Contains(registered, "http://127.0.0.1"+u.RequestURI())
}

func (d *double) register(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	body["client_id"], body["registration_client_uri"], body["registration_access_token"] = "client", issuer+"/register/new", "rat"
	writeJSON(w, http.StatusCreated, body)
}

// serve puts a fixed answer at a path.
func (d *double) serve(path string, status int, contentType, body string) {
	d.routes[path] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// closed answers a path without CORS.
func (d *double) closed(path string) {
	open := d.routes[path]
	d.routes[path] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Del("Access-Control-Allow-Origin")
		open(w, r)
	}
}

// asks checks the double as a client that it knows.
func (d *double) asks() providercheck.Options {
	return providercheck.Options{Issuer: issuer, Transport: d, Scopes: []string{"read"}, Resource: resource,
		Client: &providercheck.Client{ID: "client", RedirectURI: redirect}}
}

// faults are the levels and codes of all that is not ok, in the order of the report.
func faults(report providercheck.Report) []string {
	var lines []string
	for _, f := range report.Findings {
		if f.Level != providercheck.OK {
			lines = append(lines, string(f.Level)+" "+string(f.Code))
		}
	}
	return lines
}

func check(t *testing.T, options providercheck.Options) providercheck.Report {
	t.Helper()
	report, err := providercheck.Run(t.Context(), options)
	require.NoError(t, err)
	return report
}

func text(t *testing.T, report providercheck.Report) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, report.WriteText(&b, false))
	return b.String()
}

func ecKey(t *testing.T, kid string) jose.JSONWebKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return jose.JSONWebKey{Key: key.Public(), KeyID: kid, Use: "sig", Algorithm: "ES256"}
}
