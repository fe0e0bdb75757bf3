package todomcp

import (
	"crypto/rand"
	"errors"
	"sync"

	"mcpharness/internal/guard"
)

const (
	maxStreams       = 1024
	maxStreamsForOne = 8
)

var (
	errTooManyOfOne = errors.New("too many event streams of this user are open, close one first")
	errTooMany      = errors.New("too many event streams are open, try again later")
	errStopping     = errors.New("the server is stopping")
)

// owner is who a stream belongs to.
type owner struct {
	person
	client string
}

type person struct{ issuer, subject string }

func ownerOf(id guard.Identity) owner {
	return owner{person{id.Issuer, id.Subject}, id.ClientID}
}

// streams are the open ones. The zero value has none; it is safe for concurrent use.
type streams struct {
	mu       sync.Mutex
	open     map[string]*stream
	ofPerson map[person]int
	stopped  bool
}

// add opens a stream with an id that nobody guesses. Full is full: to end an older stream instead would let two programs
// of one user throw each other out for ever, as clients of event streams come back by themselves.
func (s *streams) add(owner owner) (*stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.stopped:
		return nil, errStopping
	case s.ofPerson[owner.person] >= maxStreamsForOne:
		return nil, errTooManyOfOne
	case len(s.open) >= maxStreams:
		return nil, errTooMany
	case s.open == nil:
		s.open, s.ofPerson = map[string]*stream{}, map[person]int{}
	}
	added := newStream(rand.Text(), owner)
	s.open[added.id] = added
	s.ofPerson[owner.person]++
	return added, nil
}

func (s *streams) remove(gone *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, gone.id)
	if s.ofPerson[gone.owner.person]--; s.ofPerson[gone.owner.person] == 0 {
		delete(s.ofPerson, gone.owner.person)
	}
}

// find returns the stream with the one id that a request names, if it is the owner's.
func (s *streams) find(ids []string, owner owner) *stream {
	if len(ids) != 1 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.open[ids[0]]; found != nil && found.owner == owner {
		return found
	}
	return nil
}

// stop ends all streams and lets no new one begin.
func (s *streams) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	for _, open := range s.open {
		open.end()
	}
}
