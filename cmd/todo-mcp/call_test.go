package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/useragent"
)

// TestAPersonAtABrowserSignsInForACall opens the URL that the command prints, as a person does, and brings the answer back.
func TestAPersonAtABrowserSignsInForACall(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	nothing := func(string) string { return "" }
	app, err := start(ctx, settings{listen: "localhost:0", idpListen: "localhost:0", db: filepath.Join(t.TempDir(), "todos.db"), logger: slog.New(slog.DiscardHandler), getenv: nothing})
	require.NoError(t, err)
	defer app.close()
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- app.serve(serving) }()
	defer func() { stop(); require.NoError(t, <-ended) }()

	told, tell := io.Pipe()
	var stdout bytes.Buffer
	status := make(chan int, 1)
	go func() {
		status <- runCall(ctx, []string{"--url", app.url, "whoami"}, nothing, &stdout, tell)
		_ = tell.Close()
	}()
	var all strings.Builder
	for lines := bufio.NewScanner(told); lines.Scan(); {
		all.WriteString(lines.Text() + "\n")
		authorization, found := strings.CutPrefix(lines.Text(), "  Open this: ")
		if !found {
			continue
		}
		callback, err := useragent.New(nil).SignIn(ctx, authorization, useragent.Person{Username: "carol"})
		require.NoError(t, err)
		forged := *callback
		forged.RawQuery = url.Values{"code": {"forged"}, "state": {"of another tab"}}.Encode()
		visit(t, http.StatusNotFound, callback.Scheme+"://"+callback.Host+"/")
		visit(t, http.StatusOK, forged.String()) // is not this sign-in's, and ends nothing
		require.Eventually(t, func() bool { return visited(t, callback.String()) == http.StatusOK }, patience, 10*time.Millisecond)
	}
	require.Zero(t, <-status, all.String())
	require.Contains(t, stdout.String(), `"create:todos"`)
	require.NotContains(t, stdout.String(), `"read:todos"`)
	require.Contains(t, all.String(), "← a token with create:todos\n")
}

func visit(t *testing.T, want int, address string) {
	t.Helper()
	require.Equal(t, want, visited(t, address))
}

func visited(t *testing.T, address string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	return response.StatusCode
}
