package guard

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How key sets are fetched. The rates answer two demands at once: a flood of unknown kids causes few fetches, and a key
// that is rotated in during the flood is honoured within ten seconds, because whatever fetch the flood causes serves
// everybody. A token with an unknown kid that arrives while no fetch is allowed is refused: the set at hand is then
// at most unknownEvery old.
const (
	fetchTimeout = 4 * time.Second // all of discovery and the key set; leaves room for a 503 within five seconds
	unknownEvery = 5 * time.Second
	unknownBurst = 2
	firstBackoff = 500 * time.Millisecond // after a failed fetch, doubled each time; counted from its start,
	lastBackoff  = 2 * time.Second        // so that a hanging issuer is asked again within five seconds too

	defaultAge = 5 * time.Minute
	minAge     = 10 * time.Second
	maxAge     = 15 * time.Minute // a withdrawn key is honoured no longer than this
)

// keySource is the key set of one issuer. A request whose key is known never waits: an old set is refreshed behind its
// back, and stays in use while the issuer is down.
type keySource struct {
	authority *authority
	client    *http.Client
	logger    *slog.Logger

	mu       sync.Mutex
	set      *keySet // nil until the first fetch succeeds
	inFlight *fetch
	begun    int // fetches
	unknown  *rate.Limiter
	failures int
	failure  error // of the last fetch, nil if it succeeded
	retryAt  time.Time
}

// fetch is a fetch in flight. set and err may be read after done is closed.
type fetch struct {
	number int
	done   chan struct{}
	set    *keySet
	err    error
}

func newKeySource(a *authority, client *http.Client, logger *slog.Logger) *keySource {
	return &keySource{
		authority: a, client: client, logger: logger,
		unknown: rate.NewLimiter(rate.Every(unknownEvery), unknownBurst),
	}
}

// lookup returns the keys that a signature with this kid and algorithm may have been made with.
func (s *keySource) lookup(ctx context.Context, kid, alg string) ([]publicKey, error) {
	before := s.fetches()
	set, err := s.ensure(ctx)
	if err != nil {
		return nil, err
	}
	for {
		keys, err := set.find(kid, alg)
		if err != errUnknownKey || set.number > before {
			return keys, err
		}
		f, failure := s.start(true) // perhaps one that was answered before the key was there: then once more
		switch {
		case f == nil && failure != nil: // the key may have been rotated in: that cannot be known now
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, failure)
		case f == nil:
			latest := s.current() // others may have got it since
			if latest == set {
				return nil, err
			}
			set = latest
			continue
		}
		if set, err = f.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// fetches returns how many fetches have begun.
func (s *keySource) fetches() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun
}

// ensure returns the set at hand, and waits for one only if there is none.
func (s *keySource) ensure(ctx context.Context) (*keySet, error) {
	if set := s.current(); set != nil {
		s.refreshOld(set)
		return set, nil
	}
	f, failure := s.start(false)
	if f == nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, failure)
	}
	return f.wait(ctx)
}

// current returns the set at hand, nil if there is none.
func (s *keySource) current() *keySet {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.set
}

// refreshOld has the set fetched again if it is old. Whoever has it goes on with it.
func (s *keySource) refreshOld(set *keySet) {
	if time.Now().After(set.expires) {
		s.start(false)
	}
}

// start joins the fetch in flight or begins one. It returns no fetch after a recent failure, which it returns, and for
// an unknown kid when the bucket is empty.
func (s *keySource) start(unknownKid bool) (*fetch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inFlight != nil {
		return s.inFlight, nil
	}
	if s.failure != nil && time.Now().Before(s.retryAt) {
		return nil, s.failure
	}
	if unknownKid && !s.unknown.Allow() {
		return nil, s.failure
	}
	s.begun++
	s.inFlight = &fetch{number: s.begun, done: make(chan struct{})}
	// Not the caller's context: others wait for the same answer.
	go s.run(s.inFlight)
	return s.inFlight, nil
}

func (s *keySource) run(f *fetch) {
	started := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	f.set, f.err = s.fetch(ctx)

	s.mu.Lock()
	defer s.mu.Unlock()
	if f.err != nil {
		s.logger.Warn("fetching keys failed", "issuer", s.authority.issuer, "error", f.err)
		s.failure = f.err
		s.retryAt = started.Add(min(firstBackoff<<min(s.failures, 8), lastBackoff))
		if soonest := time.Now().Add(firstBackoff); s.retryAt.Before(soonest) {
			s.retryAt = soonest
		}
		s.failures++
		f.err = fmt.Errorf("%w: %w", ErrUnavailable, f.err)
	} else {
		f.set.number = f.number
		s.set, s.failure, s.failures = f.set, nil, 0
	}
	s.inFlight = nil
	close(f.done)
}

func (f *fetch) wait(ctx context.Context) (*keySet, error) {
	select {
	case <-f.done:
		return f.set, f.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, context.Cause(ctx))
	}
}

func (s *keySource) fetch(ctx context.Context) (*keySet, error) {
	location, err := s.authority.endpoint(ctx, jwksURI)
	if err != nil {
		return nil, fmt.Errorf("finding the key set: %w", err)
	}
	body, header, err := get(ctx, s.client, location)
	var set *keySet
	if err == nil {
		set, err = decodeKeySet(body, s.logger)
	}
	if err != nil {
		s.authority.forget(ctx, jwksURI)
		return nil, fmt.Errorf("fetching the key set %s: %w", location, err)
	}
	set.expires = time.Now().Add(cacheAge(header.Get("Cache-Control")))
	return set, nil
}

// cacheAge takes the issuer's max-age within bounds.
func cacheAge(cacheControl string) time.Duration {
	age := defaultAge
	for directive := range strings.SplitSeq(cacheControl, ",") {
		directive = strings.ToLower(strings.TrimSpace(directive))
		if directive == "no-store" || directive == "no-cache" {
			return minAge
		}
		if value, ok := strings.CutPrefix(directive, "max-age="); ok {
			if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
				age = time.Duration(seconds) * time.Second
			}
		}
	}
	return min(max(age, minAge), maxAge)
}
