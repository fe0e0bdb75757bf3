package todomcp

import (
	"container/list"
	"crypto/sha256"
	"math"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"mcpharness/internal/guard"
)

// MaxRateLimit is the highest Options.RateLimit.
const MaxRateLimit = 1_000_000

// maxThrottled is how many people's buckets are kept: a MB or two. The one that was used the longest time ago goes first;
// it is full again by then, unless so many people call at once.
const maxThrottled = 10_000

// throttle holds each person to a rate of requests, whatever clients they use: a bucket a person, so that nobody takes
// from another's. It is safe for concurrent use.
type throttle struct {
	limit rate.Limit
	burst int

	mu      sync.Mutex
	buckets map[throttleKey]*list.Element // of *bucket
	recent  *list.List                    // the last used in front
}

// throttleKey is a hash, because a token's subject may be thousands of bytes long.
type throttleKey [sha256.Size]byte

type bucket struct {
	key throttleKey
	*rate.Limiter
}

func newThrottle(perSecond float64) *throttle {
	return &throttle{
		limit: rate.Limit(perSecond), burst: max(1, int(math.Ceil(2*perSecond))),
		buckets: map[throttleKey]*list.Element{}, recent: list.New(),
	}
}

// wait takes from the person's bucket, or says how long it is until something is in it. Who is refused has taken nothing.
func (t *throttle) wait(id guard.Identity) time.Duration {
	now, bucket := time.Now(), t.bucketOf(id)
	if bucket.AllowN(now, 1) {
		return 0
	}
	missing := 1 - bucket.TokensAt(now)
	return max(time.Duration(missing/float64(t.limit)*float64(time.Second)), 1)
}

func (t *throttle) bucketOf(id guard.Identity) *rate.Limiter {
	// Where the issuer ends is said, or two pairs could run together.
	key := throttleKey(sha256.Sum256([]byte(strconv.Itoa(len(id.Issuer)) + " " + id.Issuer + id.Subject)))
	t.mu.Lock()
	defer t.mu.Unlock()
	if found, has := t.buckets[key]; has {
		t.recent.MoveToFront(found)
		return found.Value.(*bucket).Limiter
	}
	if t.recent.Len() == maxThrottled {
		delete(t.buckets, t.recent.Remove(t.recent.Back()).(*bucket).key)
	}
	added := &bucket{key, rate.NewLimiter(t.limit, t.burst)}
	t.buckets[key] = t.recent.PushFront(added)
	return added.Limiter
}
