package internal_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNoScriptEndsEarly finds testscript's own stop, which passes a script without the rest of it. Servers are ended by end.
func TestNoScriptEndsEarly(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("../cmd/*/testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	stop := regexp.MustCompile(`(?m)^(\[[^]]*\] )?stop\b`)
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		require.NoError(t, err)
		require.False(t, stop.Match(text), "%s has a line that begins with stop: nothing behind it runs", script)
	}
}
