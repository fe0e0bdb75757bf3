//go:build unix

package durability

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/testpostgres"
	"mcpharness/mockidp"
)

// patience is for one step: a start, a call, a recovery.
const patience = 30 * time.Second

// publicURL is the MCP endpoint as clients know it: a balancer would stand there, in front of all replicas.
const publicURL = "https://todo.example/mcp"

// server is a running todo-mcp.
type server struct {
	cmd    *exec.Cmd
	stdout io.Reader
	ready  string // its line on stdout
	url    string // of its own MCP endpoint
	log    bytes.Buffer
}

// startServers starts servers at once on one database, so that they migrate it at once.
func startServers(t *testing.T, idp *mockidp.Server, database string, n int) []*server {
	t.Helper()
	servers := make([]*server, n)
	for i := range servers {
		s := &server{cmd: exec.Command(binary, "--listen", "127.0.0.1:0", "--public-url", publicURL, "--issuer", idp.Issuer(), "--db", database)}
		s.cmd.Stderr = &s.log
		var err error
		s.stdout, err = s.cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, s.cmd.Start())
		t.Cleanup(func() { s.stop(t) })
		servers[i] = s
	}
	for _, s := range servers {
		s.await(t)
	}
	return servers
}

func startServer(t *testing.T, idp *mockidp.Server, database string) *server {
	t.Helper()
	return startServers(t, idp, database, 1)[0]
}

// await reads the line that tells where the server is.
func (s *server) await(t *testing.T) {
	t.Helper()
	mute := time.AfterFunc(patience, func() { _ = s.cmd.Process.Kill() })
	defer mute.Stop()
	line, err := bufio.NewReader(s.stdout).ReadBytes('\n')
	if err != nil {
		_ = s.cmd.Wait() // before the log is read
		require.NoError(t, err, "todo-mcp says:\n%s", &s.log)
	}
	var ready struct{ Listen string }
	require.NoError(t, json.Unmarshal(line, &ready))
	require.True(t, strings.HasPrefix(ready.Listen, "http://"), "%s", line)
	s.url, s.ready = ready.Listen+"/mcp", string(line)
}

// kill ends it with SIGKILL.
func (s *server) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, s.cmd.Process.Kill())
	require.Error(t, s.cmd.Wait(), "killed")
}

// stop ends it in peace, if it has not been killed.
func (s *server) stop(t *testing.T) {
	if s.cmd.ProcessState != nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(patience, func() { _ = s.cmd.Process.Kill() })
	defer late.Stop()
	err := s.cmd.Wait()
	for _, form := range []string{testpostgres.Password, url.QueryEscape(testpostgres.Password), url.UserPassword("", testpostgres.Password).String()} {
		require.NotContains(t, s.log.String()+s.ready, form, "the password of the database is shown to nobody")
	}
	if err != nil || t.Failed() {
		t.Errorf("todo-mcp ended with %v and says:\n%s", err, &s.log)
	}
}

// newIDP starts the issuer of all tokens, which outlives every kill.
func newIDP(t *testing.T) *mockidp.Server {
	t.Helper()
	return mockidp.New(t, mockidp.Options{})
}

// newHTTP returns a client that keeps a connection for each concurrent call.
func newHTTP(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}
