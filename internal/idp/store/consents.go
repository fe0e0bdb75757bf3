package store

import (
	"slices"
	"strings"
)

// consent is what somebody allows a client at a set of resources.
type consent struct{ username, clientID, resources, session string }

// consentOf is what a transaction asks for, in its session or, with "", in any.
func consentOf(t Transaction, session string) consent {
	resources := slices.Sorted(slices.Values(t.Resources))
	return consent{t.Username, t.ClientID, strings.Join(resources, " "), session}
}

// ConsentsInSession says that consents are good for a session only, as long as the client has a part in it. Call it before the store is used.
func (s *Store) ConsentsInSession() { s.consentsInSession = true }

// consentSession is the session that a consent is good for, and whether it can be good at all. The caller holds the lock.
func (s *Store) consentSession(t Transaction) (session string, ok bool) {
	if !s.consentsInSession {
		return "", true
	}
	in := s.sessions[t.SessionID]
	return t.SessionID, in != nil && in.clients[t.ClientID] != nil
}

// AddConsent notes that a person allowed what a transaction asks for. What the same person allowed the same client at the same
// resources before stays allowed.
func (s *Store) AddConsent(t Transaction) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session := ""
	if s.consentsInSession {
		session = t.SessionID
	}
	key := consentOf(t, session)
	allowed, known := s.consents[key]
	if !known {
		for len(s.consentsInOrder) >= s.limits.Consents {
			delete(s.consents, s.consentsInOrder[0])
			s.consentsInOrder = s.consentsInOrder[1:]
		}
		s.consentsInOrder = append(s.consentsInOrder, key)
	}
	for _, scope := range t.Scopes {
		if !slices.Contains(allowed, scope) {
			allowed = append(allowed, scope)
		}
	}
	s.consents[key] = allowed
}

// HasConsent reports whether a person has allowed all that a transaction asks for.
func (s *Store) HasConsent(t Transaction) bool {
	allowed, known := s.Consented(t)
	return known && !slices.ContainsFunc(t.Scopes, func(scope string) bool { return !slices.Contains(allowed, scope) })
}

// Consented are the scopes that a person has allowed the client of a transaction, whatever the transaction asks for.
func (s *Store) Consented(t Transaction) (scopes []string, ever bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.consentSession(t)
	allowed, known := s.consents[consentOf(t, session)]
	return slices.Clone(allowed), ok && known
}

// forgetConsents forgets what anybody allowed a client. The caller holds the lock.
func (s *Store) forgetConsents(clientID string) {
	s.consentsInOrder = slices.DeleteFunc(s.consentsInOrder, func(key consent) bool {
		if key.clientID != clientID {
			return false
		}
		delete(s.consents, key)
		return true
	})
}
