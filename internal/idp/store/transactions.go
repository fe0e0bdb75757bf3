package store

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"time"
)

// Transaction is a sign-in under way: a checked authorization request and how far its person has come.
// A value is replaced whole, never changed in place.
type Transaction struct {
	ID             string
	ClientID       string
	RedirectURI    string
	RedirectNamed  bool // redirect_uri stood in the request, so the token request must repeat it (RFC 6749 §4.1.3)
	State          string
	HasState       bool   // the request has one, be it empty
	ForLogout      bool   // no sign-in: somebody is asked whether to log out
	ResponseMode   string // query or form_post
	Scopes         []string
	Resources      []string
	CodeChallenge  string // empty: none, which the client may
	PlainChallenge bool   // it is the verifier itself, not its hash
	NoCode         bool   // the client only wants to know that it may have one
	Pushed         string // the name of the pushed request that this is, where it can be opened again
	Nonce          string
	HasNonce       bool // the request has one, be it empty
	LoginHint      string
	OnlyUser       string // who alone may sign in; empty: anybody
	MaxAge         bool   // the request has max_age
	PromptConsent  bool   // the request wants consent to be asked for
	Username       string // who signed in; empty before
	AuthTime       time.Time
	BySession      bool   // by a session, and not now
	SessionID      string // the person's session; empty: none
	Steps          Steps
	Again          string // who alone may sign in, having done so before; empty: anybody
	Code           string // of the page that was shown last
	browser        [sha256.Size]byte
	expires        time.Time
}

// Steps are how far a sign-in through an API has come. Each needs the one before it.
type Steps struct {
	Begun      bool
	Proof      string // names the last right password that was sent
	Proved     string // whose it was
	Identified string // who came forward with a proof
	Submitted  string // who is to be signed in
	Allowed    bool   // the person who signed in, or the page in passing, consented
}

// TransactionLifetime is how long a person may take to sign in and to consent.
const TransactionLifetime = 10 * time.Minute

// Begin remembers a transaction of one browser and returns it with its identifier.
func (s *Store) Begin(t Transaction, browser string) Transaction {
	now := time.Now()
	t.ID, t.Code, t.browser, t.expires = rand.Text(), rand.Text(), sha256.Sum256([]byte(browser)), now.Add(TransactionLifetime)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	for len(s.waiting) >= s.limits.Transactions {
		delete(s.transactions, s.waiting[0].key)
		s.waiting = s.waiting[1:]
	}
	s.transactions[t.ID] = &t
	s.waiting = append(s.waiting, expiring[string]{t.ID, t.expires})
	return t
}

// Transaction finds a transaction of this browser that has not expired.
func (s *Store) Transaction(id, browser string) (Transaction, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.transactions[id]
	if !ok || !t.belongsTo(browser) || time.Now().After(t.expires) {
		return Transaction{}, false
	}
	return *t, true
}

// SignIn notes who signed in. It reports false where the transaction is gone.
func (s *Store) SignIn(id, browser, username string) bool {
	_, ok := s.change(id, browser, func(t *Transaction) { t.Username, t.AuthTime, t.BySession = username, time.Now(), false })
	return ok
}

// LatestOf finds the sign-in that a browser began last.
func (s *Store) LatestOf(browser string) (Transaction, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, its := time.Now(), sha256.Sum256([]byte(browser))
	for _, w := range slices.Backward(s.waiting) {
		if t := s.transactions[w.key]; t != nil && t.browser == its && !t.ForLogout && now.Before(t.expires) {
			return *t, true
		}
	}
	return Transaction{}, false
}

// Turn notes that the page of a transaction is shown, under a new code.
func (s *Store) Turn(id, browser string) (Transaction, bool) {
	return s.change(id, browser, func(t *Transaction) { t.Code = rand.Text() })
}

// Restart lets anybody sign in again.
func (s *Store) Restart(id, browser string) (Transaction, bool) {
	return s.change(id, browser, func(t *Transaction) { t.Again, t.Username, t.SessionID, t.LoginHint = "", "", "", "" })
}

func (s *Store) change(id, browser string, change func(*Transaction)) (Transaction, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.transactions[id]
	if !ok || !t.belongsTo(browser) || time.Now().After(t.expires) {
		return Transaction{}, false
	}
	changed := *t
	change(&changed)
	s.transactions[id] = &changed
	return changed, true
}

// Step notes how far a sign-in has come. It reports false where the transaction is gone.
func (s *Store) Step(id, browser string, steps Steps) bool {
	_, ok := s.change(id, browser, func(t *Transaction) { t.Steps = steps })
	return ok
}

// End takes a transaction out, so that it is answered once.
func (s *Store) End(id, browser string) (Transaction, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.transactions[id]
	if !ok || !t.belongsTo(browser) || time.Now().After(t.expires) {
		return Transaction{}, false
	}
	delete(s.transactions, id)
	return *t, true
}

func (t *Transaction) belongsTo(browser string) bool {
	hash := sha256.Sum256([]byte(browser))
	return subtle.ConstantTimeCompare(t.browser[:], hash[:]) == 1
}
