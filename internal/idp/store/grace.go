package store

import (
	"slices"
	"time"
)

// Grace lets a used refresh token work again for a while. Call it before the store is used.
func (s *Store) Grace(grace time.Duration) { s.grace = grace }

// graced are the refresh tokens of a grant that count beside the newest. The nil value is none.
type graced struct {
	unused []uint32 // generations
	used   []usedToken
}

type usedToken struct {
	generation uint32
	at         time.Time
}

// mostUnused bounds what somebody can make of one refresh token.
const mostUnused = 16

// counts reports whether a generation is unused, or was used for the first time not before a moment.
func (g *graced) counts(generation uint32, since time.Time) bool {
	if g == nil {
		return false
	}
	return slices.Contains(g.unused, generation) || slices.ContainsFunc(g.used, func(u usedToken) bool {
		return u.generation == generation && !u.at.Before(since)
	})
}

// after is what counts when a generation was used while another one was the newest.
func (g *graced) after(used, newest uint32, now time.Time, grace time.Duration) *graced {
	next := &graced{}
	if g != nil {
		next.unused, next.used = slices.Clone(g.unused), slices.Clone(g.used)
	}
	next.used = slices.DeleteFunc(next.used, func(u usedToken) bool { return u.at.Before(now.Add(-grace)) })
	if !slices.ContainsFunc(next.used, func(u usedToken) bool { return u.generation == used }) {
		next.used = append(next.used, usedToken{used, now})
	}
	next.unused = slices.DeleteFunc(next.unused, func(generation uint32) bool { return generation == used })
	if used != newest {
		next.unused = append(next.unused, newest)
	}
	if len(next.unused) > mostUnused {
		next.unused = next.unused[1:]
	}
	return next
}

// NextGeneration is the generation of the refresh token that a redemption of a grant leads to; 0 where there is no such grant.
func (s *Store) NextGeneration(id GrantID) uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g, ok := s.grants[id]; ok {
		return g.generation + 1
	}
	return 0
}
