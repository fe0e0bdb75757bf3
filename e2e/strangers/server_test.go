//go:build unix

package strangers

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
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

// server is todo-mcp with its mock authorization server, as the real binary.
type server struct {
	binary, db  string
	URL, Issuer string
	process     *exec.Cmd
	log         bytes.Buffer
}

// startServer starts a server on free ports. It ends with the test, which fails if it does not end cleanly.
func startServer(t *testing.T, binary string) *server {
	t.Helper()
	s := &server{binary: binary, db: filepath.Join(t.TempDir(), "todos.db")}
	t.Cleanup(func() {
		s.stop(t)
		if t.Failed() {
			t.Logf("the server says:\n%s", &s.log)
		}
	})
	s.start(t, "localhost:0", "localhost:0")
	return s
}

// restart ends the server and starts it again in the same places, with the same database.
func (s *server) restart(t *testing.T) {
	t.Helper()
	s.stop(t)
	s.start(t, strings.TrimSuffix(strings.TrimPrefix(s.URL, "http://"), "/mcp"), strings.TrimPrefix(s.Issuer, "http://"))
}

func (s *server) start(t *testing.T, listen, idpListen string) {
	t.Helper()
	process := exec.Command(s.binary, "--listen", listen, "--idp-listen", idpListen, "--db", s.db)
	process.Stderr = &s.log
	stdout, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	s.process = process
	late := time.AfterFunc(30*time.Second, func() { _ = process.Process.Kill() })
	defer late.Stop()
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	require.NoError(t, err, "the server says on stdout where it is")
	require.NoError(t, json.Unmarshal(line, s))
	require.NotEmpty(t, s.URL)
	require.NotEmpty(t, s.Issuer)
}

func (s *server) stop(t *testing.T) {
	t.Helper()
	if s.process == nil {
		return
	}
	process := s.process
	s.process = nil
	_ = process.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(10*time.Second, func() { _ = process.Process.Kill() })
	defer late.Stop()
	require.NoError(t, process.Wait(), "the server ends cleanly")
}
