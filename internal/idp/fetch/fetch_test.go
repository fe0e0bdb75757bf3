package fetch_test

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/fetch"
	"mcpharness/internal/testnet"
)

const limit = 5 << 10

// discard takes what servers say of clients that hang up.
var discard = log.New(io.Discard, "", 0)

// host serves what strangers serve, over TLS on loopback, and counts who connects.
func host(t *testing.T, handler http.HandlerFunc) (server *httptest.Server, connections *atomic.Int32) {
	t.Helper()
	connections = new(atomic.Int32)
	server = httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Config.ErrorLog = discard
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, connections
}

// trusting reaches loopback and trusts the host.
func trusting(server *httptest.Server) *fetch.Fetcher {
	return fetch.New(fetch.Options{AllowPrivate: true, Trusted: []*x509.Certificate{server.Certificate()}})
}

func TestAGoodDocumentIsFetched(t *testing.T) {
	t.Parallel()
	for _, media := range []string{"application/json", "application/json; charset=utf-8", "application/vnd.client+json", "Application/JSON"} {
		server, _ := host(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") != "" || r.Header.Get("Accept-Encoding") != "identity" {
				w.WriteHeader(http.StatusBadRequest)
			}
			w.Header().Set("Content-Type", media)
			w.Header().Set("Cache-Control", "max-age=17")
			fmt.Fprint(w, strings.Repeat("x", limit))
		})
		document, err := trusting(server).JSON(t.Context(), server.URL+"/client.json", limit)
		require.NoError(t, err, media)
		require.Len(t, document.Body, limit, "the limit itself is allowed")
		require.Equal(t, 17*time.Second, document.FreshFor)
	}
}

func TestAnswersThatAreNoDocumentAreRefused(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"not found":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, "want status 200, got 404"},
		"another 2xx":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(203) }, "want status 200, got 203"},
		"HTML":           {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, `want Content-Type application/json, got "text/html; charset=utf-8"`},
		"no media type":  {func(w http.ResponseWriter, _ *http.Request) { w.Header()["Content-Type"] = nil }, `want Content-Type application/json, got ""`},
		"JSON elsewhere": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/json") }, "want Content-Type application/json"},
		"one byte more": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, strings.Repeat("x", limit+1))
		}, "want at most 5120 bytes, got more"},
		"10 MB": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(make([]byte, 10<<20))
		}, "want at most 5120 bytes, got more"},
		"truncated": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "{")
		}, "the server cannot be reached, or does not speak HTTP over TLS"},
		"a gzip bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			bomb := gzip.NewWriter(w)
			_, _ = bomb.Write(make([]byte, 1<<20))
			_ = bomb.Close()
		}, "want no Content-Encoding"},
		"endless headers": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 64<<10))
		}, "the server cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, _ := host(t, row.answer)
			_, err := trusting(server).JSON(t.Context(), server.URL+"/client.json", limit)
			require.ErrorContains(t, err, row.want)
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	inside, reached := host(t, func(http.ResponseWriter, *http.Request) {})
	for _, status := range []int{301, 302, 303, 307, 308} {
		server, _ := host(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inside.URL, status) })
		_, err := trusting(server).JSON(t.Context(), server.URL, limit)
		require.ErrorContains(t, err, fmt.Sprintf("the server redirects (status %d), and redirects are not followed", status))
	}
	require.Zero(t, reached.Load())
}

func TestCertificatesMustVerify(t *testing.T) {
	t.Parallel()
	server, _ := host(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "application/json") })
	_, err := fetch.New(fetch.Options{AllowPrivate: true}).JSON(t.Context(), server.URL, limit)
	require.ErrorContains(t, err, "an authority that is not trusted here")
	other := strings.Replace(server.URL, "127.0.0.1", "localhost", 1) // the certificate is for 127.0.0.1 and example.com
	_, err = trusting(server).JSON(t.Context(), other, limit)
	require.ErrorContains(t, err, "the server's certificate does not verify")

	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	old.Config.ErrorLog = discard
	old.StartTLS()
	t.Cleanup(old.Close)
	_, err = trusting(old).JSON(t.Context(), old.URL, limit)
	require.ErrorContains(t, err, "the server cannot be reached")
	_, err = trusting(server).JSON(t.Context(), strings.Replace(server.URL, "https", "http", 1), limit)
	require.ErrorContains(t, err, "want an https URL")
}

func TestASlowHostIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := testnet.New()
		listener, err := network.Listen("slow.example:443")
		require.NoError(t, err)
		secure := httptest.NewUnstartedServer(nil)
		secure.StartTLS() // for its certificate
		certificate := secure.TLS.Certificates[0]
		authority := secure.Certificate()
		secure.Close()
		server := &http.Server{TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}}, ErrorLog: discard, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for range 100 { // a byte each second, for ever as it seems
				if _, err := fmt.Fprint(w, " "); err != nil {
					return
				}
				w.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
					return
				case <-time.After(time.Second):
				}
			}
		})}
		done := make(chan struct{})
		go func() { defer close(done); _ = server.ServeTLS(listener, "", "") }()
		began := time.Now()
		fetcher := fetch.New(fetch.Options{Trusted: []*x509.Certificate{authority}, Dial: func(ctx context.Context, network_, _ string) (net.Conn, error) {
			return network.DialContext(ctx, network_, "slow.example:443")
		}})
		_, err = fetcher.JSON(t.Context(), "https://example.com/client.json", limit)
		require.ErrorContains(t, err, "no whole answer within 5s")
		require.Equal(t, fetch.Timeout, time.Since(began).Truncate(time.Second))
		require.NoError(t, server.Close())
		<-done
		require.NoError(t, network.Close())
	})
}
