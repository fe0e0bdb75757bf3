package sqlstore

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/todo"
)

func TestDatabaseOfANewerProgramIsLeftAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "todos.db")
	s, err := Open(t.Context(), path)
	require.NoError(t, err)
	_, err = s.write.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
	require.NoError(t, err)
	require.NoError(t, s.Close())

	_, err = Open(t.Context(), path)
	require.ErrorContains(t, err, "got 9999: a newer program wrote it")
}

func TestCommitsAreFullyDurable(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "todos.db"))
	require.NoError(t, err)
	defer s.Close()
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
		var got string
		require.NoError(t, s.write.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got))
		require.Equal(t, want, got, pragma)
	}
	_, err = s.read.ExecContext(t.Context(), `DELETE FROM todos`)
	require.Error(t, err, "readers cannot write")
}

// seed adds n todos, spread over ten owners of one issuer, in one transaction.
func seed(tb testing.TB, s *Store, n int) {
	tb.Helper()
	tx, err := s.write.BeginTx(tb.Context(), nil)
	require.NoError(tb, err)
	insert, err := tx.PrepareContext(tb.Context(), `INSERT INTO todos VALUES ($1, $2, $3, $4, $5)`)
	require.NoError(tb, err)
	for i := range n {
		_, err := insert.ExecContext(tb.Context(), fmt.Sprintf("id-%07d", i), "https://issuer.example", fmt.Sprintf("user-%d", i%10), "content", i/4)
		require.NoError(tb, err)
	}
	require.NoError(tb, tx.Commit())
}

// planOf returns the steps that a database takes for a page.
func planOf(t *testing.T, s *Store, explain string, reach todo.Reach) string {
	t.Helper()
	query, args := listing(reach, todo.Position{CreatedAt: time.UnixMilli(1), ID: "x"}, 51)
	rows, err := s.read.QueryContext(t.Context(), explain+query, args...)
	require.NoError(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	var plan []string
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(string)
		}
		require.NoError(t, rows.Scan(cells...))
		plan = append(plan, *cells[len(cells)-1].(*string)) // the text comes last
	}
	require.NoError(t, rows.Err())
	return strings.Join(plan, "\n")
}

// A page must come from an index that has its order, or its cost grows with the number of todos.
func TestPagesComeFromAnIndex(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), InMemory)
	require.NoError(t, err)
	defer s.Close()
	seed(t, s, 1000)
	own, everybodys := planOf(t, s, "EXPLAIN QUERY PLAN ", todo.Reach{}), planOf(t, s, "EXPLAIN QUERY PLAN ", todo.Reach{WholeIssuer: true})
	require.Equal(t, "SEARCH todos USING INDEX todos_of_owner (issuer=? AND subject=? AND (created_at,id)>(?,?))", own)
	require.Equal(t, "SEARCH todos USING INDEX todos_of_issuer (issuer=? AND (created_at,id)>(?,?))", everybodys)
}

// benchmarkList reads a page of 50 from the middle. Its cost must not grow with the number of todos.
func benchmarkList(b *testing.B, open func() string) {
	for _, n := range []int{100, 1_000, 100_000} {
		s, err := Open(b.Context(), open())
		require.NoError(b, err)
		defer s.Close()
		seed(b, s, n)
		middle := todo.Position{CreatedAt: time.UnixMilli(int64(n / 8)), ID: "z"}
		owner := todo.Owner{Issuer: "https://issuer.example", Subject: "user-3"}
		for name, reach := range map[string]todo.Reach{"own": {Owner: owner}, "everybodys": {Owner: owner, WholeIssuer: true}} {
			b.Run(fmt.Sprintf("todos=%d/%s", n, name), func(b *testing.B) {
				for b.Loop() {
					page, err := s.List(b.Context(), reach, middle, 50)
					require.NoError(b, err)
					require.NotEmpty(b, page)
				}
			})
		}
	}
}

func BenchmarkList(b *testing.B) {
	benchmarkList(b, func() string { return filepath.Join(b.TempDir(), "todos.db") })
}

func BenchmarkCreate(b *testing.B) {
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "todos.db"))
	require.NoError(b, err)
	defer s.Close()
	n := 0
	for b.Loop() {
		n++
		require.NoError(b, s.Create(b.Context(), todo.Todo{ID: fmt.Sprint(n), Content: "content"}))
	}
}
