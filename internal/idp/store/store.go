// Package store keeps what the authorization server remembers: people, clients, sign-ins under way, grants and keys.
// Everything is in memory, in compact types, behind one lock, and every method is safe for concurrent use.
//
// Codes and refresh tokens are not stored. Each carries the grant it belongs to and a generation; the grant remembers which
// generation is next. So redeeming is a compare-and-set on one number, a replay is an old number, and memory does not grow
// with the tokens handed out.
package store

import (
	"cmp"
	"sync"
	"time"
)

// Limits bound what strangers can make the store remember. A zero field takes its default.
type Limits struct {
	Clients      int // clients that came by themselves, registered or described by a document; 1,000
	Transactions int // sign-ins begun of late; 10,000
	Grants       int // grants; 1,000,000
	Sessions     int // people who stay signed in; 10,000
	Consents     int // what people allowed and need not be asked again; 10,000
	Pushed       int // pushed authorization requests; 1,000
	Remembered   int // identifiers of revoked access tokens and of used client assertions; 100,000

	SessionLives time.Duration // how long people stay signed in; SessionLifetime
	SessionIdle  time.Duration // and how long without a sign of them; zero: all that time
}

// Store is the server's memory.
type Store struct {
	mu              sync.Mutex
	limits          Limits
	grace           time.Duration // for used refresh tokens
	people          map[string]Person
	order           []string // people in the order of the configuration
	clients         map[string]*client
	strangers       []string // identifiers of the clients that came by themselves, oldest first
	transactions    map[string]*Transaction
	waiting         []expiring[string] // transactions, oldest first; ended ones are in it until they come to the front
	grants          map[GrantID]*grant
	remembered      map[fingerprint]int64 // what must not be taken, until when (Unix time)
	pushed          map[string]pushed
	pushedInOrder   []expiring[string] // oldest first; taken ones are in it until they come to the front
	nextSweep       time.Time
	sessions        map[string]*session
	sessionsInOrder []expiring[string]   // oldest first; ended ones are in it until they come to the front
	consents        map[consent][]string // scopes
	consentsInOrder []consent            // oldest first

	consentsInSession bool          // they are good for one session only
	changes           chan struct{} // holds one while what is kept over a restart has changed
	keys              []Key         // the signing key first, then those still published
}

type expiring[K any] struct {
	key K
	at  time.Time
}

// New returns an empty store.
func New(limits Limits) *Store {
	limits.Clients = cmp.Or(limits.Clients, 1000)
	limits.Transactions = cmp.Or(limits.Transactions, 10_000)
	limits.Grants = cmp.Or(limits.Grants, 1_000_000)
	limits.Pushed = cmp.Or(limits.Pushed, 1000)
	limits.Remembered = cmp.Or(limits.Remembered, 100_000)
	limits.Sessions = cmp.Or(limits.Sessions, 10_000)
	limits.SessionLives = cmp.Or(limits.SessionLives, SessionLifetime)
	limits.Consents = cmp.Or(limits.Consents, 10_000)
	return &Store{
		changes:      make(chan struct{}, 1),
		limits:       limits,
		people:       map[string]Person{},
		clients:      map[string]*client{},
		transactions: map[string]*Transaction{},
		grants:       map[GrantID]*grant{},
		sessions:     map[string]*session{},
		consents:     map[consent][]string{},
		remembered:   map[fingerprint]int64{},
		pushed:       map[string]pushed{},
	}
}

// Changes tells that registered clients or keys have changed, once for any number of changes since it was last read.
func (s *Store) Changes() <-chan struct{} { return s.changes }

func (s *Store) changed() {
	select {
	case s.changes <- struct{}{}:
	default:
	}
}

// sweepEvery is how often a write looks for what has expired. There is no goroutine: an idle store does not grow.
const sweepEvery = 10 * time.Second

// sweep forgets what has expired. The caller holds the lock.
func (s *Store) sweep(now time.Time) {
	for len(s.waiting) > 0 {
		first := s.waiting[0]
		if _, open := s.transactions[first.key]; open && now.Before(first.at) {
			break
		}
		delete(s.transactions, first.key)
		s.waiting = s.waiting[1:]
	}
	s.sweepSessions(now)
	s.sweepPushed(now)
	if now.Before(s.nextSweep) {
		return
	}
	s.nextSweep = now.Add(sweepEvery)
	for id, g := range s.grants {
		if now.After(g.ends) {
			s.dropGrant(id, g)
		}
	}
	for what, until := range s.remembered {
		if now.Unix() >= until {
			delete(s.remembered, what)
		}
	}
}

// Counts says how much the store holds, for tests and health pages.
type Counts struct{ Clients, Registered, Transactions, Grants int }

// Counts returns the sizes, expired entries left out.
func (s *Store) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextSweep = time.Time{}
	s.sweep(time.Now())
	return Counts{Clients: len(s.clients), Registered: len(s.strangers), Transactions: len(s.transactions), Grants: len(s.grants)}
}
