package walkthrough_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
	"mcpharness/internal/todo"
	"mcpharness/internal/todo/sqlstore"
	"mcpharness/internal/todomcp"
	"mcpharness/mockidp"
)

// startServers runs both servers of the tutorial and returns the URL of the MCP endpoint. configure may be nil.
func startServers(t *testing.T, configure func(*mockidp.Config)) (endpoint string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	t.Cleanup(server.Close)
	endpoint = "http://" + server.Listener.Addr().String() + "/mcp"

	config := mockidp.DefaultConfig()
	config.Resources[0].URI, config.DefaultResource = endpoint, endpoint
	if configure != nil {
		configure(&config)
	}
	idp := mockidp.New(t, mockidp.Options{Config: &config})
	store, err := sqlstore.Open(t.Context(), sqlstore.InMemory)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	todos, err := todomcp.New(todomcp.Options{
		Todos: todo.NewService(store),
		Guard: guard.Options{Settings: guard.Settings{Issuer: idp.Issuer()}, Resource: endpoint},
	})
	require.NoError(t, err)
	server.Config.Handler = todos.Handler()
	server.Start()
	return endpoint
}

// between stands between the client and the servers. It sees every exchange and may change the answer.
type between struct {
	next   http.RoundTripper
	change func(request *http.Request, sent []byte, answer *http.Response) // may be nil

	mu      sync.Mutex
	secrets []secret
}

func newBetween(t *testing.T, change func(*http.Request, []byte, *http.Response)) *between {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	return &between{next: transport, change: change}
}

func (b *between) client() *http.Client { return &http.Client{Transport: b} }

func (b *between) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	answer, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	received, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(received))
	b.collect(r, sent, answer, received)
	if b.change != nil {
		b.change(r, sent, answer)
	}
	return answer, nil
}

// dropChallenges is a proxy that does not know WWW-Authenticate.
func dropChallenges(_ *http.Request, _ []byte, answer *http.Response) {
	answer.Header.Del("WWW-Authenticate")
}

// replace changes text in the answers to requests that fit.
func replace(path, old, replacement string) func(*http.Request, []byte, *http.Response) {
	return func(r *http.Request, _ []byte, answer *http.Response) {
		if r.URL.Path != path {
			return
		}
		body, _ := io.ReadAll(answer.Body)
		body = bytes.ReplaceAll(body, []byte(old), []byte(replacement))
		answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		answer.Header.Del("Content-Length")
	}
}

// calls reports whether the body calls this tool.
func calls(body []byte, tool string) bool {
	return strings.Contains(string(body), `"name":"`+tool+`"`)
}
