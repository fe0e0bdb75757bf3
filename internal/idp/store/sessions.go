package store

import (
	"crypto/rand"
	"crypto/sha256"
	"time"
)

// Session is a person who stays signed in at one browser.
type Session struct {
	Username string
	AuthTime time.Time // when the person signed in
}

// SessionLifetime is how long a person stays signed in, used or not.
const SessionLifetime = 8 * time.Hour

type session struct {
	Session
	expires time.Time
}

// Open remembers that somebody signed in now and returns the secret that names the session. The store keeps its hash.
func (s *Store) Open(username string) (secret string) {
	secret = rand.Text()
	key := sha256.Sum256([]byte(secret))
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	for len(s.sessionsInOrder) >= s.limits.Sessions {
		delete(s.sessions, s.sessionsInOrder[0].key)
		s.sessionsInOrder = s.sessionsInOrder[1:]
	}
	expires := now.Add(SessionLifetime)
	s.sessions[key] = session{Session{username, now}, expires}
	s.sessionsInOrder = append(s.sessionsInOrder, expiring[Hash]{key, expires})
	return secret
}

// Session finds the session that a secret names.
func (s *Store) Session(secret string) (Session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.sessions[sha256.Sum256([]byte(secret))]
	if !ok || !time.Now().Before(found.expires) {
		return Session{}, false
	}
	return found.Session, true
}

// CloseSession ends a session.
func (s *Store) CloseSession(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, sha256.Sum256([]byte(secret)))
}

func (s *Store) sweepSessions(now time.Time) {
	for len(s.sessionsInOrder) > 0 {
		first := s.sessionsInOrder[0]
		if _, open := s.sessions[first.key]; open && now.Before(first.at) {
			break
		}
		delete(s.sessions, first.key)
		s.sessionsInOrder = s.sessionsInOrder[1:]
	}
}
