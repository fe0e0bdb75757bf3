package providercheck_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/providercheck"
)

func TestARightProviderIsFitWithoutAWord(t *testing.T) {
	t.Parallel()
	d := newDouble(t)
	report := check(t, d.asks())
	require.Empty(t, faults(report), text(t, report))
	require.Equal(t, providercheck.Fit, report.Verdict())
	require.Equal(t, "fit for MCP", report.Sentence())
	require.Len(t, d.seen, report.Requests)
	require.Less(t, report.Requests, 30)
}

// TestWhatTheMetadataLackIsFound has one fault a row. The rows are what the metadata and keys say; probe_test.go has what endpoints do.
func TestWhatTheMetadataLackIsFound(t *testing.T) {
	t.Parallel()
	set := func(name string, value any) func(*testing.T, *double) {
		return func(_ *testing.T, d *double) { d.document[name] = value }
	}
	without := func(name string) func(*testing.T, *double) {
		return func(_ *testing.T, d *double) { delete(d.document, name) }
	}
	missing := func(paths ...string) func(*testing.T, *double) {
		return func(_ *testing.T, d *double) {
			for _, path := range paths {
				delete(d.routes, path)
			}
		}
	}
	serve := func(path string, status int, contentType, body string) func(*testing.T, *double) {
		return func(_ *testing.T, d *double) { d.serve(path, status, contentType, body) }
	}
	published := func(keys ...any) func(*testing.T, *double) {
		return func(_ *testing.T, d *double) { d.keys = keys }
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	otherwise := func(path, name string, value any) func(*testing.T, *double) {
		return func(_ *testing.T, d *double) {
			d.routes[path] = func(w http.ResponseWriter, _ *http.Request) {
				other := map[string]any{}
				for member, v := range d.document {
					other[member] = v
				}
				if other[name] = value; value == nil {
					delete(other, name)
				}
				writeJSON(w, 200, other)
			}
		}
	}
	const html = "<!doctype html><title>Welcome</title>"
	for name, row := range map[string]struct {
		change func(*testing.T, *double)
		want   []string
	}{
		"only the appended OpenID Connect document":  {missing(oauthInserted, oidcInserted, oauthAppended), []string{"info metadata-oauth-inserted", "info metadata-oidc-inserted", "info metadata-oauth-appended"}},
		"only where MCP clients do not ask":          {missing(oauthInserted, oidcInserted, oidcAppended), []string{"error metadata-found", "info metadata-oauth-inserted", "info metadata-oidc-inserted", "info metadata-oidc-appended"}},
		"nowhere":                                    {missing(oauthInserted, oidcInserted, oidcAppended, oauthAppended), []string{"error metadata-found", "info metadata-oauth-inserted", "info metadata-oidc-inserted", "info metadata-oidc-appended", "info metadata-oauth-appended"}},
		"a page with status 200 where clients begin": {serve(oauthInserted, 200, "text/html", html), []string{"error metadata-found", "warning metadata-oauth-inserted"}},
		"a page where no client comes any more":      {serve(oidcAppended, 200, "text/html", html), []string{"info metadata-oidc-appended"}},
		"a failing server where clients begin":       {serve(oauthInserted, 502, "text/html", html), []string{"warning metadata-oauth-inserted"}},
		"a redirect to another origin": {func(_ *testing.T, d *double) {
			d.routes[oauthInserted] = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://login.example/")
				w.WriteHeader(http.StatusFound)
			}
		}, []string{"warning metadata-oauth-inserted"}},
		"a redirect within the origin": {func(_ *testing.T, d *double) {
			d.routes[oauthInserted] = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", oidcAppended)
				w.WriteHeader(http.StatusMovedPermanently)
			}
		}, []string{"warning metadata-oauth-inserted"}},
		"a redirect to itself": {func(_ *testing.T, d *double) {
			d.routes[oauthInserted] = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", oauthInserted)
				w.WriteHeader(http.StatusFound)
			}
		}, []string{"warning metadata-oauth-inserted"}},
		"a document without end":          {serve(oauthInserted, 200, "application/json", `{"issuer":"`+strings.Repeat("x", 2<<20)), []string{"error metadata-found", "warning metadata-oauth-inserted"}},
		"a list in place of the document": {serve(oauthInserted, 200, "application/json", `[]`), []string{"error metadata-found", "warning metadata-oauth-inserted"}},
		"the document served as text": {func(_ *testing.T, d *double) {
			open := d.routes[oidcAppended]
			d.routes[oidcAppended] = func(w http.ResponseWriter, r *http.Request) { open(textWriter{w}, r) }
		}, []string{"warning metadata-content-type"}},

		"a slash after the issuer":           {set("issuer", issuer+"/"), []string{"error issuer-identical"}},
		"another issuer in a later document": {otherwise(oidcAppended, "issuer", "https://other.example"), []string{"warning issuer-identical"}},
		"no issuer in a later document":      {otherwise(oidcAppended, "issuer", nil), []string{"warning issuer-identical"}},
		"a member that is null":              {otherwise(oauthInserted, "userinfo_endpoint", jsonNull{}), []string{"error metadata-members"}},
		"a list with a number":               {otherwise(oauthInserted, "protected_resources", []any{1}), []string{"error metadata-members"}},
		"documents that differ":              {otherwise(oidcAppended, "token_endpoint", issuer+"/token2"), []string{"warning metadata-agreement"}},

		"no token endpoint":           {without("token_endpoint"), []string{"error endpoints"}},
		"no authorization endpoint":   {without("authorization_endpoint"), []string{"error endpoints"}},
		"a relative endpoint":         {set("userinfo_endpoint", "/me"), []string{"error endpoints"}},
		"an endpoint with fragment":   {set("userinfo_endpoint", issuer+"/me#x"), []string{"error endpoints"}},
		"an http endpoint":            {set("userinfo_endpoint", "http://idp.example/me"), []string{"error endpoints-https"}},
		"an endpoint on this machine": {set("userinfo_endpoint", "http://localhost/me"), []string{"error endpoints-https", "info endpoint-hosts"}},
		"an endpoint elsewhere":       {set("userinfo_endpoint", "https://api.example/me"), []string{"info endpoint-hosts"}},
		"PAR required":                {set("require_pushed_authorization_requests", true), []string{"error plain-requests"}},
		"request objects required":    {set("require_signed_request_object", true), []string{"error plain-requests"}},

		"no response types":                {without("response_types_supported"), []string{"error response-type-code"}},
		"other response types":             {set("response_types_supported", []string{"token"}), []string{"error response-type-code"}},
		"no grant types":                   {without("grant_types_supported"), []string{"warning grant-refresh-token"}},
		"an empty list of grant types":     {set("grant_types_supported", []string{}), []string{"error grant-authorization-code", "warning grant-refresh-token"}},
		"no authorization code":            {set("grant_types_supported", []string{"refresh_token"}), []string{"error grant-authorization-code"}},
		"PKCE not advertised":              {without("code_challenge_methods_supported"), []string{"error pkce-advertised"}},
		"an empty list of challenges":      {set("code_challenge_methods_supported", []string{}), []string{"error pkce-advertised"}},
		"PKCE missing in OpenID Connect":   {otherwise(oidcAppended, "code_challenge_methods_supported", nil), []string{"warning pkce-advertised"}},
		"plain only":                       {set("code_challenge_methods_supported", []string{"plain"}), []string{"error pkce-s256"}},
		"no client ID metadata documents":  {set("client_id_metadata_document_supported", false), []string{"warning client-documents"}},
		"no registration":                  {without("registration_endpoint"), []string{"info registration"}},
		"no authentication methods":        {without("token_endpoint_auth_methods_supported"), []string{"warning auth-method-none"}},
		"clients with secrets only":        {set("token_endpoint_auth_methods_supported", []string{"client_secret_post"}), []string{"warning auth-method-none"}},
		"iss sent but not advertised":      {without("authorization_response_iss_parameter_supported"), []string{"warning iss-advertised", "warning iss-sent"}},
		"no scopes":                        {without("scopes_supported"), []string{"info scopes-listed", "info offline-access"}},
		"other scopes than clients want":   {set("scopes_supported", []string{"openid", "offline_access"}), []string{"info scopes-listed"}},
		"a wildcard scope":                 {set("scopes_supported", []string{"read", "offline_access", "*"}), []string{"warning scope-wildcard"}},
		"ID tokens without signature":      {set("id_token_signing_alg_values_supported", []string{"none", "ES256"}), []string{"warning algorithms"}},
		"ID tokens signed with the secret": {set("id_token_signing_alg_values_supported", []string{"ES256", "HS256"}), []string{"info algorithms"}},

		"no key set": {without("jwks_uri"), []string{"error keys"}},
		"introspection in place of keys": {func(_ *testing.T, d *double) {
			delete(d.document, "jwks_uri")
			d.document["introspection_endpoint"] = issuer + "/introspect"
		}, []string{"warning keys"}},
		"a key set that is not there": {missing("/tenant/jwks"), []string{"error keys"}},
		"a key set that is a page":    {serve("/tenant/jwks", 200, "text/html", html), []string{"error keys"}},
		"a key set without keys":      {serve("/tenant/jwks", 200, "application/json", `{}`), []string{"error keys"}},
		"an empty key set":            {published(), []string{"error keys-usable"}},
		"a key for encryption only":   {published(withUse(ecKey(t, "e"), "enc")), []string{"error keys-usable"}},
		"a decoy beside a good key":   {published(ecKey(t, "a"), withUse(ecKey(t, "e"), "enc")), nil},
		"a key of an unknown kind":    {published(ecKey(t, "a"), map[string]string{"kty": "AKP", "kid": "b"}), []string{"info keys-usable"}},
		"a private key":               {published(ecKey(t, "a"), jose.JSONWebKey{Key: private, KeyID: "b"}), []string{"error keys-private"}},
		"a symmetric key":             {published(ecKey(t, "a"), jose.JSONWebKey{Key: []byte("0123456789abcdef"), KeyID: "b"}), []string{"error keys-private"}},
		"a short RSA key":             {published(ecKey(t, "a"), rsaKey(1024)), []string{"error keys-weak"}},
		"nothing but a short RSA key": {published(rsaKey(1024)), []string{"error keys-usable", "error keys-weak"}},
		"two keys with one name":      {published(ecKey(t, "a"), ecKey(t, "a")), []string{"warning keys-kid"}},
		"two keys without name":       {published(ecKey(t, ""), ecKey(t, "a")), []string{"warning keys-kid"}},
		"one key without name":        {published(ecKey(t, "")), []string{"info keys-kid"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDouble(t)
			row.change(t, d)
			report := check(t, d.asks())
			require.Equal(t, row.want, faults(report), text(t, report))
		})
	}
}

// jsonNull is written as null.
type jsonNull struct{}

func (jsonNull) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// textWriter is an answer whose type is always plain text.
type textWriter struct{ http.ResponseWriter }

func (w textWriter) WriteHeader(status int) {
	w.Header().Set("Content-Type", "text/plain")
	w.ResponseWriter.WriteHeader(status)
}

func withUse(key jose.JSONWebKey, use string) jose.JSONWebKey {
	key.Use = use
	return key
}
