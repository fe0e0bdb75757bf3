package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/store"
)

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
		time.Sleep(1)
		_, alive = s.Grant(id)
		require.False(t, alive)
		require.Zero(t, s.Counts().Grants)
		require.Zero(t, s.Expiry(id))
	})
}
