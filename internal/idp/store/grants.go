package store

import (
	"crypto/rand"
	"errors"
	"time"
)

// GrantID names a grant. It is random, and secret: it stands in codes and refresh tokens.
type GrantID [16]byte

// Grant is what a person allowed a client in one authorization.
type Grant struct {
	ClientID      string
	Username      string
	Scopes        []string
	Resources     []string
	AuthTime      time.Time
	RedirectURI   string // to be repeated at the token endpoint; empty: it was not named in the authorization request
	CodeChallenge string // S256
	Nonce         string
}

// Errors of redeeming. After ErrReplayed the grant is gone.
var (
	ErrUnknown  = errors.New("no such grant")
	ErrReplayed = errors.New("used before")
	ErrExpired  = errors.New("expired")
)

type grant struct {
	Grant
	generation uint32    // 0: the code is out; n: the n-th refresh token (or, with n = 1, none) is the one that counts
	expires    time.Time // of that code or refresh token
	ends       time.Time // when the last access token of it has expired too
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
	s.grants[id] = &grant{Grant: g, expires: now.Add(lifetime), ends: now.Add(lifetime)}
	if c := s.clients[g.ClientID]; c != nil {
		c.live++
	}
}

// Look returns a grant if this generation of it can be redeemed. It changes nothing: ErrReplayed is for the caller to act on.
func (s *Store) Look(id GrantID, generation uint32) (Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.grants[id]
	switch {
	case !ok:
		return Grant{}, ErrUnknown
	case g.generation != generation:
		return Grant{}, ErrReplayed
	case time.Now().After(g.expires):
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
	now := time.Now()
	switch {
	case !ok:
		return ErrUnknown
	case g.generation != generation:
		s.dropGrant(id, g)
		return ErrReplayed
	case now.After(g.expires):
		return ErrExpired
	}
	g.generation++
	g.expires = now.Add(lifetime)
	g.ends = now.Add(max(lifetime, access))
	g.RedirectURI, g.CodeChallenge, g.Nonce = "", "", ""
	return nil
}

// Grant finds a grant that has not ended, whichever generation of it counts.
func (s *Store) Grant(id GrantID) (Grant, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.grants[id]
	if !ok || time.Now().After(g.ends) {
		return Grant{}, false
	}
	return g.Grant, true
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

// Revoke ends a grant and with it every code and refresh token of it.
func (s *Store) Revoke(id GrantID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g, ok := s.grants[id]; ok {
		s.dropGrant(id, g)
	}
}

func (s *Store) dropGrant(id GrantID, g *grant) {
	delete(s.grants, id)
	if c := s.clients[g.ClientID]; c != nil {
		c.live--
	}
}
