package providercheck_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/profile"
	"mcpharness/internal/providercheck"
)

// TestALiveKeycloak runs where E2E_PROFILE is the profile keycloak.yaml, as for the end-to-end tests; make e2e-keycloak runs both:
//
//	tools/keycloak during env E2E_PROFILE=keycloak.yaml go test -count=1 -run LiveKeycloak ./internal/providercheck
func TestALiveKeycloak(t *testing.T) {
	t.Parallel()
	if filepath.Base(os.Getenv("E2E_PROFILE")) != "keycloak.yaml" {
		t.Skip("E2E_PROFILE is not keycloak.yaml: no live Keycloak")
	}
	p, err := profile.Load("keycloak", os.Getenv)
	require.NoError(t, err)
	for name, row := range keycloakRuns {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := asked(p, p.Token.Audience)
			row.change(&options)
			report := check(t, options)
			require.ElementsMatch(t, append(row.faults, everyKeycloak...), faults(report), text(t, report))
			require.Equal(t, providercheck.FitWarnings, report.Verdict())
		})
	}
}
