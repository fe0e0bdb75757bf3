package store

import (
	"crypto"
	"slices"
)

// Key signs tokens. A key is never changed; rotation adds a new one.
type Key struct {
	ID        string // kid
	Algorithm string // JWS alg
	Signer    crypto.Signer
}

// retiredKeys is how many old keys stay published: enough for every token signed before a few quick rotations.
const retiredKeys = 3

// Rotate makes a key the signing key. Older keys stay published, the oldest beyond a few are withdrawn.
func (s *Store) Rotate(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed()
	s.keys = slices.Insert(s.keys, 0, k)
	if len(s.keys) > retiredKeys+1 {
		s.keys = s.keys[:retiredKeys+1]
	}
}

// SigningKey returns the key that signs now.
func (s *Store) SigningKey() Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[0]
}

// Keys returns the published keys, the signing key first.
func (s *Store) Keys() []Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.keys)
}
