package profile_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
	"mcpharness/internal/profile"
	"mcpharness/internal/todo"
	"mcpharness/internal/todo/sqlstore"
	"mcpharness/internal/todomcp"
)

// The tutorial's role matrix, through the real server, with tokens in each provider's dialect.
func TestTheRoleMatrixHoldsInEveryDialect(t *testing.T) {
	t.Parallel()
	for name, d := range dialects {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := d.start(t)
			wire := d.wire
			if wire == nil {
				wire = func(scope string) string { return scope }
			}
			ofAlice, ofBob, ofCarol := w.token(t, alice), w.token(t, bob), w.token(t, carol)

			alices, bobs := w.create(t, ofAlice), w.create(t, ofBob)
			require.ElementsMatch(t, []string{alices, bobs}, w.list(t, ofAlice))
			require.Equal(t, []string{bobs}, w.list(t, ofBob))

			refused := w.call(t, ofBob, "delete-todo", object{"id": alices})
			require.Equal(t, http.StatusForbidden, refused.Code)
			require.Contains(t, refused.Header().Get("WWW-Authenticate"), `scope="`+wire(todo.ScopeDelete)+`"`)
			require.Equal(t, http.StatusOK, w.call(t, ofAlice, "delete-todo", object{"id": bobs}).Code)
			require.Equal(t, http.StatusOK, w.call(t, ofAlice, "delete-todo", object{"id": alices}).Code)
			require.Empty(t, w.list(t, ofAlice))

			switch refused = w.call(t, ofCarol, "create-todo", object{"content": "x"}); {
			case d.unbound:
				require.Equal(t, http.StatusUnauthorized, refused.Code)
			case name == "Google": // everybody may create
				require.Equal(t, http.StatusOK, refused.Code)
			default:
				require.Equal(t, http.StatusForbidden, refused.Code)
				require.Contains(t, refused.Header().Get("WWW-Authenticate"), `scope="`+wire(todo.ScopeCreate)+`"`)
			}

			var names []string
			for _, scope := range todo.Scopes() {
				if len(names) == 0 || names[len(names)-1] != wire(scope) {
					names = append(names, wire(scope))
				}
			}
			anonymous := w.call(t, "", "whoami", nil)
			require.Equal(t, http.StatusUnauthorized, anonymous.Code)
			require.Contains(t, anonymous.Header().Get("WWW-Authenticate"), `, scope="`+strings.Join(names, " ")+`"`)
			require.Equal(t, names, w.scopesSupported(t))
		})
	}
}

func TestNoIDTokenPassesInAnyDialect(t *testing.T) {
	t.Parallel()
	for name, d := range dialects {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := d.start(t)
			if d.alg == "" {
				d.alg = "RS256"
			}
			honest := with(object{"aud": "inspector"}, d.id)
			require.Equal(t, http.StatusUnauthorized, w.call(t, w.sign(t, d.alg, d.idType, honest), "whoami", nil).Code)
			// One that has more in common with the access token than any provider's: issuer, audience and client.
			near := with(honest)
			for claim, value := range d.access(alice) {
				switch claim {
				case "iss", "aud", "client_id", "azp", "cid", "appid", "sid":
					near[claim] = value
				}
			}
			refused := w.call(t, w.sign(t, d.alg, d.idType, near), "whoami", nil)
			require.Equal(t, http.StatusUnauthorized, refused.Code)
			require.Contains(t, refused.Header().Get("WWW-Authenticate"), `error="invalid_token"`)
			if !d.opaque {
				require.Regexp(t, "access token", refused.Body.String(), "the kind alone refuses it")
			}
			for _, kind := range []object{{"nonce": "n"}, {"at_hash": "h"}, {"events": object{}}, {"typ": "Refresh"}, {"token_use": "id"}} {
				if !d.opaque {
					spoilt := with(w.base("alice"), d.access(alice), kind)
					require.Equal(t, http.StatusUnauthorized, w.call(t, w.sign(t, d.alg, d.typ, spoilt), "whoami", nil).Code)
				}
			}
		})
	}
}

// world is a todo server behind a guard that has a dialect, with an issuer that needs no network.
type world struct {
	dialect  dialect
	settings guard.Settings
	handler  http.Handler

	mu      sync.Mutex
	answers map[string]object // opaque token -> what the issuer says about it
}

func (d dialect) start(t *testing.T) *world {
	t.Helper()
	w := &world{dialect: d, answers: map[string]object{}}
	if d.profile != "" {
		p, err := profile.Load(d.profile, environment)
		require.NoError(t, err)
		w.settings = p.Guard()
	}
	if d.settings != nil {
		d.settings(&w.settings)
	}
	store, err := sqlstore.Open(t.Context(), sqlstore.InMemory)
	require.NoError(t, err)
	t.Cleanup(func() { store.Close() })
	server, err := todomcp.New(todomcp.Options{
		Todos: todo.NewService(store),
		Guard: guard.Options{Settings: w.settings, Resource: mcpURL, HTTPClient: &http.Client{Transport: w}},
	})
	require.NoError(t, err)
	w.handler = server.Handler()
	return w
}

// RoundTrip is the issuer, with its endpoints on another host as Cognito has them.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	rec.Header().Set("Content-Type", "application/json")
	switch {
	case strings.HasSuffix(r.URL.Path, "/openid-configuration"):
		_ = json.NewEncoder(rec).Encode(object{"issuer": w.settings.Issuer, "jwks_uri": "https://keys.test/jwks",
			"introspection_endpoint": "https://keys.test/introspect", "userinfo_endpoint": "https://keys.test/userinfo"})
	case r.URL.Path == "/jwks":
		var set jose.JSONWebKeySet
		for alg, key := range keys() {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: alg, Use: "sig"})
		}
		_ = json.NewEncoder(rec).Encode(set)
	case r.URL.Path == "/introspect":
		id, secret, basic := r.BasicAuth()
		if err := r.ParseForm(); err != nil {
			return nil, err
		}
		if basic {
			id, _ = url.QueryUnescape(id)
			secret, _ = url.QueryUnescape(secret)
		} else {
			id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
		}
		if id != "todo-mcp" || secret != "rs secret/+:%" {
			rec.WriteHeader(http.StatusUnauthorized)
			break
		}
		answer, known := w.answer(r.PostForm.Get("token"))
		if !known {
			answer = object{"active": false}
		}
		_ = json.NewEncoder(rec).Encode(answer)
	case r.URL.Path == "/userinfo":
		answer, known := w.answer(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		if !known {
			rec.WriteHeader(http.StatusUnauthorized)
			break
		}
		_ = json.NewEncoder(rec).Encode(answer)
	default:
		rec.WriteHeader(http.StatusNotFound)
	}
	return rec.Result(), nil
}

func (w *world) answer(token string) (object, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	answer, known := w.answers[token]
	return answer, known
}

var keys = sync.OnceValue(func() map[string]crypto.Signer {
	rs, err1 := rsa.GenerateKey(rand.Reader, 2048)
	es256, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	es384, err3 := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err1 != nil || err2 != nil || err3 != nil {
		panic("no keys")
	}
	return map[string]crypto.Signer{"RS256": rs, "ES256": es256, "ES384": es384}
})

// base are the claims that all tokens of a person have.
func (w *world) base(name string) object {
	now := time.Now().Unix()
	return object{"iss": w.settings.Issuer, "sub": name, "iat": now, "exp": now + 300}
}

func (w *world) token(t *testing.T, p person) string {
	if !w.dialect.opaque {
		return w.sign(t, w.dialect.alg, w.dialect.typ, with(w.base(p.name), w.dialect.access(p)))
	}
	token := "opaque." + rand.Text()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers[token] = with(w.base(p.name), w.dialect.access(p))
	return token
}

func (w *world) sign(t *testing.T, alg, typ string, claims object) string {
	t.Helper()
	options := &jose.SignerOptions{}
	if typ != "" {
		options.WithType(jose.ContentType(typ))
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: jose.JSONWebKey{Key: keys()[alg], KeyID: alg}}, options)
	require.NoError(t, err)
	payload, err := json.Marshal(with(w.base("alice"), claims))
	require.NoError(t, err)
	signed, err := signer.Sign(payload)
	require.NoError(t, err)
	compact, err := signed.CompactSerialize()
	require.NoError(t, err)
	return compact
}

func (w *world) call(t *testing.T, token, tool string, arguments object) *httptest.ResponseRecorder {
	t.Helper()
	if arguments == nil {
		arguments = object{}
	}
	body, err := json.Marshal(object{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": object{"name": tool, "arguments": arguments}})
	require.NoError(t, err)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, mcpURL, strings.NewReader(string(body)))
	for name, value := range map[string]string{"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Mcp-Protocol-Version": "2025-11-25"} {
		r.Header.Set(name, value)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

func (w *world) create(t *testing.T, token string) string {
	t.Helper()
	var todo struct{ ID string }
	w.succeed(t, w.call(t, token, "create-todo", object{"content": "x"}), &todo)
	return todo.ID
}

func (w *world) list(t *testing.T, token string) (ids []string) {
	t.Helper()
	var page struct{ Todos []struct{ ID string } }
	w.succeed(t, w.call(t, token, "get-todos", nil), &page)
	for _, todo := range page.Todos {
		ids = append(ids, todo.ID)
	}
	return ids
}

func (w *world) succeed(t *testing.T, rec *httptest.ResponseRecorder, into any) {
	t.Helper()
	require.Equal(t, http.StatusOK, rec.Code, rec.Body)
	var answer struct {
		Result struct{ StructuredContent json.RawMessage }
	}
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &answer))
	require.NoError(t, json.Unmarshal(answer.Result.StructuredContent, into), fmt.Sprint(rec.Body))
}

func (w *world) scopesSupported(t *testing.T) []string {
	t.Helper()
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost:3001/.well-known/oauth-protected-resource/mcp", nil))
	var document struct {
		ScopesSupported []string `json:"scopes_supported"`
	}
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &document))
	return document.ScopesSupported
}
