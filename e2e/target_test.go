// Package e2e runs full authorization-code flows: a real client, a browser that fills the real pages, an authorization server
// and the todo server, over HTTP. The tests are functions over a target and name no provider.
package e2e

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
	"mcpharness/internal/profile"
	"mcpharness/internal/testnet"
	"mcpharness/internal/todo"
	"mcpharness/internal/todo/sqlstore"
	"mcpharness/internal/todomcp"
	"mcpharness/mockidp"
)

// target is what a run talks to: a todo server of its own, and behind it a mock of its own or the live provider of E2E_PROFILE.
type target struct {
	profile   *profile.Profile
	styles    []profile.Target // how clients may name the API
	registers bool             // clients may register themselves
	issuer    string
	url       string // of the MCP endpoint
	http      *http.Client
	idp       *mockidp.Server // nil: a live provider
	realm     string          // the file that it has been set up by; empty: the built-in configuration
	wire      *wire
}

// setup is what a test wants otherwise. The zero value is a target over loopback with the built-in configuration.
type setup struct {
	as        string // the provider that the mock stands in for, with that one's own profile; empty: strict
	realm     string // a realm file for that mock
	configure func(*mockidp.Config)
	faults    []string               // of the mock, by name
	path      string                 // of the mock's issuer, where it stands in for nobody
	mend      func(*profile.Profile) // what the todo server is told otherwise
	origins   []string               // of browser clients
	// front puts a proxy before the todo server at backend. It returns the URL of the MCP endpoint for clients, the one that the
	// server is told, and how clients get there.
	front   func(t *testing.T, backend string) (public, told string, clients http.RoundTripper)
	network *testnet.Network                               // nil: loopback
	fetches func(next http.RoundTripper) http.RoundTripper // stands between the todo server and its issuer
}

func newTarget(t *testing.T, s setup) *target {
	t.Helper()
	s.skip(t)
	mcpListener := s.listen(t)
	target := &target{url: "http://" + mcpListener.Addr().String() + "/mcp", wire: &wire{next: s.transport()}}
	told := target.url
	if s.front != nil {
		target.url, told, target.wire.next = s.front(t, "http://"+mcpListener.Addr().String())
	}
	target.http = &http.Client{Transport: target.wire, Timeout: 30 * time.Second}
	if live == "" {
		target.startMock(t, s.listen(t), s)
	} else {
		target.reachLive(t)
	}
	target.issuer = target.profile.Issuer
	if s.mend != nil {
		s.mend(target.profile)
	}

	fetches := s.transport()
	if s.fetches != nil {
		fetches = s.fetches(fetches)
	}
	store, err := sqlstore.Open(t.Context(), sqlstore.InMemory)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	server, err := todomcp.New(todomcp.Options{
		Todos: todo.NewService(store),
		Guard: guard.Options{Settings: target.profile.Guard(), Resource: told, AllowedOrigins: s.origins, HTTPClient: &http.Client{Transport: fetches, Timeout: 5 * time.Second}},
	})
	require.NoError(t, err)
	serve(t, server.Handler(), mcpListener)
	t.Cleanup(target.http.CloseIdleConnections) // before the servers end, who wait for connections that nobody has used yet
	return target
}

// skip skips a test whose wishes only a mock can grant.
func (s setup) skip(t *testing.T) {
	t.Helper()
	if live != "" && s.network != nil {
		lacks(t, ownClock)
	}
	if live != "" && s.configure != nil {
		lacks(t, configuring)
	}
}

func (s setup) listen(t *testing.T) net.Listener {
	t.Helper()
	if s.network != nil {
		l, err := s.network.Listen("127.0.0.1:0")
		require.NoError(t, err)
		return l
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return l
}

func (s setup) transport() http.RoundTripper {
	if s.network != nil {
		return s.network.Client().Transport
	}
	return http.DefaultTransport.(*http.Transport).Clone()
}

func serve(t *testing.T, handler http.Handler, l net.Listener) {
	t.Helper()
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
		_ = server.Close()
		<-done
	})
}

// whoami calls the tool with a token and returns the status.
func (on *target) whoami(t *testing.T, token string) int {
	t.Helper()
	status, _ := on.post(t, token, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami","arguments":{}}}`, nil)
	return status
}

// post sends a JSON-RPC message with a token and returns the status and the answer.
func (on *target) post(t *testing.T, token, message string, headers map[string]string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, on.url, strings.NewReader(message))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, text/event-stream")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := on.http.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(answer)
}
