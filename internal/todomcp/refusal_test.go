package todomcp_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/todo"
)

const deleteRefused = "no todo of yours has this id; deleting others' needs delete:todos"

// refused calls a tool that must be refused with 403, and returns the error's text.
func refused(t *testing.T, session *mcp.ClientSession, tool string, args any) string {
	t.Helper()
	_, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: args})
	var rpc *jsonrpc.Error
	require.ErrorAs(t, err, &rpc)
	require.ErrorContains(t, err, "Forbidden")
	return rpc.Message
}

func TestRefusalLeavesTheSessionUsable(t *testing.T) {
	forEachEra(t, func(t *testing.T, era string) {
		r := newRig(t)
		alice := r.connect(t, era, r.token(t, "alice", todo.Scopes()...))
		alices := succeed[entry](t, alice, "create-todo", map[string]any{"content": "alice's"})
		bob := r.connect(t, era, r.token(t, "bob", todo.ScopeCreate))
		for range 2 {
			require.Contains(t, refused(t, bob, "delete-todo", map[string]any{"id": alices.ID}), deleteRefused)
			mine := succeed[entry](t, bob, "create-todo", map[string]any{"content": "bob's"})
			require.Equal(t, deleted{mine}, succeed[deleted](t, bob, "delete-todo", map[string]any{"id": mine.ID}))
		}
		carol := r.connect(t, era, r.token(t, "carol", "openid"))
		require.Contains(t, refused(t, carol, "create-todo", map[string]any{"content": "x"}), "creating a todo needs create:todos")
		require.Empty(t, succeed[page](t, carol, "get-todos", nil).Todos)
		require.Equal(t, []entry{alices}, succeed[page](t, alice, "get-todos", nil).Todos, "nothing was deleted or created")
	})
}

func callBody(id int, tool, args string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":%q,"arguments":%s}}`, id, tool, args)
}

// The answer is the same, byte for byte, whether the id exists or not.
func TestRefusalTellsNobodyWhichIdsExist(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	alices, err := r.todos.Create(t.Context(), todo.Principal{Issuer: r.issuer.url, Subject: "alice", Scopes: todo.Scopes()}, "alice's")
	require.NoError(t, err)
	foreign, err := r.todos.Create(t.Context(), todo.Principal{Issuer: "https://other.example", Subject: "bob", Scopes: todo.Scopes()}, "the other bob's")
	require.NoError(t, err)
	bob := r.token(t, "bob", todo.ScopeCreate)

	var answers []string
	for _, id := range []string{alices.ID, foreign.ID, "AAAAAAAAAAAAAAAAAAAAAAAAAA", "1", "' OR 1=1 --", "🙂"} {
		resp, body := r.post(t, bob, callBody(7, "delete-todo", fmt.Sprintf(`{"id":%q}`, id)))
		require.Equal(t, http.StatusForbidden, resp.StatusCode)
		require.Contains(t, body, deleteRefused)
		challenge := resp.Header.Get("WWW-Authenticate")
		require.Contains(t, challenge, `error="insufficient_scope"`)
		require.Contains(t, challenge, `scope="delete:todos"`)
		require.Contains(t, challenge, `resource_metadata="`+r.base+`/.well-known/oauth-protected-resource/mcp"`)
		answers = append(answers, challenge+body)
	}
	for _, answer := range answers {
		require.Equal(t, answers[0], answer)
	}

	// With the scope, another issuer's todo is no todo at all.
	resp, body := r.post(t, r.token(t, "bob", todo.Scopes()...), callBody(7, "delete-todo", fmt.Sprintf(`{"id":%q}`, foreign.ID)))
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Contains(t, body, "no todo has this id")
	require.Contains(t, body, `"isError":true`)
}

func TestChallengeOfCreateNamesItsScope(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	resp, body := r.post(t, r.token(t, "carol"), callBody(1, "create-todo", `{"content":"x"}`))
	require.Equal(t, http.StatusForbidden, resp.StatusCode)
	require.Contains(t, resp.Header.Get("WWW-Authenticate"), `scope="create:todos"`)
	require.Contains(t, body, "creating a todo needs create:todos")
}
