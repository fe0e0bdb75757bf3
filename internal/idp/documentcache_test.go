package idp_test

import (
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/testnet"
	"mcpharness/mockidp"
)

// slowDocuments is a mock and a host of documents on a network in memory, whose clock a test moves.
type slowDocuments struct {
	server
	fetched atomic.Int32
	mu      sync.Mutex
	hosted  hostedDocument
}

// hostedDocument is how the host answers.
type hostedDocument struct {
	control  string // Cache-Control; empty: none
	takes    time.Duration
	redirect string // the document's redirect URI
	status   int
}

// change changes how the host answers from now on.
func (h *slowDocuments) change(change func(*hostedDocument)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(&h.hosted)
}

const slowDocument = "https://example.com/client.json"

// onItsOwnClock runs a test in a bubble.
func onItsOwnClock(t *testing.T, test func(*testing.T, *slowDocuments)) {
	t.Helper()
	known := httptest.NewUnstartedServer(nil)
	known.StartTLS() // for its certificate, which is for example.com
	certificate, authority := known.TLS.Certificates[0], known.Certificate()
	known.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Raw}), 0o600))
	synctest.Test(t, func(t *testing.T) {
		h := &slowDocuments{hosted: hostedDocument{redirect: callback, status: 200}}
		network := testnet.New()
		hosted, err := network.Listen("example.com:443")
		require.NoError(t, err)
		host := &http.Server{Handler: h, TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}}, ErrorLog: log.New(io.Discard, "", 0)}
		done := make(chan struct{})
		go func() { defer close(done); _ = host.ServeTLS(hosted, "", "") }()

		config := mockidp.DefaultConfig()
		config.ClientDocuments.CAFile, config.Sessions = ca, true
		l, err := network.Listen("localhost:4444")
		require.NoError(t, err)
		idp, err := mockidp.Start(mockidp.Options{Config: &config, Issuer: "http://localhost:4444", Dial: network.DialContext}, l)
		require.NoError(t, err)
		idp.Client().Transport = network.Client().Transport
		h.server = server{idp, t}
		test(t, h)
		idp.Close()
		require.NoError(t, host.Close())
		<-done
		require.NoError(t, network.Close())
	})
}

func (h *slowDocuments) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	h.fetched.Add(1)
	h.mu.Lock()
	hosted := h.hosted
	h.mu.Unlock()
	time.Sleep(hosted.takes)
	if hosted.control != "" {
		w.Header().Set("Cache-Control", hosted.control)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(hosted.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"client_id": slowDocument, "client_name": "Stranger", "redirect_uris": []string{hosted.redirect}})
}

func (h *slowDocuments) authorize(changes q) answer {
	h.t.Helper()
	return h.get("/authorize?" + with(asking(q{"client_id": one(slowDocument)}), changes).Encode())
}

// fetches says how often the host was asked since it was last called.
func (h *slowDocuments) fetches() int { return int(h.fetched.Swap(0)) }

func TestADocumentIsUsedAsLongAsItsHeadersAllow(t *testing.T) {
	t.Parallel()
	onItsOwnClock(t, func(t *testing.T, h *slowDocuments) {
		for _, row := range []struct {
			control string
			fresh   time.Duration
		}{
			{"max-age=600", 10 * time.Minute},
			{"", time.Minute},
			{"no-store", 5 * time.Second},
			{"max-age=0", 5 * time.Second},
			{"max-age=31536000", 24 * time.Hour},
		} {
			time.Sleep(48 * time.Hour) // whatever was known is stale
			h.change(func(d *hostedDocument) { d.control = row.control })
			for range 3 {
				require.Equal(t, 303, h.authorize(nil).status)
			}
			require.Equal(t, 1, h.fetches(), row.control)
			time.Sleep(row.fresh - time.Second)
			require.Equal(t, 303, h.authorize(nil).status)
			require.Zero(t, h.fetches(), row.control)
			time.Sleep(2 * time.Second)
			require.Equal(t, 303, h.authorize(nil).status)
			require.Equal(t, 1, h.fetches(), row.control)
		}
	})
}

func TestADocumentThatChangesOrGoesCountsOnceItIsStale(t *testing.T) {
	t.Parallel()
	onItsOwnClock(t, func(t *testing.T, h *slowDocuments) {
		b := h.browser()
		request := with(asking(q{"client_id": one(slowDocument)}), nil)
		transaction := b.begin(request)
		b.signIn(transaction, "bob")
		code := b.decide(transaction, "allow").location(t).Query().Get("code")
		silent := with(request, q{"prompt": one("none")})
		require.NotEmpty(t, b.get("/authorize?"+silent.Encode()).location(t).Query().Get("code"), "bob's consent is remembered")

		const elsewhere = "http://127.0.0.1/elsewhere"
		h.change(func(d *hostedDocument) { d.redirect = elsewhere })
		require.Equal(t, 303, h.authorize(nil).status, "still fresh")
		time.Sleep(time.Minute + time.Second)
		require.Contains(t, h.authorize(nil).body, "This redirect URI is not registered")
		moved := with(silent, q{"redirect_uri": one(elsewhere)})
		require.Equal(t, "consent_required", b.get("/authorize?"+moved.Encode()).location(t).Query().Get("error"), "people allowed another client, as far as they can tell")

		h.change(func(d *hostedDocument) { d.status = 404 })
		require.NotContains(t, h.authorize(nil).body, "want status 200")
		time.Sleep(time.Minute + time.Second)
		require.Contains(t, h.authorize(nil).body, "want status 200, got 404")
		h.fetches()
		require.Contains(t, h.refused(401, "invalid_client", redeeming(code, q{"client_id": one(slowDocument)})), "want status 200, got 404")
		require.Equal(t, 1, h.fetches(), "an error is not remembered (section 5.2 of the draft)")
	})
}

func TestManyWhoWaitForADocumentShareOneFetch(t *testing.T) {
	t.Parallel()
	onItsOwnClock(t, func(t *testing.T, h *slowDocuments) {
		h.change(func(d *hostedDocument) { d.takes = time.Second })
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { require.Equal(t, 303, h.authorize(nil).status) })
		}
		all.Wait()
		require.Equal(t, 1, h.fetches())
	})
}

func TestAHostThatDoesNotAnswerHoldsNobodyUpForLong(t *testing.T) {
	t.Parallel()
	onItsOwnClock(t, func(t *testing.T, h *slowDocuments) {
		h.change(func(d *hostedDocument) { d.takes = time.Hour })
		began := time.Now()
		page := h.authorize(nil)
		require.Equal(t, 400, page.status)
		require.Contains(t, page.body, "no whole answer within 5s")
		require.Equal(t, 5*time.Second, time.Since(began))
		h.change(func(d *hostedDocument) { d.takes = 0 })
		time.Sleep(time.Hour)
		require.Equal(t, 303, h.authorize(nil).status)
	})
}
