package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/store"
)

func TestAUsedRefreshTokenCountsAgainWithinTheGraceAndThenEndsTheGrant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := store.New(store.Limits{})
		s.Grace(3 * time.Second)
		id := store.NewGrantID()
		s.AddGrant(id, store.Grant{ClientID: "c"}, time.Minute)
		redeem := func(generation uint32) error { return s.Redeem(id, generation, time.Hour, time.Minute) }
		require.NoError(t, redeem(0))
		require.NoError(t, redeem(1)) // leads to 2
		require.EqualValues(t, 3, s.NextGeneration(id))
		time.Sleep(2 * time.Second)
		require.NoError(t, redeem(1))                                 // to 3
		require.NoError(t, redeem(2), "all that came of it are good") // to 4
		time.Sleep(time.Minute)
		require.NoError(t, redeem(3), "the unused ones for long")
		time.Sleep(4 * time.Second)
		_, err := s.Look(id, 1)
		require.ErrorIs(t, err, store.ErrReplayed)
		_, err = s.Look(id, 4)
		require.NoError(t, err, "looking ends nothing")
		require.ErrorIs(t, redeem(1), store.ErrReplayed)
		require.ErrorIs(t, redeem(4), store.ErrUnknown)
	})
}

func TestACodeHasNoGrace(t *testing.T) {
	t.Parallel()
	s := store.New(store.Limits{})
	s.Grace(time.Minute)
	id := store.NewGrantID()
	s.AddGrant(id, store.Grant{ClientID: "c"}, time.Minute)
	require.NoError(t, s.Redeem(id, 0, time.Hour, time.Minute))
	require.ErrorIs(t, s.Redeem(id, 0, time.Hour, time.Minute), store.ErrReplayed)
}

func TestTheTokensThatComeOfOneAreBounded(t *testing.T) {
	t.Parallel()
	s := store.New(store.Limits{})
	s.Grace(time.Minute)
	id := store.NewGrantID()
	s.AddGrant(id, store.Grant{ClientID: "c"}, time.Minute)
	require.NoError(t, s.Redeem(id, 0, time.Hour, time.Minute))
	for range 100 {
		require.NoError(t, s.Redeem(id, 1, time.Hour, time.Minute))
	}
	_, err := s.Look(id, 2)
	require.ErrorIs(t, err, store.ErrReplayed, "the oldest is no good any more")
	_, err = s.Look(id, 101)
	require.NoError(t, err)
}
