package todomcp_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/todo"
)

func TestSSEStreamEndsWithItsToken(t *testing.T) {
	t.Parallel()
	inABubble(t, func(t *testing.T, b *bubble) {
		const life = 5*time.Minute + 7*time.Second // no multiple of the pause between keep-alives
		began := time.Now()
		token := b.tokenWith(t, map[string]any{"exp": began.Add(life).Unix(), "scope": todo.ScopeCreate})
		stream := b.open(t, token)
		var rest []byte
		var ended error
		var reading sync.WaitGroup
		reading.Go(func() { rest, ended = io.ReadAll(stream.lines) })
		time.Sleep(life - time.Second) // far beyond the server's deadlines for requests
		resp, _ := postTo(t, b.client, stream.endpoint, token, callBody(1, "whoami", `{}`))
		require.Equal(t, http.StatusAccepted, resp.StatusCode)

		reading.Wait()
		require.NoError(t, ended, "it ends cleanly")
		require.Equal(t, life, time.Since(began))
		require.Equal(t, 20, strings.Count(string(rest), ": keep-alive\n\n"), "every 15 seconds")
		require.Contains(t, string(rest), `"id":1`)
		require.True(t, strings.HasSuffix(string(rest), ": the token of this stream has expired\n\n"))

		fresh := b.tokenWith(t, fiveMinutes())
		resp, _ = postTo(t, b.client, stream.endpoint, fresh, callBody(2, "create-todo", `{"content":"late"}`))
		require.Equal(t, http.StatusNotFound, resp.StatusCode)
		page, err := b.todos.List(t.Context(), todo.Principal{Issuer: b.issuer.url, Subject: "bob"}, todo.PageRequest{})
		require.NoError(t, err)
		require.Empty(t, page.Todos, "a call for a stream that is gone does not run")
	}, withLeeway(0))
}

func TestSSEStreamIsNotOutlivedByALeeway(t *testing.T) {
	t.Parallel()
	inABubble(t, func(t *testing.T, b *bubble) {
		began := time.Now()
		stream := b.open(t, b.tokenWith(t, fiveMinutes()))
		_, err := io.ReadAll(stream.lines)
		require.NoError(t, err)
		require.Equal(t, 5*time.Minute, time.Since(began), "leeway forgives clocks, it lengthens no token")
	}, withLeeway(time.Minute))
}

func TestSSEOfTheSDKsClientOutlivesTheServersDeadlines(t *testing.T) {
	t.Parallel()
	inABubble(t, func(t *testing.T, b *bubble) {
		carrier := carrying(b.token(t, "bob", todo.ScopeCreate))
		carrier.next = b.client.Transport
		session := b.connectSSE(t, "", carrier)
		for range 6 {
			require.Equal(t, "bob", succeed[whoami](t, session, "whoami", nil).Subject)
			time.Sleep(9*time.Minute + time.Second)
		}
		require.NoError(t, session.Close())
		synctest.Wait()
		require.Contains(t, b.logs.String(), `reason="the client left"`)
	})
}

func TestSSEClientThatDoesNotReadIsCutOff(t *testing.T) {
	t.Parallel()
	t.Run("by time", func(t *testing.T) {
		t.Parallel()
		inABubble(t, func(t *testing.T, b *bubble) {
			token := b.token(t, "bob", todo.ScopeCreate)
			stream := b.open(t, token)
			synctest.Wait()
			began := time.Now()
			for range 2 {
				resp, _ := postTo(t, b.client, stream.endpoint, token, callBody(1, "whoami", `{}`))
				require.Equal(t, http.StatusAccepted, resp.StatusCode)
			}
			time.Sleep(25 * time.Second) // nobody reads: memory pipes hold nothing, the client's transport 4 KB
			b.fill(t, token, stream, 404)
			require.Less(t, time.Since(began), time.Minute)
		})
	})
	t.Run("by size", func(t *testing.T) {
		t.Parallel()
		inABubble(t, func(t *testing.T, b *bubble) {
			token := b.token(t, "bob", todo.ScopeCreate)
			stream := b.open(t, token)
			began := time.Now()
			b.fill(t, token, stream, 404)
			require.Zero(t, time.Since(began), "without any wait")
			b.stop()
			require.Less(t, time.Since(began), 100*time.Millisecond, "and a server that stops does not wait either")
		})
	})
}

// fill asks for large answers until the status comes.
func (b *bubble) fill(t *testing.T, token string, stream *wireStream, until int) {
	t.Helper()
	for range 60 {
		_, err := b.todos.Create(t.Context(), todo.Principal{Issuer: b.issuer.url, Subject: "bob", Scopes: []string{todo.ScopeCreate}}, strings.Repeat("x", 4000))
		require.NoError(t, err)
	}
	for range 30 { // some 500 KB each
		resp, body := postTo(t, b.client, stream.endpoint, token, callBody(1, "get-todos", `{"limit":200}`))
		if resp.StatusCode == until {
			return
		}
		require.Equal(t, http.StatusAccepted, resp.StatusCode, body)
	}
	require.Fail(t, "the stream takes everything")
}

func TestSSEStreamsEndAtOnceWhenTheServerStops(t *testing.T) {
	t.Parallel()
	inABubble(t, func(t *testing.T, b *bubble) {
		var streams []*wireStream
		for _, person := range []string{"alice", "bob", "carol"} {
			streams = append(streams, b.open(t, b.token(t, person)))
		}
		began := time.Now()
		var reading sync.WaitGroup
		for _, s := range streams {
			reading.Go(func() {
				rest, err := io.ReadAll(s.lines)
				require.NoError(t, err, "cleanly")
				require.Empty(t, rest)
			})
		}
		b.stop()
		reading.Wait()
		require.Less(t, time.Since(began), 100*time.Millisecond)
	})
}

func TestSSEOpensNoStreamWhileTheServerStops(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.server.CloseStreams()
	r.server.CloseStreams()
	resp := r.getStream(t, http.DefaultClient, r.token(t, "bob"))
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	require.NotEmpty(t, resp.Header.Get("Retry-After"))
	session := r.connect(t, eras[0], r.token(t, "bob"))
	require.Equal(t, "bob", succeed[whoami](t, session, "whoami", nil).Subject, "the other transport finishes its work")
}

func TestSSELeavesNothingBehind(t *testing.T) {
	t.Parallel()
	inABubble(t, func(t *testing.T, b *bubble) {
		for range 300 {
			token := b.token(t, "bob", todo.ScopeCreate)
			stream := b.open(t, token)
			resp, _ := postTo(t, b.client, stream.endpoint, token, callBody(1, "whoami", `{}`))
			require.Equal(t, http.StatusAccepted, resp.StatusCode)
			require.NoError(t, stream.resp.Body.Close())
			synctest.Wait()
		}
		require.Equal(t, 300, strings.Count(b.logs.String(), "event stream ended"), "each has ended, far beyond what one person may have open")
	})
}

func TestSSEAnswersManyCallsAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	session := r.connectSSE(t, "", carrying(r.token(t, "bob", todo.ScopeCreate)))
	var calls sync.WaitGroup
	for range 40 {
		calls.Go(func() {
			result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "whoami", Arguments: map[string]any{}})
			if err != nil || result.IsError {
				t.Errorf("calling: %v, %v", err, result)
			}
		})
	}
	calls.Wait()
}
