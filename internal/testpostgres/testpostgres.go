//go:build unix

// Package testpostgres starts real PostgreSQL servers for tests, each in a folder of its own, reached by a Unix socket.
package testpostgres

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// patience is for a server to start or to stop.
const patience = 60 * time.Second

// The role that owns the databases of NewDatabase. The password has characters that a URL must encode.
const (
	Role     = "todo"
	Password = "canary:p@ss/word%"
)

// Server is a PostgreSQL server. Its methods may be called by one goroutine at a time.
type Server struct {
	dir     string // holds the socket and, in data, the cluster
	bin     string // folder of the programs
	as      identity
	durable bool

	cmd    *exec.Cmd
	exited chan struct{}
	log    safeBuffer
}

// Start starts a server and ends it with the test. It skips the test, with the reason, where PostgreSQL is not
// installed. A durable server waits for the disk as in production; another one is faster.
func Start(t testing.TB, durable bool) *Server {
	t.Helper()
	s := &Server{durable: durable}
	var err error
	if s.bin, err = programs(); err != nil {
		t.Skip(err)
	}
	if s.as, err = unprivileged(); err != nil {
		t.Skip(err)
	}
	s.dir, err = os.MkdirTemp("", "pg") // shorter than t.TempDir: a socket's path has at most some 100 bytes
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(s.dir)) })
	password := filepath.Join(s.dir, "password")
	require.NoError(t, os.WriteFile(password, []byte(Password), 0o600))
	require.NoError(t, s.as.own(s.dir, password))
	initdb := s.command("initdb", "-D", s.data(), "-U", "postgres", "--pwfile", password, "--auth", "scram-sha-256", "--encoding", "UTF8",
		"--locale", "C", "--no-sync", "--no-instructions")
	out, err := initdb.CombinedOutput()
	require.NoError(t, err, "initdb: %s", out)
	t.Cleanup(func() { s.stop(t) })
	s.Restart(t)
	s.exec(t, "postgres", fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s'", Role, Password))
	return s
}

// NewDatabase creates an empty database that Role owns, and returns its URL. Its collation is English, which does not
// compare by bytes.
func (s *Server) NewDatabase(t testing.TB) string {
	t.Helper()
	name := "test_" + strings.ToLower(rand.Text())
	s.exec(t, "postgres", fmt.Sprintf("CREATE DATABASE %s OWNER %s TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' STRATEGY file_copy", name, Role))
	return s.URL(Role, Password, name)
}

// URL returns a database's URL.
func (s *Server) URL(user, password, database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(user, password), Path: "/" + database, RawQuery: "host=" + s.dir}
	return u.String()
}

// Socket returns the path of the Unix socket.
func (s *Server) Socket() string { return filepath.Join(s.dir, ".s.PGSQL.5432") }

// Exec runs a statement as the superuser in the database of the URL.
func (s *Server) Exec(t testing.TB, databaseURL, statement string) {
	t.Helper()
	u, err := url.Parse(databaseURL)
	require.NoError(t, err)
	s.exec(t, strings.TrimPrefix(u.Path, "/"), statement)
}

func (s *Server) exec(t testing.TB, database, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL("postgres", Password, database))
	require.NoError(t, err)
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	require.NoError(t, err, statement)
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// command is a program of PostgreSQL, run as the unprivileged user, deaf to the PG* variables of the environment.
func (s *Server) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, program), args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = s.as.attributes()
	return cmd
}

// safeBuffer collects what a server says.
type safeBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
