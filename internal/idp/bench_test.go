package idp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp"
	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
	"mcpharness/mockidp"
)

// BenchmarkTokenEndpoint compares the token endpoint (client_credentials, ES256) with a handler that only signs and writes the
// same answer, over the same kind of connection and in turns. The ratio bare/endpoint is 1 where the endpoint costs nothing.
func BenchmarkTokenEndpoint(b *testing.B) {
	s := start(b, mockidp.Options{})
	form := ownName.Encode()
	header := basic("todo-batch", "todo-batch-secret")
	sample := s.issued(ownName, header...)
	_, payload := claims(b, sample["access_token"])
	bare := httptest.NewServer(signing(b, payload, sample))
	defer bare.Close()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	post := func(url string) time.Duration {
		r, err := http.NewRequest("POST", url, strings.NewReader(form))
		require.NoError(b, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(header[0], header[1])
		began := time.Now()
		res, err := client.Do(r)
		require.NoError(b, err)
		_, _ = io.Copy(io.Discard, res.Body)
		took := time.Since(began)
		require.NoError(b, res.Body.Close())
		require.Equal(b, 200, res.StatusCode)
		return took
	}
	var endpoint, alone time.Duration
	for b.Loop() {
		endpoint += post(s.Issuer() + "/token")
		alone += post(bare.URL)
	}
	b.ReportMetric(float64(endpoint.Nanoseconds())/float64(b.N), "ns/endpoint")
	b.ReportMetric(float64(alone.Nanoseconds())/float64(b.N), "ns/bare")
	b.ReportMetric(float64(alone)/float64(endpoint), "ratio")
}

// BenchmarkTokenHandler is the same without the network.
func BenchmarkTokenHandler(b *testing.B) {
	_, server := inProcess(b)
	form := ownName.Encode()
	header := basic("batch", "secret")
	serve := func(h http.Handler) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/token", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(header[0], header[1])
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	first := serve(server)
	require.Equal(b, 200, first.Code, first.Body.String())
	var sample map[string]any
	require.NoError(b, json.Unmarshal(first.Body.Bytes(), &sample))
	_, payload := claims(b, sample["access_token"])
	bare := signing(b, payload, sample)
	var endpoint, alone time.Duration
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		serve(server)
		middle := time.Now()
		serve(bare)
		endpoint, alone = endpoint+middle.Sub(began), alone+time.Since(middle)
	}
	b.ReportMetric(float64(endpoint.Nanoseconds())/float64(b.N), "ns/endpoint")
	b.ReportMetric(float64(alone.Nanoseconds())/float64(b.N), "ns/bare")
	b.ReportMetric(float64(alone)/float64(endpoint), "ratio")
}

// signing only reads the request, signs the claims and writes the answer.
func signing(b *testing.B, payload, sample map[string]any) http.Handler {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(b, err)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "kid"}}, (&jose.SignerOptions{}).WithType("at+jwt"))
	require.NoError(b, err)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // which costs net/http a goroutine, so a fair comparison has it on both sides
		encoded, _ := json.Marshal(payload)
		object, err := signer.Sign(encoded)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		token, _ := object.CompactSerialize()
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": sample["expires_in"], "scope": sample["scope"]})
	})
}

// inProcess makes a server without a network.
func inProcess(t testing.TB) (*store.Store, *idp.Server) {
	t.Helper()
	memory := store.New(store.Limits{})
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	memory.Rotate(store.Key{ID: "kid", Algorithm: "ES256", Signer: key})
	memory.AddPerson(store.Person{Username: "alice", Subject: "a", Scopes: []string{"a:b", "c:d", "e:f"}})
	memory.AddClient(store.Client{ID: "batch", AuthMethod: store.AuthBasic, SecretHash: store.HashSecret("secret"), GrantTypes: engine.GrantTypes(), Scopes: []string{"a:b", "c:d"}})
	memory.AddClient(store.Client{ID: "mcp-inspector", AuthMethod: store.AuthNone, RedirectURIs: []string{callback}, GrantTypes: engine.GrantTypes()})
	server, err := idp.New(idp.Options{
		Issuer: "http://idp", Personality: personality.Strict(), Store: memory, AutoLogin: true, Logger: slog.New(slog.DiscardHandler),
		Lifetimes: engine.Lifetimes{Code: time.Hour, AccessToken: time.Hour, IDToken: time.Hour, RefreshToken: time.Hour},
		Catalog:   engine.Catalog{Resources: []engine.Resource{{URI: todos, Scopes: []string{"a:b", "c:d", "e:f"}}}, DefaultResource: todos},
	})
	require.NoError(t, err)
	return memory, server
}

// Not parallel, as it looks at the heap. A grant costs what it says, not the request that it came in: 1,000 requests of 20 KB each leave less than 1 MB behind.
func TestALiveGrantIsSmall(t *testing.T) {
	memory, server := inProcess(t)
	grant := func() {
		request := asking(q{"state": one(strings.Repeat("s", 6<<10)), "login_hint": one("alice"), "scope": one(strings.Repeat("a:b ", 1000) + "c:d e:f"), "nonce": one("n")})
		query := strings.ReplaceAll(request.Encode(), "%3A", ":") // unescaped, values are substrings of the request
		w := httptest.NewRecorder()
		server.ServeHTTP(w, httptest.NewRequest("GET", "/authorize?"+query, nil))
		require.Equal(t, 303, w.Code)
		_, rest, _ := strings.Cut(w.Header().Get("Location"), "code=")
		code, _, _ := strings.Cut(rest, "&")
		r := httptest.NewRequest("POST", "/token", strings.NewReader(redeeming(code, nil).Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w = httptest.NewRecorder()
		server.ServeHTTP(w, r)
		require.Equal(t, 200, w.Code, w.Body.String())
	}
	grant() // what is made once
	const grants = 1000
	before := heap()
	for range grants {
		grant()
	}
	bytes := float64(heap()-before) / grants
	require.Equal(t, grants+1, memory.Counts().Grants)
	t.Logf("%.0f bytes a live grant", bytes)
	require.Less(t, bytes, 1000.0)
}

// Not parallel either. Whoever opens sign-ins and leaves them fills memory with what is needed of them, and no more.
func TestASignInUnderWayIsSmall(t *testing.T) {
	memory, server := inProcess(t)
	query := "/authorize?" + asking(nil).Encode() + "&junk=" + strings.Repeat("x", 12<<10)
	open := func() {
		w := httptest.NewRecorder()
		server.ServeHTTP(w, httptest.NewRequest("GET", strings.ReplaceAll(query, "%3A", ":"), nil))
		require.Equal(t, 303, w.Code)
	}
	open()
	const signIns = 500
	before := heap()
	for range signIns {
		open()
	}
	bytes := float64(heap()-before) / signIns
	require.Equal(t, signIns+1, memory.Counts().Transactions)
	t.Logf("%.0f bytes a sign-in under way", bytes)
	require.Less(t, bytes, 3000.0)
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
