package store

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"time"
)

// Session is a person who stays signed in at one browser.
type Session struct {
	ID       string // no secret: it stands in tokens (sid) and redirects (session_state); 24 characters of base64url
	Username string
	AuthTime time.Time // when the person signed in, of late
}

// SessionLifetime is how long people stay signed in, used or not, where Limits say nothing.
const SessionLifetime = 8 * time.Hour

type session struct {
	Session
	secret  Hash
	expires time.Time
	idle    time.Duration // how long it lasts without being used; zero: all its time
	used    time.Time
	ended   bool
	clients map[string]*membership // by client identifier

	opener  string  // the client that came when no other had a part in it
	opening GrantID // what that client was granted then; zero when it was granted more since
}

// membership is a client's part in a session. Bound grants end with it.
type membership struct {
	session *session
	ended   bool
}

func (s *session) over(now time.Time) bool {
	return s.ended || !now.Before(s.expires) || s.idle > 0 && now.Sub(s.used) >= s.idle
}

// join returns the client's part in the session, a new one where it has none. Of a session that is not there it has ended.
func (s *Store) join(sessionID, clientID string) *membership {
	in := s.sessions[sessionID]
	if in == nil {
		return &membership{session: &session{ended: true}, ended: true}
	}
	m := in.clients[clientID]
	if m == nil {
		m = &membership{session: in}
		in.clients[clientID] = m
	}
	return m
}

// InSession reports whether a client has a part in a session that lasts.
func (s *Store) InSession(id, clientID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.sessions[id]
	return in != nil && !in.over(time.Now()) && in.clients[clientID] != nil
}

// granted notes what a client is granted in the session, before it has a part in it.
func (s *session) granted(id GrantID, clientID string) {
	switch {
	case len(s.clients) == 0:
		s.opener, s.opening = clientID, id
	case s.opener == clientID:
		s.opening = GrantID{}
	}
}

// EndOpened ends the session that no client had a part in before a grant, unless its client was granted more in it since. The grant lives
// on where it has a refresh token.
func (s *Store) EndOpened(id GrantID, refreshes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.grants[id]; g != nil {
		if in := s.sessions[g.SessionID]; in != nil && in.opening == id {
			s.endSession(in.ID)
			g.lost = !refreshes
		}
	}
}

// current is the part that the client has in the session now, or the one that has ended if it has none. Nil stays nil.
func (m *membership) current(clientID string) *membership {
	if m != nil && m.ended && m.session.clients[clientID] != nil {
		return m.session.clients[clientID]
	}
	return m
}

func (m *membership) end(clientID string) {
	m.ended = true
	if m.session.clients[clientID] == m {
		delete(m.session.clients, clientID)
	}
}

// Open remembers that somebody signed in now. It returns the session and the secret that names it, of which the store keeps a hash.
func (s *Store) Open(username string) (_ Session, secret string) {
	var id [18]byte
	_, _ = rand.Read(id[:]) // never fails (crypto/rand)
	secret = rand.Text()
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	for len(s.sessionsInOrder) >= s.limits.Sessions {
		s.endSession(s.sessionsInOrder[0].key)
		s.sessionsInOrder = s.sessionsInOrder[1:]
	}
	opened := &session{
		Session: Session{base64.RawURLEncoding.EncodeToString(id[:]), username, now},
		secret:  HashSecret(secret), expires: now.Add(s.limits.SessionLives), idle: s.limits.SessionIdle, used: now, clients: map[string]*membership{},
	}
	s.sessions[opened.ID] = opened
	s.sessionsInOrder = append(s.sessionsInOrder, expiring[string]{opened.ID, opened.expires})
	return opened.Session, opened.ID + "." + secret
}

// Session finds the session that a secret names.
func (s *Store) Session(secret string) (Session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.named(secret)
	if found == nil {
		return Session{}, false
	}
	return found.Session, true
}

// SignedInAgain notes that the person of a session has just signed in once more.
func (s *Store) SignedInAgain(secret string) (Session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.named(secret)
	if found == nil {
		return Session{}, false
	}
	found.AuthTime = time.Now()
	return found.Session, true
}

// named is the session of a secret, or nil. The caller holds the lock.
func (s *Store) named(secret string) *session {
	id, secret, _ := strings.Cut(secret, ".")
	found, hash := s.sessions[id], HashSecret(secret)
	if found == nil || subtle.ConstantTimeCompare(found.secret[:], hash[:]) != 1 || found.over(time.Now()) {
		return nil
	}
	found.used = time.Now()
	return found
}

// CloseSession ends a session, and with it every grant that is bound to it.
func (s *Store) CloseSession(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.named(secret); found != nil {
		s.endSession(found.ID)
	}
}

// Leave ends a client's part in a session, and with it every grant that is bound to that.
func (s *Store) Leave(id, clientID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in := s.sessions[id]; in != nil && in.clients[clientID] != nil {
		in.clients[clientID].end(clientID)
	}
}

// EndSession is CloseSession for who knows only the session's identifier.
func (s *Store) EndSession(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endSession(id)
}

func (s *Store) endSession(id string) {
	if found := s.sessions[id]; found != nil {
		found.ended = true
		delete(s.sessions, id)
	}
}

func (s *Store) sweepSessions(now time.Time) {
	for len(s.sessionsInOrder) > 0 {
		first := s.sessionsInOrder[0]
		if _, open := s.sessions[first.key]; open && now.Before(first.at) {
			break
		}
		s.endSession(first.key)
		s.sessionsInOrder = s.sessionsInOrder[1:]
	}
}
