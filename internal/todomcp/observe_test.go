package todomcp_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/todo"
	"mcpharness/internal/todomcp"
)

// tally is an observer that remembers.
type tally struct {
	mu      sync.Mutex
	counts  map[string]int
	streams int
}

func (c *tally) add(what ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[strings.TrimSpace(fmt.Sprintln(what...))]++
}

func (c *tally) Answered(route string, status int) { c.add("answered", route, status) }
func (c *tally) Refused(reason string)             { c.add("refused", reason) }

func (c *tally) ToolCalled(tool, result string, took time.Duration) {
	if took < 0 || took > time.Minute {
		c.add("took", took)
	}
	c.add("tool", tool, result)
}

func (c *tally) StreamsChanged(by int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.streams += by
}

// since returns what was counted since the last time.
func (c *tally) since() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := c.counts
	c.counts = nil
	return counts
}

func (c *tally) open() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.streams
}

func observedBy(c *tally) func(*todomcp.Options) {
	return func(o *todomcp.Options) { o.Observer = c }
}

func TestObserverIsToldWhatHappens(t *testing.T) {
	t.Parallel()
	seen := &tally{}
	r := newRig(t, observedBy(seen))
	bob := r.token(t, "bob", todo.ScopeCreate)
	foreign := r.token(t, "carol", todo.ScopeCreate)
	r.post(t, foreign, callBody(1, "create-todo", `{"content":"carol's"}`))
	seen.since()
	for name, c := range map[string]struct {
		method, path, token, body string
		want                      []string
	}{
		"success":            {"POST", "/mcp", bob, callBody(1, "whoami", `{}`), []string{"answered mcp 200", "tool whoami ok"}},
		"the caller's error": {"POST", "/mcp", bob, callBody(1, "create-todo", `{}`), []string{"answered mcp 200", "tool create-todo error"}},
		"no such tool":       {"POST", "/mcp", bob, callBody(1, "kilroy-was-here", `{}`), []string{"answered mcp 200"}},
		"missing scope":      {"POST", "/mcp", bob, callBody(1, "delete-todo", `{"id":"x"}`), []string{"answered mcp 403", "refused insufficient_scope", "tool delete-todo refused"}},
		"anonymous":          {"POST", "/mcp", "", callBody(1, "whoami", `{}`), []string{"answered mcp 401", "refused no_token"}},
		"bad token":          {"POST", "/mcp", "x.y.z", callBody(1, "whoami", `{}`), []string{"answered mcp 401", "refused invalid_token"}},
		"bad credentials":    {"POST", "/mcp", "x y", callBody(1, "whoami", `{}`), []string{"answered mcp 400", "refused malformed_credentials"}},
		"bad message":        {"POST", "/mcp", bob, `{`, []string{"answered mcp 400", "refused bad_message"}},
		"method":             {"GET", "/mcp", bob, ``, []string{"answered mcp 405", "refused method"}},
		"no stream":          {"POST", "/sse?sessionid=kilroy", bob, callBody(1, "whoami", `{}`), []string{"answered sse 404", "refused no_stream"}},
		"metadata":           {"GET", "/.well-known/oauth-protected-resource/sse", "", ``, []string{"answered metadata 200"}},
		"health":             {"GET", "/readyz", "", ``, []string{"answered health 200"}},
		"nowhere":            {"GET", "/kilroy", "", ``, []string{"answered other 404"}},
	} {
		r.send(t, c.method, r.base+c.path, c.token, c.body)
		want := map[string]int{}
		for _, line := range c.want {
			want[line] = 1
		}
		require.Equal(t, want, seen.since(), name)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.endpoint, strings.NewReader("{}"))
	require.NoError(t, err)
	req.Header.Set("Origin", "https://evil.example")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, map[string]int{"answered mcp 403": 1, "refused host_or_origin": 1}, seen.since())
}

func TestObserverIsToldOfTrouble(t *testing.T) {
	t.Parallel()
	seen := &tally{}
	r := newRigOver(t, burning{}, "/mcp", observedBy(seen), limited(1))
	r.post(t, r.token(t, "bob", todo.ScopeCreate), callBody(1, "create-todo", `{"content":"x"}`))
	require.Equal(t, map[string]int{"answered mcp 200": 1, "tool create-todo failure": 1}, seen.since())
	r.post(t, r.token(t, "bob"), callBody(1, "nothing", `{}`))
	r.post(t, r.token(t, "bob"), callBody(1, "nothing", `{}`))
	require.Equal(t, map[string]int{"answered mcp 200": 1, "answered mcp 429": 1, "refused too_many": 1}, seen.since())

	r = newRig(t, observedBy(seen))
	r.issuer.down.Store(true)
	r.post(t, r.token(t, "bob"), callBody(1, "whoami", `{}`))
	require.Equal(t, map[string]int{"answered mcp 503": 1, "refused unavailable": 1}, seen.since())
}

func TestObserverCountsStreams(t *testing.T) {
	t.Parallel()
	seen := &tally{}
	inABubble(t, func(t *testing.T, b *bubble) {
		b.open(t, b.token(t, "alice"))
		bob := b.token(t, "bob")
		stream := b.open(t, bob)
		require.Equal(t, 2, seen.open())
		require.Equal(t, map[string]int{"answered sse 200": 2}, seen.since(), "counted when it begins")
		postTo(t, b.client, stream.endpoint, bob, callBody(1, "whoami", `{}`))
		require.Contains(t, stream.message(t), `"id":1`)
		require.Equal(t, map[string]int{"answered sse 202": 1, "tool whoami ok": 1}, seen.since())
		b.stop()
		require.Zero(t, seen.open())
	}, observedBy(seen))
}
