//go:build unix

package strangers

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func buildServer(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "todo-mcp")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "mcpharness/cmd/todo-mcp").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return binary
}

// startServer starts todo-mcp with its mock authorization server and returns the MCP endpoint. The server ends with the test, which fails
// if it does not end cleanly.
func startServer(t *testing.T, binary string) string {
	t.Helper()
	cmd := exec.Command(binary, "--listen", "localhost:0", "--idp-listen", "localhost:0", "--db", filepath.Join(t.TempDir(), "todos.db"))
	var log bytes.Buffer
	cmd.Stderr = &log
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	killer := time.AfterFunc(10*patience, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		killer.Reset(10 * time.Second)
		err := cmd.Wait()
		killer.Stop()
		if t.Failed() {
			t.Logf("the server says:\n%s", &log)
		}
		require.NoError(t, err, "the server ends cleanly")
	})
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	require.NoError(t, err, "the server says where it is: %s", &log)
	var ready struct{ URL, Issuer string }
	require.NoError(t, json.Unmarshal(line, &ready))
	require.NotEmpty(t, ready.URL)
	require.NotEmpty(t, ready.Issuer)
	return ready.URL
}
