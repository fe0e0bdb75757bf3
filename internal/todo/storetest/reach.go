package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/todo"
)

func listWithinReach(t *testing.T, s todo.Store) {
	create(t, s, entry("A1", alice, 1), entry("B1", bob, 2), entry("A2", alice, 3))
	require.Equal(t, []string{"A1", "A2"}, ids(list(t, s, own(alice))))
	require.Equal(t, []string{"B1"}, ids(list(t, s, own(bob))))
	require.Equal(t, []string{"A1", "B1", "A2"}, ids(list(t, s, everybodys(bob))))

	page, err := s.List(t.Context(), own(bob), todo.Position{CreatedAt: epoch, ID: "A0"}, 10)
	require.NoError(t, err)
	require.Equal(t, []string{"B1"}, ids(page), "a position among another's todos opens none of them")
}

func deleteWithinReach(t *testing.T, s todo.Store) {
	create(t, s, entry("A1", alice, 1), entry("A2", alice, 2), entry("B1", bob, 3))
	for id, mine := range map[string]bool{"A1": true, "B1": false, "nobody's": false, "": false} {
		found, err := s.Exists(t.Context(), own(alice), id)
		require.NoError(t, err)
		require.Equal(t, mine, found, "%q", id)
	}
	_, err := s.Delete(t.Context(), own(bob), "A1")
	require.ErrorIs(t, err, todo.ErrNotFound)
	_, err = s.Delete(t.Context(), everybodys(bob), "nobody's")
	require.ErrorIs(t, err, todo.ErrNotFound)
	require.Len(t, list(t, s, everybodys(alice)), 3, "a refused delete deletes nothing")

	_, err = s.Delete(t.Context(), everybodys(bob), "A1")
	require.NoError(t, err)
	require.Equal(t, []string{"A2", "B1"}, ids(list(t, s, everybodys(alice))))
	found, err := s.Exists(t.Context(), everybodys(bob), "A2")
	require.NoError(t, err)
	require.True(t, found)
}

func issuersApart(t *testing.T, s todo.Store) {
	other := todo.Owner{Issuer: issuer + "/", Subject: alice.Subject}
	create(t, s, entry("ours", alice, 1), entry("theirs", other, 2))
	for _, reach := range []todo.Reach{own(alice), everybodys(alice), everybodys(bob)} {
		require.Equal(t, []string{"ours"}, ids(list(t, s, reach)), "%+v", reach)
		_, err := s.Delete(t.Context(), reach, "theirs")
		require.ErrorIs(t, err, todo.ErrNotFound)
		found, err := s.Exists(t.Context(), reach, "theirs")
		require.NoError(t, err)
		require.False(t, found)
	}
	require.Equal(t, []string{"theirs"}, ids(list(t, s, everybodys(other))))
}
