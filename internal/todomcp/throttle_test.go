package todomcp_test

import (
	"fmt"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
	"mcpharness/internal/todo"
	"mcpharness/internal/todomcp"
)

func limited(perSecond float64) func(*todomcp.Options) {
	return func(o *todomcp.Options) { o.RateLimit = perSecond }
}

// status makes one call and returns the status of its answer.
func (b *bubble) status(t *testing.T, token string) int {
	t.Helper()
	resp, body := postTo(t, b.client, b.endpoint, token, callBody(42, "nothing", `{}`))
	if resp.StatusCode == http.StatusTooManyRequests {
		require.Contains(t, body, `"id":42`, "the client can tell which call it was")
		require.Contains(t, body, `"code":-32089`)
		require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
		require.NotEmpty(t, resp.Header.Get("Retry-After"))
		require.Empty(t, resp.Header.Get("WWW-Authenticate"))
	}
	return resp.StatusCode
}

func TestRateLimitIsABucketForEachPerson(t *testing.T) {
	t.Parallel()
	inABubble(t, func(t *testing.T, b *bubble) {
		bob := b.token(t, "bob")
		for range 20 {
			require.Equal(t, 200, b.status(t, bob), "twice the rate at once")
		}
		for range 50 {
			require.Equal(t, 429, b.status(t, bob))
		}
		other := b.tokenWith(t, map[string]any{"client_id": "other", "scope": todo.ScopeCreate})
		require.Equal(t, 429, b.status(t, other), "another client or token of the person changes nothing")
		require.Equal(t, 200, b.status(t, b.token(t, "alice")), "another person does not notice")
		require.Equal(t, 200, b.status(t, b.token(t, "bo")))
		require.Equal(t, 401, b.status(t, ""), "nor do the anonymous")

		time.Sleep(99 * time.Millisecond)
		require.Equal(t, 429, b.status(t, bob))
		time.Sleep(time.Millisecond)
		require.Equal(t, 200, b.status(t, bob), "a tenth of a second for each, whatever was refused in between")
		require.Equal(t, 429, b.status(t, bob))
		time.Sleep(time.Minute)
		for range 20 {
			require.Equal(t, 200, b.status(t, bob))
		}
		require.Equal(t, 429, b.status(t, bob), "the bucket holds no more than it did")
	}, limited(10))
}

func TestRateLimitHoldsForRefusedCallsAndForTheOldTransport(t *testing.T) {
	t.Parallel()
	inABubble(t, func(t *testing.T, b *bubble) {
		token := b.token(t, "bob")
		stream := b.open(t, token)
		resp, _ := postTo(t, b.client, b.endpoint, token, callBody(1, "create-todo", `{"content":"x"}`))
		require.Equal(t, http.StatusForbidden, resp.StatusCode)
		resp, body := postTo(t, b.client, stream.endpoint, token, callBody(9, "whoami", `{}`))
		require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
		require.Contains(t, body, `"id":9`)
		require.Equal(t, "1", resp.Header.Get("Retry-After"))
		require.Equal(t, http.StatusTooManyRequests, b.getStream(t, b.client, token).StatusCode)
		time.Sleep(2 * time.Second)
		resp, _ = postTo(t, b.client, stream.endpoint, token, callBody(9, "whoami", `{}`))
		require.Equal(t, http.StatusAccepted, resp.StatusCode)
		require.Contains(t, stream.message(t), `"id":9`)
		b.stop()
	}, limited(1))
}

func TestRateLimitLetsExactlyTheBurstThroughAtOnce(t *testing.T) {
	t.Parallel()
	inABubble(t, func(t *testing.T, b *bubble) {
		token := b.token(t, "bob")
		var through atomic.Int64
		var calls sync.WaitGroup
		for range 30 {
			calls.Go(func() {
				if b.status(t, token) == 200 {
					through.Add(1)
				}
			})
		}
		calls.Wait()
		require.EqualValues(t, 10, through.Load())
	}, limited(5))
}

func TestRateLimitForgetsWhoCalledLongestAgo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limit := todomcp.NewThrottle(1)
		person := func(i int) guard.Identity { return guard.Identity{Issuer: "https://i", Subject: fmt.Sprint(i)} }
		for range 2 {
			require.Zero(t, limit(person(0)))
		}
		require.Positive(t, limit(person(0)))
		for i := 1; i < 10_000; i++ {
			require.Zero(t, limit(person(i)))
		}
		require.Positive(t, limit(person(0)), "ten thousand are remembered")
		for i := 10_000; i < 20_000; i++ {
			require.Zero(t, limit(person(i)))
		}
		require.Zero(t, limit(person(0)), "and no more")
		require.Zero(t, limit(guard.Identity{Issuer: "https://i0", Subject: ""}))
		require.Zero(t, limit(guard.Identity{Issuer: "https://i0", Subject: ""}))
		require.Zero(t, limit(guard.Identity{Issuer: "https://i", Subject: "0"}), "issuer and subject do not run together")
	})
}

func TestNoRateLimitByDefault(t *testing.T) {
	t.Parallel()
	inABubble(t, func(t *testing.T, b *bubble) {
		token := b.token(t, "bob")
		for range 300 {
			require.Equal(t, 200, b.status(t, token))
		}
	})
	for _, wrong := range []float64{-1, math.NaN(), math.Inf(1), 1e9} {
		_, err := todomcp.New(todomcp.Options{Todos: todo.NewService(burning{}), RateLimit: wrong,
			Guard: guard.Options{Settings: guard.Settings{Issuer: "https://i.example"}, Resource: "http://localhost/mcp"}})
		require.ErrorContains(t, err, "rate limit: want 0 to 1000000 requests a second", wrong)
	}
}
