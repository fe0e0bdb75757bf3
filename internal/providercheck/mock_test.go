package providercheck_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/profile"
	"mcpharness/internal/providercheck"
	"mcpharness/mockidp"
	"mcpharness/providers"
)

// TestTheStrictMockIsFit holds two of this project's own words against each other: the check and the server were written apart.
func TestTheStrictMockIsFit(t *testing.T) {
	t.Parallel()
	idp := mockidp.New(t, mockidp.Options{})
	scopes := []string{"create:todos", "read:todos", "delete:todos"}
	for name, options := range map[string]providercheck.Options{
		"a configured client":   {Client: &providercheck.Client{ID: "mcp-client", RedirectURI: redirect}, Scopes: scopes, Resource: "http://localhost:3001/mcp"},
		"a client of its own":   {Register: true, Scopes: scopes},
		"no scope, no resource": {Register: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options.Issuer = idp.Issuer()
			report := check(t, options)
			require.Empty(t, faults(report), text(t, report))
			require.Equal(t, providercheck.Fit, report.Verdict())
		})
	}
}

func TestAConfidentialClientOfTheMockIsTold(t *testing.T) {
	t.Parallel()
	idp := mockidp.New(t, mockidp.Options{})
	report := check(t, providercheck.Options{Issuer: idp.Issuer(), Client: &providercheck.Client{ID: "todo-web", RedirectURI: redirect}})
	require.Equal(t, []string{"warning public-client"}, faults(report), text(t, report))
}

func TestTheMockIsFitByItsProfile(t *testing.T) {
	t.Parallel()
	idp := mockidp.New(t, mockidp.Options{})
	require.Contains(t, providers.Names(), "mock")
	p, err := profile.Load("mock", func(name string) string { return map[string]string{"MOCK_IDP_ISSUER": idp.Issuer()}[name] })
	require.NoError(t, err)
	report := check(t, providercheck.Options{Issuer: p.Issuer, Client: &providercheck.Client{ID: p.Clients.Registered.ID, RedirectURI: redirect}, Scopes: []string{p.WireScope("read:todos")}})
	require.Empty(t, faults(report), text(t, report))
}
