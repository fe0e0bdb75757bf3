package todo_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/todo"
	"mcpharness/internal/todo/sqlstore"
)

const issuer = "https://issuer.example"

// person returns a principal of the one issuer.
func person(subject string, scopes ...string) todo.Principal {
	return todo.Principal{Issuer: issuer, Subject: subject, Scopes: scopes}
}

func newService(t testing.TB) *todo.Service {
	t.Helper()
	store, err := sqlstore.Open(context.Background(), sqlstore.InMemory)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return todo.NewService(store)
}

// add creates a todo for the owner, who holds create:todos for that.
func add(t testing.TB, s *todo.Service, owner todo.Principal, content string) todo.Todo {
	t.Helper()
	owner.Scopes = []string{todo.ScopeCreate}
	created, err := s.Create(t.Context(), owner, content)
	require.NoError(t, err)
	return created
}

func requireRefusal(t *testing.T, err error, scope, reason string) {
	t.Helper()
	var refusal *todo.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, &todo.Refusal{Scopes: []string{scope}, Reason: reason}, refusal)
	require.Equal(t, reason, err.Error())
}

// Every set of scopes against every operation, on one's own, another's, another issuer's and nobody's todo.
func TestPolicyTable(t *testing.T) {
	t.Parallel()
	const noDelete = "no todo of yours has this id; deleting others' needs delete:todos"
	for mask := range 1 << 3 {
		scopes := []string{"openid", "create:todos:x", "CREATE:TODOS", "todos"} // none of these is a todo scope
		for i, scope := range todo.Scopes() {
			if mask&(1<<i) != 0 {
				scopes = append(scopes, scope)
			}
		}
		creates, reads, deletes := slices.Contains(scopes, todo.ScopeCreate), slices.Contains(scopes, todo.ScopeRead), slices.Contains(scopes, todo.ScopeDelete)
		t.Run(todoScopes(scopes), func(t *testing.T) {
			t.Parallel()
			s, me := newService(t), person("me", scopes...)
			elsewhere := todo.Principal{Issuer: "https://other.example", Subject: "me"}
			mine, theirs, foreign := add(t, s, me, "mine"), add(t, s, person("other"), "theirs"), add(t, s, elsewhere, "foreign")

			page, err := s.List(t.Context(), me, todo.PageRequest{})
			require.NoError(t, err)
			if reads {
				require.ElementsMatch(t, []todo.Todo{mine, theirs}, page.Todos)
			} else {
				require.Equal(t, []todo.Todo{mine}, page.Todos)
			}

			for _, id := range []string{theirs.ID, foreign.ID, "NOBODYS"} {
				refusal, err := s.MayDelete(t.Context(), me, id)
				require.NoError(t, err)
				deleted, deleteErr := s.Delete(t.Context(), me, id)
				switch {
				case !deletes:
					requireRefusal(t, refusal, todo.ScopeDelete, noDelete)
					requireRefusal(t, deleteErr, todo.ScopeDelete, noDelete)
				case id == theirs.ID:
					require.Nil(t, refusal)
					require.NoError(t, deleteErr)
					require.Equal(t, theirs, deleted)
				default:
					require.Nil(t, refusal)
					require.ErrorIs(t, deleteErr, todo.ErrNotFound)
				}
			}
			refusal, err := s.MayDelete(t.Context(), me, mine.ID)
			require.NoError(t, err)
			require.Nil(t, refusal)
			deleted, err := s.Delete(t.Context(), me, mine.ID)
			require.NoError(t, err)
			require.Equal(t, mine, deleted)

			created, err := s.Create(t.Context(), me, "new")
			if creates {
				require.NoError(t, err)
				require.Equal(t, me.Owner(), created.Owner)
				require.Nil(t, todo.MayCreate(me))
			} else {
				requireRefusal(t, err, todo.ScopeCreate, "creating a todo needs create:todos")
				requireRefusal(t, todo.MayCreate(me), todo.ScopeCreate, "creating a todo needs create:todos")
			}
			left, err := s.List(t.Context(), elsewhere, todo.PageRequest{})
			require.NoError(t, err)
			require.Equal(t, []todo.Todo{foreign}, left.Todos, "another issuer's todo is out of reach of every scope")
		})
	}
}

func todoScopes(scopes []string) string {
	name := "scopes"
	for _, scope := range scopes[4:] {
		name += " " + scope
	}
	return name
}

func TestReachNeverCrossesIssuers(t *testing.T) {
	t.Parallel()
	for _, scopes := range [][]string{nil, todo.Scopes()} {
		for _, reach := range []todo.Reach{todo.ReadReach(person("me", scopes...)), todo.DeleteReach(person("me", scopes...))} {
			require.True(t, reach.Includes(todo.Owner{Issuer: issuer, Subject: "me"}))
			require.Equal(t, scopes != nil, reach.Includes(todo.Owner{Issuer: issuer, Subject: "other"}))
			require.False(t, reach.Includes(todo.Owner{Issuer: issuer + "/", Subject: "me"}))
		}
	}
}

func TestNobodyMayDoNothing(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, nobody := range []todo.Principal{
		{Issuer: issuer, Scopes: todo.Scopes()},
		{Subject: "me", Scopes: todo.Scopes()},
	} {
		const want = "principal without issuer or subject"
		_, err := s.Create(t.Context(), nobody, "x")
		require.EqualError(t, err, want)
		_, err = s.List(t.Context(), nobody, todo.PageRequest{})
		require.EqualError(t, err, want)
		_, err = s.Delete(t.Context(), nobody, "x")
		require.EqualError(t, err, want)
		_, err = s.MayDelete(t.Context(), nobody, "x")
		require.EqualError(t, err, want)
	}
}
