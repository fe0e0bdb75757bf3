package idp

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// The comparison works on strings. Whatever it lets pass, net/url must read as a registered one but for the port.
func FuzzRedirectMatches(f *testing.F) {
	registered := []string{"http://127.0.0.1/cb", "http://localhost:3000/cb?a=b", "http://[::1]", "https://app.example/cb"}
	for _, seed := range append(registered, "http://127.0.0.1:80:90/cb", "http://127.0.0.1@evil/cb", "http://127.0.0.1:8080/cb", "http://localhost:1?a=b/cb",
		"http://localhost.evil/cb", "http://127.0.0.1:80\\@evil/cb", "http://[::1]:8", "http://127.0.0.1:00080/cb", "http://127.0.0.1:8/cb#") {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		if !redirectMatches(registered, uri) {
			return
		}
		got, err := url.Parse(uri)
		require.NoError(t, err)
		require.Nil(t, got.User)
		require.NotContains(t, uri, "#")
		for _, known := range registered {
			want, _ := url.Parse(known)
			if got.Scheme == want.Scheme && got.Hostname() == want.Hostname() && got.EscapedPath() == want.EscapedPath() && got.RawQuery == want.RawQuery && got.ForceQuery == want.ForceQuery {
				return
			}
		}
		t.Fatalf("%q matches, and is none of the registered ones", uri)
	})
}

// Whatever another rule for ports and wildcards lets pass, net/url must read as at the host of a registered one.
func FuzzRedirectWithoutPort(f *testing.F) {
	registered := []string{"http://127.0.0.1/cb", "http://localhost:3000/cb", "https://app.example/cb/*", "http://localhost"}
	for _, seed := range append(registered, "http://127.0.0.1:99999/cb", "http://127.0.0.1:/cb?", "http://127.0.0.1:80@evil/cb", "http://localhost:1", "https://app.example/cb/x?y=z",
		"https://app.example/cb", "https://app.example/cb/../x", "https://app.example/cb/%2e%2e/x", "https://app.example/cb/x#y", "https://app.example/cb/\\evil", "http://127.0.0.1:1/cb?x") {
		f.Add(seed)
	}
	s := Server{Options: Options{Personality: personality.Personality{Authorization: personality.Authorization{Redirects: personality.RedirectsWithoutPort}}}}
	f.Fuzz(func(t *testing.T, uri string) {
		if !s.redirectIsOneOf(registered, uri) || slices.Contains(registered, uri) {
			return
		}
		got, err := url.Parse(uri)
		require.NoError(t, err)
		require.Nil(t, got.User)
		require.NotContains(t, uri, "#")
		switch got.Host {
		case "app.example":
			require.Equal(t, "https", got.Scheme)
			require.True(t, strings.HasPrefix(path.Clean(got.Path)+"/", "/cb/"), got.Path)
		default:
			require.Contains(t, []string{"http://127.0.0.1/cb", "http://localhost"}, got.Scheme+"://"+got.Hostname()+got.EscapedPath())
			require.Empty(t, got.RawQuery)
		}
	})
}

// Whatever a browser says of an earlier sign-in, nobody is sent to an address that the client did not register.
func FuzzClientData(f *testing.F) {
	for _, seed := range []string{`{"ru":"http://127.0.0.1/cb","rt":"code","st":"s"}`, `{"ru":"https://evil.example"}`, `{"ru":""}`, `{`, ``, `{"ru":"http://127.0.0.1:1/cb","rm":"form_post"}`, `[]`, `{"ru":1}`} {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte(seed)), "c")
	}
	f.Add("%", "c")
	f.Add("", "nope")
	memory := store.New(store.Limits{})
	memory.AddClient(store.Client{ID: "c", RedirectURIs: []string{"http://127.0.0.1/cb"}})
	s := Server{Options: Options{Personality: personality.Keycloak(), Store: memory}}
	f.Fuzz(func(t *testing.T, data, client string) {
		request := httptest.NewRequest(http.MethodPost, "/?"+url.Values{"client_data": {data}, "client_id": {client}}.Encode(), nil)
		if told, ok := s.toldByURL(request); ok {
			require.Equal(t, "c", told.ClientID)
			require.True(t, s.redirectIsOneOf([]string{"http://127.0.0.1/cb"}, told.RedirectURI), told.RedirectURI)
		}
	})
}

// A request object of a stranger is read or refused, and what is read of it is what it says.
func FuzzUnsignedObject(f *testing.F) {
	part := func(json string) string { return base64.RawURLEncoding.EncodeToString([]byte(json)) }
	for _, seed := range []string{
		part(`{"alg":"none"}`) + "." + part(`{"scope":"a","max_age":1,"x":{"y":[1, 2]},"z":null}`) + ".", part(`{"alg":"none"}`) + "." + part(`[1]`), part(`{"alg":"RS256"}`) + "." + part(`{}`) + ".x",
		"", ".", "..", "....", part(`{"alg":"none"}`) + "." + part(`x`) + ".", part(`{"alg":1}`) + ".e30.", "%.%.%",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, jwt string) {
		parameters, err := unsignedObject(jwt)
		if err != nil {
			return
		}
		raw, err := base64.RawURLEncoding.DecodeString(strings.Split(jwt, ".")[1])
		require.NoError(t, err)
		var claims map[string]any
		_ = json.Unmarshal(raw, &claims) // what is no object says nothing
		maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
		require.Len(t, parameters, len(claims))
		for name, value := range claims {
			if text, ok := value.(string); ok {
				require.Equal(t, []string{text}, parameters[name])
			} else {
				require.True(t, json.Valid([]byte(parameters.Get(name))))
			}
		}
	})
}

// A redirect URI that may be registered can be redirected to: a Location of it and of a response parses, and keeps its host.
func FuzzCheckRedirectURI(f *testing.F) {
	for _, seed := range []string{"http://127.0.0.1/cb", "https://app.example/cb?a=b", "cursor://host/cb", "com.example:/cb", "javascript:alert(1)", "http://a@b/", "https://[::1]:80/", "x:", "https://app.example?", "A:??"} {
		f.Add(seed, "")
	}
	f.Add("https://app.example/", "web")
	f.Fuzz(func(t *testing.T, uri, applicationType string) {
		err := CheckRedirectURI(uri, applicationType)
		if err != nil {
			requireAllowed(t, engine.NewError("invalid_redirect_uri", uri+" "+err.Error()).Description)
			return
		}
		require.True(t, redirectMatches([]string{uri}, uri))
		before, err := url.Parse(uri)
		require.NoError(t, err)
		w := httptest.NewRecorder()
		s := Server{Options: Options{Issuer: "http://idp", Personality: personality.Strict()}}
		s.answer(w, store.Transaction{RedirectURI: uri, State: "s"}, url.Values{"code": {"c"}})
		location := w.Header().Get("Location")
		require.True(t, strings.HasPrefix(location, uri))
		after, err := url.Parse(location)
		require.NoError(t, err)
		require.Equal(t, before.Scheme, after.Scheme)
		require.Equal(t, before.Host, after.Host)
		require.Equal(t, before.Path, after.Path)
		for name, want := range map[string]string{"code": "c", "state": "s", "iss": "http://idp"} {
			require.Equal(t, []string{want}, after.Query()[name])
		}
	})
}

func FuzzClientMetadata(f *testing.F) {
	for _, seed := range []string{`{"redirect_uris":["http://127.0.0.1/cb"]}`, `{}`, `[]`, `{"redirect_uris":[1]}`, `{"redirect_uris":["cursor://x"],"grant_types":["authorization_code","x"],"scope":"openid","client_name":"\u0000"}`} {
		f.Add([]byte(seed))
	}
	s := fuzzed(f)
	f.Fuzz(func(t *testing.T, document []byte) {
		r := httptest.NewRequest("POST", "/register", strings.NewReader(string(document)))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		var answer struct {
			Error        string
			RedirectURIs []string `json:"redirect_uris"`
			GrantTypes   []string `json:"grant_types"`
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
		if w.Code != http.StatusCreated {
			require.Equal(t, 400, w.Code)
			require.Contains(t, []string{"invalid_client_metadata", "invalid_redirect_uri"}, answer.Error)
			return
		}
		require.NotEmpty(t, answer.RedirectURIs)
		require.Contains(t, answer.GrantTypes, "authorization_code")
		for _, uri := range answer.RedirectURIs {
			require.NoError(t, CheckRedirectURI(uri, ""))
		}
	})
}

// Whatever the query, the answer is a page or a redirect to a registered URI with exactly one verdict.
func FuzzAuthorizationQuery(f *testing.F) {
	good := "client_id=app&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcb&response_type=code&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	for _, seed := range []string{good, good + "&state=x&scope=openid", good + "&state=x&state=y", good + "&resource=http%3A%2F%2Fx", "client_id=app", good + "&prompt=none", "%zz", good + "&request=x"} {
		f.Add(seed)
	}
	s := fuzzed(f)
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest("GET", "/authorize", nil)
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		location := w.Header().Get("Location")
		switch {
		case w.Code == 400:
			require.Empty(t, location)
		case strings.HasPrefix(location, "http://idp/login?transaction="):
			require.Equal(t, 303, w.Code)
		default:
			require.Equal(t, 303, w.Code)
			u, err := url.Parse(location)
			require.NoError(t, err)
			rest, loopback := withoutLoopbackPort(location[:strings.Index(location, "?")])
			require.True(t, loopback && rest == "http://127.0.0.1/cb", location)
			require.Len(t, u.Query()["error"], 1)
			require.Equal(t, []string{"http://idp"}, u.Query()["iss"])
			requireAllowed(t, u.Query().Get("error_description"))
		}
	})
}

func requireAllowed(t *testing.T, description string) {
	t.Helper()
	require.False(t, strings.ContainsFunc(description, func(r rune) bool { return r < 0x20 || r > 0x7e || r == '"' || r == '\\' }), "RFC 6749 §5.2: %q", description)
}

func fuzzed(f *testing.F) *Server {
	f.Helper()
	memory := store.New(store.Limits{Clients: 2, Transactions: 2})
	memory.AddClient(store.Client{ID: "app", AuthMethod: store.AuthNone, RedirectURIs: []string{"http://127.0.0.1/cb"}, GrantTypes: []string{engine.GrantCode}})
	s, err := New(Options{Issuer: "http://idp", Personality: personality.Strict(), Store: memory, Catalog: engine.Catalog{
		Resources: []engine.Resource{{URI: "http://rs", Scopes: []string{"a:b"}}}, DefaultResource: "http://rs",
	}})
	require.NoError(f, err)
	return s
}
