//go:build unix

package strangers

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/e2e/binary"
	"mcpharness/e2e/strangers/installation"
)

// Registrations, grants and keys of the mock are gone after a restart, but clients keep theirs on disk. They must learn from its
// answers to start afresh, and find the same person's todos.
func TestClientsOfStrangersRecoverFromARestart(t *testing.T) {
	t.Parallel()
	dir := installation.Dir(t, "STRANGERS")
	todoMCP := binary.Build(t, "todo-mcp")
	for name, start := range map[string]func(*testing.T, *desk, string) client{
		"Inspector CLI": inspector("legacy"),
		"mcp-remote":    mcpRemote,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, todoMCP)
			d := newDesk(t, dir, "bob")
			before := start(t, d, s.URL)
			todo := create(t, before, "from before")

			s.restart(t)
			after := start(t, d, s.URL)
			require.Equal(t, []string{todo}, ids(t, after))
			create(t, after, "from after")
			requireSignIns(t, d, 2)
		})
	}
}
