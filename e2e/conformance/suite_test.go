//go:build unix

package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"mcpharness/e2e/strangers/installation"
)

// patience is for one run of the suite. It takes seconds; a run that hangs ends with it.
const patience = 3 * time.Minute

// suite is the installed conformance suite.
type suite struct{ node, dir string }

func newSuite(t *testing.T) suite {
	t.Helper()
	dir := installation.Dir(t, "CONFORMANCE")
	return suite{installation.Node(t, dir), filepath.Join(dir, "node_modules/@modelcontextprotocol/conformance")}
}

// required are the scenarios that a revision of the specification requires of a leg (client or server).
func (s suite) required(t *testing.T, revision, leg string) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(s.dir, "requirements", revision+".yaml"))
	require.NoError(t, err)
	var set struct{ Client, Server []string }
	require.NoError(t, yaml.Unmarshal(content, &set))
	required := map[string][]string{"client": set.Client, "server": set.Server}[leg]
	require.NotEmpty(t, required)
	return required
}

// run runs the suite, gives what it writes on stdout to watch too, and reads its checks. The status is its exit status.
func (s suite) run(t *testing.T, watch io.Writer, args ...string) (checks results, status int) {
	t.Helper()
	saved := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.node, append(append([]string{filepath.Join(s.dir, "dist/index.js")}, args...), "--output-dir", saved)...)
	cmd.Dir = t.TempDir()
	cmd.Env = []string{"HOME=" + cmd.Dir, "PATH=/usr/bin:/bin"}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.MultiWriter(&stdout, watch), &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the clients that it starts end with it
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil {
		require.True(t, errors.As(err, &exit) && exit.Exited(), "%v after at most %s\n%s%s", err, patience, &stdout, &stderr)
	}
	checks = readResults(t, saved)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the suite says:\n%s%s\nnot passed:\n%s", &stdout, &stderr, checks)
		}
	})
	return checks, cmd.ProcessState.ExitCode()
}

// results are the checks of each scenario.
type results map[string][]check

type check struct{ ID, Status, ErrorMessage string }

// stamped is the folder of a scenario: what is tested, if it is no client, the scenario's name and the time of the run.
var stamped = regexp.MustCompile(`^(?:server-|authorization-server-)?(.+)-\d{4}-\d\d-\d\dT[-\dZ]+$`)

func readResults(t *testing.T, dir string) results {
	t.Helper()
	read := results{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.Name() != "checks.json" {
			return err
		}
		folder, err := filepath.Rel(dir, filepath.Dir(path))
		require.NoError(t, err)
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		var checks []check
		require.NoError(t, json.Unmarshal(content, &checks), path)
		parts := stamped.FindStringSubmatch(folder)
		require.NotNil(t, parts, "want a folder that is named for a scenario, got %s", folder)
		read[parts[1]] = checks
		return nil
	}))
	return read
}

// String lists the checks that were not passed, with their reasons.
func (r results) String() string {
	var lines []string
	for scenario, checks := range r {
		for _, c := range checks {
			if c.Status != "SUCCESS" && c.Status != "INFO" {
				lines = append(lines, fmt.Sprintf("%s %s %s: %s", scenario, c.Status, c.ID, c.ErrorMessage))
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// with are the ids of a scenario's checks that have this status.
func (r results) with(scenario, status string) (ids []string) {
	for _, c := range r[scenario] {
		if c.Status == status {
			ids = append(ids, c.ID)
		}
	}
	return ids
}
