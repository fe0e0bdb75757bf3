package idp_test

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// documentHost is a stranger's web server with a client metadata document, and a mock that may fetch from it.
type documentHost struct {
	server
	url     string // of a good document
	fetched *atomic.Int32
	answer  atomic.Pointer[http.HandlerFunc] // what the host answers
}

func withDocuments(t *testing.T, change func(*mockidp.Config)) *documentHost {
	t.Helper()
	h := &documentHost{fetched: new(atomic.Int32)}
	host := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.fetched.Add(1)
		(*h.answer.Load())(w, r)
	}))
	host.Config.ErrorLog = log.New(io.Discard, "", 0)
	host.StartTLS()
	t.Cleanup(host.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: host.Certificate().Raw}), 0o600))
	h.server = configured(t, func(c *mockidp.Config) {
		c.ClientDocuments = mockidp.ClientDocuments{AllowPrivate: true, CAFile: ca}
		if change != nil {
			change(c)
		}
	})
	h.url = host.URL + "/client.json"
	h.serve(nil)
	return h
}

// serve lets the host answer with a good document after changes; nil takes a member out.
func (h *documentHost) serve(changes map[string]any) {
	document := map[string]any{"client_id": h.url, "client_name": "Stranger", "redirect_uris": []string{callback}, "token_endpoint_auth_method": "none"}
	for name, value := range changes {
		if document[name] = value; value == nil {
			delete(document, name)
		}
	}
	body, err := json.Marshal(document)
	require.NoError(h.t, err)
	h.serveText(string(body))
}

func (h *documentHost) serveText(body string) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	})
	h.answer.Store(&answer)
}

func (h *documentHost) asking(changes q) url.Values {
	return with(asking(q{"client_id": one(h.url)}), changes)
}

// refusedPage is a request that must end on a page, and returns its text.
func (h *documentHost) refusedPage(changes q) string {
	h.t.Helper()
	page := h.get("/authorize?" + h.asking(changes).Encode())
	require.Equal(h.t, http.StatusBadRequest, page.status)
	require.Empty(h.t, page.header.Get("Location"), "nothing is redirected before the client is known")
	return page.body
}

func TestAClientThatADocumentDescribesSignsPeopleIn(t *testing.T) {
	t.Parallel()
	h := withDocuments(t, nil)
	h.serve(map[string]any{"grant_types": []string{"authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"}, "scope": "nobody:knows", "client_uri": "https://stranger.example", "software_statement": "x"})
	require.Equal(t, true, h.get("/.well-known/oauth-authorization-server").json["client_id_metadata_document_supported"])

	b := h.browser()
	transaction := b.begin(h.asking(q{"scope": one("create:todos offline_access")}))
	page := b.signIn(transaction, "bob")
	host := strings.TrimPrefix(strings.TrimSuffix(h.url, "/client.json"), "https://")
	for _, want := range []string{"Stranger", h.url, "as <strong><bdi class=\"mono\">" + host, "127.0.0.1:6274", "any program here can pretend to be it"} {
		require.Contains(t, page.body, want)
	}
	back := b.decide(transaction, "allow").location(t).Query()

	// go-sdk sends Basic with an empty secret first.
	tokens := h.issued(redeeming(back.Get("code"), q{"client_id": nil}), basic(h.url, "")...)
	_, payload := claims(t, tokens["access_token"])
	require.Equal(t, h.url, payload["client_id"])
	again := h.issued(refreshing(tokens["refresh_token"], q{"client_id": one(h.url)}))
	require.NotEmpty(t, again["access_token"])
	require.EqualValues(t, 1, h.fetched.Load(), "one fetch serves the whole sign-in")
	require.Contains(t, h.get("/").body, "described by a document")
}

func TestWithoutGrantTypesAClientGetsNoRefreshToken(t *testing.T) {
	t.Parallel()
	h := withDocuments(t, nil)
	h.serve(map[string]any{"token_endpoint_auth_method": nil})
	code := h.allowed("bob", h.asking(nil)).Query().Get("code")
	tokens := h.issued(redeeming(code, q{"client_id": one(h.url)}))
	require.NotContains(t, tokens, "refresh_token")
}

func TestRedirectURIsAreMatchedAgainstTheDocument(t *testing.T) {
	t.Parallel()
	h := withDocuments(t, nil)
	h.serve(map[string]any{"redirect_uris": []string{"http://127.0.0.1/cb", "https://app.example/cb"}})
	for _, uri := range []string{"http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", "https://app.example/cb"} {
		require.Equal(t, "/login", h.get("/authorize?"+h.asking(q{"redirect_uri": one(uri)}).Encode()).location(t).Path, uri)
	}
	for _, uri := range []string{"http://localhost/cb", "https://app.example/cb/", "https://app.example:444/cb", "https://evil.example/cb"} {
		require.Contains(t, h.refusedPage(q{"redirect_uri": one(uri)}), "This redirect URI is not registered", uri)
	}
	b := h.browser()
	transaction := b.begin(h.asking(q{"redirect_uri": one("https://app.example/cb")}))
	require.NotContains(t, b.signIn(transaction, "bob").body, "pretend", "not all of its redirect URIs are on this computer")
}

func TestEveryRuleOfTheDocumentIsToldToThePerson(t *testing.T) {
	t.Parallel()
	h := withDocuments(t, nil)
	good := func(more string) string {
		return `{"client_id":"` + h.url + `","client_name":"S","redirect_uris":["` + callback + `"]` + more + `}`
	}
	for name, row := range map[string]struct{ document, want string }{
		"no JSON":               {"<html>", "it must be one JSON object"},
		"empty":                 {"", "it must be one JSON object"},
		"an array":              {"[]", "it must be one JSON object"},
		"null":                  {"null", "it must be one JSON object"},
		"cut off":               {good("")[:40], "it must be one JSON object"},
		"two objects":           {good("") + "{}", "it must be one JSON object"},
		"a repeated member":     {good(`,"client_id":"https://other.example/c.json"`), "client_id stands in it more than once"},
		"not UTF-8":             {good(`,"x":"` + "\xff" + `"`), "it must be UTF-8"},
		"no client_id":          {strings.Replace(good(""), `"client_id"`, `"id"`, 1), "client_id is missing"},
		"another's client_id":   {strings.Replace(good(""), "client.json", "other.json", 1), "and not the URL from which it was fetched"},
		"a client_id in caps":   {strings.Replace(good(""), "https", "HTTPS", 1), "and not the URL from which it was fetched"},
		"a number":              {strings.Replace(good(""), `"`+h.url+`"`, "1", 1), "client_id must be a string"},
		"no name":               {strings.Replace(good(""), `"client_name":"S",`, "", 1), "client_name is missing"},
		"a blank name":          {strings.Replace(good(""), `"S"`, `"  "`, 1), "client_name is missing"},
		"no redirect_uris":      {`{"client_id":"` + h.url + `","client_name":"S"}`, "redirect_uris is missing"},
		"a wildcard":            {strings.Replace(good(""), callback, "https://*.example/cb", 1), "there are no wildcards"},
		"plain http":            {strings.Replace(good(""), callback, "http://app.example/cb", 1), "is plain http beyond loopback"},
		"a script":              {strings.Replace(good(""), callback, "javascript:alert(1)", 1), "which no redirect may lead to"},
		"a secret":              {good(`,"client_secret":"canary"`), "client_secret must not be in it"},
		"a secret's expiry":     {good(`,"client_secret_expires_at":0`), "client_secret_expires_at must not be in it"},
		"client_secret_basic":   {good(`,"token_endpoint_auth_method":"client_secret_basic"`), "needs a shared secret"},
		"client_secret_post":    {good(`,"token_endpoint_auth_method":"client_secret_post"`), "needs a shared secret"},
		"client_secret_jwt":     {good(`,"token_endpoint_auth_method":"client_secret_jwt"`), "needs a shared secret"},
		"an unknown method":     {good(`,"token_endpoint_auth_method":"tls_client_auth"`), "token_endpoint_auth_method must be one of"},
		"a private key":         {good(`,"jwks":{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"canary"}]}`), "private or symmetric key"},
		"a symmetric key":       {good(`,"jwks":{"keys":[{"kty":"oct","k":"canary"}]}`), "private or symmetric key"},
		"no code grant":         {good(`,"grant_types":["client_credentials"]`), "grant_types must hold authorization_code"},
		"no response type":      {good(`,"response_types":["token"]`), "response_types must hold code"},
		"a fancy client_uri":    {good(`,"client_uri":"javascript:alert(1)"`), "client_uri must be an http or https URL"},
		"more than 5 kilobytes": {good(`,"x":"` + strings.Repeat("x", 5<<10) + `"`), "want at most 5120 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			h.t = t // one after another: the host has one document
			h.serveText(row.document)
			page := h.refusedPage(nil)
			require.Contains(t, page, "metadata document cannot be used")
			require.Contains(t, page, row.want)
			require.NotContains(t, page, "canary")
			require.Contains(t, h.refused(401, "invalid_client", redeeming("x", q{"client_id": one(h.url)})), "cannot be")
		})
	}
	h.t = t
	h.serve(nil)
	require.Equal(t, "/login", h.get("/authorize?"+h.asking(nil).Encode()).location(t).Path, "a mended document works at once: what is bad is not remembered")
}

func TestAHostThatFailsIsToldToThePersonAndToTheClient(t *testing.T) {
	t.Parallel()
	h := withDocuments(t, nil)
	for _, row := range []struct {
		answer http.HandlerFunc
		want   string
	}{
		{func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, "want status 200, got 500"},
		{func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://127.0.0.1:1/", http.StatusFound)
		}, "redirects are not followed"},
		{func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, "want Content-Type application/json"},
	} {
		h.answer.Store(&row.answer)
		require.Contains(t, h.refusedPage(nil), row.want)
		require.Contains(t, h.refused(401, "invalid_client", redeeming("x", q{"client_id": nil}), basic(h.url, "")...), row.want)
	}
}

func TestAConfiguredClientMayHaveAURLAsItsName(t *testing.T) {
	t.Parallel()
	const id = "https://app.example/client.json"
	s := configured(t, func(c *mockidp.Config) {
		c.Clients = append(c.Clients, mockidp.Client{ID: id, AuthMethod: "none", RedirectURIs: []string{callback}, GrantTypes: []string{"authorization_code"}})
	})
	code := s.allowed("bob", asking(q{"client_id": one(id)})).Query().Get("code")
	s.issued(redeeming(code, q{"client_id": one(id)})) // pre-registered (§7.2), so nothing is fetched
}

func TestASecretOfADocumentedClientIsRefused(t *testing.T) {
	t.Parallel()
	h := withDocuments(t, nil)
	code := h.allowed("bob", h.asking(nil)).Query().Get("code")
	require.Contains(t, h.refused(401, "invalid_client", redeeming(code, q{"client_id": nil}), basic(h.url, "guess")...), "has no secret")
}

func TestADocumentedClientMaySignInsteadOfHavingASecret(t *testing.T) {
	t.Parallel()
	h := withDocuments(t, nil)
	key := newClientKey(t, "1")
	h.serve(map[string]any{"token_endpoint_auth_method": "private_key_jwt", "jwks": json.RawMessage(key.set())})
	code := h.allowed("bob", h.asking(nil)).Query().Get("code")
	require.Contains(t, h.refused(401, "invalid_client", redeeming(code, q{"client_id": one(h.url)})), "private_key_jwt")
	signed := key.sign("", assertionClaims(h.server, map[string]any{"iss": h.url, "sub": h.url}))
	h.issued(redeeming(code, q{"client_id": one(h.url), "client_assertion": one(signed), "client_assertion_type": one("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")}))
}

func TestAServerFetchesTheDocumentsThatItServesItself(t *testing.T) {
	t.Parallel()
	config := mockidp.DefaultConfig()
	config.ClientDocuments.AllowPrivate = true
	s := start(t, mockidp.Options{TLS: true, Config: &config})
	id := s.ClientDocumentURL("mcp-inspector")
	code := s.allowed("bob", asking(q{"client_id": one(id)})).Query().Get("code")
	_, payload := claims(t, s.issued(redeeming(code, q{"client_id": one(id)}))["access_token"])
	require.Equal(t, id, payload["client_id"])
}
