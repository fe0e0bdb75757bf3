package providercheck_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/providercheck"
	"mcpharness/mockidp"
)

// TestEveryFaultIsFoundThatShowsWithoutASignIn has a client register itself at a server with a path in its issuer and one fault.
func TestEveryFaultIsFoundThatShowsWithoutASignIn(t *testing.T) {
	t.Parallel()
	const (
		registered = "info metadata-oauth-inserted"
		noOIDC     = "info metadata-oidc-inserted"
		noAppended = "info metadata-oidc-appended"
		noOAuth    = "info metadata-oauth-appended"
	)
	rows := map[string][]string{
		"issuer-slash":           {"error issuer-identical"},
		"issuer-elsewhere":       {"error issuer-identical"},
		"only-oauth-inserted":    {noOIDC, noAppended, noOAuth},
		"only-oauth-appended":    {registered, noOIDC, noAppended, "error metadata-found"},
		"only-oidc-inserted":     {registered, noAppended, noOAuth},
		"only-oidc-appended":     {registered, noOIDC, noOAuth},
		"html-for-missing":       nil, // nothing is missing
		"pkce-unadvertised":      {"error pkce-advertised"},
		"no-cors":                {"warning cors-metadata", "warning cors-token", "warning cors-registration", "info cors-keys"},
		"registration-hosts":     {"warning registration", "info asked"}, // no client to ask as
		"registration-token":     {"warning registration", "info asked"},
		"registration-scopes":    nil, // the check registers without a scope
		"registration-members":   nil, // and with known members only
		"registration-secret":    {"warning registration-answer", "warning public-client"},
		"redirect-exact":         {"warning redirect-loopback-port"},
		"iss-missing":            {"error iss-sent"},
		"iss-wrong":              {"error iss-sent"},
		"refresh-none":           nil, // nobody signs in
		"refresh-answer-lost":    nil,
		"unknown-client-unclear": {"warning token-errors", "info asked"},
	}
	for _, fault := range mockidp.Faults() {
		require.Contains(t, rows, fault.Name)
	}
	for name, want := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			idp, err := mockidp.Start(mockidp.Options{Issuer: "http://" + l.Addr().String() + "/tenant", Faults: []string{name}}, l)
			require.NoError(t, err)
			t.Cleanup(idp.Close)
			report := check(t, providercheck.Options{Issuer: idp.Issuer(), Register: name != "unknown-client-unclear", Scopes: []string{"create:todos"}})
			require.ElementsMatch(t, want, faults(report), text(t, report))
		})
	}
}
