package todomcp_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/command"
	"mcpharness/internal/guard"
	"mcpharness/internal/testnet"
	"mcpharness/internal/todo"
	"mcpharness/internal/todo/sqlstore"
	"mcpharness/internal/todomcp"
)

// swapBearer sends the token that was set last. Where stepUp is set, a request that is refused for want of a scope is
// sent once more with the token that it returns, as clients with OAuth do.
type swapBearer struct {
	token  atomic.Pointer[string]
	stepUp func(challenge string) string
	next   http.RoundTripper
}

func carrying(token string) *swapBearer {
	b := &swapBearer{next: http.DefaultTransport}
	b.token.Store(&token)
	return b
}

func (b *swapBearer) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.send(r)
	challenge := ""
	if err == nil {
		challenge = resp.Header.Get("WWW-Authenticate")
	}
	if b.stepUp == nil || err != nil || resp.StatusCode != http.StatusForbidden || !strings.Contains(challenge, `error="insufficient_scope"`) {
		return resp, err
	}
	_ = resp.Body.Close()
	token := b.stepUp(challenge)
	b.token.Store(&token)
	if r.Body, err = r.GetBody(); err != nil {
		return nil, err
	}
	return b.send(r)
}

func (b *swapBearer) send(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+*b.token.Load())
	return b.next.RoundTrip(r)
}

// connectSSE returns the official SDK's client on the HTTP+SSE transport.
func (r *rig) connectSSE(t testing.TB, era string, carrier *swapBearer) *mcp.ClientSession {
	t.Helper()
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(),
		&mcp.SSEClientTransport{Endpoint: r.base + "/sse", HTTPClient: &http.Client{Transport: carrier}},
		&mcp.ClientSessionOptions{ProtocolVersion: era})
	require.NoError(t, err)
	t.Cleanup(func() { session.Close() })
	return session
}

// wireStream is an event stream as it stands on the wire.
type wireStream struct {
	endpoint string // absolute
	resp     *http.Response
	lines    *bufio.Reader
}

// openStream opens a stream and reads its first event.
func (r *rig) openStream(t testing.TB, client *http.Client, token string) *wireStream {
	t.Helper()
	resp := r.getStream(t, client, token)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	s := &wireStream{resp: resp, lines: bufio.NewReader(resp.Body)}
	require.Equal(t, "event: endpoint", s.line(t))
	path, is := strings.CutPrefix(s.line(t), "data: ")
	require.True(t, is)
	require.Empty(t, s.line(t))
	require.Regexp(t, `^/sse\?sessionid=[A-Z2-7]{26}$`, path)
	s.endpoint = r.base + path
	return s
}

func (r *rig) getStream(t testing.TB, client *http.Client, token string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/sse", nil)
	require.NoError(t, err)
	req.Header.Set("Accept", "text/event-stream")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := client.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func (s *wireStream) line(t testing.TB) string {
	t.Helper()
	line, err := s.lines.ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSuffix(line, "\n")
}

// message reads the next message.
func (s *wireStream) message(t testing.TB) string {
	t.Helper()
	require.Equal(t, "event: message", s.line(t))
	data, is := strings.CutPrefix(s.line(t), "data: ")
	require.True(t, is)
	require.Empty(t, s.line(t))
	return data
}

// postTo sends a message with no more headers than either transport needs.
func postTo(t testing.TB, client *http.Client, url, token, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(answer)
}

// bubble is a rig over a network in memory, served as the command serves it, in a bubble whose clock moves only when
// everybody waits. The bubble fails if a goroutine outlives it.
type bubble struct {
	*rig
	client *http.Client
	stop   func() // stops the server as a signal does, and returns when it has stopped
}

func inABubble(t *testing.T, flow func(t *testing.T, b *bubble), changes ...func(*todomcp.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := testnet.New()
		t.Cleanup(func() { _ = network.Close() })
		store, err := sqlstore.Open(t.Context(), sqlstore.InMemory)
		require.NoError(t, err)
		t.Cleanup(func() { store.Close() })

		is := unservedIssuer(t)
		is.url = "http://127.0.0.1:4444"
		r := &rig{base: "http://127.0.0.1:3001", endpoint: "http://127.0.0.1:3001/mcp", issuer: is, todos: todo.NewService(store), logs: &logBuffer{}}
		r.build(t, append(changes, func(o *todomcp.Options) { o.Guard.HTTPClient = network.Client() })...)

		stopIssuer := serveAt(t, network, "127.0.0.1:4444", is, func() {})
		stop := serveAt(t, network, "127.0.0.1:3001", r.handler, r.server.CloseStreams)
		t.Cleanup(stopIssuer)
		t.Cleanup(stop)
		flow(t, &bubble{rig: r, client: network.Client(), stop: stop})
	})
}

func serveAt(t *testing.T, network *testnet.Network, address string, handler http.Handler, onStop func()) (stop func()) {
	t.Helper()
	l, err := network.Listen(address)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	context.AfterFunc(ctx, onStop)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = command.Serve(ctx, handler, []net.Listener{l})
	}()
	return func() {
		cancel()
		<-done
	}
}

func (b *bubble) open(t *testing.T, token string) *wireStream {
	return b.openStream(t, b.client, token)
}

func fiveMinutes() map[string]any {
	return map[string]any{"exp": time.Now().Add(5 * time.Minute).Unix(), "scope": todo.ScopeCreate}
}

func withLeeway(d time.Duration) func(*todomcp.Options) {
	return func(o *todomcp.Options) { o.Guard.Settings = guard.Settings{Issuer: o.Guard.Issuer, Leeway: d} }
}

type whoami struct {
	Subject, Client string
	Scopes          []string
}
