package todomcp_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
	"mcpharness/internal/todo"
	"mcpharness/internal/todo/sqlstore"
	"mcpharness/internal/todomcp"
)

func TestHealthSaysOnlyThatTheProcessLives(t *testing.T) {
	t.Parallel()
	r := newRigOver(t, burning{}, "/mcp")
	r.issuer.down.Store(true)
	resp, body := r.send(t, http.MethodGet, r.base+"/healthz", "", "")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.JSONEq(t, `{"status":"ok"}`, body)
	require.Equal(t, "application/json", resp.Header.Get("Content-Type"))

	resp, body = r.send(t, http.MethodPost, r.base+"/healthz", "", "")
	require.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode)
	require.Equal(t, "GET, HEAD", resp.Header.Get("Allow"))
	require.Contains(t, body, "want GET or HEAD")
}

func TestReadyFollowsTheIssuer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.issuer.down.Store(true)
	resp, body := r.send(t, http.MethodGet, r.base+"/readyz", "", "")
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	require.NotEmpty(t, resp.Header.Get("Retry-After"))
	var answer struct{ Status, Part, Reason string }
	require.NoError(t, json.Unmarshal([]byte(body), &answer))
	require.Equal(t, "unavailable", answer.Status)
	require.Equal(t, "issuer", answer.Part)
	require.NotEmpty(t, answer.Reason)

	r.issuer.down.Store(false)
	require.Eventually(t, func() bool {
		resp, _ := r.send(t, http.MethodGet, r.base+"/readyz", "", "")
		return resp.StatusCode == http.StatusOK
	}, 10*time.Second, 50*time.Millisecond, "it recovers by itself")
}

func TestReadyFollowsTheStore(t *testing.T) {
	t.Parallel()
	r := newRigOver(t, burning{}, "/mcp")
	resp, body := r.send(t, http.MethodGet, r.base+"/readyz", "", "")
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	require.Contains(t, body, `"part":"store"`)
}

func TestOtherPathsSayWhereTheEndpointIs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, path := range []string{"/", "/mcp/", "//mcp", "/MCP", "/sse/", "/messages", "/mcp/../mcp", "/%6dcp"} {
		resp, body := r.send(t, http.MethodPost, r.base+path, "", "{}")
		require.Equal(t, http.StatusNotFound, resp.StatusCode, path)
		require.JSONEq(t, `{"error":"not_found","message":"nothing is here; the MCP endpoint is POST /mcp"}`, body)
	}
}

func TestEndpointIsWhereTheResourceSays(t *testing.T) {
	t.Parallel()
	for path, metadata := range map[string]string{
		"":               "/.well-known/oauth-protected-resource",
		"/":              "/.well-known/oauth-protected-resource",
		"/todo/v1/mcp":   "/.well-known/oauth-protected-resource/todo/v1/mcp",
		"/caf%C3%A9/mcp": "/.well-known/oauth-protected-resource/caf%C3%A9/mcp",
	} {
		store, err := sqlstore.Open(context.Background(), sqlstore.InMemory)
		require.NoError(t, err)
		t.Cleanup(func() { store.Close() })
		r := newRigOver(t, store, path)
		session := r.connect(t, eras[0], r.token(t, "bob"))
		require.Empty(t, succeed[page](t, session, "get-todos", nil).Todos)
		resp, body := r.send(t, http.MethodGet, r.base+metadata, "", "")
		require.Equal(t, http.StatusOK, resp.StatusCode)
		var document struct {
			Resource             string
			AuthorizationServers []string `json:"authorization_servers"`
			ScopesSupported      []string `json:"scopes_supported"`
			ResourceName         string   `json:"resource_name"`
		}
		require.NoError(t, json.Unmarshal([]byte(body), &document))
		require.Equal(t, r.endpoint, document.Resource)
		require.Equal(t, []string{r.issuer.url}, document.AuthorizationServers)
		require.Equal(t, todo.Scopes(), document.ScopesSupported)
		require.Equal(t, "Todo manager", document.ResourceName)
	}
}

func TestEndpointMethods(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	token := r.token(t, "bob")
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		resp, _ := r.send(t, method, r.endpoint, "", "")
		require.Equal(t, http.StatusUnauthorized, resp.StatusCode, method)
		resp, _ = r.send(t, method, r.endpoint, token, "")
		require.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode, method)
	}
}

func TestBodyIsBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	big := callBody(1, "create-todo", `{"content":"`+strings.Repeat("x", 1<<20)+`"}`)
	resp, _ := r.post(t, r.token(t, "bob", todo.ScopeCreate), big)
	require.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)

	fits := callBody(1, "create-todo", `{"content":"`+strings.Repeat(`\u00fc`, todo.MaxContent)+strings.Repeat(" ", 900_000)+`"}`)
	resp, body := r.post(t, r.token(t, "bob", todo.ScopeCreate), fits)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.NotContains(t, body, "isError")
}

func TestNewSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := todomcp.New(todomcp.Options{})
	require.EqualError(t, err, "building the todo server: want a todo service, got none")
	_, err = todomcp.New(todomcp.Options{Todos: todo.NewService(burning{}), Guard: guard.Options{Resource: "://"}})
	require.ErrorContains(t, err, "building the todo server: reading the resource URL")
	_, err = todomcp.New(todomcp.Options{Todos: todo.NewService(burning{}), Guard: guard.Options{Resource: "http://localhost/mcp"}})
	require.ErrorContains(t, err, "issuer")
}
