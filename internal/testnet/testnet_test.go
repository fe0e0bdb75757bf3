package testnet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/testnet"
)

func TestServerAndClientLiveThroughAnHourInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := testnet.New()
		defer n.Close()
		started := time.Now()
		serve(t, n, "127.0.0.1:8081", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			local := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
			io.WriteString(w, local.String()+" "+time.Since(started).String())
		}))
		client := n.Client()
		client.Timeout = 10 * time.Second

		require.Equal(t, "127.0.0.1:8081 0s", get(t, client, "http://127.0.0.1:8081/"))
		time.Sleep(time.Hour)
		require.Equal(t, "127.0.0.1:8081 1h0m0s", get(t, client, "http://127.0.0.1:8081/"))
	})
}

func TestAddressesRouteToTheirOwnServer(t *testing.T) {
	t.Parallel()
	n := testnet.New()
	t.Cleanup(func() { n.Close() })
	for _, address := range []string{"127.0.0.1:8081", "127.0.0.1:8082", "[::1]:8081", "idp.test:80"} {
		serve(t, n, address, echo(address))
	}

	client := n.Client()
	require.Equal(t, "127.0.0.1:8081", get(t, client, "http://127.0.0.1:8081/"))
	require.Equal(t, "127.0.0.1:8082", get(t, client, "http://127.0.0.1:8082/"))
	require.Equal(t, "127.0.0.1:8081", get(t, client, "http://localhost:8081/"))
	require.Equal(t, "[::1]:8081", get(t, client, "http://[::1]:8081/"))
	require.Equal(t, "idp.test:80", get(t, client, "http://idp.test/"))
}

func TestPeersSeeLoopbackTCPAddresses(t *testing.T) {
	t.Parallel()
	n := testnet.New()
	t.Cleanup(func() { n.Close() })
	client, server := pair(t, n, "localhost:8081")

	require.Equal(t, "127.0.0.1:8081", client.RemoteAddr().String())
	require.Equal(t, server.LocalAddr(), client.RemoteAddr())
	require.Equal(t, client.LocalAddr(), server.RemoteAddr())
	require.True(t, client.LocalAddr().(*net.TCPAddr).IP.IsLoopback())
	require.NotZero(t, client.LocalAddr().(*net.TCPAddr).Port)
}

func TestPortZeroPicksAnAddressThatAnswers(t *testing.T) {
	t.Parallel()
	n := testnet.New()
	t.Cleanup(func() { n.Close() })
	serve(t, n, "127.0.0.1:49152", echo("the first port that would be picked"))
	first := serve(t, n, "127.0.0.1:0", echo("first"))
	second := serve(t, n, "127.0.0.1:0", echo("second"))

	require.NotEqual(t, first, second)
	require.Equal(t, "first", get(t, n.Client(), "http://"+first))
	require.Equal(t, "second", get(t, n.Client(), "http://"+second))
}

func TestDialIsRefusedWhereNobodyListens(t *testing.T) {
	t.Parallel()
	n := testnet.New()
	t.Cleanup(func() { n.Close() })

	_, err := n.DialContext(t.Context(), "tcp", "127.0.0.1:8081")
	require.ErrorIs(t, err, syscall.ECONNREFUSED)

	l, err := n.Listen("127.0.0.1:8081")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	_, err = n.DialContext(t.Context(), "tcp", "127.0.0.1:8081")
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

func TestAnAddressIsTakenOnceAndFreeAfterClose(t *testing.T) {
	t.Parallel()
	n := testnet.New()
	t.Cleanup(func() { n.Close() })
	l, err := n.Listen("127.0.0.1:8081")
	require.NoError(t, err)
	_, err = n.Listen("localhost:8081")
	require.ErrorIs(t, err, syscall.EADDRINUSE)

	require.NoError(t, l.Close())
	_, err = n.Listen("127.0.0.1:8081")
	require.NoError(t, err)
}

func TestMalformedAddressesAreErrors(t *testing.T) {
	t.Parallel()
	n := testnet.New()
	for _, address := range []string{"", "127.0.0.1", "127.0.0.1:http", "127.0.0.1:65536", "127.0.0.1:-1"} {
		_, err := n.Listen(address)
		require.Error(t, err, address)
		_, err = n.DialContext(t.Context(), "tcp", address)
		require.Error(t, err, address)
	}
}

func TestWaitsEndInVirtualTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := testnet.New()
		defer n.Close()
		client, _ := pair(t, n, "127.0.0.1:8081")
		require.NoError(t, client.SetReadDeadline(time.Now().Add(time.Minute)))
		_, err := client.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)

		_, err = n.Listen("127.0.0.1:8082") // nobody accepts
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = n.DialContext(ctx, "tcp", "127.0.0.1:8082")
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestCloseEndsEverything(t *testing.T) {
	t.Parallel()
	n := testnet.New()
	client, server := pair(t, n, "127.0.0.1:8081")
	l, err := n.Listen("127.0.0.1:8082")
	require.NoError(t, err)

	require.NoError(t, n.Close())
	require.NoError(t, n.Close())
	for _, c := range []net.Conn{client, server} {
		_, err := c.Read(make([]byte, 1))
		require.True(t, errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe), "got %v", err)
	}
	_, err = l.Accept()
	require.ErrorIs(t, err, net.ErrClosed)
	_, err = n.Listen("127.0.0.1:8083")
	require.ErrorIs(t, err, net.ErrClosed)
	_, err = n.DialContext(t.Context(), "tcp", "127.0.0.1:8082")
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

func TestLargeBodiesPassBothWays(t *testing.T) {
	t.Parallel()
	n := testnet.New()
	t.Cleanup(func() { n.Close() })
	serve(t, n, "127.0.0.1:8081", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }))

	sent := strings.Repeat("todo", 1<<18)
	response, err := n.Client().Post("http://127.0.0.1:8081/", "text/plain", strings.NewReader(sent))
	require.NoError(t, err)
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.True(t, string(got) == sent, "want the body back, got %d bytes", len(got))
}

func serve(t *testing.T, n *testnet.Network, address string, h http.Handler) string {
	t.Helper()
	l, err := n.Listen(address)
	require.NoError(t, err)
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		server.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			t.Errorf("serving: %v", err)
		}
	})
	return l.Addr().String()
}

func echo(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
}

func get(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	response, err := client.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}

// pair returns both ends of one connection.
func pair(t *testing.T, n *testnet.Network, address string) (client, server net.Conn) {
	t.Helper()
	l, err := n.Listen(address)
	require.NoError(t, err)
	accepted := make(chan net.Conn, 1)
	go func() {
		if c, err := l.Accept(); err == nil {
			accepted <- c
		}
		close(accepted)
	}()
	client, err = n.DialContext(t.Context(), "tcp", address)
	require.NoError(t, err)
	server = <-accepted
	require.NotNil(t, server)
	return client, server
}
