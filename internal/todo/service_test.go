package todo_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/todo"
	"mcpharness/internal/todo/sqlstore"
)

func TestCreatedTodo(t *testing.T) {
	t.Parallel()
	s, me := newService(t), person("me", todo.ScopeCreate)
	before := time.Now().Add(-time.Millisecond)
	ids := map[string]bool{}
	for range 100 {
		created, err := s.Create(t.Context(), me, "milk")
		require.NoError(t, err)
		require.Regexp(t, regexp.MustCompile(`^[0-9A-V]{26}$`), created.ID)
		require.False(t, ids[created.ID])
		ids[created.ID] = true
		require.Equal(t, todo.Owner{Issuer: issuer, Subject: "me"}, created.Owner)
		require.Equal(t, time.UTC, created.CreatedAt.Location())
		require.Equal(t, created.CreatedAt.Truncate(time.Millisecond), created.CreatedAt)
		require.WithinRange(t, created.CreatedAt, before, time.Now())
	}
}

func TestTodosOfOneMillisecondAreListedAsTheyWereCreated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // where time stands still
		s, me := newService(t), person("me", todo.ScopeCreate)
		var want []string
		for i := range 150 {
			if i == 100 {
				time.Sleep(time.Millisecond)
			}
			created, err := s.Create(t.Context(), me, fmt.Sprint(i))
			require.NoError(t, err)
			want = append(want, created.ID)
		}
		var got []string
		for cursor := ""; ; {
			page, err := s.List(t.Context(), me, todo.PageRequest{Limit: 7, Cursor: cursor})
			require.NoError(t, err)
			for _, listed := range page.Todos {
				got = append(got, listed.ID)
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		require.Equal(t, want, got)
	})
}

func TestContentRules(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", todo.MaxContent)
	for name, test := range map[string]struct{ content, want, fault string }{
		"plain":                    {content: "milk", want: "milk"},
		"trimmed":                  {content: " \t\r\n\u00a0\u2003\u3000milk and\n eggs\u2028 ", want: "milk and\n eggs"},
		"one character":            {content: "x", want: "x"},
		"longest":                  {content: long, want: long},
		"longest after trimming":   {content: "  " + long + "\n", want: long},
		"replacement character":    {content: "\ufffd", want: "\ufffd"},
		"zero-width space is text": {content: "\u200b", want: "\u200b"},
		"empty":                    {fault: "want 1 to 4096 characters, got none"},
		"only white space":         {content: " \t\u3000", fault: "want 1 to 4096 characters, got only white space"},
		"too long":                 {content: long + "x", fault: "want at most 4096 characters, got 4097"},
		"not UTF-8":                {content: "milk\xff", fault: "want valid UTF-8, got other bytes"},
		"UTF-8 surrogate":          {content: "\xed\xa0\x80", fault: "want valid UTF-8, got other bytes"},
		"NUL":                      {content: "milk\x00", fault: "want text without NUL characters (U+0000), got at least one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			created, err := newService(t).Create(t.Context(), person("me", todo.ScopeCreate), test.content)
			if test.fault == "" {
				require.NoError(t, err)
				require.Equal(t, test.want, created.Content)
				return
			}
			var input *todo.InputError
			require.ErrorAs(t, err, &input)
			require.Equal(t, &todo.InputError{Field: "content", Fault: test.fault}, input)
			require.Equal(t, "content: "+test.fault, err.Error())
		})
	}
}

func TestPagesOldestFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, me := newService(t), person("me")
		var want []todo.Todo
		for i := range 7 {
			want = append(want, add(t, s, me, fmt.Sprint(i)))
			time.Sleep(time.Millisecond)
		}
		for limit := 1; limit <= 8; limit++ {
			var got []todo.Todo
			req, pages := todo.PageRequest{Limit: limit}, 0
			for {
				page, err := s.List(t.Context(), me, req)
				require.NoError(t, err)
				require.NotEmpty(t, page.Todos, "no page is empty while there are todos")
				got, pages = append(got, page.Todos...), pages+1
				if req.Cursor = page.Next; req.Cursor == "" {
					break
				}
				require.Len(t, page.Todos, limit)
			}
			require.Equal(t, want, got)
			require.Equal(t, (len(want)+limit-1)/limit, pages)
		}
	})
}

func TestTodosOfOneMillisecondAreAllListed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the clock of a bubble stands still
		s, me := newService(t), person("me")
		want := map[string]bool{}
		for range 9 {
			want[add(t, s, me, "x").ID] = true
		}
		req := todo.PageRequest{Limit: 2}
		for {
			page, err := s.List(t.Context(), me, req)
			require.NoError(t, err)
			for _, entry := range page.Todos {
				require.True(t, want[entry.ID], "twice")
				delete(want, entry.ID)
			}
			if req.Cursor = page.Next; req.Cursor == "" {
				break
			}
		}
		require.Empty(t, want)
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	s, me := newService(t), person("me")
	for range todo.MaxLimit + 1 {
		add(t, s, me, "x")
	}
	for limit, want := range map[int]int{0: todo.DefaultLimit, 1: 1, 200: 200} {
		page, err := s.List(t.Context(), me, todo.PageRequest{Limit: limit})
		require.NoError(t, err)
		require.Len(t, page.Todos, want)
		require.NotEmpty(t, page.Next)
	}
	for _, limit := range []int{-1, 201} {
		_, err := s.List(t.Context(), me, todo.PageRequest{Limit: limit})
		require.EqualError(t, err, fmt.Sprintf("limit: want 1 to 200, got %d", limit))
	}
	page, err := s.List(t.Context(), person("another"), todo.PageRequest{})
	require.NoError(t, err)
	require.Equal(t, todo.Page{Todos: []todo.Todo{}}, page, "an empty listing is a list")
}

func TestBrokenCursors(t *testing.T) {
	t.Parallel()
	s := newService(t)
	encode := base64.RawURLEncoding.EncodeToString
	for _, cursor := range []string{
		"x", "!", "====", strings.Repeat("A", 5000), "eyJhIjoxfQ",
		encode([]byte("v2.1.A")), encode([]byte("v1.1")), encode([]byte("v1.1.")), encode([]byte("v1.1.A.B")), encode([]byte("v1.x.A")),
		encode([]byte("v1.01.A")), encode([]byte("v1.+1.A")), encode([]byte("v1.99999999999999999999.A")), encode([]byte("v1.1e3.A")),
		encode([]byte("v1.1.A")) + "=", encode([]byte("v1.1.A")) + "\n", "\r\n" + encode([]byte("v1.1.A")),
	} {
		_, err := s.List(t.Context(), person("me"), todo.PageRequest{Cursor: cursor})
		require.EqualError(t, err, "cursor: want the unchanged nextCursor of an earlier page, or none for the first page; got something else", "%q", cursor)
	}
}

// A cursor says where to go on reading, never whose todos: made by or for somebody else it opens nothing.
func TestForeignCursorOpensNothing(t *testing.T) {
	t.Parallel()
	s, bob := newService(t), person("bob")
	for range 3 {
		add(t, s, person("alice"), "secret")
	}
	add(t, s, bob, "bob's")
	page, err := s.List(t.Context(), person("alice", todo.ScopeRead), todo.PageRequest{Limit: 1})
	require.NoError(t, err)
	for _, cursor := range []string{page.Next, base64.RawURLEncoding.EncodeToString([]byte("v1.-62135596800000.alice")), base64.RawURLEncoding.EncodeToString([]byte("v1.0.' OR 1=1 --"))} {
		got, err := s.List(t.Context(), bob, todo.PageRequest{Cursor: cursor})
		require.NoError(t, err)
		for _, entry := range got.Todos {
			require.Equal(t, bob.Owner(), entry.Owner)
		}
	}
}

func FuzzCursor(f *testing.F) {
	store, err := sqlstore.Open(context.Background(), sqlstore.InMemory)
	require.NoError(f, err)
	f.Cleanup(func() { store.Close() })
	s, me := todo.NewService(store), person("me", todo.ScopeCreate)
	for range 3 {
		add(f, s, me, "mine")
		add(f, s, person("other"), "theirs")
	}
	page, err := s.List(f.Context(), me, todo.PageRequest{Limit: 1})
	require.NoError(f, err)
	f.Add(page.Next)
	f.Add("")
	f.Add("djEuMS5B")
	f.Fuzz(func(t *testing.T, cursor string) {
		page, err := s.List(t.Context(), me, todo.PageRequest{Cursor: cursor})
		var input *todo.InputError
		if err != nil && !errors.As(err, &input) {
			t.Fatalf("want an InputError, got %v", err)
		}
		for _, entry := range page.Todos {
			if entry.Owner != me.Owner() {
				t.Fatalf("cursor %q opened another's todo", cursor)
			}
		}
	})
}

// brokenStore fails at everything.
type brokenStore struct{ todo.Store }

var errBroken = errors.New("disk on fire")

func (brokenStore) Create(context.Context, todo.Todo) error { return errBroken }
func (brokenStore) List(context.Context, todo.Reach, todo.Position, int) ([]todo.Todo, error) {
	return nil, errBroken
}
func (brokenStore) Delete(context.Context, todo.Reach, string) (todo.Todo, error) {
	return todo.Todo{}, errBroken
}
func (brokenStore) Exists(context.Context, todo.Reach, string) (bool, error) { return false, errBroken }
func (brokenStore) Ping(context.Context) error                               { return errBroken }

func TestStoreFailuresAreNeitherRefusalsNorInputErrors(t *testing.T) {
	t.Parallel()
	s, me := todo.NewService(brokenStore{}), person("me", todo.ScopeCreate)
	_, create := s.Create(t.Context(), me, "x")
	_, list := s.List(t.Context(), me, todo.PageRequest{})
	_, del := s.Delete(t.Context(), me, "x")
	_, may := s.MayDelete(t.Context(), me, "x")
	for _, err := range []error{create, list, del, may, s.Ready(t.Context())} {
		require.ErrorIs(t, err, errBroken)
		require.Regexp(t, `^(creating a todo|listing todos|deleting a todo|looking for a todo|asking the todo store): disk on fire$`, err.Error())
	}
}
