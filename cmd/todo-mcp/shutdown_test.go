package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A server that stops waits for requests under way, but an event stream would be under way for ever.
func TestAnOpenEventStreamHoldsUpNoShutdown(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	a, err := start(ctx, settings{
		listen: "127.0.0.1:0", idpListen: "127.0.0.1:0", metricsListen: "127.0.0.1:0", db: filepath.Join(t.TempDir(), "todos.db"),
		logger: slog.New(slog.DiscardHandler), getenv: func(string) string { return "" },
	})
	require.NoError(t, err)
	defer a.close()
	ended := make(chan error, 1)
	go func() { ended <- a.serve(ctx) }()

	now := time.Now()
	token := a.idp.Mint(nil, map[string]any{
		"iss": a.issuer, "sub": "bob", "aud": a.local + "/sse", "client_id": "test", "scope": "create:todos",
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "jti": "1",
	}, nil)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.local+"/sse", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	stream := bufio.NewReader(response.Body)
	line, err := stream.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "event: endpoint", strings.TrimSpace(line))

	began := time.Now()
	stop()
	_, err = io.ReadAll(stream)
	require.NoError(t, err, "the stream ends cleanly")
	require.NoError(t, <-ended)
	require.Less(t, time.Since(began), 3*time.Second, "the grace of requests under way is five")
}
