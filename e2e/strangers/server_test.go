//go:build unix

package strangers

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/e2e/binary"
)

// server is todo-mcp with its mock authorization server, as the real binary.
type server struct {
	binary, db  string
	URL, Issuer string
	process     *binary.Process
}

// startServer starts a server on free ports.
func startServer(t *testing.T, path string) *server {
	t.Helper()
	s := &server{binary: path, db: filepath.Join(t.TempDir(), "todos.db")}
	s.start(t, "localhost:0", "localhost:0")
	return s
}

// restart ends the server and starts it again in the same places, with the same database.
func (s *server) restart(t *testing.T) {
	t.Helper()
	s.process.Stop(t)
	s.start(t, strings.TrimSuffix(strings.TrimPrefix(s.URL, "http://"), "/mcp"), strings.TrimPrefix(s.Issuer, "http://"))
}

func (s *server) start(t *testing.T, listen, idpListen string) {
	t.Helper()
	s.process = binary.Start(t, s.binary, s, "--listen", listen, "--idp-listen", idpListen, "--db", s.db)
	require.NotEmpty(t, s.URL)
	require.NotEmpty(t, s.Issuer)
}
