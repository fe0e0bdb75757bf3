package walkthrough_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/walkthrough"
	"mcpharness/mockidp"
)

var headings = []string{
	"A call without a token is refused", "The todo server says who issues its tokens", "The authorization server says what it can do",
	"The client introduces itself", "The client asks for authorization", "bob signs in, and allows",
	"The client redeems the code for a token", "What the token says", "The same call works with the token",
	"bob uses his own todos", "bob may not delete alice's todo", "alice may",
}

var heading = regexp.MustCompile(`(?m)^ ?\d+  (.*?)(?:  .*)?$`)

func told(text string) []string {
	var all []string
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	return all
}

func TestEveryStepIsToldInOrderAndProved(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, walkthrough.Run(t.Context(), walkthrough.Options{Endpoint: startServers(t, nil), Out: &out}))
	text := out.String()
	require.Equal(t, headings, told(text))
	require.Equal(t, len(headings), strings.Count(text, "✓"))
	require.NotContains(t, text, "✗")
	require.NotContains(t, text, "\x1b", "no colour was asked for")
	require.Contains(t, text, "go run ./cmd/todo-mcp")
	for _, proof := range []string{
		"← 401 Unauthorized", `resource_metadata="http://`, "code_challenge_method  S256", "withheld  delete:todos read:todos",
		"Cache-Control: no-store", `scope      "create:todos"`, "← 403 Forbidden", `error="insufficient_scope"`, `"Water the plants"`,
	} {
		require.Contains(t, text, proof)
	}
}

func TestTextStaysWithinTheWidth(t *testing.T) {
	t.Parallel()
	for _, width := range []int{80, 88, 100} {
		var out bytes.Buffer
		require.NoError(t, walkthrough.Run(t.Context(), walkthrough.Options{Endpoint: startServers(t, nil), Out: &out, Width: width}))
		for line := range strings.Lines(out.String()) {
			line = strings.TrimRight(line, "\n")
			require.Equal(t, strings.TrimRight(line, " "), line, "no blanks at the end")
			if words := strings.Fields(line); len(words) > 2 && !strings.Contains(line, "://") {
				require.LessOrEqual(t, utf8.RuneCountInString(line), width, line)
			}
		}
	}
}

func TestColourAddsEmphasisAndChangesNoWord(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, walkthrough.Run(t.Context(), walkthrough.Options{Endpoint: startServers(t, nil), Out: &out, Color: true}))
	require.Contains(t, out.String(), "\x1b[1m")
	text := regexp.MustCompile(`\x1b\[\d+m`).ReplaceAllString(out.String(), "")
	require.NotContains(t, text, "\x1b")
	require.Equal(t, headings, told(text))
	for line := range strings.Lines(out.String()) {
		require.Equal(t, strings.Count(line, "\x1b[0m")*2, strings.Count(line, "\x1b["), "colour ends with its line: %q", line)
	}
}

// TestAWrongAnswerFailsTheStepThatTellsIt changes one thing in otherwise right servers.
func TestAWrongAnswerFailsTheStepThatTellsIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		configure func(*mockidp.Config)
		change    func(*http.Request, []byte, *http.Response)
		step      int
		want      []string // in the error
	}{
		{name: "a proxy drops the challenge", change: dropChallenges, step: 1, want: []string{"WWW-Authenticate: want one Bearer challenge"}},
		{name: "the challenge has an error code", step: 1, want: []string{`error of the challenge`, `want "", got "invalid_token"`},
			change: func(_ *http.Request, _ []byte, answer *http.Response) {
				if answer.StatusCode == http.StatusUnauthorized {
					answer.Header.Set("WWW-Authenticate", answer.Header.Get("WWW-Authenticate")+`, error="invalid_token"`)
				}
			}},
		{name: "another resource", step: 2, want: []string{"resource: want \"http://"},
			change: replace("/.well-known/oauth-protected-resource/mcp", "/mcp", "/other")},
		{name: "plain PKCE", step: 3, want: []string{`code_challenge_methods_supported: want ["S256"], got ["plain" "S256"]`},
			change: replace("/.well-known/oauth-authorization-server", `["S256"]`, `["plain","S256"]`)},
		{name: "no registration", step: 4, want: []string{"status: want 201, got 403"},
			change: func(r *http.Request, _ []byte, answer *http.Response) {
				if r.URL.Path == "/register" {
					answer.StatusCode = http.StatusForbidden
				}
			}},
		{name: "no sign-in", step: 6, want: []string{"want the client to send the login form", "the client gave up"},
			change: replace("/login", `name="username"`, `name="user"`)},
		{name: "a role that may too much", step: 6, want: []string{`scopes that the consent page grants: want ["create:todos"], got ["create:todos" "delete:todos"]`},
			configure: func(c *mockidp.Config) { c.Roles["User"] = []string{"create:todos", "delete:todos"} }},
		{name: "a redirect without iss", step: 6, want: []string{`iss: want "http://127.0.0.1:`, `got ""`},
			change: func(_ *http.Request, _ []byte, answer *http.Response) {
				answer.Header.Set("Location", regexp.MustCompile(`&iss=[^&]*`).ReplaceAllString(answer.Header.Get("Location"), ""))
			}},
		{name: "a token that a cache may keep", step: 7, want: []string{`Cache-Control: want "no-store", got "private"`},
			change: func(r *http.Request, _ []byte, answer *http.Response) {
				if r.URL.Path == "/token" {
					answer.Header.Set("Cache-Control", "private")
				}
			}},
		{name: "an algorithm that nobody told", step: 8, want: []string{`alg: want "ES256", got "RS256"`},
			configure: func(c *mockidp.Config) { c.SigningAlgorithm = "RS256" }},
		{name: "a tool is missing", step: 9, want: []string{"tools: want", `"whoami"`},
			change: func(_ *http.Request, sent []byte, answer *http.Response) {
				if strings.Contains(string(sent), `"method":"tools/list"`) {
					replace("/mcp", `"name":"whoami"`, `"name":"who"`)(answer.Request, sent, answer)
				}
			}},
		{name: "todos of somebody else", step: 10, want: []string{"bob's todos: want", "Buy bread"},
			change: func(_ *http.Request, sent []byte, answer *http.Response) {
				if calls(sent, "get-todos") {
					replace("/mcp", "Buy milk", "Buy bread")(answer.Request, sent, answer)
				}
			}},
		{name: "a refusal without its scope", step: 11, want: []string{`scope of the challenge: want "delete:todos", got ""`},
			change: func(_ *http.Request, _ []byte, answer *http.Response) {
				if answer.StatusCode == http.StatusForbidden {
					answer.Header.Set("WWW-Authenticate", strings.Split(answer.Header.Get("WWW-Authenticate"), ", scope=")[0])
				}
			}},
		{name: "an Admin who is none", step: 12, want: []string{"delete-todo as alice", "needs delete:todos"},
			configure: func(c *mockidp.Config) { c.Roles["Admin"] = []string{"create:todos", "read:todos"} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := walkthrough.Run(t.Context(), walkthrough.Options{
				Endpoint: startServers(t, c.configure), Out: &out, Client: newBetween(t, c.change).client(),
			})
			require.ErrorContains(t, err, fmt.Sprintf("step %d (%s): ", c.step, headings[c.step-1]))
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
			require.Equal(t, headings[:c.step], told(out.String()), "nothing is told after the step that failed")
			require.Equal(t, c.step-1, strings.Count(out.String(), "✓"))
			require.Contains(t, out.String(), "✗")
		})
	}
}

func TestAServerThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	server.Close()
	err := walkthrough.Run(t.Context(), walkthrough.Options{Endpoint: server.URL + "/mcp", Out: new(bytes.Buffer)})
	require.ErrorContains(t, err, "step 1 ")
	require.ErrorContains(t, err, "connection refused")
}

func TestACancelledWalkthroughEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := walkthrough.Run(ctx, walkthrough.Options{Endpoint: startServers(t, nil), Out: new(bytes.Buffer)})
	require.ErrorContains(t, err, "context canceled")
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestAnOutputThatBreaksIsAnError(t *testing.T) {
	t.Parallel()
	err := walkthrough.Run(t.Context(), walkthrough.Options{Endpoint: startServers(t, nil), Out: brokenPipe{}})
	require.ErrorContains(t, err, "writing the walkthrough: broken pipe")
}
