package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/hostile"
)

// TestHostileRequestsGetTheirExactAnswer plays every case of internal/hostile over real HTTP, at both algorithms and in both
// protocol eras. Where a client can, the go-sdk's client carries the case within a session, which must stay usable.
func TestHostileRequestsGetTheirExactAnswer(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"ES256", "RS256"} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			on := newBattlefield(t, algorithm)
			families := map[string][]hostile.Case{}
			for _, c := range hostile.Cases(algorithm) {
				families[c.Family] = append(families[c.Family], c)
			}
			scores := map[string]*score{modern: {}, legacy: {}}
			t.Run("cases", func(t *testing.T) {
				for family, cases := range families {
					t.Run(family, func(t *testing.T) {
						t.Parallel()
						honest := hostile.Honest(on.now())
						lines := map[string]*line{}
						for protocol := range scores {
							lines[protocol] = &line{resource: on.url, protocol: protocol, honest: honest, next: on.http.Transport}
							lines[protocol].connect(t)
						}
						for _, c := range cases {
							world := on.now()
							token := c.Token(world)
							for protocol, l := range lines {
								l.play(t, c, c.Request(world, protocol, token), scores[protocol])
							}
						}
					})
				}
			})
			for protocol, score := range scores {
				t.Logf("%s, %s: %s", algorithm, protocol, score)
			}
			require.Zero(t, on.canary.asked.Load(), "a URL of a token was fetched")
			alice := &visitor{people: []string{"alice"}, registered: true, protocol: modern}
			require.Contains(t, list(t, alice.visit(t, on.target)), on.world.Victim, "a hostile request deleted the todo")
		})
	}
}

// line is a client's session that carries a hostile request once, and honest ones before and after.
type line struct {
	resource, protocol string
	honest             string // token
	next               http.RoundTripper
	session            *mcp.ClientSession

	loaded  atomic.Pointer[hostile.Request] // goes out in place of the next call
	carried *answer                         // that it got
}

func (l *line) connect(t *testing.T) {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "e2e", Version: "1"}, nil)
	var err error
	l.session, err = client.Connect(t.Context(), &mcp.StreamableClientTransport{
		Endpoint: l.resource, HTTPClient: &http.Client{Transport: l, Timeout: 30 * time.Second}, DisableStandaloneSSE: true, MaxRetries: -1,
	}, &mcp.ClientSessionOptions{ProtocolVersion: l.protocol})
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.session.Close() })
}

// RoundTrip sends the client's request with an honest token, or the loaded case in its place and with its id.
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	body := []byte{}
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	load := l.loaded.Swap(nil)
	if load == nil {
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+l.honest)
		return l.next.RoundTrip(r)
	}
	var message struct {
		ID json.RawMessage `json:"id"`
	}
	if err := json.Unmarshal(body, &message); err != nil {
		return nil, err
	}
	request, err := load.HTTP(r.Context(), l.resource, string(message.ID))
	if err != nil {
		return nil, err
	}
	got, response, err := l.send(request, string(message.ID))
	l.carried = got
	return response, err
}

func (l *line) send(request *http.Request, id string) (*answer, *http.Response, error) {
	response, err := l.next.RoundTrip(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return &answer{response.StatusCode, response.Header, body, request.Method, id}, response, nil
}

func (l *line) play(t *testing.T, c hostile.Case, request hostile.Request, score *score) {
	t.Helper()
	var got *answer
	var err error
	if c.Answerable() {
		l.carried = nil
		l.loaded.Store(&request)
		_, err = l.session.CallTool(t.Context(), &mcp.CallToolParams{Name: "whoami", Arguments: map[string]any{}})
		got = l.carried
	} else {
		const id = `"hostile <1>"`
		direct, err := request.HTTP(t.Context(), l.resource, id)
		require.NoError(t, err)
		got, _, err = l.send(direct, id)
		require.NoError(t, err)
	}
	name := c.Family + "/" + c.Name
	if got == nil {
		score.add("sloppy", true)
		t.Errorf("%s: no answer: %v", name, err)
		return
	}
	faults := got.faults(c.Want, l.resource)
	if _, err := l.session.CallTool(t.Context(), &mcp.CallToolParams{Name: "whoami", Arguments: map[string]any{}}); err != nil {
		faults = append(faults, fmt.Sprintf("the session is not usable afterwards: %v", err))
		l.connect(t)
	}
	score.judge(c, got.status, len(faults) > 0)
	if len(faults) > 0 {
		t.Errorf("%s (%s): %s\n%.300s", name, c.Source, strings.Join(faults, "; "), got.body)
	}
}

// score counts how the cases of one algorithm and era went.
type score struct {
	mu     sync.Mutex
	counts map[string]int
}

func (s *score) judge(c hostile.Case, status int, faulty bool) {
	switch {
	case c.Honest():
		s.add("honest", true)
		s.add("refused", faulty)
		return
	case status >= 500:
		s.add("server errors", true)
	case status < 400 && faulty:
		s.add("accepted", true)
	case faulty:
		s.add("sloppy", true)
	}
	s.add("hostile", true)
}

func (s *score) add(what string, happened bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts == nil {
		s.counts = map[string]int{}
	}
	if happened {
		s.counts[what]++
	}
}

func (s *score) String() string {
	return fmt.Sprintf("hostile %d: accepted %d, sloppy %d, server errors %d; honest %d: refused %d",
		s.counts["hostile"], s.counts["accepted"], s.counts["sloppy"], s.counts["server errors"], s.counts["honest"], s.counts["refused"])
}
