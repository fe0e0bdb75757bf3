//go:build unix

package strangers

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// toolError is the exit status for a result that says isError.
const toolError = 5

// inspectorCLI is the MCP Inspector on the command line: a process for each request, which share the sign-in through the home folder.
type inspectorCLI struct {
	desk          *desk
	url, callback string
	era           string // of the protocol: legacy (to 2025-11-25) or modern (2026-07-28)
}

func inspector(era string) func(*testing.T, *desk, string) client {
	return func(t *testing.T, d *desk, url string) client {
		// Its usual port is 6276, which a person's own Inspector may hold.
		return &inspectorCLI{desk: d, url: url, era: era, callback: fmt.Sprintf("http://127.0.0.1:%d/oauth/callback", freePort(t))}
	}
}

func (c *inspectorCLI) run(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	args = append([]string{c.desk.module(".bin/mcp-inspector"), "--cli", c.url, "--transport", "http", "--protocol-era", c.era, "--callback-url", c.callback,
		"--format", "json"}, args...)
	cmd := c.desk.command(t, c.desk.node(), args...)
	cmd.Env = append(cmd.Env, "MCP_AUTO_OPEN_ENABLED=true", "MCP_INSPECTOR_SECRET_STORE=file")
	var out, log strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &log
	require.NoError(t, cmd.Start())
	late := time.AfterFunc(patience, func() { _ = cmd.Cancel() })
	err := cmd.Wait()
	require.True(t, late.Stop(), "no answer in %s: %s", patience, &log)
	var exit *exec.ExitError
	if err != nil {
		require.True(t, errors.As(err, &exit), "%v", err)
	}
	return out.String(), log.String(), cmd.ProcessState.ExitCode()
}

func (c *inspectorCLI) tools(t *testing.T) []string {
	t.Helper()
	stdout, stderr, status := c.run(t, "--method", "tools/list")
	require.Zero(t, status, "%s", stderr)
	return toolNames(t, unwrapped(t, stdout))
}

func (c *inspectorCLI) call(t *testing.T, tool string, arguments map[string]any) answer {
	t.Helper()
	encoded, err := json.Marshal(arguments)
	require.NoError(t, err)
	stdout, stderr, status := c.run(t, "--method", "tools/call", "--tool-name", tool, "--tool-args-json", string(encoded))
	if status != 0 && status != toolError {
		return answer{Refusal: fmt.Sprintf("exit %d: %s", status, stderr)}
	}
	return resultOf(t, unwrapped(t, stdout))
}

func unwrapped(t *testing.T, stdout string) []byte {
	t.Helper()
	var o struct{ Result json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(stdout), &o), "%s", stdout)
	return o.Result
}
