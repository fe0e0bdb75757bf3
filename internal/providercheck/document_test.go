package providercheck

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestPlacesInTheOrderOfMCPClients(t *testing.T) {
	t.Parallel()
	for issuer, want := range map[string][]string{
		"https://a.example/b/c":  {"https://a.example/.well-known/oauth-authorization-server/b/c", "https://a.example/.well-known/openid-configuration/b/c", "https://a.example/b/c/.well-known/openid-configuration", "https://a.example/b/c/.well-known/oauth-authorization-server"},
		"https://a.example/b/":   {"https://a.example/.well-known/oauth-authorization-server/b", "https://a.example/.well-known/openid-configuration/b", "https://a.example/b/.well-known/openid-configuration", "https://a.example/b/.well-known/oauth-authorization-server"},
		"https://a.example:8443": {"https://a.example:8443/.well-known/oauth-authorization-server", "https://a.example:8443/.well-known/openid-configuration"},
		"https://a.example/":     {"https://a.example/.well-known/oauth-authorization-server", "https://a.example/.well-known/openid-configuration"},
	} {
		var got []string
		for _, p := range newTestChecker(t, issuer).placements() {
			got = append(got, p.url)
		}
		require.Equal(t, want, got)
	}
}

func newTestChecker(t *testing.T, issuer string) *checker {
	t.Helper()
	require.NoError(t, CheckIssuer(issuer))
	u, err := url.Parse(issuer)
	require.NoError(t, err)
	return &checker{Options: Options{Issuer: issuer}, issuer: u}
}

func TestMembersOfTheWrongTypeAreFaultsAndReadAsAbsent(t *testing.T) {
	t.Parallel()
	d, err := parseDocument([]byte(`{"issuer":1,"token_endpoint":null,"jwks_uri":"https://a.example/jwks","scopes_supported":"openid","grant_types_supported":["a",null],
		"client_id_metadata_document_supported":"true","response_types_supported":{},"unknown":null}`))
	require.NoError(t, err)
	require.Equal(t, []string{
		"client_id_metadata_document_supported: want true or false, got a string",
		"grant_types_supported: want an array of strings, got an array of something else",
		"issuer: want a string, got a number",
		"response_types_supported: want an array of strings, got an object",
		"scopes_supported: want an array of strings, got a string",
		"token_endpoint: want a string, got null",
	}, d.faults)
	require.Empty(t, d.issuer)
	require.False(t, d.documents)
	require.Equal(t, map[string]string{jwksURI: "https://a.example/jwks"}, d.urls)
}

func TestWhatIsNoDocument(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":           "want a JSON object, got nothing",
		" null ":     "want a JSON object, got null",
		"<html>":     "want a JSON object, got HTML or XML",
		"[]":         "want a JSON object, got an array of something else",
		`{"a":1`:     "want a JSON object, got text that is not JSON",
		`{} {}`:      "want one JSON object, got more after it",
		"\"issuer\"": "want a JSON object, got a string",
	} {
		_, err := parseDocument([]byte(body))
		require.EqualError(t, err, want)
	}
}

// TestEveryWordOfTheMCPAuthCheckerHasACode keeps the promise that its users lose nothing.
func TestEveryWordOfTheMCPAuthCheckerHasACode(t *testing.T) {
	t.Parallel()
	var names []string
	codes := map[Code]bool{}
	for _, about := range catalog {
		names = append(names, about.mcpAuthOK, about.mcpAuthNot)
		require.False(t, codes[about.code], about.code)
		codes[about.code] = true
		require.NotEmpty(t, about.why)
		require.LessOrEqual(t, len(about.code), codeWidth, about.code)
	}
	for _, name := range []string{
		"server_metadata_valid", "dynamic_registration_supported", "pkce_supported", "s256_code_challenge_method_supported",
		"authorization_code_grant_supported", "code_response_type_supported", "invalid_server_metadata", "code_response_type_not_supported",
		"authorization_code_grant_not_supported", "pkce_not_supported", "s256_code_challenge_method_not_supported",
		"dynamic_registration_not_supported", "fetch_server_config_error", "missing_jwks_uri",
	} {
		require.Contains(t, names, name)
	}
}

func TestTheDocumentationNamesEveryCode(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/check-provider.md")
	require.NoError(t, err)
	for _, about := range catalog {
		for _, name := range []string{string(about.code), about.mcpAuthOK, about.mcpAuthNot} {
			require.True(t, name == "" || strings.Contains(string(page), "`"+name+"`"), "docs/check-provider.md lacks %s", name)
		}
	}
}

// everywhere answers each request with one body.
type everywhere []byte

func (e everywhere) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(e)), Request: r}, nil
}

func FuzzMetadata(f *testing.F) {
	for _, seed := range []string{
		"", "null", "[]", `{"issuer":null}`, `{"issuer":"https://a.example","authorization_endpoint":"https://a.example/%zz","token_endpoint":"mailto:x"}`,
		`{"issuer":"https://a.example","authorization_endpoint":"https://a.example/a?b=c","token_endpoint":"https://a.example/t","registration_endpoint":"https://a.example/r","jwks_uri":"https://a.example/j","keys":[{},null,{"kty":"RSA","n":"","e":""}],"client_id":"x","error":"invalid_grant"}`,
		`{"scopes_supported":["\u001b[2J",null],"grant_types_supported":[]}`, `{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","use":1}],"jwks_uri":"https://a.example/j"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if d, err := parseDocument(body); err == nil && !json.Valid(body) {
			t.Fatalf("read as a document, but no JSON: %q gave %v", body, d)
		}
		report, err := Run(t.Context(), Options{Issuer: "https://a.example", Transport: everywhere(body), Register: true})
		require.NoError(t, err)
		require.LessOrEqual(t, report.Requests, maxRequests)
		require.NotEqual(t, Unreachable, report.Verdict())
		require.True(t, slices.ContainsFunc(report.Findings, func(f Finding) bool { return f.Code == MetadataFound }))
		for _, f := range report.Findings {
			require.LessOrEqual(t, utf8.RuneCountInString(f.Seen), maxSeen+1)
		}
		var text strings.Builder
		require.NoError(t, report.WriteText(&text, false))
		require.NotContains(t, text.String(), "\x1b")
		encoded, err := json.Marshal(report)
		require.NoError(t, err)
		require.True(t, json.Valid(encoded))
	})
}
