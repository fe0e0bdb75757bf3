package guard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	askTimeout   = 4 * time.Second // of one inquiry, waiting for its turn included; leaves room for a 503 within five seconds
	maxAsking    = 32              // inquiries that the issuer sees at once
	maxInquiries = 1024            // inquiries that wait or run; more are told to come back
	maxAccepted  = 10_000
	maxRefused   = 2_000
	negativePart = 4 // no is believed for this part of the time that yes is
	complainOnce = 10 * time.Second
)

// inquiries are questions to the issuer about tokens, and its answers for a short while. Each token has one inquiry at a
// time. What is refused is remembered apart, so that a flood of garbage drives no good token out.
type inquiries struct {
	judge    func(ctx context.Context, token string) (Identity, validity, error)
	recheck  time.Duration
	leeway   time.Duration
	logger   *slog.Logger
	complain rate.Sometimes
	slots    chan struct{}

	mu                sync.Mutex
	accepted, refused *recent[verdict]
	running           map[digest]*inquiry
	trouble           error // why the issuer's last answer was none
	troubled          time.Time
}

// stillTroubled is how long a failed inquiry counts for readiness: without traffic nothing would show that it is over.
const stillTroubled = 30 * time.Second

// ready says why the issuer's last answer was none, if that was a moment ago.
func (q *inquiries) ready() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if time.Since(q.troubled) < stillTroubled {
		return q.trouble
	}
	return nil
}

// note remembers how the issuer answered last. What only waited for its turn says nothing about the issuer.
func (q *inquiries) note(trouble error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.trouble, q.troubled = trouble, time.Now()
}

// verdict is what is believed about a token until then.
type verdict struct {
	identity Identity
	validity validity
	refusal  *TokenError // nil: accepted
	until    time.Time
}

// inquiry is one that runs. What it found may be read after done is closed.
type inquiry struct {
	done    chan struct{}
	verdict verdict
	err     error // there is no verdict
}

func newInquiries(s Settings, logger *slog.Logger, judge func(context.Context, string) (Identity, validity, error)) *inquiries {
	size := func(v verdict) int { return entryBytes + v.identity.size() }
	return &inquiries{
		judge: judge, recheck: s.RecheckAfter, leeway: s.Leeway, logger: logger,
		complain: rate.Sometimes{Interval: complainOnce}, slots: make(chan struct{}, maxAsking),
		accepted: newRecent(maxAccepted, maxVerifiedBytes, size), refused: newRecent(maxRefused, maxVerifiedBytes, size),
		running: map[digest]*inquiry{},
	}
}

// verify answers from memory or asks.
func (q *inquiries) verify(ctx context.Context, token string) (Identity, error) {
	key := digestOf(token)
	q.mu.Lock()
	if v, known := q.remembered(key, time.Now()); known {
		q.mu.Unlock()
		return v.result()
	}
	in := q.running[key]
	if in == nil && len(q.running) >= maxInquiries {
		q.mu.Unlock()
		return Identity{}, fmt.Errorf("%w: too many tokens to ask about", ErrUnavailable)
	}
	if in == nil {
		in = &inquiry{done: make(chan struct{})}
		q.running[key] = in
		// Not the caller's context: others wait for the same answer.
		go q.run(in, key, token)
	}
	q.mu.Unlock()
	select {
	case <-in.done:
		if in.err != nil {
			return Identity{}, in.err
		}
		return in.verdict.result()
	case <-ctx.Done():
		return Identity{}, fmt.Errorf("%w: %w", ErrUnavailable, context.Cause(ctx))
	}
}

func (v verdict) result() (Identity, error) {
	if v.refusal != nil {
		return Identity{}, v.refusal
	}
	return v.identity.clone(), nil
}

func (q *inquiries) remembered(key digest, now time.Time) (verdict, bool) {
	for _, known := range []*recent[verdict]{q.accepted, q.refused} {
		v, found := known.get(key)
		switch {
		case !found:
		case now.Before(v.until) && v.validity.judge(now, q.leeway) == nil:
			return v, true
		default:
			known.remove(key)
		}
	}
	return verdict{}, false
}

func (q *inquiries) run(in *inquiry, key digest, token string) {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	in.verdict, in.err = q.ask(ctx, token)
	if in.err != nil {
		q.complain.Do(func() { q.logger.Warn("asking the issuer about tokens failed", "error", in.err) })
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case in.err != nil:
	case in.verdict.refusal != nil:
		q.refused.put(key, in.verdict)
	default:
		q.accepted.put(key, in.verdict)
	}
	delete(q.running, key)
	close(in.done)
}

func (q *inquiries) ask(ctx context.Context, token string) (verdict, error) {
	select {
	case q.slots <- struct{}{}:
		defer func() { <-q.slots }()
	case <-ctx.Done():
		return verdict{}, fmt.Errorf("%w: the issuer is slow, others wait already", ErrUnavailable)
	}
	asked := time.Now()
	id, v, err := q.judge(ctx, token)
	var bad *TokenError
	if err != nil && !errors.As(err, &bad) {
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
		q.note(err)
		return verdict{}, err
	}
	q.note(nil)
	if err == nil {
		err = v.judge(time.Now(), q.leeway)
	}
	if errors.As(err, &bad) {
		return verdict{refusal: bad, until: asked.Add(q.recheck / negativePart)}, nil
	}
	until := asked.Add(q.recheck)
	if !v.expires.IsZero() && v.expires.Before(until) {
		until = v.expires
	}
	return verdict{identity: id, validity: v, until: until}, nil
}
