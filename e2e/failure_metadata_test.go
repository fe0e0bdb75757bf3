package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/profile"
	"mcpharness/internal/providercheck"
)

// Failure 2: PKCE works, and the metadata do not say so. MCP clients must go away then.
func TestAClientLeavesWherePKCEIsNotAdvertised(t *testing.T) {
	t.Parallel()
	offline(t)
	for name, s := range map[string]setup{"entra": {as: "entra"}, "cognito": {as: "cognito"}, "any other": {faults: []string{"pkce-unadvertised"}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			on := newTarget(t, s)
			alice := &visitor{people: []string{"alice"}, registered: true, regardless: true}
			_, err := alice.connect(t, on)
			require.ErrorContains(t, err, "does not implement PKCE")
			require.Zero(t, alice.signed(), "nobody was asked to sign in")
			seen := on.diagnosis(t, providercheck.Options{})[providercheck.PKCEAdvertised]
			require.Equal(t, providercheck.Error, seen.Level)
			require.Contains(t, seen.Change, "metadata proxy in front; PKCE itself may well work")
			options := on.byHand(alice.wireScopes(on)...)
			options.Issuer = on.issuer
			report, err := providercheck.Run(t.Context(), options)
			require.NoError(t, err)
			require.Contains(t, report.Sentence(), "PKCE works", "asked with a client, check-provider knows")

			on.http.Transport = &mending{next: on.http.Transport, member: "code_challenge_methods_supported", value: []string{"S256"}}
			session := (&visitor{people: []string{"alice"}, registered: true, regardless: true}).visit(t, on)
			require.Contains(t, identityOf(t, session).Scopes, "create:todos", "with that proxy the same client gets in")
		})
	}
}

// mending is a proxy before an issuer that puts one member right in its metadata.
type mending struct {
	next   http.RoundTripper
	member string
	value  any
}

func (m *mending) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := m.next.RoundTrip(r)
	isDocument := strings.Contains(r.URL.Path, "/.well-known/oauth-authorization-server") || strings.Contains(r.URL.Path, "/.well-known/openid-configuration")
	if err != nil || !isDocument || response.StatusCode != http.StatusOK {
		return response, err
	}
	defer response.Body.Close()
	var members map[string]any
	if err := json.NewDecoder(response.Body).Decode(&members); err != nil {
		return nil, err
	}
	members[m.member] = m.value
	mended, err := json.Marshal(members)
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(mended)), int64(len(mended))
	return response, err
}

// Failure 9: the metadata name the issuer with another slash, or on another host.
func TestMetadataOfAnotherIssuerAreNotUsed(t *testing.T) {
	t.Parallel()
	offline(t)
	for fault, row := range map[string]struct {
		named     func(issuer string) string
		sdk, seen string
	}{
		// go-sdk forgives the slash in metadata, and not in the answer's iss.
		"issuer-slash":     {func(issuer string) string { return issuer + "/" }, "does not match expected issuer", "they differ by the slash"},
		"issuer-elsewhere": {func(string) string { return "http://internal.idp.example:8080" }, "does not match issuer URL", "want "},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			on := newTarget(t, setup{faults: []string{fault}})
			_, err := oidc.NewProvider(oidc.ClientContext(t.Context(), on.http), on.issuer)
			require.ErrorContains(t, err, "issuer")
			_, err = (&visitor{people: []string{"bob"}, trusting: true}).connect(t, on)
			require.ErrorContains(t, err, row.sdk)
			got := on.ask(t, "Bearer "+minted(on, nil))
			require.Equal(t, 503, got.status, "keys of a document that is not the issuer's are not used; it is no fault of the token")
			seen := on.diagnosis(t, providercheck.Options{})[providercheck.IssuerIdentical]
			require.Equal(t, providercheck.Error, seen.Level)
			require.Contains(t, seen.Seen, row.seen)

			on = newTarget(t, setup{faults: []string{fault}, mend: func(p *profile.Profile) { p.Metadata.Issuer = row.named(p.Issuer) }})
			on.accepted(t, minted(on, nil)) // the profile says that the document has another name
		})
	}
}

// Failure 9, with nobody at fault but who wrote the configuration: localhost is not 127.0.0.1.
func TestTheNameOfTheHostIsPartOfTheIssuer(t *testing.T) {
	t.Parallel()
	offline(t)
	on := newTarget(t, setup{mend: func(p *profile.Profile) { p.Issuer = strings.Replace(p.Issuer, "127.0.0.1", "localhost", 1) }})
	_, err := (&visitor{people: []string{"bob"}}).connect(t, on)
	require.ErrorContains(t, err, "does not match issuer URL")
	require.Equal(t, 401, on.whoami(t, minted(on, map[string]any{"iss": strings.Replace(on.issuer, "localhost", "127.0.0.1", 1)})))
}

// Failure 10: each provider has its own choice of the four places for metadata.
func TestMetadataAreFoundWhereverAProviderHasThem(t *testing.T) {
	t.Parallel()
	offline(t)
	const path = "/tenant"
	for _, row := range []struct {
		faults   []string
		naive    int    // what a client gets that knows RFC 8414 only
		mcp      string // why MCP clients find nothing; empty: they do
		findings []providercheck.Code
	}{
		{[]string{"only-oauth-inserted"}, 200, "", nil},
		{[]string{"only-oidc-inserted"}, 404, "", nil},
		{[]string{"only-oidc-appended"}, 404, "", nil},
		{[]string{"only-oauth-appended"}, 404, "no metadata", []providercheck.Code{providercheck.MetadataFound}},
		{[]string{"only-oidc-appended", "html-for-missing"}, 200, "bad content type", []providercheck.Code{providercheck.MetadataFound}},
	} {
		t.Run(strings.Join(row.faults, " and "), func(t *testing.T) {
			t.Parallel()
			on := newTarget(t, setup{path: path, faults: row.faults})
			status, document := on.well(t, "/.well-known/oauth-authorization-server"+path)
			require.Equal(t, row.naive, status)
			require.Equal(t, slices.Contains(row.faults, "only-oauth-inserted"), json.Valid(document), "a status of 200 is no document yet")

			if _, err := on.metadata(t.Context()); row.mcp == "" {
				require.NoError(t, err)
				session := (&visitor{people: []string{"bob"}}).visit(t, on)
				require.NoError(t, remove(t, session, create(t, session, "found").ID))
			} else {
				require.ErrorContains(t, err, row.mcp)
			}
			on.accepted(t, minted(on, nil)) // the todo server looks at all four
			seen := on.diagnosis(t, providercheck.Options{})
			for _, code := range row.findings {
				require.Equal(t, providercheck.Error, seen[code].Level)
				require.NotEmpty(t, seen[code].Change)
			}
			if row.findings == nil {
				require.NotContains(t, seen, providercheck.MetadataFound)
			}
		})
	}
}

// well reads a URL of the issuer's host.
func (on *target) well(t *testing.T, path string) (status int, body []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Join(strings.Split(on.issuer, "/")[:3], "/")+path, nil)
	require.NoError(t, err)
	response, err := on.http.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, body
}

// TestAServerThatNamesItselfAsItsAuthorizationServerLeadsNowhere is a near miss: metadata that nobody has written yet.
func TestAServerThatNamesItselfAsItsAuthorizationServerLeadsNowhere(t *testing.T) {
	t.Parallel()
	offline(t)
	on := newTarget(t, setup{})
	on.http.Transport = &renaming{next: on.http.Transport, from: `"` + on.issuer + `"`, to: `"` + strings.TrimSuffix(on.url, "/mcp") + `"`}
	_, err := (&visitor{people: []string{"bob"}}).connect(t, on)
	require.Error(t, err)
	metadata, err := oauthex.GetProtectedResourceMetadata(t.Context(), strings.Replace(on.url, "/mcp", "/.well-known/oauth-protected-resource/mcp", 1), on.url, on.http)
	require.NoError(t, err)
	report, err := providercheck.Run(t.Context(), providercheck.Options{Issuer: metadata.AuthorizationServers[0]})
	require.NoError(t, err)
	require.Equal(t, providercheck.NotFit, report.Verdict())
}
