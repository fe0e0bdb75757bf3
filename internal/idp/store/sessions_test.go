package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/store"
)

// bound adds a grant that ends with its client's part in a session.
func bound(s *store.Store, sessionID, client string) store.GrantID {
	id := store.NewGrantID()
	s.AddGrant(id, store.Grant{ClientID: client, SessionID: sessionID, Bound: true}, time.Hour)
	return id
}

func why(s *store.Store, id store.GrantID) error {
	_, err := s.Look(id, 0)
	return err
}

func TestASessionIsFoundByItsWholeSecretOnly(t *testing.T) {
	t.Parallel()
	s := store.New(store.Limits{})
	opened, secret := s.Open("alice")
	other, _ := s.Open("alice")
	require.NotEqual(t, opened.ID, other.ID)
	found, ok := s.Session(secret)
	require.True(t, ok)
	require.Equal(t, opened, found)
	for _, wrong := range []string{"", opened.ID, opened.ID + ".", secret[:len(secret)-1], secret + "x", other.ID + secret[len(opened.ID):], "." + secret} {
		_, ok = s.Session(wrong)
		require.False(t, ok, wrong)
		s.CloseSession(wrong)
	}
	_, ok = s.Session(secret)
	require.True(t, ok)
	s.CloseSession(secret)
	_, ok = s.Session(secret)
	require.False(t, ok)
	_, ok = s.SignedInAgain(secret)
	require.False(t, ok)
}

func TestABoundGrantEndsWithItsClientsPartInTheSession(t *testing.T) {
	t.Parallel()
	s := store.New(store.Limits{})
	session, secret := s.Open("alice")
	first, sister, others := bound(s, session.ID, "a"), bound(s, session.ID, "a"), bound(s, session.ID, "b")
	s.Void(first, 0)
	require.ErrorIs(t, why(s, first), store.ErrClientLeft)
	require.ErrorIs(t, why(s, sister), store.ErrClientLeft)
	require.ErrorIs(t, s.Redeem(sister, 0, time.Hour, 0), store.ErrClientLeft)
	require.NoError(t, why(s, others))

	again := bound(s, session.ID, "a")
	require.NoError(t, why(s, again))
	require.ErrorIs(t, why(s, first), store.ErrClientCame, "it does not come back to life")
	s.Void(first, 0)
	require.NoError(t, why(s, again), "what has ended ends nothing more")

	s.Revoke(again)
	_, open := s.Session(secret)
	require.True(t, open, "b has a part in it")
	s.Revoke(others)
	_, open = s.Session(secret)
	require.False(t, open)
	for _, id := range []store.GrantID{first, sister, others, again} {
		require.ErrorIs(t, why(s, id), store.ErrSessionEnded)
		_, lives := s.Grant(id)
		require.False(t, lives)
		_, remembered := s.Recall(id)
		require.True(t, remembered)
	}
	require.ErrorIs(t, why(s, bound(s, session.ID, "a")), store.ErrSessionEnded, "nothing begins in it any more")
}

func TestABurntCodeEndsNothingUntilItIsUsedAgain(t *testing.T) {
	t.Parallel()
	s := store.New(store.Limits{})
	session, _ := s.Open("alice")
	burnt, sister := bound(s, session.ID, "a"), bound(s, session.ID, "a")
	s.Burn(burnt)
	require.NoError(t, why(s, sister))
	require.ErrorIs(t, why(s, burnt), store.ErrReplayed)
	require.ErrorIs(t, s.Redeem(burnt, 0, time.Hour, 0), store.ErrReplayed)
	require.ErrorIs(t, why(s, sister), store.ErrClientLeft)

	free := store.NewGrantID()
	s.AddGrant(free, store.Grant{ClientID: "a"}, time.Hour)
	s.Burn(free)
	require.ErrorIs(t, why(s, free), store.ErrUnknown)
}

func TestSessionsEndByAgeAndToMakeRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := store.New(store.Limits{Sessions: 2})
		oldest, secret := s.Open("alice")
		grant := bound(s, oldest.ID, "a")
		time.Sleep(time.Minute)
		again, ok := s.SignedInAgain(secret)
		require.True(t, ok)
		require.Equal(t, time.Minute, again.AuthTime.Sub(oldest.AuthTime))
		require.Equal(t, oldest.ID, again.ID)
		s.Open("bob")
		s.Open("carol")
		require.ErrorIs(t, why(s, grant), store.ErrSessionEnded, "alice made room")
		_, ok = s.Session(secret)
		require.False(t, ok)

		aged, secret := s.Open("dave")
		time.Sleep(8*time.Hour - time.Second)
		grant = bound(s, aged.ID, "a")
		require.NoError(t, why(s, grant))
		time.Sleep(time.Second)
		require.ErrorIs(t, why(s, grant), store.ErrSessionEnded, "the grant itself is young")
		_, ok = s.Session(secret)
		require.False(t, ok)
	})
}
