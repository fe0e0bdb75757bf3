// Package storetest is the conformance suite of todo.Store: what every back end owes the service. Only tests import
// it.
package storetest

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/todo"
)

// Run runs the suite. Each call of open returns a new, empty store that open's t closes.
func Run(t *testing.T, open func(t *testing.T) todo.Store) {
	for name, test := range map[string]func(*testing.T, todo.Store){
		"a todo comes back as it was stored":                   comesBack,
		"content in any script survives":                       unicodeSurvives,
		"an id is taken once":                                  idTakenOnce,
		"the order is creation time, then id":                  ordered,
		"a listing stays within reach":                         listWithinReach,
		"a delete stays within reach":                          deleteWithinReach,
		"the same subject of two issuers is two people":        issuersApart,
		"hostile text is data":                                 hostileText,
		"a key that no database holds is nobody's":             impossibleKeys,
		"a key may be long":                                    longKeys,
		"of concurrent deletes of one todo exactly one wins":   oneDeleteWins,
		"concurrent creates are all kept":                      createsKept,
		"paging sees every lasting todo once while others act": pagingWhileOthersAct,
		"a cancelled call is an error and does nothing":        cancelled,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

const issuer = "https://issuer.example"

var (
	epoch = time.Date(2026, 7, 28, 12, 0, 0, 0, time.UTC)
	alice = todo.Owner{Issuer: issuer, Subject: "alice"}
	bob   = todo.Owner{Issuer: issuer, Subject: "bob"}
)

func own(o todo.Owner) todo.Reach        { return todo.Reach{Owner: o} }
func everybodys(o todo.Owner) todo.Reach { return todo.Reach{Owner: o, WholeIssuer: true} }

// entry returns a todo created ms milliseconds after epoch.
func entry(id string, owner todo.Owner, ms int) todo.Todo {
	return todo.Todo{ID: id, Content: "content of " + id, Owner: owner, CreatedAt: epoch.Add(time.Duration(ms) * time.Millisecond)}
}

func create(t *testing.T, s todo.Store, todos ...todo.Todo) {
	t.Helper()
	for _, entry := range todos {
		require.NoError(t, s.Create(t.Context(), entry))
	}
}

func list(t *testing.T, s todo.Store, reach todo.Reach) []todo.Todo {
	t.Helper()
	todos, err := s.List(t.Context(), reach, todo.Position{}, 1000)
	require.NoError(t, err)
	return todos
}

func ids(todos []todo.Todo) []string {
	ids := []string{}
	for _, t := range todos {
		ids = append(ids, t.ID)
	}
	return ids
}

func comesBack(t *testing.T, s todo.Store) {
	require.Empty(t, list(t, s, own(alice)))
	want := entry("A1", alice, 123)
	create(t, s, want)
	require.Equal(t, []todo.Todo{want}, list(t, s, own(alice)))

	got, err := s.Delete(t.Context(), own(alice), "A1")
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Empty(t, list(t, s, own(alice)))
	_, err = s.Delete(t.Context(), own(alice), "A1")
	require.ErrorIs(t, err, todo.ErrNotFound)
	require.NoError(t, s.Ping(t.Context()))
}

func unicodeSurvives(t *testing.T, s todo.Store) {
	for i, content := range []string{"Milch kaufen – für Ömer", "買い物", "לקנות חלב", "👩‍👩‍👧‍👦 🏳️‍🌈", "e\u0301 is not é", "line\nbreak\ttab", "\u202eright to left"} {
		want := entry(content, todo.Owner{Issuer: issuer, Subject: content}, i)
		want.Content = content
		create(t, s, want)
		require.Equal(t, []todo.Todo{want}, list(t, s, own(want.Owner)))
	}
	require.Len(t, list(t, s, everybodys(alice)), 7)
	require.Empty(t, list(t, s, own(todo.Owner{Issuer: issuer, Subject: "\u00e9 is not e\u0301"})), "no normalization")
}

func idTakenOnce(t *testing.T, s todo.Store) {
	create(t, s, entry("A1", alice, 1))
	require.Error(t, s.Create(t.Context(), entry("A1", bob, 2)))
	require.Equal(t, []todo.Todo{entry("A1", alice, 1)}, list(t, s, everybodys(alice)))
}

func ordered(t *testing.T, s todo.Store) {
	create(t, s, entry("C", alice, 2), entry("a", bob, 1), entry("B", alice, 1), entry("A", alice, 3), entry("D", bob, -5))
	require.Equal(t, []string{"D", "B", "a", "C", "A"}, ids(list(t, s, everybodys(alice))), "ids compare by bytes")

	var walked []string
	var after todo.Position
	for {
		page, err := s.List(t.Context(), everybodys(alice), after, 2)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		require.LessOrEqual(t, len(page), 2)
		last := page[len(page)-1]
		after = todo.Position{CreatedAt: last.CreatedAt, ID: last.ID}
		walked = append(walked, ids(page)...)
	}
	require.Equal(t, []string{"D", "B", "a", "C", "A"}, walked)

	page, err := s.List(t.Context(), own(alice), todo.Position{CreatedAt: epoch.Add(time.Millisecond), ID: "B"}, 10)
	require.NoError(t, err)
	require.Equal(t, []string{"C", "A"}, ids(page))
}

func hostileText(t *testing.T, s todo.Store) {
	hostile := `'; DROP TABLE todos; -- " ? :x %_\`
	want := todo.Todo{ID: hostile, Content: hostile, Owner: todo.Owner{Issuer: hostile, Subject: hostile}, CreatedAt: epoch}
	create(t, s, want, entry("A1", alice, 1))
	require.Equal(t, []todo.Todo{want}, list(t, s, own(want.Owner)))
	for _, subject := range []string{"%", "_lice", "ALICE", "alice ", "alice\x00", ""} {
		require.Empty(t, list(t, s, own(todo.Owner{Issuer: issuer, Subject: subject})), "%q", subject)
	}
	_, err := s.Delete(t.Context(), own(want.Owner), hostile+" ")
	require.ErrorIs(t, err, todo.ErrNotFound)
	got, err := s.Delete(t.Context(), own(want.Owner), hostile)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, []string{"A1"}, ids(list(t, s, own(alice))))
}

func impossibleKeys(t *testing.T, s todo.Store) {
	create(t, s, entry("A1", alice, 1))
	for name, text := range map[string]string{"NUL": "a\x00", "broken UTF-8": "a\xff", "too long": strings.Repeat("x", 2049)} {
		owner := todo.Owner{Issuer: issuer, Subject: text}
		require.ErrorContains(t, s.Create(t.Context(), entry("A2", owner, 2)), "want valid UTF-8 without NUL, at most 2048 bytes", name)
		require.Error(t, s.Create(t.Context(), entry(text, alice, 2)), name)
		for id, reach := range map[string]todo.Reach{"A1": own(owner), text: own(alice)} {
			found, err := s.Exists(t.Context(), reach, id)
			require.NoError(t, err, name)
			require.False(t, found, name)
			_, err = s.Delete(t.Context(), reach, id)
			require.ErrorIs(t, err, todo.ErrNotFound, name)
		}
		require.Empty(t, list(t, s, own(owner)), name)
		_, err := s.List(t.Context(), own(alice), todo.Position{CreatedAt: epoch, ID: text}, 10)
		require.NoError(t, err, name)
	}
	require.Equal(t, []string{"A1"}, ids(list(t, s, everybodys(alice))))
}

// Random text, because an index may keep repetitions in less space.
func longKeys(t *testing.T, s todo.Store) {
	subject := ""
	for len(subject) < 2048-len(issuer)-26 {
		subject += rand.Text()
	}
	subject = subject[:2048-len(issuer)-26]
	want := entry(rand.Text(), todo.Owner{Issuer: issuer, Subject: subject}, 1)
	create(t, s, want)
	require.Equal(t, []todo.Todo{want}, list(t, s, own(want.Owner)))
}

func cancelled(t *testing.T, s todo.Store) {
	create(t, s, entry("A1", alice, 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, s.Create(ctx, entry("A2", alice, 2)))
	_, err := s.Delete(ctx, own(alice), "A1")
	require.Error(t, err)
	require.NotErrorIs(t, err, todo.ErrNotFound)
	_, err = s.List(ctx, own(alice), todo.Position{}, 10)
	require.Error(t, err)
	_, err = s.Exists(ctx, own(alice), "A1")
	require.Error(t, err)
	require.Equal(t, []string{"A1"}, ids(list(t, s, own(alice))), "the store lives on")
}
