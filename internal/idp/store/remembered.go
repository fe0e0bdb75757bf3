package store

import (
	"crypto/sha256"
	"errors"
	"time"
)

// fingerprint stands for what is remembered: half a hash is enough to tell one from another.
type fingerprint [16]byte

// ErrFull says that nothing more can be remembered until something expires. Forgetting something instead would bring a revoked
// token back to life, or let a client assertion be used twice.
var ErrFull = errors.New("too much to remember; try again later")

// Remember notes that something happened once, until it does not matter any more. The kind keeps unlike things apart. Of any
// number of callers exactly one succeeds; the others get ErrReplayed.
func (s *Store) Remember(kind, id string, until time.Time) error {
	what, now := fingerprintOf(kind, id), time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	if old, known := s.remembered[what]; known && now.Unix() < old {
		return ErrReplayed
	}
	if len(s.remembered) >= s.limits.Remembered {
		return ErrFull
	}
	s.remembered[what] = until.Unix()
	return nil
}

// Remembers reports whether something is still remembered.
func (s *Store) Remembers(kind, id string) bool {
	what := fingerprintOf(kind, id)
	s.mu.Lock()
	defer s.mu.Unlock()
	until, known := s.remembered[what]
	return known && time.Now().Unix() < until
}

func fingerprintOf(kind, id string) fingerprint {
	sum := sha256.Sum256([]byte(kind + "\x00" + id))
	return fingerprint(sum[:16])
}
