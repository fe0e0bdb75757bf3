package sqlstore_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/todo"
	"mcpharness/internal/todo/sqlstore"
	"mcpharness/internal/todo/storetest"
)

var owner = todo.Owner{Issuer: "https://issuer.example", Subject: "alice"}

func open(t testing.TB, path string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestConformanceInFile(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) todo.Store { return open(t, filepath.Join(t.TempDir(), "todos.db")) })
}

func TestConformanceInMemory(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) todo.Store { return open(t, sqlstore.InMemory) })
}

func TestTodosSurviveARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "todos.db")
	want := todo.Todo{ID: "A1", Content: "milk", Owner: owner, CreatedAt: time.Date(2026, 7, 28, 0, 0, 0, 1e6, time.UTC)}
	for range 3 {
		s, err := sqlstore.Open(t.Context(), path)
		require.NoError(t, err)
		if want.ID == "A1" {
			require.NoError(t, s.Create(t.Context(), want))
			want.ID = "A2"
		}
		require.NoError(t, s.Close())
	}
	want.ID = "A1"
	got, err := open(t, path).List(t.Context(), todo.Reach{Owner: owner}, todo.Position{}, 10)
	require.NoError(t, err)
	require.Equal(t, []todo.Todo{want}, got)
}

// A crash leaves the -wal file behind: what was answered must be in it.
func TestTodosSurviveACrash(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "todos.db"))
	require.NoError(t, s.Create(t.Context(), todo.Todo{ID: "A1", Content: "milk", Owner: owner, CreatedAt: time.UnixMilli(1)}))

	after := t.TempDir()
	for _, name := range []string{"todos.db", "todos.db-wal"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(after, name), data, 0o600))
	}
	found, err := open(t, filepath.Join(after, "todos.db")).Exists(t.Context(), todo.Reach{Owner: owner}, "A1")
	require.NoError(t, err)
	require.True(t, found)
}

func TestOneFileManyOpeners(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "todos.db")
	const openers = 6
	stores, errs := make([]*sqlstore.Store, openers), make([]error, openers)
	var wg sync.WaitGroup
	for i := range openers {
		wg.Go(func() {
			if stores[i], errs[i] = sqlstore.Open(t.Context(), path); errs[i] != nil {
				return
			}
			for j := range 5 {
				if errs[i] = stores[i].Create(t.Context(), todo.Todo{ID: string(rune('a'+i)) + string(rune('a'+j)), Content: "x", Owner: owner}); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	for i := range openers {
		require.NoError(t, errs[i])
		t.Cleanup(func() { require.NoError(t, stores[i].Close()) })
	}
	got, err := stores[0].List(t.Context(), todo.Reach{Owner: owner}, todo.Position{}, 100)
	require.NoError(t, err)
	require.Len(t, got, 5*openers)
}

func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "todos.db"))
	require.NoError(t, s.Create(t.Context(), todo.Todo{ID: "A1"}))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(entries), 2)
	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode(), entry.Name())
	}
}

func TestPathMayHoldAnyCharacter(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file:my todos? 100%25 #1 é.db")
	require.NoError(t, open(t, path).Ping(t.Context()))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.NotZero(t, info.Size())
}

func TestMemoryStoresShareNothing(t *testing.T) {
	t.Parallel()
	a, b := open(t, sqlstore.InMemory), open(t, sqlstore.InMemory)
	require.NoError(t, a.Create(t.Context(), todo.Todo{ID: "A1", Owner: owner}))
	found, err := b.Exists(t.Context(), todo.Reach{Owner: owner}, "A1")
	require.NoError(t, err)
	require.False(t, found)
}

func TestPathFaultsSayWhatToChange(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	require.NoError(t, os.WriteFile(text, []byte("this is no database, but it is long enough to be looked at as one"), 0o600))
	for name, test := range map[string]struct{ path, want string }{
		"empty":                  {"", "want the path of a file, got an empty one"},
		"a folder":               {dir, "want a file, got a folder"},
		"missing folder":         {filepath.Join(dir, "no", "todos.db"), `the folder "` + filepath.Join(dir, "no") + `" does not exist: create it`},
		"a file for a folder":    {filepath.Join(text, "todos.db"), `"` + text + `" is not a folder`},
		"not a database":         {text, "the file is not a SQLite database: choose another path"},
		"folder without a right": {"/sys/todos.db", "it may not be read and written by this user"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := os.Stat("/sys/kernel"); err != nil && name == "folder without a right" {
				t.Skip("no /sys here, the one folder that refuses even root")
			}
			s, err := sqlstore.Open(t.Context(), test.path)
			require.Nil(t, s)
			require.ErrorContains(t, err, test.want)
			if test.path != "" {
				require.ErrorContains(t, err, test.path)
			}
		})
	}
}
