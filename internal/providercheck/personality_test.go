package providercheck_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/profile"
	"mcpharness/internal/providercheck"
	"mcpharness/mockidp"
)

// found is all that is not ok at a provider, asked as the client of its profile.
var found = map[string]struct {
	faults  []string
	verdict providercheck.Verdict
	says    string // in the sentence
}{
	"strict": {nil, providercheck.Fit, "fit for MCP"},
	"opaque": {nil, providercheck.Fit, "fit for MCP"},
	// The client of the profile has no redirect URI at the origin that is asked about, so no script of it may use the client.
	"logto": {[]string{"info metadata-oauth-inserted", "info metadata-oidc-inserted", "warning client-documents", "warning registration", "info scopes-listed", "warning cors-token"},
		providercheck.FitWarnings, "with 3 warnings"},
	"auth0": {[]string{"warning client-documents", "warning registration", "warning iss-advertised", "info iss-sent", "info scopes-listed"},
		providercheck.FitWarnings, "with 3 warnings"},
	"okta": {[]string{"info metadata-oidc-inserted", "warning client-documents", "warning registration", "warning iss-advertised", "info iss-sent", "warning resource-unknown"},
		providercheck.FitWarnings, "with 4 warnings"},
	// MCP clients must refuse these two. What works all the same, and for whom, is said.
	"entra": {[]string{"info metadata-oauth-inserted", "info metadata-oidc-inserted", "info metadata-oauth-appended", "error pkce-advertised",
		"warning client-documents", "warning registration", "warning iss-advertised", "info iss-sent", "info scopes-listed"},
		providercheck.NotFit, "pkce-advertised; PKCE works, so clients that do not look get in"},
	"cognito": {[]string{"info metadata-oauth-inserted", "info metadata-oidc-inserted", "info metadata-oauth-appended", "error pkce-advertised",
		"warning client-documents", "warning registration", "warning iss-advertised", "info iss-sent", "info scopes-listed", "warning resource-unknown"},
		providercheck.NotFit, "pkce-advertised; PKCE works, so clients that do not look get in"},
}

// keycloakRuns are the same on a live Keycloak and on the personality.
var keycloakRuns = map[string]struct {
	change func(*providercheck.Options)
	faults []string // beside those of everyKeycloak
	lacks  []string // those that the personality may lack
}{
	"the client on this computer": {func(*providercheck.Options) {}, []string{"warning cors-token"}, []string{"warning cors-token"}},
	"the client in a browser": {func(o *providercheck.Options) {
		o.Client = &providercheck.Client{ID: "mcp-inspector", RedirectURI: "http://localhost:6274/oauth/callback"}
	}, []string{"info redirect-loopback-port"}, []string{"info redirect-loopback-port"}},
	"a client that registers itself": {func(o *providercheck.Options) { o.Client, o.Register = nil, true },
		[]string{"warning pkce-enforced", "warning pkce-plain", "warning cors-token"}, []string{"warning pkce-enforced", "warning pkce-plain", "warning cors-token"}},
}

var (
	everyKeycloak = []string{"info metadata-oidc-inserted", "warning client-documents", "warning auth-method-none", "warning resource-unknown", "info algorithms", "warning cors-metadata"}
	// notEveryMock is what docs/personalities.md says is not imitated: CORS by client, and the algorithms that are not there.
	notEveryMock = []string{"info algorithms", "warning cors-metadata"}
)

func TestEveryPersonalityIsFoundAsItsProviderIs(t *testing.T) {
	t.Parallel()
	for _, imitated := range mockidp.Personalities() {
		t.Run(imitated.Name, func(t *testing.T) {
			t.Parallel()
			options := standIn(t, imitated.Name)
			if imitated.Name == "keycloak" {
				for name, row := range keycloakRuns {
					options := options
					row.change(&options)
					report := check(t, options)
					all := append(row.faults, everyKeycloak...)
					require.Subset(t, all, faults(report), "%s: %s", name, text(t, report))
					require.Subset(t, append(faults(report), append(row.lacks, notEveryMock...)...), all, "%s: %s", name, text(t, report))
					require.Equal(t, providercheck.FitWarnings, report.Verdict())
				}
				return
			}
			require.Contains(t, found, imitated.Name)
			want := found[imitated.Name]
			report := check(t, options)
			require.ElementsMatch(t, want.faults, faults(report), text(t, report))
			require.Equal(t, want.verdict, report.Verdict())
			require.Contains(t, report.Sentence(), want.says)
		})
	}
}

// standIn starts the mock as a provider, and returns what its profile has to ask.
func standIn(t *testing.T, as string) providercheck.Options {
	t.Helper()
	const api = "http://localhost:3001/mcp" // the default resource of the built-in configuration
	idp := mockidp.New(t, mockidp.Options{As: as})
	issuer := strings.Split(idp.Issuer(), "/")
	names := map[string]string{"strict": "mock", "opaque": "oauth2"}
	if names[as] == "" {
		names[as] = as
	}
	p, err := profile.Load(names[as], func(name string) string {
		switch known := map[string]string{
			"AUTH0_SCHEME": "http", "AUTH0_DOMAIN": issuer[2], "ENTRA_AUTHORITY": "http://" + issuer[2], "ENTRA_API_CLIENT_ID": idp.Audience(api),
		}; {
		case known[name] != "":
			return known[name]
		case name == "ENTRA_TENANT_ID":
			return issuer[3]
		case strings.HasSuffix(name, "_ISSUER"):
			return idp.Issuer()
		case strings.HasSuffix(name, "_RS_CLIENT_SECRET"):
			return "todo-mcp-secret"
		}
		return os.Getenv(name)
	})
	require.NoError(t, err)
	return asked(p, api)
}

// asked is what a profile has to ask for an endpoint.
func asked(p *profile.Profile, api string) providercheck.Options {
	options := providercheck.Options{Issuer: p.Issuer, Resource: api, Client: &providercheck.Client{ID: p.Clients.Registered.ID, RedirectURI: redirect}}
	for _, scope := range []string{"create:todos", "read:todos", "delete:todos"} {
		options.Scopes = append(options.Scopes, p.WireScope(scope))
	}
	return options
}
