package todomcp

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
	"mcpharness/internal/todo"
	"mcpharness/internal/todo/sqlstore"
)

// The check before a call can be overtaken, by a delete in between or by a fault in the guard. The tools ask the
// policy again.
func TestToolsAskThePolicyAgain(t *testing.T) {
	t.Parallel()
	store, err := sqlstore.Open(t.Context(), sqlstore.InMemory)
	require.NoError(t, err)
	defer store.Close()
	const issuer = "https://issuer.example"
	s, err := New(Options{
		Todos: todo.NewService(store),
		Guard: guard.Options{Settings: guard.Settings{Issuer: issuer}, Resource: "http://localhost:3001/mcp"},
	})
	require.NoError(t, err)
	alice := guard.Identity{Issuer: issuer, Subject: "alice", Scopes: todo.Scopes()}
	bob := guard.Identity{Issuer: issuer, Subject: "bob"}

	created, err := s.tools["create-todo"].call(t.Context(), alice, json.RawMessage(`{"content":"alice's"}`))
	require.NoError(t, err)
	id, err := json.Marshal(map[string]string{"id": created.(todoResult).ID})
	require.NoError(t, err)

	for tool, args := range map[string]string{"create-todo": `{"content":"x"}`, "delete-todo": string(id)} {
		_, err := s.tools[tool].call(t.Context(), bob, json.RawMessage(args))
		var refusal *todo.Refusal
		require.ErrorAs(t, err, &refusal, tool)
	}
	for _, tool := range s.tools {
		_, err := tool.call(t.Context(), guard.Identity{}, json.RawMessage(`{"content":"x"}`))
		if tool.definition.Name != "whoami" {
			require.Error(t, err, "%s for nobody", tool.definition.Name)
		}
	}
	_, err = s.tools["delete-todo"].call(t.Context(), alice, id)
	require.NoError(t, err, "alice's todo is still there")
}
