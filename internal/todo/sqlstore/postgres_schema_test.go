//go:build unix

package sqlstore

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/testpostgres"
	"mcpharness/internal/todo"
)

func TestPostgresPagesComeFromAnIndex(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), testpostgres.Start(t, false).NewDatabase(t))
	require.NoError(t, err)
	defer s.Close()
	seed(t, s, 10_000)
	owner := todo.Owner{Issuer: "https://issuer.example", Subject: "user-3"}
	for _, analyzed := range []bool{false, true} {
		if analyzed {
			_, err := s.write.ExecContext(t.Context(), "ANALYZE todos")
			require.NoError(t, err)
		}
		for index, reach := range map[string]todo.Reach{"todos_of_owner": {Owner: owner}, "todos_of_issuer": {Owner: owner, WholeIssuer: true}} {
			for range 8 { // from the sixth time on PostgreSQL may keep one plan for all arguments
				plan := planOf(t, s, "EXPLAIN (COSTS OFF) ", reach)
				require.Contains(t, plan, "Index Scan using "+index+" on todos", "analyzed: %t", analyzed)
				require.Contains(t, plan, "ROW(created_at, id) > ROW(", "analyzed: %t", analyzed)
				require.NotContains(t, plan, "Sort", "analyzed: %t", analyzed)
				require.NotContains(t, plan, "Filter", "analyzed: %t", analyzed)
			}
		}
	}
}

func BenchmarkPostgresList(b *testing.B) {
	server := testpostgres.Start(b, true)
	benchmarkList(b, func() string { return server.NewDatabase(b) })
}

func BenchmarkPostgresCreate(b *testing.B) {
	s, err := Open(b.Context(), testpostgres.Start(b, true).NewDatabase(b))
	require.NoError(b, err)
	defer s.Close()
	n := 0
	for b.Loop() {
		n++
		require.NoError(b, s.Create(b.Context(), todo.Todo{ID: fmt.Sprint(n), Content: "content"}))
	}
}
