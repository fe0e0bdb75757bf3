//go:build unix

package conformance

import (
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// clientLeg has the client in ./client judged. Only the scenarios of authorization count: the others are about go-sdk, and some
// want a client with tools of its own.
func clientLeg(revision string) func(*testing.T, suite) score {
	return func(t *testing.T, s suite) score {
		client := filepath.Join(t.TempDir(), "client")
		out, err := exec.CommandContext(t.Context(), "go", "build", "-o", client, "./client").CombinedOutput()
		require.NoError(t, err, "%s", out)
		checks, _ := s.run(t, io.Discard, "client", "--command", client, "--requirements", revision)

		var scenarios []string
		for _, scenario := range s.required(t, revision, "client") {
			if strings.HasPrefix(scenario, "auth/") {
				scenarios = append(scenarios, scenario)
				require.NotEmpty(t, checks.with(scenario, "SUCCESS"), scenario)
				require.Empty(t, checks.with(scenario, "FAILURE"), scenario)
				require.Empty(t, checks.with(scenario, "WARNING"), scenario)
			}
		}
		require.NotEmpty(t, scenarios)
		sum := scoreOf(checks, scenarios)
		sum.leg, sum.revision, sum.what = "client", revision, "go-sdk's client as the end-to-end tests use it: the required `auth/*`"
		return sum
	}
}
