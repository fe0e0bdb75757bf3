package todomcp_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
	"mcpharness/internal/metrics"
	"mcpharness/internal/todomcp"
)

// BenchmarkThrottle is what the rate limit costs a request, with a full table of people.
func BenchmarkThrottle(b *testing.B) {
	limit := todomcp.NewThrottle(1e6)
	people := make([]guard.Identity, 10_000)
	for i := range people {
		people[i] = guard.Identity{Issuer: "https://idp.example.com", Subject: fmt.Sprint("user-", i)}
		limit(people[i])
	}
	var turn int
	for b.Loop() {
		limit(people[turn%len(people)])
		turn++
	}
}

// BenchmarkWhoami is a call over loopback on either transport, and with metrics on.
func BenchmarkWhoami(b *testing.B) {
	client := &http.Client{Timeout: time.Minute}
	counted := func(o *todomcp.Options) { o.Observer = metrics.New() }
	for name, c := range map[string]struct {
		changes []func(*todomcp.Options)
		sse     bool
	}{"mcp": {}, "mcp counted": {[]func(*todomcp.Options){counted}, false}, "sse": {nil, true}} {
		b.Run(name, func(b *testing.B) {
			r := newRig(b, c.changes...)
			token, url, want := r.token(b, "bob"), r.endpoint, http.StatusOK
			var stream *wireStream
			if c.sse {
				stream = r.openStream(b, client, token)
				url, want = stream.endpoint, http.StatusAccepted
			}
			b.ReportAllocs()
			for b.Loop() {
				resp, _ := postTo(b, client, url, token, callBody(1, "whoami", `{}`))
				require.Equal(b, want, resp.StatusCode)
				if stream != nil {
					stream.message(b)
				}
			}
		})
	}
}
