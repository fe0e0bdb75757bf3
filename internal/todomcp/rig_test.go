package todomcp_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
	"mcpharness/internal/todo"
	"mcpharness/internal/todo/sqlstore"
	"mcpharness/internal/todomcp"
)

// eras are the revisions whose wire formats differ most: without and with an initialize handshake.
var eras = []string{"2026-07-28", "2025-11-25"}

// issuer publishes one key and signs tokens with it.
type issuer struct {
	url    string
	public jose.JSONWebKey
	signer jose.Signer
	down   atomic.Bool
}

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	is := unservedIssuer(t)
	server := httptest.NewServer(is)
	t.Cleanup(server.Close)
	is.url = server.URL
	return is
}

func unservedIssuer(t testing.TB) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	is := &issuer{public: jose.JSONWebKey{Key: key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}
	is.signer, err = jose.NewSigner(
		jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "k1"}},
		(&jose.SignerOptions{}).WithType("at+jwt"))
	require.NoError(t, err)
	return is
}

func (is *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var document any
	switch {
	case is.down.Load():
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	case r.URL.Path == "/jwks":
		document = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{is.public}}
	case r.URL.Path == "/.well-known/oauth-authorization-server":
		document = map[string]any{"issuer": is.url, "jwks_uri": is.url + "/jwks"}
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(document)
}

// rig is a todo server over real HTTP, its issuer, and what it logged.
type rig struct {
	endpoint string // of MCP
	base     string
	issuer   *issuer
	todos    *todo.Service
	logs     *logBuffer
	server   *todomcp.Server
	handler  http.Handler
}

func newRig(t testing.TB, changes ...func(*todomcp.Options)) *rig {
	t.Helper()
	store, err := sqlstore.Open(context.Background(), sqlstore.InMemory)
	require.NoError(t, err)
	t.Cleanup(func() { store.Close() })
	return newRigOver(t, store, "/mcp", changes...)
}

func newRigOver(t testing.TB, store todo.Store, path string, changes ...func(*todomcp.Options)) *rig {
	t.Helper()
	r := &rig{issuer: newIssuer(t), todos: todo.NewService(store), logs: &logBuffer{}}
	server := httptest.NewUnstartedServer(nil)
	r.base = "http://" + server.Listener.Addr().String()
	r.endpoint = r.base + path
	r.build(t, changes...)
	server.Config.Handler = r.handler
	server.Start()
	t.Cleanup(server.Close)
	return r
}

// build makes the server for the rig's endpoint, issuer and todos.
func (r *rig) build(t testing.TB, changes ...func(*todomcp.Options)) {
	t.Helper()
	opts := todomcp.Options{
		Todos:   r.todos,
		Guard:   guard.Options{Settings: guard.Settings{Issuer: r.issuer.url}, Resource: r.endpoint},
		Logger:  slog.New(slog.NewTextHandler(r.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Version: "1.2.3",
	}
	for _, change := range changes {
		change(&opts)
	}
	var err error
	r.server, err = todomcp.New(opts)
	require.NoError(t, err)
	r.handler = r.server.Handler()
}

// token returns an access token of the subject for this server.
func (r *rig) token(t testing.TB, subject string, scopes ...string) string {
	t.Helper()
	return r.tokenWith(t, map[string]any{"sub": subject, "scope": strings.Join(scopes, " ")})
}

// tokenWith returns an access token with other claims than the usual ones.
func (r *rig) tokenWith(t testing.TB, changes map[string]any) string {
	t.Helper()
	now := time.Now()
	claims := map[string]any{
		"iss": r.issuer.url, "sub": "bob", "aud": r.endpoint, "client_id": "inspector", "jti": rand.Text(),
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "scope": "", "roles": []string{"User"},
	}
	maps.Copy(claims, changes)
	token, err := jwt.Signed(r.issuer.signer).Claims(claims).Serialize()
	require.NoError(t, err)
	return token
}

// bearer sends a token with every request.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// connect returns the official SDK's client, signed in.
func (r *rig) connect(t testing.TB, era, token string) *mcp.ClientSession {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{
		Endpoint:             r.endpoint,
		HTTPClient:           &http.Client{Transport: bearer(token), Timeout: 30 * time.Second},
		DisableStandaloneSSE: true,
	}, &mcp.ClientSessionOptions{ProtocolVersion: era})
	require.NoError(t, err)
	t.Cleanup(func() { session.Close() })
	require.Equal(t, era, session.InitializeResult().ProtocolVersion)
	return session
}

// call calls a tool that must answer, be it with a tool error.
func call(t testing.TB, session *mcp.ClientSession, tool string, args any) *mcp.CallToolResult {
	t.Helper()
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: args})
	require.NoError(t, err)
	return result
}

// textOf returns the one text of a result.
func textOf(t testing.TB, result *mcp.CallToolResult) string {
	t.Helper()
	require.Len(t, result.Content, 1)
	text, ok := result.Content[0].(*mcp.TextContent)
	require.True(t, ok, "want text, got %T", result.Content[0])
	return text.Text
}

// succeed calls a tool that must succeed, and reads its result into a T.
func succeed[T any](t testing.TB, session *mcp.ClientSession, tool string, args any) T {
	t.Helper()
	result := call(t, session, tool, args)
	text := textOf(t, result)
	require.False(t, result.IsError, text)
	structured, err := json.Marshal(result.StructuredContent)
	require.NoError(t, err)
	require.JSONEq(t, string(structured), text, "the text is the structured content")
	var value T
	require.NoError(t, json.Unmarshal(structured, &value))
	return value
}

// post sends one JSON-RPC request of the older era as it stands.
func (r *rig) post(t testing.TB, token, body string) (*http.Response, string) {
	t.Helper()
	return r.send(t, http.MethodPost, r.endpoint, token, body)
}

func (r *rig) send(t testing.TB, method, url, token, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	req.Header.Set("MCP-Protocol-Version", "2025-11-25")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(answer)
}

type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
