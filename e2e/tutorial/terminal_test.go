//go:build unix

package tutorial

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

const patience = time.Minute

// terminal runs commands as a reader types them, in a folder of its own. Differences from a reader's terminal: ports are others (see ports);
// the program go is a script that runs what this test built from the same sources, with the default addresses of the commands spelled out.
type terminal struct {
	t       *testing.T
	ports   *ports
	folder  string
	env     map[string]string
	running map[string]*running // by program
}

// running is a server that a page started.
type running struct {
	cmd    *exec.Cmd
	output lines
	ended  chan error
}

func newTerminal(t *testing.T, p *ports) *terminal {
	for _, needed := range []string{"bash", "curl"} {
		_, err := exec.LookPath(needed)
		require.NoError(t, err, "the commands of the tutorial need %s", needed)
	}
	term := &terminal{t: t, ports: p, folder: t.TempDir(), running: map[string]*running{}}
	repository, err := filepath.Abs("../..")
	require.NoError(t, err)
	require.NoError(t, os.Symlink(filepath.Join(repository, "providers"), filepath.Join(term.folder, "providers")))
	tools := t.TempDir()
	config := filepath.Join(tools, "default.yaml")
	require.NoError(t, os.WriteFile(config, []byte(p.there(mockidp.DefaultYAML)), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(tools, "go"), []byte(script), 0o700))
	term.env = map[string]string{
		"PATH": tools + ":" + os.Getenv("PATH"), "HOME": tools, "TMPDIR": tools, "NO_PROXY": "*",
		"REPOSITORY": repository, "PROGRAMS": programs, "DEFAULT_CONFIG": config,
		"IDP_ADDRESS": p.there("localhost:4444"), "TODO_ADDRESS": p.there("localhost:3001"),
		"MOCK_IDP_ISSUER": p.there("http://localhost:4444"),
		"KEYCLOAK_ISSUER": p.there("http://localhost:8180/realms/todo"),
	}
	t.Cleanup(func() {
		for _, name := range slices.Sorted(maps.Keys(term.running)) {
			term.stop(name)
		}
	})
	return term
}

// script is what the programs of this repository are started by. Where a flag is given twice, the last one, the page's, counts.
const script = `#!/bin/sh
[ "$1" = run ] && [ -e "$REPOSITORY/$2/main.go" ] || { echo "the tutorial's test has no go $1 $2" >&2; exit 2; }
program=$(basename "$2"); shift 2
case "$program $1" in
"mock-idp "|"mock-idp -"*)
	case " $* " in
	*" --realm "*|*" --config "*) set -- --listen "$IDP_ADDRESS" "$@" ;;
	*) set -- --listen "$IDP_ADDRESS" --config "$DEFAULT_CONFIG" "$@" ;;
	esac ;;
"todo-mcp "|"todo-mcp -"*) set -- --listen "$TODO_ADDRESS" "$@" ;;
"todo-mcp call") shift; set -- call --url "http://$TODO_ADDRESS/mcp" "$@" ;;
esac
[ -z "$ONLY_EXEC" ] || exec "$PROGRAMS/$program" "$@"
"$PROGRAMS/$program" "$@"
status=$?
[ $status = 0 ] || { echo "exit status $status" >&2; exit 1; } # as go run does
`

func (term *terminal) environment(more ...string) []string {
	var env []string
	for name, value := range term.env {
		env = append(env, name+"="+value)
	}
	return append(env, more...)
}

// run types commands and returns the exit status and what is on the screen then. What they export stays.
func (term *terminal) run(text string) (status int, screen string) {
	term.t.Helper()
	ctx, cancel := context.WithTimeout(term.t.Context(), patience)
	defer cancel()
	kept := filepath.Join(term.folder, ".environment")
	trap := "trap 'status=$?; env -0 >" + kept + "; exit $status' EXIT\n"
	cmd := exec.CommandContext(ctx, "bash", "-e", "-o", "allexport", "-c", trap+term.ports.there(text))
	cmd.Dir, cmd.Env = term.folder, term.environment()
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	require.NoError(term.t, ctx.Err(), "%s\ndoes not end; so far:\n%s", text, out)
	if _, failed := err.(*exec.ExitError); !failed {
		require.NoError(term.t, err)
	}
	environment, err := os.ReadFile(kept)
	require.NoError(term.t, err)
	require.NoError(term.t, os.Remove(kept))
	for entry := range strings.SplitSeq(strings.TrimSuffix(string(environment), "\x00"), "\x00") {
		if name, value, _ := strings.Cut(entry, "="); name != "SHLVL" && name != "_" && name != "PWD" && name != "OLDPWD" && name != "BASHOPTS" && name != "SHELLOPTS" {
			term.env[name] = value
		}
	}
	return cmd.ProcessState.ExitCode(), term.ports.back(strings.ReplaceAll(string(out), "\r\n", "\n")) // of HTTP
}

// serve starts a server and returns the screen once it is ready.
func (term *terminal) serve(text string) (screen string) {
	term.t.Helper()
	r := &running{cmd: exec.Command("bash", "-c", "exec env "+term.ports.there(text)), ended: make(chan error, 1)}
	r.cmd.Dir, r.cmd.Env = term.folder, term.environment("ONLY_EXEC=1")
	r.cmd.Stdout, r.cmd.Stderr = &r.output, &r.output // one pipe, as one screen
	require.NoError(term.t, r.cmd.Start())
	go func() { r.ended <- r.cmd.Wait() }()
	term.running[programOf(text)] = r
	for late := time.After(patience); !r.output.ready(); {
		select {
		case err := <-r.ended:
			delete(term.running, programOf(text))
			require.Fail(term.t, "ended", "%s\nended before it was ready, %v:\n%s", text, err, &r.output)
		case <-late:
			require.Fail(term.t, "late", "%s\nsays on a line of JSON that it is ready; so far:\n%s", text, &r.output)
		case <-time.After(10 * time.Millisecond):
		}
	}
	return term.ports.back(r.output.String())
}

// programOf names what a server block starts: go run ./cmd/NAME.
func programOf(text string) string {
	for word := range strings.FieldsSeq(text) {
		if name, ok := strings.CutPrefix(word, "./cmd/"); ok {
			return name
		}
	}
	return text
}

// stop presses Ctrl+C in the terminal of a server, which must end well.
func (term *terminal) stop(name string) {
	term.t.Helper()
	r, ok := term.running[name]
	if !ok {
		require.Fail(term.t, fmt.Sprintf("%s does not run, so it cannot be stopped", name))
	}
	delete(term.running, name)
	_ = r.cmd.Process.Signal(syscall.SIGINT)
	late := time.AfterFunc(patience, func() { _ = r.cmd.Process.Kill() })
	defer late.Stop()
	require.NoError(term.t, <-r.ended, "%s ends well:\n%s", name, &r.output)
}

// lines is what a running server has printed. Safe for concurrent use.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

func (l *lines) ready() bool {
	for line := range strings.Lines(l.String()) {
		if strings.HasPrefix(line, `{"`) && strings.HasSuffix(line, "}\n") {
			return true
		}
	}
	return false
}
