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

func TestAGenerationIsRedeemedOnceAndAnOldOneEndsTheGrant(t *testing.T) {
	t.Parallel()
	s := store.New(store.Limits{})
	id := store.NewGrantID()
	s.AddGrant(id, store.Grant{ClientID: "c", RedirectURI: "r", CodeChallenge: "x", Nonce: "n", Username: "alice"}, time.Minute)
	before, err := s.Look(id, 0)
	require.NoError(t, err)
	require.Equal(t, "x", before.CodeChallenge)
	require.NoError(t, s.Redeem(id, 0, time.Minute, 0))
	after, err := s.Look(id, 1)
	require.NoError(t, err)
	require.Equal(t, store.Grant{ClientID: "c", Username: "alice"}, after, "what only the code needed is forgotten")
	require.NoError(t, s.Redeem(id, 1, time.Minute, 0))

	_, err = s.Look(id, 1)
	require.ErrorIs(t, err, store.ErrReplayed)
	_, err = s.Look(id, 2)
	require.NoError(t, err, "looking changes nothing")
	require.ErrorIs(t, s.Redeem(id, 0, time.Minute, 0), store.ErrReplayed)
	require.ErrorIs(t, s.Redeem(id, 2, time.Minute, 0), store.ErrUnknown, "the family is dead")
	_, err = s.Look(id, 2)
	require.ErrorIs(t, err, store.ErrUnknown)
	s.Revoke(id) // again, harmless
}

func TestOfConcurrentRedemptionsOneSucceeds(t *testing.T) {
	t.Parallel()
	for range 50 {
		s := store.New(store.Limits{})
		id := store.NewGrantID()
		s.AddGrant(id, store.Grant{}, time.Minute)
		var won atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if s.Redeem(id, 0, time.Minute, 0) == nil {
					won.Add(1)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 1, won.Load())
		require.Zero(t, s.Counts().Grants)
	}
}

func TestWhatHasExpiredIsRefusedAndSwept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := store.New(store.Limits{})
		short, long := store.NewGrantID(), store.NewGrantID()
		s.AddGrant(short, store.Grant{}, time.Second)
		s.AddGrant(long, store.Grant{}, time.Hour)
		begun := s.Begin(store.Transaction{}, "browser")
		time.Sleep(time.Second)
		require.NoError(t, s.Redeem(short, 0, time.Second, 0), "the last instant counts")
		time.Sleep(time.Second + 1)
		_, err := s.Look(short, 1)
		require.ErrorIs(t, err, store.ErrExpired)
		require.ErrorIs(t, s.Redeem(short, 1, time.Hour, 0), store.ErrExpired, "and is not made longer")
		require.Equal(t, store.Counts{Transactions: 1, Grants: 1}, s.Counts())

		time.Sleep(store.TransactionLifetime)
		_, ok := s.Transaction(begun.ID, "browser")
		require.False(t, ok)
		require.False(t, s.SignIn(begun.ID, "browser", "alice"))
		_, ok = s.End(begun.ID, "browser")
		require.False(t, ok)
		require.Equal(t, store.Counts{Grants: 1}, s.Counts())
	})
}

// Writes sweep, so that nobody has to ask for it.
func TestTrafficKeepsMemoryFlat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := store.New(store.Limits{Clients: 10, Transactions: 100, Grants: 100})
		s.Begin(store.Transaction{}, "abandoned")
		for i := range 5000 {
			s.AddClient(store.Client{ID: fmt.Sprint("client-", i), Registered: true})
			id := store.NewGrantID()
			s.AddGrant(id, store.Grant{ClientID: fmt.Sprint("client-", i)}, 5*time.Second)
			begun := s.Begin(store.Transaction{}, "b")
			_, ok := s.End(begun.ID, "b")
			require.True(t, ok)
			time.Sleep(time.Second)
		}
		counts := s.Counts()
		require.Equal(t, 10, counts.Clients)
		require.Equal(t, 10, counts.Registered)
		require.LessOrEqual(t, counts.Grants, 6)
		require.Zero(t, counts.Transactions)
	})
}

func TestATransactionIsItsBrowsersAndEndsOnce(t *testing.T) {
	t.Parallel()
	s := store.New(store.Limits{})
	begun := s.Begin(store.Transaction{ClientID: "c", State: "s"}, "browser")
	for _, browser := range []string{"", "other", "browser "} {
		_, ok := s.Transaction(begun.ID, browser)
		require.False(t, ok)
		require.False(t, s.SignIn(begun.ID, browser, "mallory"))
		_, ok = s.End(begun.ID, browser)
		require.False(t, ok)
	}
	require.True(t, s.SignIn(begun.ID, "browser", "alice"))
	require.True(t, s.SignIn(begun.ID, "browser", "bob"), "another person may take over before it ends")
	require.Empty(t, begun.Username, "values are not changed in place")
	ended, ok := s.End(begun.ID, "browser")
	require.True(t, ok)
	require.Equal(t, "bob", ended.Username)
	require.NotZero(t, ended.AuthTime)
	_, ok = s.End(begun.ID, "browser")
	require.False(t, ok)
}

func TestTheNewestTransactionsStay(t *testing.T) {
	t.Parallel()
	s := store.New(store.Limits{Transactions: 3})
	var begun []string
	for range 5 {
		begun = append(begun, s.Begin(store.Transaction{}, "b").ID)
	}
	for i, id := range begun {
		_, ok := s.Transaction(id, "b")
		require.Equal(t, i >= 2, ok, i)
	}
	require.Equal(t, 3, s.Counts().Transactions)
}

func TestRegisteredClientsMakeRoomInOrder(t *testing.T) {
	t.Parallel()
	s := store.New(store.Limits{Clients: 2})
	s.AddClient(store.Client{ID: "configured"})
	register := func(id string) { s.AddClient(store.Client{ID: id, Registered: true}) }
	known := func(id string) bool { _, ok := s.Client(id); return ok }
	register("a")
	register("b")
	kept, _ := s.Client("a")
	ofA, ofB := store.NewGrantID(), store.NewGrantID()
	s.AddGrant(ofA, store.Grant{ClientID: "a"}, time.Hour)
	register("c") // b is the oldest without a grant
	require.Equal(t, []bool{true, false, true}, []bool{known("a"), known("b"), known("c")})
	s.AddGrant(ofB, store.Grant{ClientID: "c"}, time.Hour)
	register("d") // all have one: the oldest goes, its grants with it
	require.Equal(t, []bool{false, true, true, true}, []bool{known("a"), known("c"), known("d"), known("configured")})
	_, err := s.Look(ofA, 0)
	require.ErrorIs(t, err, store.ErrUnknown)
	require.Equal(t, "a", kept.ID, "what was looked up stays valid")
	s.Revoke(ofB) // and now c's grant has ended
	register("e")
	require.Equal(t, []bool{false, true, true}, []bool{known("c"), known("d"), known("e")})
	var order []string
	for _, c := range s.Clients() {
		order = append(order, c.ID)
	}
	require.Equal(t, []string{"configured", "e", "d"}, order)
	require.Equal(t, store.Counts{Clients: 3, Registered: 2}, s.Counts())
}

func TestANewcomerIsNotPushedOutWhileItSignsIn(t *testing.T) {
	t.Parallel()
	s := store.New(store.Limits{Clients: 8})
	for i := range 8 { // every one with a live grant
		id := fmt.Sprint("old", i)
		s.AddClient(store.Client{ID: id, Registered: true})
		s.AddGrant(store.NewGrantID(), store.Grant{ClientID: id}, time.Hour)
	}
	s.AddClient(store.Client{ID: "x", Registered: true})
	s.AddClient(store.Client{ID: "y", Registered: true})
	for _, id := range []string{"x", "y"} {
		_, known := s.Client(id)
		require.True(t, known, id)
	}
	_, known := s.Client("old0")
	require.False(t, known, "the oldest made room")
}

func TestGrantsAreCapped(t *testing.T) {
	t.Parallel()
	s := store.New(store.Limits{Grants: 3})
	newest := store.GrantID{}
	for range 10 {
		newest = store.NewGrantID()
		s.AddGrant(newest, store.Grant{}, time.Hour)
	}
	require.Equal(t, 3, s.Counts().Grants)
	_, err := s.Look(newest, 0)
	require.NoError(t, err)
}

func TestAFewOldKeysStayPublished(t *testing.T) {
	t.Parallel()
	s := store.New(store.Limits{})
	for i := range 6 {
		s.Rotate(store.Key{ID: fmt.Sprint(i)})
		require.Equal(t, fmt.Sprint(i), s.SigningKey().ID)
	}
	var ids []string
	for _, k := range s.Keys() {
		ids = append(ids, k.ID)
	}
	require.Equal(t, []string{"5", "4", "3", "2"}, ids)
}

func TestPeopleAreFoundByNameAndSubjectInTheOrderOfTheConfiguration(t *testing.T) {
	t.Parallel()
	s := store.New(store.Limits{})
	s.AddPerson(store.Person{Username: "z", Subject: "1"})
	s.AddPerson(store.Person{Username: "a", Subject: "2"})
	s.AddPerson(store.Person{Username: "z", Subject: "3"}) // replaces
	require.Equal(t, []store.Person{{Username: "z", Subject: "3"}, {Username: "a", Subject: "2"}}, s.People())
	p, ok := s.PersonBySubject("2")
	require.True(t, ok)
	require.Equal(t, "a", p.Username)
	_, ok = s.PersonBySubject("1")
	require.False(t, ok)
	_, ok = s.Person("nobody")
	require.False(t, ok)
}

func TestSecretsAreComparedByHash(t *testing.T) {
	t.Parallel()
	c := store.Client{AuthMethod: store.AuthBasic, SecretHash: store.HashSecret("secret")}
	require.True(t, c.SecretIs("secret"))
	for _, wrong := range []string{"", "Secret", "secret "} {
		require.False(t, c.SecretIs(wrong))
	}
	require.False(t, c.Public())
	public := store.Client{AuthMethod: store.AuthNone}
	require.True(t, public.Public())
	require.False(t, public.SecretIs(""), "no secret is no empty secret")
}
