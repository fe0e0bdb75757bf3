package guard

import (
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRecentIsBoundedByEntriesAndBytes(t *testing.T) {
	t.Parallel()
	r := newRecent(100, 1<<20, func(s string) int { return len(s) })
	for i := range 10_000 {
		r.put(digestOf(fmt.Sprint(i)), "x")
		require.LessOrEqual(t, len(r.young)+len(r.old), 101)
		if i%20 == 0 {
			r.put(digestOf("used"), "y")
		}
		_, found := r.get(digestOf("used"))
		require.True(t, found, "what is used stays")
	}
	_, found := r.get(digestOf("9999"))
	require.True(t, found)
	_, found = r.get(digestOf("1"))
	require.False(t, found)
	r.remove(digestOf("9999"))
	_, found = r.get(digestOf("9999"))
	require.False(t, found)

	r = newRecent(1_000_000, 1000, func(s string) int { return len(s) })
	for i := range 1000 {
		r.put(digestOf(fmt.Sprint(i)), "0123456789")
		r.put(digestOf("again"), "0123456789")
		require.LessOrEqual(t, (len(r.young)+len(r.old))*10, 1020)
		require.Equal(t, len(r.young)*10, r.bytes)
	}
}

// Whatever strangers send, only tokens that the issuer signed take memory.
func TestGarbageIsNotRemembered(t *testing.T) {
	t.Parallel()
	g, err := New(Options{Settings: Settings{Issuer: "https://idp.example"}, Resource: "http://localhost/mcp",
		HTTPClient: &http.Client{Transport: noNetwork{}}, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	for i := range 1000 {
		_, err := g.Verify(t.Context(), fmt.Sprint("eyJhbGciOiJFUzI1NiJ9.e30.", i))
		require.Error(t, err)
	}
	require.Empty(t, g.verified.recent.young)
	require.Empty(t, g.inquiries.refused.young)
}

type noNetwork struct{}

func (noNetwork) RoundTrip(*http.Request) (*http.Response, error) { return nil, http.ErrHandlerTimeout }
