package store

import (
	"crypto/rand"
	"net/url"
	"time"
)

// pushed is an authorization request that its client sent ahead (RFC 9126).
type pushed struct {
	client  string
	form    url.Values
	expires time.Time
}

// Push remembers a client's authorization request and returns its name. The oldest one makes room beyond the limit.
func (s *Store) Push(clientID string, form url.Values, lifetime time.Duration) (name string) {
	name = rand.Text()
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	for len(s.pushedInOrder) >= s.limits.Pushed {
		delete(s.pushed, s.pushedInOrder[0].key)
		s.pushedInOrder = s.pushedInOrder[1:]
	}
	expires := now.Add(lifetime)
	s.pushed[name] = pushed{clientID, form, expires}
	s.pushedInOrder = append(s.pushedInOrder, expiring[string]{name, expires})
	return name
}

// Pushed returns a request, and only for the client that pushed it.
func (s *Store) Pushed(name, clientID string) (url.Values, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.pushed[name]
	if !ok || p.client != clientID || time.Now().After(p.expires) {
		return nil, false
	}
	return p.form, true
}

// DropPushed forgets a request. It reports false where somebody else has done so.
func (s *Store) DropPushed(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, there := s.pushed[name]
	delete(s.pushed, name)
	return there
}

func (s *Store) sweepPushed(now time.Time) {
	for len(s.pushedInOrder) > 0 {
		first := s.pushedInOrder[0]
		if _, waits := s.pushed[first.key]; waits && now.Before(first.at) {
			break
		}
		delete(s.pushed, first.key)
		s.pushedInOrder = s.pushedInOrder[1:]
	}
}
