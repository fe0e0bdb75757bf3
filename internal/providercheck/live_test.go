package providercheck_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/profile"
	"mcpharness/internal/providercheck"
)

// TestALiveKeycloak runs where E2E_PROFILE is the profile keycloak.yaml, as for the end-to-end tests:
//
//	tools/keycloak during env E2E_PROFILE=keycloak.yaml go test -count=1 -run LiveKeycloak ./internal/providercheck
func TestALiveKeycloak(t *testing.T) {
	t.Parallel()
	if filepath.Base(os.Getenv("E2E_PROFILE")) != "keycloak.yaml" {
		t.Skip("E2E_PROFILE is not keycloak.yaml: no live Keycloak")
	}
	p, err := profile.Load("keycloak", os.Getenv)
	require.NoError(t, err)
	scopes := []string{p.WireScope("create:todos"), p.WireScope("read:todos"), p.WireScope("delete:todos")}
	everywhere := []string{"info metadata-oidc-inserted", "warning client-documents", "warning auth-method-none", "warning resource-unknown", "info algorithms", "warning cors-metadata"}
	for name, row := range map[string]struct {
		change func(*providercheck.Options)
		more   []string
		want   providercheck.Verdict
	}{
		"the client on this computer": {func(o *providercheck.Options) {
			o.Client = &providercheck.Client{ID: p.Clients.Registered.ID, RedirectURI: redirect}
		},
			[]string{"warning cors-token"}, providercheck.FitWarnings},
		"the client in a browser": {func(o *providercheck.Options) {
			o.Client = &providercheck.Client{ID: "mcp-inspector", RedirectURI: "http://localhost:6274/oauth/callback"}
		}, []string{"info redirect-loopback-port"}, providercheck.FitWarnings},
		"a client that registers itself": {func(o *providercheck.Options) { o.Register = true },
			[]string{"warning pkce-enforced", "warning pkce-plain", "warning cors-token"}, providercheck.FitWarnings},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := providercheck.Options{Issuer: p.Issuer, Scopes: scopes, Resource: p.Token.Audience}
			row.change(&options)
			report := check(t, options)
			require.ElementsMatch(t, append(row.more, everywhere...), faults(report), text(t, report))
			require.Equal(t, row.want, report.Verdict())
		})
	}
}
