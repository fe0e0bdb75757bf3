package e2e

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/testnet"
)

// troubles are what an issuer can do instead of answering. No handler: nobody listens.
var troubles = map[string]http.HandlerFunc{
	"down":    nil,
	"hanging": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"stalling in the body": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"keys":[`)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	},
	"500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
	"404": http.NotFound,
	"HTML": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<!doctype html><title>Sign in to the hotel</title>")
	},
	"no keys in JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"keys":null}`) },
	"empty":           func(http.ResponseWriter, *http.Request) {},
	"10 MB": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"keys":[],"x":"`)
		chunk := strings.Repeat("x", 1<<20)
		for range 10 {
			if _, err := io.WriteString(w, chunk); err != nil {
				return
			}
		}
		_, _ = io.WriteString(w, `"}`)
	},
	"truncated": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"keys":[]}`)
		panic(http.ErrAbortHandler)
	},
	"redirecting": func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/elsewhere") {
			_, _ = io.WriteString(w, `{"issuer":"http://127.0.0.1","jwks_uri":"http://127.0.0.1/elsewhere","keys":[]}`)
			return
		}
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	},
}

// ailing stands between the todo server and its issuer. It counts what is asked, and can send it to a server in trouble.
type ailing struct {
	well    http.RoundTripper
	address string // of the server in trouble

	mu      sync.Mutex
	ill     bool
	fetches int // of the key set
	lost    []string
}

func (a *ailing) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	ill := a.ill
	if strings.HasSuffix(r.URL.Path, "/jwks") {
		a.fetches++
	}
	if strings.HasPrefix(r.URL.Path, "/elsewhere") {
		a.lost = append(a.lost, r.URL.Path)
	}
	a.mu.Unlock()
	if ill {
		r = r.Clone(r.Context())
		r.URL.Host = a.address
	}
	return a.well.RoundTrip(r)
}

func (a *ailing) set(ill bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ill = ill
}

func (a *ailing) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.fetches
}

// ail runs a test in a bubble whose issuer can fall ill.
func ail(t *testing.T, trouble http.HandlerFunc, run func(t *testing.T, on *target, issuer *ailing)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := testnet.New()
		t.Cleanup(func() { _ = network.Close() })
		issuer := &ailing{address: "127.0.0.1:1"}
		if trouble != nil {
			l, err := network.Listen("127.0.0.1:0")
			require.NoError(t, err)
			issuer.address = l.Addr().String()
			serve(t, trouble, l)
		}
		run(t, newTarget(t, setup{network: network, fetches: func(next http.RoundTripper) http.RoundTripper {
			issuer.well = next
			return issuer
		}}), issuer)
	})
}
