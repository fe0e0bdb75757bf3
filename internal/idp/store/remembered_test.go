package store_test

import (
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/store"
)

// take opens a pushed request that is good once.
func take(s *store.Store, name, client string) (url.Values, bool) {
	form, ok := s.Pushed(name, client)
	return form, ok && s.DropPushed(name)
}

func TestWhatIsRememberedIsTakenOnceUntilItExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := store.New(store.Limits{Remembered: 2})
		later := time.Now().Add(time.Minute)
		require.False(t, s.Remembers("kind", "a"))
		require.NoError(t, s.Remember("kind", "a", later))
		require.True(t, s.Remembers("kind", "a"))
		require.False(t, s.Remembers("other", "a"), "kinds are apart")
		require.ErrorIs(t, s.Remember("kind", "a", later), store.ErrReplayed)
		require.NoError(t, s.Remember("other", "a", later))
		require.ErrorIs(t, s.Remember("kind", "b", later), store.ErrFull)
		require.ErrorIs(t, s.Remember("kind", "a", later), store.ErrReplayed, "nothing was forgotten for it")

		time.Sleep(time.Minute)
		require.False(t, s.Remembers("kind", "a"))
		require.NoError(t, s.Remember("kind", "b", time.Now().Add(time.Minute)), "there is room again")
		require.NoError(t, s.Remember("kind", "a", time.Now().Add(time.Minute)))
	})
}

func TestOfConcurrentCallersOneIsTheFirst(t *testing.T) {
	t.Parallel()
	s := store.New(store.Limits{})
	for round := range 50 {
		var first atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if s.Remember("kind", fmt.Sprint(round), time.Now().Add(time.Minute)) == nil {
					first.Add(1)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 1, first.Load())
	}
}

func TestAGrantOutlivesItsRefreshTokenUntilItsAccessTokenHasExpired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := store.New(store.Limits{})
		id := store.NewGrantID()
		s.AddGrant(id, store.Grant{ClientID: "c"}, time.Minute)
		require.NoError(t, s.Redeem(id, 0, time.Second, time.Minute))
		require.Equal(t, time.Now().Add(time.Second), s.Expiry(id))
		time.Sleep(time.Minute)
		_, err := s.Look(id, 1)
		require.ErrorIs(t, err, store.ErrExpired, "nothing is to be redeemed")
		require.Equal(t, 1, s.Counts().Grants)
		g, alive := s.Grant(id)
		require.True(t, alive)
		require.Equal(t, "c", g.ClientID)
		time.Sleep(time.Nanosecond)
		_, alive = s.Grant(id)
		require.False(t, alive)
		require.Zero(t, s.Counts().Grants)
		require.Zero(t, s.Expiry(id))
	})
}

func TestPushedRequestsAreBoundedAndTakenOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := store.New(store.Limits{Pushed: 2})
		push := func(state string) string { return s.Push("c", url.Values{"state": {state}}, time.Minute) }
		first, second, third := push("1"), push("2"), push("3")
		_, ok := take(s, first, "c")
		require.False(t, ok, "the oldest made room")
		_, ok = take(s, second, "another")
		require.False(t, ok)
		form, ok := take(s, second, "c")
		require.True(t, ok)
		require.Equal(t, "2", form.Get("state"))
		_, ok = take(s, second, "c")
		require.False(t, ok)
		time.Sleep(time.Minute + 1)
		_, ok = take(s, third, "c")
		require.False(t, ok)
		for range 1000 {
			take(s, push("x"), "c")
		}
	})
}

func TestARemovedClientTakesItsGrantsAlong(t *testing.T) {
	t.Parallel()
	s := store.New(store.Limits{})
	for _, id := range []string{"a", "b"} {
		s.AddClient(store.Client{ID: id, Registered: true})
	}
	ofA, ofB := store.NewGrantID(), store.NewGrantID()
	s.AddGrant(ofA, store.Grant{ClientID: "a"}, time.Hour)
	s.AddGrant(ofB, store.Grant{ClientID: "b"}, time.Hour)
	s.RemoveClient("a")
	s.RemoveClient("a") // again, harmless
	s.RemoveClient("never")
	_, known := s.Client("a")
	require.False(t, known)
	_, lives := s.Grant(ofA)
	require.False(t, lives)
	_, lives = s.Grant(ofB)
	require.True(t, lives)
	require.Equal(t, store.Counts{Clients: 1, Registered: 1, Grants: 1}, s.Counts())
}
