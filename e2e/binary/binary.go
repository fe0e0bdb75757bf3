//go:build unix

// Package binary runs the commands of this repository as a user does: built, as processes, with signals.
package binary

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

const (
	startPatience = 30 * time.Second
	stopPatience  = 10 * time.Second
)

// Build builds a command by its name below cmd and returns the path. The file goes with the test.
func Build(t testing.TB, command string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), command)
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "mcpharness/cmd/"+command).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

// Process is a running command. It is not safe for concurrent use.
type Process struct {
	cmd *exec.Cmd
	log bytes.Buffer
}

// Start starts a built command and reads the line of JSON into ready by which it tells that it is. It ends with the test,
// which fails if it does not end cleanly; what it says on stderr is logged if the test fails.
func Start(t testing.TB, path string, ready any, args ...string) *Process {
	t.Helper()
	p := &Process{cmd: exec.Command(path, args...)}
	p.cmd.Dir = t.TempDir()
	p.cmd.Stderr = &p.log
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() {
		p.Stop(t)
		if t.Failed() {
			t.Logf("%s says:\n%s", filepath.Base(path), &p.log)
		}
	})
	late := time.AfterFunc(startPatience, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	require.NoError(t, err, "%s says on stdout where it is", filepath.Base(path))
	require.NoError(t, json.Unmarshal(line, ready), "%s", line)
	return p
}

// PID is the number of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Stop asks it to end, waits, and does nothing the second time.
func (p *Process) Stop(t testing.TB) {
	t.Helper()
	if p.cmd.ProcessState != nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(stopPatience, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	require.NoError(t, p.cmd.Wait(), "%s ends cleanly", filepath.Base(p.cmd.Path))
}
