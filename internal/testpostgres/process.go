//go:build unix

package testpostgres

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Restart starts the server that Kill or a failed start left, and waits until it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		if s.cmd == nil {
			s.launch(t)
		}
		ctx, cancel := context.WithDeadline(context.Background(), deadline)
		conn, err := pgx.Connect(ctx, s.URL("postgres", Password, "postgres"))
		cancel()
		if err == nil {
			require.NoError(t, conn.Close(context.Background()))
			return
		}
		require.True(t, time.Now().Before(deadline), "PostgreSQL does not start: %v\n%s", err, &s.log)
		select {
		case <-s.exited: // for example because an old process still holds the shared memory
			s.cmd = nil
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *Server) launch(t testing.TB) {
	t.Helper()
	args := []string{"-D", s.data(), "-k", s.dir, "-c", "listen_addresses=", "-c", "max_connections=300"}
	if !s.durable {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off")
	}
	s.cmd, s.exited = s.command("postgres", args...), make(chan struct{})
	s.cmd.Stderr = &s.log
	require.NoError(t, s.cmd.Start())
	go func(cmd interface{ Wait() error }, exited chan struct{}) {
		_ = cmd.Wait()
		close(exited)
	}(s.cmd, s.exited)
}

// Kill ends the server and all its processes with SIGKILL. Restart brings it back.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	// Stopped first, the postmaster can neither fork nor tell its children to clean up.
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGSTOP))
	victims := append(children(s.cmd.Process.Pid), s.cmd.Process.Pid)
	for _, pid := range victims {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	s.wait(t)
	s.cmd = nil
}

func (s *Server) stop(t testing.TB) {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGINT) // "fast": open connections are closed
	s.wait(t)
	if t.Failed() {
		t.Logf("PostgreSQL says:\n%s", &s.log)
	}
}

func (s *Server) wait(t testing.TB) {
	t.Helper()
	select {
	case <-s.exited:
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		t.Errorf("PostgreSQL did not end within %s", patience)
	}
}

// children are none where the system has no such list: they end soon after the postmaster.
func children(pid int) []int {
	list, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	var pids []int
	for _, field := range strings.Fields(string(list)) {
		if child, err := strconv.Atoi(field); err == nil {
			pids = append(pids, child)
		}
	}
	return pids
}
