package todomcp_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/todo"
	"mcpharness/internal/todomcp"
)

func TestSSEServesTheSDKsClient(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	token := r.token(t, "bob", todo.ScopeCreate)
	for asked, agreed := range map[string]string{
		"":           "2025-11-25", // the client asks for the newest, which this transport does not have
		"2025-11-25": "2025-11-25",
		"2025-03-26": "2025-03-26",
		"2024-11-05": "2024-11-05",
	} {
		session := r.connectSSE(t, asked, carrying(token))
		require.Equal(t, agreed, session.InitializeResult().ProtocolVersion)
		require.NoError(t, session.Ping(t.Context(), nil))
		tools, err := session.ListTools(t.Context(), nil)
		require.NoError(t, err)
		require.Len(t, tools.Tools, 4)
		made := succeed[entry](t, session, "create-todo", map[string]any{"content": "über\nzwei Zeilen "})
		require.Equal(t, "bob", made.OwnerID)
		require.Contains(t, succeed[page](t, session, "get-todos", nil).Todos, made)
		require.True(t, call(t, session, "create-todo", map[string]any{}).IsError, "a tool's own error comes by the stream")
		_, err = session.CallTool(t.Context(), &mcp.CallToolParams{Name: "no-such-tool", Arguments: map[string]any{}})
		require.ErrorContains(t, err, "no-such-tool")
		require.NoError(t, session.Ping(t.Context(), nil), "an error of the protocol too")
	}
}

func TestSSEKeepsPeopleApart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	people := []string{"alice", "bob", "carol"}
	for _, person := range people {
		t.Run(person, func(t *testing.T) {
			t.Parallel()
			session := r.connectSSE(t, "", carrying(r.token(t, person, todo.ScopeCreate)))
			for range 20 {
				require.Equal(t, person, succeed[entry](t, session, "create-todo", map[string]any{"content": "mine"}).OwnerID)
				for _, seen := range succeed[page](t, session, "get-todos", nil).Todos {
					require.Equal(t, person, seen.OwnerID)
				}
			}
		})
	}
}

func TestSSERunsEachCallWithTheTokenOfItsOwnPost(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var foreign []entry
	carol := r.connectSSE(t, "", carrying(r.token(t, "carol", todo.ScopeCreate)))
	for range 2 {
		foreign = append(foreign, succeed[entry](t, carol, "create-todo", map[string]any{"content": "carol's"}))
	}

	carrier := carrying(r.token(t, "alice"))
	var challenges []string
	carrier.stepUp = func(challenge string) string {
		challenges = append(challenges, challenge)
		return r.token(t, "alice", todo.Scopes()...)
	}
	session := r.connectSSE(t, "", carrier)
	require.Empty(t, succeed[page](t, session, "get-todos", nil).Todos, "without read:todos")
	require.Empty(t, succeed[whoami](t, session, "whoami", nil).Scopes)

	require.Equal(t, foreign[0].ID, succeed[deleted](t, session, "delete-todo", map[string]any{"id": foreign[0].ID}).Deleted.ID)
	require.Len(t, challenges, 1)
	require.Contains(t, challenges[0], `scope="delete:todos"`)
	require.Contains(t, challenges[0], `resource_metadata="`+r.base+`/.well-known/oauth-protected-resource/sse"`)
	require.Len(t, succeed[page](t, session, "get-todos", nil).Todos, 1, "the stepped-up token counts on the same stream")
	require.ElementsMatch(t, todo.Scopes(), succeed[whoami](t, session, "whoami", nil).Scopes)

	// And the other way round: rights that the stream was opened with are gone with the token.
	strong := r.openStream(t, http.DefaultClient, r.token(t, "alice", todo.Scopes()...))
	resp, body := postTo(t, http.DefaultClient, strong.endpoint, r.token(t, "alice"), callBody(5, "delete-todo", `{"id":"`+foreign[1].ID+`"}`))
	require.Equal(t, http.StatusForbidden, resp.StatusCode)
	require.Contains(t, resp.Header.Get("WWW-Authenticate"), `error="insufficient_scope"`)
	require.Contains(t, body, `"id":5`)
	require.Len(t, succeed[page](t, carol, "get-todos", nil).Todos, 1)
}

func TestSSERefusesMessagesOfOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	stream := r.openStream(t, http.DefaultClient, r.token(t, "bob", todo.ScopeCreate))
	another := r.openStream(t, http.DefaultClient, r.token(t, "mallory", todo.Scopes()...))
	anId := strings.SplitAfter(stream.endpoint, "=")[1]
	foreignIssuer := newRig(t)
	create := callBody(7, "create-todo", `{"content":"planted"}`)
	mallory := r.token(t, "mallory", todo.Scopes()...)
	bob := r.token(t, "bob", todo.ScopeCreate)

	guessed, foreign := "", ""
	for name, c := range map[string]struct {
		url, token string
		status     int
	}{
		"another user":        {stream.endpoint, mallory, 404},
		"another user's":      {another.endpoint, bob, 404},
		"another client":      {stream.endpoint, r.tokenWith(t, map[string]any{"client_id": "other", "scope": todo.ScopeCreate}), 404},
		"a guess":             {r.base + "/sse?sessionid=" + strings.Repeat("A", 26), bob, 404},
		"lower case":          {r.base + "/sse?sessionid=" + strings.ToLower(anId), bob, 404},
		"a part":              {stream.endpoint[:len(stream.endpoint)-1], bob, 404},
		"no id":               {r.base + "/sse", bob, 404},
		"an empty id":         {r.base + "/sse?sessionid=", bob, 404},
		"twice":               {stream.endpoint + "&sessionid=" + anId, bob, 404},
		"another name":        {r.base + "/sse?sessionId=" + anId, bob, 404},
		"no token":            {stream.endpoint, "", 401},
		"a token in the URL":  {stream.endpoint + "&access_token=" + bob, "", 401},
		"an expired token":    {stream.endpoint, r.tokenWith(t, map[string]any{"exp": 1, "scope": todo.ScopeCreate}), 401},
		"another audience":    {stream.endpoint, r.tokenWith(t, map[string]any{"aud": "https://other.example/mcp", "scope": todo.ScopeCreate}), 401},
		"another issuer's":    {stream.endpoint, foreignIssuer.tokenWith(t, map[string]any{"aud": r.endpoint, "scope": todo.ScopeCreate}), 401},
		"a forged issuer":     {stream.endpoint, foreignIssuer.tokenWith(t, map[string]any{"aud": r.endpoint, "iss": r.issuer.url, "scope": todo.ScopeCreate}), 401},
		"too few scopes":      {stream.endpoint, r.token(t, "bob"), 403},
		"the other transport": {r.endpoint + "?sessionid=" + anId, r.token(t, "bob"), 403},
	} {
		resp, body := postTo(t, http.DefaultClient, c.url, c.token, create)
		require.Equal(t, c.status, resp.StatusCode, name)
		require.Equal(t, "application/json", resp.Header.Get("Content-Type"), name)
		var answer struct {
			ID    int
			Error struct{ Code int }
		}
		require.NoError(t, json.Unmarshal([]byte(body), &answer), name)
		require.Equal(t, 7, answer.ID, name)
		require.Equal(t, -32089, answer.Error.Code, name)
		switch name {
		case "a guess":
			guessed = body
		case "another user":
			foreign = body
		}
	}
	require.Equal(t, guessed, foreign, "whether there is such a stream, nobody learns")

	resp, _ := postTo(t, http.DefaultClient, stream.endpoint, bob, callBody(8, "get-todos", `{}`))
	require.Equal(t, http.StatusAccepted, resp.StatusCode)
	message := stream.message(t)
	require.Contains(t, message, `"id":8`, "no answer to anybody else's message came before")
	require.NotContains(t, message, "planted")
}

func TestSSETakesWhatTheOtherTransportTakes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	token := r.token(t, "bob", todo.ScopeCreate)
	stream := r.openStream(t, http.DefaultClient, token)
	for body, want := range map[string]int{
		`[{"jsonrpc":"2.0","id":1,"method":"ping"}]`:      400,
		`{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}`: 400,
		`{"jsonrpc":"2.0","id":1,"Method":"ping"}`:        400,
		`{"jsonrpc":"2.0","id":1,"method":"ping"`:         400,
		``: 400,
		`{"jsonrpc":"2.0","id":1,"method":"ping","params":"` + strings.Repeat("x", 1<<20) + `"}`: 413,
		`{"jsonrpc":"2.0","method":"notifications/initialized"}`:                                 202,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`:          202,
	} {
		resp, answer := postTo(t, http.DefaultClient, stream.endpoint, token, body)
		require.Equal(t, want, resp.StatusCode, "%.80s: %s", body, answer)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, stream.endpoint, strings.NewReader(callBody(1, "delete-todo", `{"id":"x"}`)))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Mcp-Name", "get-todos")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusBadRequest, resp.StatusCode, "headers that disagree")

	postTo(t, http.DefaultClient, stream.endpoint, token, `{"jsonrpc":"2.0","id":"last","method":"ping"}`)
	require.JSONEq(t, `{"jsonrpc":"2.0","id":"last","result":{}}`, stream.message(t), "none of them came by the stream")
}

func TestSSEGateForTheStream(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	resp := r.getStream(t, http.DefaultClient, "")
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.Equal(t, `Bearer resource_metadata="`+r.base+`/.well-known/oauth-protected-resource/sse", scope="create:todos read:todos delete:todos"`, resp.Header.Get("WWW-Authenticate"))
	resp = r.getStream(t, http.DefaultClient, r.tokenWith(t, map[string]any{"exp": 1}))
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.Contains(t, resp.Header.Get("WWW-Authenticate"), `error="invalid_token"`)

	for _, method := range []string{http.MethodDelete, http.MethodPut, http.MethodHead, http.MethodOptions} {
		resp, _ := r.send(t, method, r.base+"/sse", "", "")
		require.Equal(t, http.StatusUnauthorized, resp.StatusCode, method)
		resp, _ = r.send(t, method, r.base+"/sse", r.token(t, "bob"), "")
		require.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode, method)
		require.Equal(t, "GET, POST", resp.Header.Get("Allow"))
	}

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.base+"/sse", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+r.token(t, "bob"))
	req.Header.Set("Origin", "https://evil.example")
	resp, err = http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusForbidden, resp.StatusCode)
}

func TestSSEIsAProtectedResourceOfItsOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	resp, body := r.send(t, http.MethodGet, r.base+"/.well-known/oauth-protected-resource/sse", "", "")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	var document struct{ Resource string }
	require.NoError(t, json.Unmarshal([]byte(body), &document))
	require.Equal(t, r.base+"/sse", document.Resource, "clients compare it with the URL they call")

	own := r.tokenWith(t, map[string]any{"aud": r.base + "/sse", "scope": todo.ScopeCreate})
	session := r.connectSSE(t, "", carrying(own))
	require.Equal(t, "bob", succeed[whoami](t, session, "whoami", nil).Subject)
	resp, _ = r.post(t, own, callBody(1, "whoami", `{}`))
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode, "a token for the old transport is none for the new one")
}

func TestSSEURL(t *testing.T) {
	t.Parallel()
	for resource, want := range map[string]string{
		"http://localhost:3001/mcp":       "http://localhost:3001/sse",
		"http://localhost:3001":           "http://localhost:3001/sse",
		"http://localhost:3001/":          "http://localhost:3001/sse",
		"https://x.example/todo/v1/mcp":   "https://x.example/todo/v1/sse",
		"https://x.example/caf%C3%A9/mcp": "https://x.example/caf%C3%A9/sse",
		"https://x.example/mcp/":          "https://x.example/mcp/sse",
		"https://x.example/sse":           "",
		"://":                             "",
	} {
		require.Equal(t, want, todomcp.SSEURL(resource), resource)
	}
	store := burning{}
	r := newRigOver(t, store, "/sse")
	resp, _ := r.send(t, http.MethodGet, r.base+"/sse", r.token(t, "bob"), "")
	require.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode, "the MCP endpoint has the path")
	r.server.CloseStreams()
}

func TestSSEStreamsOfOnePersonAreBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var open []*wireStream
	for range 8 {
		open = append(open, r.openStream(t, http.DefaultClient, r.token(t, "bob")))
	}
	resp := r.getStream(t, http.DefaultClient, r.tokenWith(t, map[string]any{"client_id": "other"}))
	require.Equal(t, http.StatusTooManyRequests, resp.StatusCode, "whatever the client")
	require.NotEmpty(t, resp.Header.Get("Retry-After"))
	r.openStream(t, http.DefaultClient, r.token(t, "alice"))
	require.NoError(t, open[0].resp.Body.Close())
	require.Eventually(t, func() bool {
		return r.getStream(t, http.DefaultClient, r.token(t, "bob")).StatusCode == http.StatusOK
	}, 10*time.Second, 10*time.Millisecond, "a stream that was closed counts no longer")
}

func TestSSEStreamsInAllAreBounded(t *testing.T) {
	t.Parallel()
	inABubble(t, func(t *testing.T, b *bubble) {
		for i := range 1024 {
			person := "p" + string(rune('a'+i/8%26)) + string(rune('a'+i/8/26))
			b.open(t, b.token(t, person))
		}
		resp := b.getStream(t, b.client, b.token(t, "late"))
		require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
		require.Equal(t, "15", resp.Header.Get("Retry-After"))
		resp, _ = postTo(t, b.client, b.endpoint, b.token(t, "late"), callBody(1, "whoami", `{}`))
		require.NotEqual(t, http.StatusServiceUnavailable, resp.StatusCode, "the other transport has room")
		b.stop()
	})
}

func FuzzSSEURL(f *testing.F) {
	for _, seed := range []string{"http://localhost:3001/mcp", "https://x.example/a/b/", "http://h", "http://h/sse", "http://h/a%2Fb", "http://[::1]:1/x", "//h/x", "mailto:x", "http://h/?q#f", ":"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, resource string) {
		sse := todomcp.SSEURL(resource)
		if sse == "" {
			return
		}
		of, err := url.Parse(resource)
		require.NoError(t, err)
		got, err := url.Parse(sse)
		require.NoError(t, err)
		require.Equal(t, of.Scheme, got.Scheme)
		require.Equal(t, of.Host, got.Host)
		require.NotEqual(t, of.EscapedPath(), got.EscapedPath(), "the MCP endpoint keeps its path")
		require.Empty(t, got.RawQuery+got.Fragment)
		require.Equal(t, sse, todomcp.SSEURL(strings.TrimSuffix(sse, "sse")+"mcp"), "it stands where the last segment stood")
	})
}
