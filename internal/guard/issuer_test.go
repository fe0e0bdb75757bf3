package guard_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
)

const (
	issuerURL   = "https://idp.example"
	resourceURL = "http://localhost:3001/mcp"
)

var todoScopes = []string{"create:todos", "read:todos", "delete:todos"}

// Making an RSA key takes tens of milliseconds: one for all tests.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newECKey(t testing.TB) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

// issuer is an authorization server reduced to its documents, reached without a network so that it works in a
// synctest bubble.
type issuer struct {
	ec      *ecdsa.PrivateKey
	fetches atomic.Int64 // of the key set
	handler atomic.Pointer[http.HandlerFunc]
	jwks    atomic.Pointer[[]byte]
}

func newIssuer(t testing.TB) *issuer {
	is := &issuer{ec: newECKey(t)}
	is.publish(t, jwk(t, "ec", "ES256", &is.ec.PublicKey), jwk(t, "rsa", "RS256", &rsaKey().PublicKey))
	return is
}

func jwk(t testing.TB, kid, alg string, key any) json.RawMessage {
	raw, err := json.Marshal(jose.JSONWebKey{Key: key, KeyID: kid, Algorithm: alg, Use: "sig"})
	require.NoError(t, err)
	return raw
}

func (is *issuer) publish(t testing.TB, keys ...json.RawMessage) {
	body, err := json.Marshal(map[string]any{"keys": append([]json.RawMessage{}, keys...)})
	require.NoError(t, err)
	is.jwks.Store(&body)
}

// answer replaces what the issuer says, nil restores it.
func (is *issuer) answer(h http.HandlerFunc) {
	if h == nil {
		is.handler.Store(nil)
		return
	}
	is.handler.Store(&h)
}

func (is *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/jwks" {
		is.fetches.Add(1)
	}
	if h := is.handler.Load(); h != nil {
		(*h)(w, r)
		return
	}
	switch r.URL.Path {
	case "/.well-known/oauth-authorization-server":
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, issuerURL, issuerURL+"/jwks")
	case "/jwks":
		w.Write(*is.jwks.Load())
	default:
		http.NotFound(w, r)
	}
}

// RoundTrip makes the issuer a transport.
func (is *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		is.ServeHTTP(rec, r)
	}()
	select {
	case <-done:
		return rec.Result(), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func (is *issuer) options() guard.Options {
	return guard.Options{
		Settings:   guard.Settings{Issuer: issuerURL},
		Resource:   resourceURL,
		Scopes:     todoScopes,
		HTTPClient: &http.Client{Transport: is},
	}
}

func (is *issuer) guard(t testing.TB, change ...func(*guard.Options)) *guard.Guard {
	o := is.options()
	for _, c := range change {
		c(&o)
	}
	g, err := guard.New(o)
	require.NoError(t, err)
	return g
}

type object = map[string]any

// claims are those of an honest access token, with changes; a nil value removes a claim.
func claims(changes ...object) string {
	now := time.Now().Unix()
	c := object{"iss": issuerURL, "aud": resourceURL, "sub": "alice", "client_id": "inspector", "iat": now, "exp": now + 300,
		"jti": "1", "scope": "create:todos read:todos", "roles": []string{"Admin"}}
	return encode(c, changes)
}

func header(changes ...object) string {
	return encode(object{"alg": "ES256", "kid": "ec", "typ": "at+jwt"}, changes)
}

func encode(c object, changes []object) string {
	for _, change := range changes {
		maps.Copy(c, change)
	}
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	raw, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// null survives encode, unlike nil.
var null = json.RawMessage("null")

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// sign takes header and payload as text, so that tests can sign what no library would write.
func sign(t testing.TB, key crypto.Signer, header, payload string) string {
	input := b64(header) + "." + b64(payload)
	digest := sha256.Sum256([]byte(input))
	var sig []byte
	switch key := key.(type) {
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
		require.NoError(t, err)
		sig = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	case *rsa.PrivateKey:
		var err error
		sig, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
		require.NoError(t, err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func (is *issuer) token(t testing.TB, changes ...object) string {
	return sign(t, is.ec, header(), claims(changes...))
}
