package store

import (
	"crypto/rand"
	"errors"
	"time"
)

// GrantID names a grant. It is random, and secret: it stands in codes and refresh tokens.
type GrantID [12]byte

// Grant is what a person allowed a client in one authorization.
type Grant struct {
	ClientID       string
	Username       string
	Scopes         []string
	Resources      []string
	AuthTime       time.Time
	BySession      bool   // nobody signed in for it: a session did
	MaxAge         bool   // the request had max_age
	RedirectURI    string // to be repeated at the token endpoint; empty: it was not named in the authorization request
	CodeChallenge  string // S256, or plain
	PlainChallenge bool
	Nonce          string
	HasNonce       bool   // the request had one, be it empty
	SessionID      string // the person's session at that time; empty: there was none
	// Bound lets the grant end with the client's part in the session: what ends one of its grants there ends all of them.
	Bound bool
	// Outlives lets a bound grant live on when the session ends.
	Outlives bool
	// Apart keeps the grant apart from the client's part in the session: a replay of its code ends that part, and not the grant; one of its
	// refresh token the grant; a revocation both.
	Apart bool
	// Returns lets its code be redeemed again when its client has come again to the session that it had left.
	Returns bool
	// Lasts is how long after the authorization all its tokens are over; zero: nothing says so.
	Lasts time.Duration
}

// Errors of redeeming. After ErrReplayed the grant has ended. The last three are about bound grants.
var (
	ErrUnknown  = errors.New("no such grant")
	ErrReplayed = errors.New("used before")
	ErrExpired  = errors.New("expired")

	ErrSessionEnded = errors.New("its session has ended")
	ErrClientLeft   = errors.New("its client has no part in the session any more")
	ErrClientCame   = errors.New("older than its client's part in the session")
)

type grant struct {
	Grant
	generation uint32    // 0: the code is out; n: the n-th refresh token (or, with n = 1, none) is the one that counts
	graced     *graced   // other refresh tokens that count, where a used one works again for a while
	expires    time.Time // of that code or refresh token
	ends       time.Time // when the last access token of it has expired too
	in         *membership
	last       time.Time   // when all tokens are over; zero: nothing says so
	beside     *membership // what a grant that is kept apart is kept apart from
	lost       bool        // such a grant has ended
}

// over says why a bound grant has ended. One whose code is out may go over to the part that its client has now.
func (g *grant) over(now time.Time) error {
	if g.Returns && g.generation == 0 {
		g.in, g.beside = g.in.current(g.ClientID), g.beside.current(g.ClientID)
	}
	switch {
	case g.lost:
		return ErrClientLeft
	case g.beside != nil && g.generation == 0 && g.beside.session.over(now): // it is not apart before the code is redeemed
		return ErrSessionEnded
	case g.beside != nil && g.generation == 0 && g.beside.ended:
		return ErrClientLeft
	case g.in == nil:
		return nil
	case g.in.session.over(now) && !g.Outlives:
		return ErrSessionEnded
	case g.in.ended && g.in.session.clients[g.ClientID] != nil:
		return ErrClientCame
	case g.in.ended:
		return ErrClientLeft
	}
	return nil
}

// codeUsed reports whether it is the code that is presented, again. That counts before all else.
func (g *grant) codeUsed(generation uint32) bool { return generation == 0 && g.generation > 0 }

// until is when a token of the grant expires that could live as long: one of a bound grant with the session at the latest, and none after
// the grant's own end.
func (g *grant) until(expires time.Time) time.Time {
	if g.in != nil && g.in.session.expires.Before(expires) {
		expires = g.in.session.expires
	}
	if !g.last.IsZero() && g.last.Before(expires) {
		expires = g.last
	}
	return expires
}

// Until returns when a refresh token of a grant expires that is made now; zero where there is no such grant.
func (s *Store) Until(id GrantID, lifetime time.Duration) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g, ok := s.grants[id]; ok {
		return g.until(time.Now().Add(lifetime))
	}
	return time.Time{}
}

// NewGrantID makes a name for a grant.
func NewGrantID() (id GrantID) {
	_, _ = rand.Read(id[:]) // never fails (crypto/rand)
	return id
}

// AddGrant remembers a grant at generation 0, whose code lives for lifetime.
func (s *Store) AddGrant(id GrantID, g Grant, lifetime time.Duration) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	if len(s.grants) >= s.limits.Grants {
		for victim, old := range s.grants { // any: at the limit nothing is fair, and memory must stay bounded
			s.dropGrant(victim, old)
			break
		}
	}
	added := &grant{Grant: g, expires: now.Add(lifetime), ends: now.Add(lifetime)}
	if g.Lasts > 0 {
		added.last = now.Add(g.Lasts)
	}
	if in := s.sessions[g.SessionID]; in != nil {
		in.granted(id, g.ClientID)
	}
	switch {
	case g.Bound:
		added.in = s.join(g.SessionID, g.ClientID)
	case g.Apart:
		added.beside = s.join(g.SessionID, g.ClientID)
	}
	s.grants[id] = added
	if c := s.clients[g.ClientID]; c != nil {
		c.live++
	}
}

// Look returns a grant if this generation of it can be redeemed. It changes nothing: ErrReplayed is for the caller to act on.
func (s *Store) Look(id GrantID, generation uint32) (Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.grants[id]
	if !ok {
		return Grant{}, ErrUnknown
	}
	now := time.Now()
	if err := g.over(now); err != nil && !g.codeUsed(generation) {
		return Grant{}, err
	}
	switch {
	case g.generation != generation && !g.graced.counts(generation, now.Add(-s.grace)):
		return Grant{}, ErrReplayed
	case now.After(g.expires):
		return Grant{}, ErrExpired
	}
	return g.Grant, nil
}

// Redeem moves a grant from one generation to the next: of any number of callers exactly one succeeds. For the others, and
// for all later ones, the grant dies (RFC 6749 §4.1.2 for codes, RFC 9700 §4.14.2 for refresh tokens). The next generation
// lives for lifetime, and the access token that goes with it for access.
func (s *Store) Redeem(id GrantID, generation uint32, lifetime, access time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.grants[id]
	if !ok {
		return ErrUnknown
	}
	now := time.Now()
	if err := g.over(now); err != nil && !g.codeUsed(generation) {
		return err
	}
	switch {
	case g.generation != generation && !g.graced.counts(generation, now.Add(-s.grace)):
		s.endGrant(id, g, generation)
		return ErrReplayed
	case now.After(g.expires):
		return ErrExpired
	}
	if s.grace > 0 && generation > 0 {
		g.graced = g.graced.after(generation, g.generation, now, s.grace)
	}
	g.generation++
	g.expires = g.until(now.Add(lifetime))
	g.ends = now.Add(max(lifetime, access))
	g.used(now)
	g.RedirectURI, g.CodeChallenge, g.Nonce, g.HasNonce = "", "", "", false
	return nil
}

// Extend lets the refresh token that counts live for lifetime from now, and the access token that goes with it for access: one that stays
// good when it is used.
func (s *Store) Extend(id GrantID, lifetime, access time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.grants[id]
	if !ok {
		return
	}
	now := time.Now()
	g.expires = g.until(now.Add(lifetime))
	g.ends = now.Add(max(lifetime, access))
	g.used(now)
}

// used notes a sign of life of the person of a bound grant.
func (g *grant) used(now time.Time) {
	if g.in != nil {
		g.in.session.used = now
	}
}

// Grant finds a grant that has not ended, whichever generation of it counts.
func (s *Store) Grant(id GrantID) (Grant, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.grants[id]
	if now := time.Now(); !ok || now.After(g.ends) || g.over(now) != nil {
		return Grant{}, false
	}
	return g.Grant, true
}

// CameAgain reports whether a grant has ended with a part in a session that its client has a new part in.
func (s *Store) CameAgain(id GrantID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.grants[id]
	return ok && g.over(time.Now()) == ErrClientCame
}

// Expiry returns when the code or refresh token of a grant expires; zero where there is no such grant.
func (s *Store) Expiry(id GrantID) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g, ok := s.grants[id]; ok {
		return g.expires
	}
	return time.Time{}
}

// Recall finds a grant that is still remembered, ended or not.
func (s *Store) Recall(id GrantID) (Grant, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.grants[id]
	if !ok {
		return Grant{}, false
	}
	return g.Grant, true
}

// Void ends a grant of which a generation is in wrong hands, and with it every code and refresh token of it.
func (s *Store) Void(id GrantID, generation uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g, ok := s.grants[id]; ok {
		s.endGrant(id, g, generation)
	}
}

// Revoke ends a grant that its client is done with. A session that no client has a part in any more ends, too.
func (s *Store) Revoke(id GrantID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.grants[id]
	if !ok {
		return
	}
	part := g.in
	if part == nil {
		s.dropGrant(id, g)
		part = g.beside
	}
	if part == nil {
		return
	}
	if part.end(g.ClientID); len(part.session.clients) == 0 {
		s.endSession(part.session.ID)
	}
}

// Burn makes the code of a grant useless, before it was redeemed. To use it again is a replay.
func (s *Store) Burn(id GrantID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.grants[id]
	switch {
	case !ok:
	case g.in == nil && g.beside == nil:
		s.dropGrant(id, g)
	case g.generation == 0:
		g.generation++ // no token is made of it
	}
}

// endGrant forgets a grant of which a generation was used twice. One with a part in a session is kept until it expires, to tell who comes
// with a token of it what has ended.
func (s *Store) endGrant(id GrantID, g *grant, generation uint32) {
	switch {
	case g.in != nil:
		g.in.end(g.ClientID)
	case g.beside != nil && generation == 0:
		g.beside.end(g.ClientID)
	case g.beside != nil:
		g.lost = true
	default:
		s.dropGrant(id, g)
	}
}

func (s *Store) dropGrant(id GrantID, g *grant) {
	delete(s.grants, id)
	if c := s.clients[g.ClientID]; c != nil {
		c.live--
	}
}
