//go:build unix

// Package strangers drives MCP clients that this project did not write against the real todo-mcp: they find the
// authorization server by themselves, register, open a browser, sign in and use the tools with the rights of that person.
// They come from npm and PyPI, so the tests run only if asked for: `make strangers`, or setup.sh and STRANGERS=1.
package strangers

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mcpharness/e2e/binary"
	"mcpharness/e2e/strangers/installation"
)

// patience is how long a client may take for one answer, with a sign-in in the middle. A client that hangs ends with it.
const patience = 90 * time.Second

// TestMain makes the test binary the browser too: the desk of a person has it in its PATH as xdg-open.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == browserName {
		os.Exit(browse(os.Args[1:], os.Getenv))
	}
	os.Exit(m.Run())
}

// client is a stranger's client with the todo server's URL, used by one person.
type client interface {
	tools(t *testing.T) []string
	call(t *testing.T, tool string, arguments map[string]any) answer
}

// answer is what the client shows for a call: the result's structured content, or what it says when it is refused.
type answer struct {
	Result  map[string]any `json:"result"`
	Refusal string         `json:"refusal"`
}

var clients = []struct {
	name    string
	start   func(t *testing.T, d *desk, url string) client
	refusal string // what the client shows of bob's refused delete
	stepUps int    // how often it sends bob to the browser again, for more scopes
}{
	{"Inspector CLI", inspector("legacy"), `^exit 1: (?s:.*)AUTHORIZED without authorization code`, 0}, // it refreshes instead
	{"Inspector CLI, 2026-07-28", inspector("modern"), `^exit 1: (?s:.*)AUTHORIZED without authorization code`, 0},
	{"mcp-remote", mcpRemote, `^mcp-remote: Unauthorized$`, 2},
	{"TypeScript SDK v1", typeScript("typescript-v1.mjs", "authorization_code", "refresh_token"),
		`Server returned 403 after trying upscoping$`, 0}, // it refreshes instead
	{"TypeScript SDK v1, no refresh token", typeScript("typescript-v1.mjs", "authorization_code"),
		`Server returned 403 after trying upscoping$`, 2}, // it asks for the missing scope only, loses create:todos by that and asks for it again
	{"TypeScript SDK v2", typeScript("typescript-v2.mjs", "legacy"), `^UnauthorizedError: Unauthorized$`, 2},
	{"TypeScript SDK v2, 2026-07-28", typeScript("typescript-v2.mjs", "auto"), `^UnauthorizedError: Unauthorized$`, 2},
	{"Python SDK", python, `^MCPError: no todo of yours has this id; deleting others' needs delete:todos$`, 1},
}

func TestClientsOfStrangersSignInAndUseTheTools(t *testing.T) {
	t.Parallel()
	dir := installation.Dir(t, "STRANGERS")
	todoMCP := binary.Build(t, "todo-mcp")
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url := startServer(t, todoMCP).URL
			bobsDesk, alicesDesk := newDesk(t, dir, "bob"), newDesk(t, dir, "alice")
			bob, alice := c.start(t, bobsDesk, url), c.start(t, alicesDesk, url)

			require.Subset(t, bob.tools(t), []string{"create-todo", "get-todos", "delete-todo", "whoami"})
			bobs := create(t, bob, "bob's own")
			alices := create(t, alice, "alice's own")
			require.Equal(t, []string{bobs}, ids(t, bob), "a User sees his own")
			require.Equal(t, []string{bobs, alices}, ids(t, alice), "an Admin sees everybody's")

			refused := bob.call(t, "delete-todo", map[string]any{"id": alices})
			require.Empty(t, refused.Result)
			require.Regexp(t, c.refusal, refused.Refusal)
			require.Equal(t, []string{bobs, alices}, ids(t, alice), "nothing was deleted")
			again := create(t, bob, "after the refusal")
			require.Equal(t, []string{bobs, again}, ids(t, bob), "the client is usable after the refusal")

			for _, id := range []string{bobs, alices, again} {
				deleted := alice.call(t, "delete-todo", map[string]any{"id": id})
				require.Empty(t, deleted.Refusal)
				require.Equal(t, id, deleted.Result["deleted"].(map[string]any)["id"])
			}
			require.Empty(t, ids(t, alice))
			requireSignIns(t, bobsDesk, 1+c.stepUps)
			requireSignIns(t, alicesDesk, 1)
		})
	}
}

// create makes a todo and returns its id.
func create(t *testing.T, c client, content string) string {
	t.Helper()
	created := c.call(t, "create-todo", map[string]any{"content": content})
	require.Empty(t, created.Refusal)
	require.Equal(t, content, created.Result["content"])
	require.NotEmpty(t, created.Result["id"])
	return created.Result["id"].(string)
}

// ids are those of the todos that the person sees, in the server's order.
func ids(t *testing.T, c client) []string {
	t.Helper()
	got := c.call(t, "get-todos", map[string]any{})
	require.Empty(t, got.Refusal)
	require.Contains(t, got.Result, "todos")
	var ids []string
	for _, todo := range got.Result["todos"].([]any) {
		ids = append(ids, todo.(map[string]any)["id"].(string))
	}
	return ids
}

// requireSignIns waits for the last browser to end: some clients open one and do not wait for it.
func requireSignIns(t *testing.T, d *desk, times int) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		assert.Equal(c, slices.Repeat([]string{d.person}, times), d.signIns())
	}, 20*time.Second, 20*time.Millisecond)
}
