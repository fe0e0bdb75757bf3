//go:build unix

// Package tutorial runs docs/tutorial.md, in each language, as a reader does: every command, in order, and compares what is on the screen
// with what the page shows.
package tutorial

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// languages are the pages, the first the one that the others are translations of.
var languages = []string{"tutorial.md", "tutorial.fr.md"}

func readPage(t *testing.T, name string) page {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../docs", name))
	require.NoError(t, err)
	p, err := read(string(data))
	require.NoError(t, err, name)
	require.Greater(t, len(p.steps), 20, name)
	return p
}

func TestEveryCommandOfTheTutorialDoesWhatThePageSays(t *testing.T) {
	t.Parallel()
	build(t)
	for _, name := range languages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPorts(t)
			useLive(t, p)
			term := newTerminal(t, p)
			for _, s := range readPage(t, name).steps {
				t.Logf("%s:%d %s %s", name, s.line, s.kind, s.text)
				term.follow(s)
			}
			for name := range term.running {
				t.Errorf("%s still runs: the page does not say when to stop it", name)
			}
		})
	}
}

// programs is the folder of those that pages start.
var programs string

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "tutorial-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	_ = os.RemoveAll(programs)
	os.Exit(status)
}

var buildOnce = sync.OnceValues(func() ([]byte, error) {
	return exec.Command("go", "build", "-o", programs+"/", "mcpharness/cmd/mock-idp", "mcpharness/cmd/todo-mcp", "mcpharness/providers/logto/setup").CombinedOutput()
})

// build builds the programs, for all tests once.
func build(t *testing.T) {
	t.Helper()
	out, err := buildOnce()
	require.NoError(t, err, "%s", out)
}

// follow does what a step says.
func (term *terminal) follow(s step) {
	term.t.Helper()
	var screen string
	switch s.kind {
	case skip:
		return
	case stop:
		for _, name := range s.names {
			term.stop(name)
		}
		return
	case standIn:
		start, known := standIns[s.names[0]]
		require.True(term.t, known, "line %d: nothing stands in for %s", s.line, s.names[0])
		start(term.t, term)
		return
	case server:
		screen = term.serve(s.text)
	default:
		var status int
		status, screen = term.run(s.text)
		require.Equal(term.t, s.kind == fails, status != 0, "line %d: exit status %d of\n%s\n%s", s.line, status, s.text, screen)
	}
	if s.checked {
		require.True(term.t, looks(s.output, screen), "line %d: after\n%s\n\nthe page shows\n%s\n\nand the screen is\n%s", s.line, s.text, s.output, screen)
	}
}

func TestEveryLanguageHasTheSameSteps(t *testing.T) {
	t.Parallel()
	original := readPage(t, languages[0])
	for _, name := range languages[1:] {
		translated := readPage(t, name)
		require.Equal(t, original.headings, translated.headings, "headings of %s", name)
		for i := range min(len(original.steps), len(translated.steps)) {
			want, got := original.steps[i], translated.steps[i]
			want.line, got.line = 0, 0
			require.Equal(t, want, got, "step %d, %s:%d and %s:%d", i+1, languages[0], original.steps[i].line, name, translated.steps[i].line)
		}
		require.Len(t, translated.steps, len(original.steps), name)
	}
}

func TestTheScreenIsComparedWithWhatThePageShows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		shown, printed string
		same           bool
	}{
		{"a\nb", "a\nb\n", true},
		{"a\nb", "a\n", false},
		{"a", "a\nb\n", false},
		{"…\nb", "a\nx\nb\n", true},
		{"…\nb", "b", true},
		{"…\nb", "xb", false},
		{"a …, b", "a 17, b", true},
		{"a …, b", "a , b", false},
		{"a …, b", "a\n, b", false},
		{"a.c", "abc", false},
		{"a\n…\nd\n…", "a\nb\nd\n", true},
		{"a", "a  \n\n", true},
	} {
		require.Equal(t, c.same, looks(c.shown, c.printed), "%q %q", c.shown, c.printed)
	}
}

func TestBlocksThatNobodyRunsAreMistakes(t *testing.T) {
	t.Parallel()
	for markdown, want := range map[string]string{
		"```sh\nls":               "a block without an end",
		"```\nls\n```":            `want a block of sh or text, got ""`,
		"```bash\nls\n```":        `want a block of sh or text, got "bash"`,
		"```sh nonsense\nls\n```": "want sh, sh fails, sh server, sh skip or sh stand-in NAME",
		"```sh stand-in\nls\n```": "want sh, sh fails, sh server, sh skip or sh stand-in NAME",
		"```text\nx\n```":         "a block of output stands behind a block of commands",
		"```sh\nls\n```\n```text\n```\n```text\n```": "a block of output stands behind a block of commands",
	} {
		_, err := read(markdown)
		require.ErrorContains(t, err, want, markdown)
	}
	p, err := read("# A\n```sh fails\n# not a heading\n```\nCtrl+C <!-- stop: a b-c -->\n## B\n")
	require.NoError(t, err)
	require.Equal(t, []string{"#", "##"}, p.headings)
	require.Equal(t, []step{{kind: fails, line: 2, text: "# not a heading", names: []string{}}, {kind: stop, line: 5, names: []string{"a", "b-c"}}}, p.steps)
}

func TestOtherPortsComeBackAsThoseOfThePage(t *testing.T) {
	t.Parallel()
	p := newPorts(t)
	page := "http://localhost:3001/mcp 127.0.0.1:3001 resource=http%3A%2F%2Flocalhost%3A3001 http://localhost:6274/oauth/callback"
	there := p.there(page)
	require.NotContains(t, there, "3001")
	require.Equal(t, 3, strings.Count(there, p.of("3001")))
	require.Contains(t, there, "http://localhost:6274/oauth/callback")
	require.Equal(t, page, p.back(there))
	require.Equal(t, "localhost:9", p.back("localhost:9"))
}
