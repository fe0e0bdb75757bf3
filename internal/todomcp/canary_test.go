package todomcp_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
	"mcpharness/internal/todo"
	"mcpharness/internal/todomcp"
)

// gossip is an introspection endpoint that repeats what it was told, as some do in their errors.
func gossip(t *testing.T) (url string, heard *atomic.Bool) {
	t.Helper()
	heard = new(atomic.Bool)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, secret, _ := r.BasicAuth()
		token := r.FormValue("token")
		if secret == "canary-introspection" && token == "canary-trouble" {
			heard.Store(true)
		}
		switch {
		case strings.HasPrefix(token, "canary-inactive"):
			_, _ = fmt.Fprintf(w, `{"active":false,"error_description":%q}`, secret+token)
		case strings.HasPrefix(token, "canary-html"):
			_, _ = fmt.Fprintf(w, `<p>%s %s</p>`, secret, token)
		case strings.HasPrefix(token, "canary-redirect"):
			http.Redirect(w, r, "/"+secret+token, http.StatusFound)
		default:
			http.Error(w, fmt.Sprintf(`{"error":"invalid_client","error_description":%q}`, secret+token), http.StatusInternalServerError)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, heard
}

// What is secret is planted in every place of a request, good and bad ones, and looked for in the log at its most talkative
// level and in every answer. A todo's text may go to its owner only.
func TestSecretsAppearInNoLogLineAndInNoAnswer(t *testing.T) {
	t.Parallel()
	url, heard := gossip(t)
	r := newRig(t, func(o *todomcp.Options) {
		o.Guard.Verify = guard.VerifyEither
		o.Guard.Introspection = guard.Introspection{URL: url, ClientID: "todo-mcp", Secret: "canary-introspection"}
	})
	bob, carol := r.token(t, "bob", todo.ScopeCreate), r.token(t, "carol", todo.ScopeCreate)
	create := callBody(1, "create-todo", `{"content":"canary-content"}`)
	_, own := r.post(t, bob, callBody(1, "create-todo", `{"content":"canary-of-bob"}`))
	require.Contains(t, own, "canary-of-bob", "the owner sees it")

	expired := r.tokenWith(t, map[string]any{"exp": 1})
	foreign := r.tokenWith(t, map[string]any{"aud": "https://other.example"})
	bodies := []string{
		create, create[:len(create)-3], "[" + create + "]", `{"canary-body`, `"canary-body"`,
		callBody(2, "create-todo", `{"content":{"a":"canary-content"}}`), callBody(3, "create-todo", `{"content":"canary-content `+strings.Repeat("x", 5000)+`"}`),
		callBody(4, "create-todo", `{"content":"canary-content\u0000"}`), callBody(5, "delete-todo", `{"id":"canary-id"}`),
		callBody(6, "get-todos", `{"cursor":"canary-cursor"}`), callBody(7, "get-todos", `{}`), callBody(8, "whoami", `{"token":"canary-argument"}`),
		`{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"whoami","_meta":{"canary-meta":"canary-meta"}}}`,
		`{"jsonrpc":"2.0","id":10,"method":"canary-method/x","params":"canary-params"}`,
	}
	var answers strings.Builder
	for _, path := range []string{"/mcp", "/mcp?access_token=canary-query", "/sse?sessionid=canary-session&access_token=canary-query"} {
		for _, authorization := range []string{
			"", "Bearer " + carol, "Bearer " + expired, "Bearer " + foreign, "Bearer " + bob + "x", "Bearer " + bob + " canary-second", "Basic canary-basic", "DPoP " + bob,
			"Bearer canary-inactive", "Bearer canary-html", "Bearer canary-redirect", "Bearer canary-trouble", "canary-scheme " + bob, "Bearer " + strings.Replace(bob, ".", "..", 1),
		} {
			for _, body := range bodies {
				answers.WriteString(r.planted(t, path, authorization, body))
			}
		}
	}
	answers.WriteString(r.planted(t, "/canary-path", "Bearer "+bob, create))
	r.issuer.down.Store(true)
	answers.WriteString(r.planted(t, "/mcp", "Bearer "+r.tokenWith(t, map[string]any{"jti": "canary-jti"}), create))

	require.True(t, heard.Load(), "the issuer was asked with the secret")
	require.Contains(t, r.logs.String(), "level=DEBUG msg=refused", "the debug level is on")
	require.Contains(t, r.logs.String(), "asking the issuer about tokens failed")
	told := answers.String()
	for _, token := range []string{bob, carol, expired, foreign} {
		for _, part := range strings.Split(token, ".")[1:] {
			require.NotContains(t, r.logs.String(), part)
			require.NotContains(t, told, part)
		}
	}
	require.NotContains(t, r.logs.String(), "canary")
	require.Contains(t, told, "canary-content", "carol made todos")
	for line := range strings.SplitSeq(strings.ReplaceAll(told, "canary-content", ""), "\n") {
		require.NotContains(t, line, "canary")
	}
}

// planted sends a request that has a canary in every header too, and returns the answer, headers included.
func (r *rig) planted(t *testing.T, path, authorization, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.base+path, strings.NewReader(body))
	require.NoError(t, err)
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Authorization": authorization, "Cookie": "session=canary-cookie",
		"Proxy-Authorization": "Basic canary-proxy", "Mcp-Session-Id": "canary-session", "X-Api-Key": "canary-key", "User-Agent": "canary-agent", "Referer": "http://localhost/?code=canary-code",
	} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return fmt.Sprint(resp.Status, resp.Header) + "\n" + string(answer) + "\n"
}
