//go:build unix

package strangers

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// conversation is a client that runs on and answers a line of JSON on stdin with a line of JSON on stdout.
type conversation struct {
	stdin io.Writer
	lines chan []byte
	log   lockedBuffer
}

func converse(t *testing.T, d *desk, name string, args ...string) *conversation {
	t.Helper()
	c := &conversation{lines: make(chan []byte)}
	cmd := d.command(t, name, args...)
	cmd.Stderr = &c.log
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	c.stdin = stdin
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		defer close(c.lines)
		reader := bufio.NewReader(stdout)
		for {
			line, err := reader.ReadBytes('\n')
			if err != nil {
				return
			}
			select {
			case c.lines <- line:
			case <-ended:
				return
			}
		}
	}()
	t.Cleanup(func() { // the test's context has ended: the process group is killed
		close(ended)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s's client says:\n%s", d.person, &c.log)
		}
	})
	return c
}

func (c *conversation) send(t *testing.T, message any) {
	t.Helper()
	line, err := json.Marshal(message)
	require.NoError(t, err)
	_, err = c.stdin.Write(append(line, '\n'))
	require.NoError(t, err)
}

// receive decodes the next line.
func (c *conversation) receive(t *testing.T, into any) {
	t.Helper()
	select {
	case line, ok := <-c.lines:
		require.True(t, ok, "the client ended: %s", &c.log)
		require.NoError(t, json.Unmarshal(line, into), "%s", line)
	case <-time.After(patience):
		require.Fail(t, "no answer in "+patience.String(), "%s", &c.log)
	}
}

// script is one of this folder's programs on a stranger's SDK. It answers {"tool", "arguments"} with {"result"} or
// {"refusal"}, and a line without a tool with {"result"} of tools/list.
type script struct{ *conversation }

func (s script) tools(t *testing.T) []string {
	t.Helper()
	return toolNames(t, s.ask(t, map[string]any{}).Result)
}

func (s script) call(t *testing.T, tool string, arguments map[string]any) answer {
	t.Helper()
	a := s.ask(t, map[string]any{"tool": tool, "arguments": arguments})
	if a.Refusal != "" {
		return answer{Refusal: a.Refusal}
	}
	return resultOf(t, a.Result)
}

type said struct {
	Result  json.RawMessage
	Refusal string
}

func (s script) ask(t *testing.T, question any) (a said) {
	t.Helper()
	s.send(t, question)
	s.receive(t, &a)
	return a
}

// typeScript starts a script of this folder on Node, beside the installed packages, where its imports find them.
func typeScript(name string, args ...string) func(*testing.T, *desk, string) client {
	return func(t *testing.T, d *desk, url string) client {
		dir := t.TempDir()
		require.NoError(t, os.Symlink(filepath.Join(d.installation, "node_modules"), filepath.Join(dir, "node_modules")))
		for _, file := range []string{name, "person.mjs"} {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, file), content, 0o600))
		}
		return script{converse(t, d, d.node(), append([]string{filepath.Join(dir, name), url}, args...)...)}
	}
}

func python(t *testing.T, d *desk, url string) client {
	program, err := filepath.Abs("python_sdk.py")
	require.NoError(t, err)
	return script{converse(t, d, filepath.Join(d.installation, "python/bin/python"), program, url)}
}

// lockedBuffer is read for a failure's message while the process may still write.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
