package soak

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
	"mcpharness/internal/testnet"
	"mcpharness/internal/todo"
	"mcpharness/internal/todo/sqlstore"
	"mcpharness/internal/todomcp"
	"mcpharness/mockidp"
)

const endpoint = "http://127.0.0.1:3001/mcp"

// Each round is one call of a tool, most with a token that was seen before. Some are refused, some go over an event stream, and
// some find that the issuer has a new key.
func TestToolCallsLeaveNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := testnet.New()
		t.Cleanup(func() { _ = network.Close() })
		l, err := network.Listen(address)
		require.NoError(t, err)
		idp, err := mockidp.Start(mockidp.Options{}, l)
		require.NoError(t, err)
		t.Cleanup(idp.Close)
		store, err := sqlstore.Open(t.Context(), sqlstore.InMemory)
		require.NoError(t, err)
		t.Cleanup(func() { store.Close() })
		server, err := todomcp.New(todomcp.Options{
			Todos: todo.NewService(store), RateLimit: todomcp.MaxRateLimit,
			Guard: guard.Options{Settings: guard.Settings{Issuer: idp.Issuer()}, Resource: endpoint, HTTPClient: network.Client()},
		})
		require.NoError(t, err)
		if l, err = network.Listen("127.0.0.1:3001"); err != nil {
			t.Fatal(err)
		}
		serving := &http.Server{Handler: server.Handler(), IdleTimeout: time.Minute}
		go func() { _ = serving.Serve(l) }()
		t.Cleanup(func() { _ = serving.Close() })
		c := &caller{t: t, idp: idp, http: network.Client()}
		c.signIn()
		soak(t, c.call, func() {
			c.signIn()
			c.call(0)
		})
	})
}

type caller struct {
	t      *testing.T
	idp    *mockidp.Server
	http   *http.Client
	tokens [7]string // of one person each
}

// signIn gives everybody a new token. They are few: the todo server remembers the latest ten thousand that it verified, and a
// memory that still fills looks like a leak.
func (c *caller) signIn() {
	for person := range c.tokens {
		c.tokens[person] = c.idp.Mint(nil, c.claims(person), nil)
	}
}

func (c *caller) call(n int) {
	person := n % len(c.tokens)
	token := c.tokens[person]
	switch n % 10 {
	case 0:
		_, created, _ := strings.Cut(c.answer(http.StatusOK, token, "create-todo", `{"content":"soak"}`), `"id":"`)
		id, _, found := strings.Cut(created, `"`)
		require.True(c.t, found)
		c.answer(http.StatusOK, token, "delete-todo", `{"id":"`+id+`"}`)
	case 1:
		c.answer(http.StatusForbidden, token, "delete-todo", `{"id":"nobody's"}`)
	case 2:
		c.answer(http.StatusUnauthorized, token+"x", "whoami", `{}`)
	case 3:
		c.answer(http.StatusUnauthorized, c.idp.Mint(map[string]any{"kid": fmt.Sprint("unknown-", n)}, c.claims(person), nil), "whoami", `{}`)
	case 4:
		c.answer(http.StatusOK, token, "get-todos", `{"limit":5}`)
	case 5:
		if n%100 == 5 {
			c.stream(token)
		}
		if n%1000 == 5 {
			require.NoError(c.t, c.idp.RotateKeys())
		}
	default:
		c.answer(http.StatusOK, token, "whoami", `{}`)
	}
}

func (c *caller) claims(person int) map[string]any {
	now := time.Now()
	return map[string]any{
		"iss": c.idp.Issuer(), "sub": fmt.Sprint("user-", person), "aud": endpoint, "client_id": "soak", "scope": todo.ScopeCreate,
		"iat": now.Unix(), "exp": now.Add(24 * time.Hour).Unix(), "jti": "a-token",
	}
}

// answer calls a tool and returns the body of the answer, which must have this status.
func (c *caller) answer(status int, token, tool, arguments string) string {
	response := c.send(http.MethodPost, endpoint, token, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"`+tool+`","arguments":`+arguments+`}}`)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	require.Equal(c.t, status, response.StatusCode, "%s", body)
	return string(body)
}

// stream opens an event stream, calls over it, and leaves.
func (c *caller) stream(token string) {
	response := c.send(http.MethodGet, strings.Replace(endpoint, "/mcp", "/sse", 1), token, "")
	defer response.Body.Close()
	require.Equal(c.t, http.StatusOK, response.StatusCode)
	lines := bufio.NewScanner(response.Body)
	c.skip(lines, 2)
	path, _ := strings.CutPrefix(lines.Text(), "data: ")
	posted := c.send(http.MethodPost, strings.Replace(endpoint, "/mcp", path, 1), token, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami","arguments":{}}}`)
	require.NoError(c.t, posted.Body.Close())
	require.Equal(c.t, http.StatusAccepted, posted.StatusCode)
	c.skip(lines, 3)
	require.Contains(c.t, lines.Text(), `"id":1`)
}

func (c *caller) send(method, url, token, body string) *http.Response {
	r, err := http.NewRequestWithContext(c.t.Context(), method, url, strings.NewReader(body))
	require.NoError(c.t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	response, err := c.http.Do(r)
	require.NoError(c.t, err)
	return response
}

// skip reads lines; the last one stays in the scanner.
func (c *caller) skip(lines *bufio.Scanner, n int) {
	for range n {
		require.True(c.t, lines.Scan())
	}
}
