package guard_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
)

// clerk answers questions about tokens, without a network.
type clerk struct {
	asked  atomic.Int64
	atOnce atomic.Int64
	most   atomic.Int64
	answer func(r *http.Request, token string) (status int, body string, err error)
}

func (c *clerk) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.URL.Path, "/.well-known/") {
		return answerWith(200, fmt.Sprintf(`{"issuer":%q,"introspection_endpoint":%q,"userinfo_endpoint":%q}`, issuerURL, issuerURL+"/introspect", issuerURL+"/me")), nil
	}
	c.asked.Add(1)
	n := c.atOnce.Add(1)
	for most := c.most.Load(); n > most && !c.most.CompareAndSwap(most, n); most = c.most.Load() {
	}
	defer c.atOnce.Add(-1)
	var form url.Values
	if r.Body != nil {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if form, err = url.ParseQuery(string(raw)); err != nil {
			return nil, err
		}
	}
	r.Form = form
	token := form.Get("token")
	if token == "" {
		token = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	status, body, err := c.answer(r, token)
	if err != nil {
		return nil, err
	}
	return answerWith(status, body), nil
}

func answerWith(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, Body: io.NopCloser(strings.NewReader(body))}
}

func always(status int, body string) func(*http.Request, string) (int, string, error) {
	return func(*http.Request, string) (int, string, error) { return status, body, nil }
}

// active is an honest answer, with changes.
func active(changes ...object) string {
	now := time.Now().Unix()
	return encode(object{"active": true, "token_type": "Bearer", "iss": issuerURL, "aud": resourceURL, "sub": "alice", "client_id": "inspector",
		"scope": "create:todos read:todos", "roles": []string{"Admin"}, "iat": now, "exp": now + 300, "username": "mallory"}, changes)
}

func introspecting(t testing.TB, c *clerk, change ...func(*guard.Options)) *guard.Guard {
	t.Helper()
	o := guard.Options{
		Settings: guard.Settings{Issuer: issuerURL, Verify: guard.VerifyIntrospection, Introspection: guard.Introspection{ClientID: "todo mcp", Secret: "s:+/%é"}},
		Resource: resourceURL, Scopes: todoScopes, HTTPClient: &http.Client{Transport: c},
	}
	for _, f := range change {
		f(&o)
	}
	g, err := guard.New(o)
	require.NoError(t, err)
	return g
}

func TestIntrospectionAsksByTheBook(t *testing.T) {
	t.Parallel()
	for _, auth := range []guard.ClientAuth{guard.AuthBasic, guard.AuthPost} {
		c := &clerk{}
		c.answer = func(r *http.Request, _ string) (int, string, error) {
			require.Equal(t, http.MethodPost, r.Method)
			require.Equal(t, issuerURL+"/introspect", r.URL.String(), "nothing of the token in the URL")
			require.Equal(t, "application/x-www-form-urlencoded", r.Header.Get("Content-Type"))
			require.Equal(t, "application/json", r.Header.Get("Accept"))
			want := url.Values{"token": {"opaque+/=="}, "token_type_hint": {"access_token"}}
			id, secret, basic := r.BasicAuth()
			require.Equal(t, auth == guard.AuthBasic, basic)
			if basic {
				require.Equal(t, []string{"todo+mcp", "s%3A%2B%2F%25%C3%A9"}, []string{id, secret}, "form-encoded first (RFC 6749 section 2.3.1)")
			} else {
				want["client_id"], want["client_secret"] = []string{"todo mcp"}, []string{"s:+/%é"}
			}
			require.Equal(t, want, r.Form)
			return 200, active(), nil
		}
		g := introspecting(t, c, func(o *guard.Options) { o.Introspection.Auth = auth })
		require.NoError(t, g.Ready(t.Context()))
		id, err := g.Verify(t.Context(), "opaque+/==")
		require.NoError(t, err)
		require.Equal(t, []string{"create:todos", "read:todos"}, id.Scopes)
	}
}

func TestReadinessSaysThatTheIssuerRefusesThisServer(t *testing.T) {
	t.Parallel()
	c := &clerk{answer: always(401, `{"error":"invalid_client"}`)}
	g := introspecting(t, c)
	require.NoError(t, g.Ready(t.Context()), "nobody has asked yet")
	_, err := g.Verify(t.Context(), "opaque")
	require.ErrorIs(t, err, guard.ErrUnavailable)
	require.ErrorContains(t, g.Ready(t.Context()), "check its id, secret")
	c.answer = always(200, active())
	_, err = g.Verify(t.Context(), "opaque")
	require.NoError(t, err)
	require.NoError(t, g.Ready(t.Context()))
}

func TestIntrospectionAnswers(t *testing.T) {
	t.Parallel()
	now := time.Now().Unix()
	full := guard.Identity{Issuer: issuerURL, Subject: "alice", ClientID: "inspector", Scopes: []string{"create:todos", "read:todos"}, Roles: []string{"Admin"}, Expires: time.Unix(now+300, 0)}
	fixed := object{"exp": now + 300}
	for name, c := range map[string]struct {
		status int
		body   string
		want   string // refused with this; "": accepted; "503": cannot be judged
	}{
		"all":                      {200, active(fixed), ""},
		"no iss":                   {200, active(fixed, object{"iss": nil}), ""},
		"token_type in small":      {200, active(fixed, object{"token_type": "bearer"}), ""},
		"typ of Keycloak":          {200, active(fixed, object{"typ": "Bearer"}), ""},
		"token_use of Hydra":       {200, active(fixed, object{"token_use": "access_token"}), ""},
		"inactive":                 {200, `{"active":false}`, "not active"},
		"inactive with claims":     {200, active(object{"active": false}), "not active"},
		"another iss":              {200, active(object{"iss": issuerURL + "/"}), "iss: this server trusts"},
		"another aud":              {200, active(object{"aud": "http://localhost:3002/mcp"}), "audience: this server is"},
		"no aud":                   {200, active(object{"aud": nil}), "aud: want"},
		"expired":                  {200, active(object{"exp": now - 1}), "has expired"},
		"not yet":                  {200, active(object{"nbf": now + 60}), "not valid yet"},
		"exp a string":             {200, active(object{"exp": "1"}), "exp: want a number"},
		"no sub":                   {200, active(object{"sub": nil}), "sub: want a string"},
		"sub empty, username":      {200, active(object{"sub": ""}), "sub: want a string"},
		"scope array":              {200, active(object{"scope": []string{"read:todos"}}), "scope: want a string"},
		"client a number":          {200, active(object{"client_id": 1}), "client_id: want a string"},
		"ID token of Keycloak":     {200, active(object{"token_type": "ID", "typ": "ID"}), "want an access token"},
		"token_type ID":            {200, active(object{"token_type": "ID"}), "want an access token"},
		"refresh token of Logto":   {200, active(object{"token_type": nil}), "no token_type"},
		"refresh token of Hydra":   {200, active(object{"token_use": "refresh_token"}), "want an access token"},
		"DPoP":                     {200, active(object{"token_type": "DPoP"}), "want an access token"},
		"bound to a key":           {200, active(object{"cnf": object{"jkt": "x"}}), "bound to a key"},
		"token_type null":          {200, active(object{"token_type": null}), "want an access token"},
		"nonce":                    {200, active(object{"nonce": "n"}), "an ID token"},
		"half a pair":              {200, `{"active":true,"token_type":"Bearer","sub":"a\ud800"}`, "503"},
		"active a string":          {200, active(object{"active": "true"}), "503"},
		"active in another case":   {200, active(object{"active": nil, "Active": true}), "503"},
		"active null":              {200, active(object{"active": null}), "503"},
		"active twice":             {200, `{"active":false,"active":true,"token_type":"Bearer","sub":"alice"}`, "503"},
		"an array":                 {200, `[{"active":true}]`, "503"},
		"HTML":                     {200, `<html>`, "503"},
		"empty":                    {200, ``, "503"},
		"too large":                {200, active(object{"x": strings.Repeat("x", 1<<20)}), "503"},
		"unsupported_token_type":   {400, `{"error":"unsupported_token_type"}`, "tells nothing about this kind"},
		"malformed, it says":       {400, `{"error":"invalid_request"}`, "tells nothing about this kind"},
		"our client, Logto's way":  {400, `{"error":"invalid_client"}`, "503"},
		"our client":               {401, `{"error":"invalid_client"}`, "503"},
		"our client may not":       {403, `{"error":"invalid_request","error_description":"Client not allowed."}`, "503"},
		"401 with a claim of life": {401, active(), "503"},
		"404":                      {404, active(), "503"},
		"429":                      {429, ``, "503"},
		"500":                      {500, active(), "503"},
		"201":                      {201, active(), "503"},
		"redirect":                 {302, active(), "503"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, err := introspecting(t, &clerk{answer: always(c.status, c.body)}).Verify(t.Context(), "opaque")
			switch c.want {
			case "":
				require.NoError(t, err)
				require.Equal(t, full, id)
			case "503":
				require.ErrorIs(t, err, guard.ErrUnavailable)
			default:
				var bad *guard.TokenError
				require.ErrorAs(t, err, &bad)
				require.Contains(t, bad.Description, c.want)
			}
		})
	}
}

// RFC 7662 section 2.2: everything but active is optional.
func TestAShortAnswerIsEnoughWhereTheProfileSaysWhatBindsIt(t *testing.T) {
	t.Parallel()
	c := &clerk{answer: always(200, `{"active":true,"token_type":"Bearer","sub":"alice","scope":"todo/a"}`)}
	g := introspecting(t, c, func(o *guard.Options) { o.AudienceMode, o.BoundScopePrefix = guard.AudienceAbsent, "todo/" })
	id, err := g.Verify(t.Context(), "opaque")
	require.NoError(t, err)
	require.Equal(t, guard.Identity{Issuer: issuerURL, Subject: "alice", Scopes: []string{"todo/a"}}, id)

	g = introspecting(t, c, func(o *guard.Options) {
		o.AudienceMode, o.BoundClients = guard.AudienceAbsent, []string{"inspector"}
	})
	_, err = g.Verify(t.Context(), "opaque")
	require.ErrorContains(t, err, "client: the token was issued to a client")
}

func TestAnAnswerMaySpeakTheDialectOrTheStandard(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer object
		scopes []string
		client string
	}{
		"standard": {object{"scope": "a b"}, []string{"a", "b"}, "inspector"},
		"dialect":  {object{"scope": "a b", "scp": []string{"c"}, "cid": "x"}, []string{"c"}, "x"},
	} {
		g := introspecting(t, &clerk{answer: always(200, active(c.answer))}, func(o *guard.Options) {
			o.ScopeClaims, o.ClientClaims = []string{"scp"}, []string{"cid"}
		})
		id, err := g.Verify(t.Context(), "opaque")
		require.NoError(t, err, name)
		require.Equal(t, c.scopes, id.Scopes, name)
		require.Equal(t, c.client, id.ClientID, name)
	}
}

func TestASignedAnswerIsNotTaken(t *testing.T) {
	t.Parallel()
	for _, mediaType := range []string{"application/token-introspection+jwt", "application/jwt", "text/plain", ""} {
		signed := roundTrip(func(r *http.Request) (*http.Response, error) {
			resp := answerWith(200, active())
			resp.Header.Set("Content-Type", mediaType)
			return resp, nil
		})
		g := introspecting(t, nil, func(o *guard.Options) {
			o.Introspection.URL = issuerURL + "/introspect"
			o.HTTPClient = &http.Client{Transport: signed}
		})
		_, err := g.Verify(t.Context(), "opaque")
		require.ErrorIs(t, err, guard.ErrUnavailable, mediaType)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestUserinfo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"person":         {200, `{"sub":"alice","realm":{"roles":["Admin"]},"scope":"delete:todos","client_id":"x","exp":1}`, ""},
		"no sub":         {200, `{"email":"alice@x"}`, "sub: want a string"},
		"another iss":    {200, `{"sub":"alice","iss":"https://evil.example"}`, "iss: this server trusts"},
		"not signed in":  {401, ``, "tells nobody's name"},
		"no openid":      {403, `{"error":"insufficient_scope"}`, "tells nobody's name"},
		"malformed":      {400, `{"error":"invalid_request"}`, "tells nobody's name"},
		"issuer trouble": {500, `{"sub":"alice"}`, "503"},
		"not JSON":       {200, `sub: alice`, "503"},
	} {
		cl := &clerk{answer: func(r *http.Request, token string) (int, string, error) {
			require.Equal(t, http.MethodGet, r.Method)
			require.Equal(t, issuerURL+"/me", r.URL.String())
			require.Equal(t, "opaque", token)
			return c.status, c.body, nil
		}}
		g := introspecting(t, cl, func(o *guard.Options) {
			o.Verify, o.AudienceMode, o.RolesClaim = guard.VerifyUserinfo, guard.AudienceUnbound, []string{"realm", "roles"}
			o.Userinfo.Scopes = []string{"create:todos"}
			o.RolesToScopes = map[string][]string{"Admin": {"read:todos"}}
		})
		id, err := g.Verify(t.Context(), "opaque")
		switch c.want {
		case "":
			require.NoError(t, err, name)
			require.Equal(t, guard.Identity{Issuer: issuerURL, Subject: "alice", ClientID: "x", Scopes: []string{"create:todos", "read:todos"}, Roles: []string{"Admin"}}, id)
		case "503":
			require.ErrorIs(t, err, guard.ErrUnavailable, name)
		default:
			require.ErrorContains(t, err, "token refused: ", name)
			require.ErrorContains(t, err, c.want, name)
		}
	}
}

func TestWhatLooksLikeAJWTGoesToTheKeysAndTheRestIsAskedAbout(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	c := &clerk{answer: always(200, active())}
	g := is.guard(t, func(o *guard.Options) {
		o.Verify = guard.VerifyEither
		o.Introspection = guard.Introspection{URL: "https://ask.example/", ClientID: "todo-mcp", Secret: "s"}
		o.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "ask.example" {
				return c.RoundTrip(r)
			}
			return is.RoundTrip(r)
		})}
	})
	good := is.token(t)
	for token, asked := range map[string]int64{
		good:                        0,
		good[:len(good)-8] + "AAAA": 0,
		"eyJ.x.y":                   0,
		"opaque":                    1,
		"0f1e.ey.ey":                1, // Keycloak's codes look so
		"a.b.c.d.e":                 1,
		"ey":                        1,
		strings.Repeat("x", 17000):  0,
		"not a token":               0,
		"line\nbreak":               0,
	} {
		before := c.asked.Load()
		_, err := g.Verify(t.Context(), token)
		require.Equal(t, token == good || asked == 1, err == nil, token)
		require.Equal(t, asked, c.asked.Load()-before, token)
	}
	require.NoError(t, g.Ready(t.Context()))
}

func TestIDTokensDoNotReachAnIssuerThatSaysYesToThem(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	for _, by := range []guard.Verification{guard.VerifyIntrospection, guard.VerifyUserinfo} {
		c := &clerk{answer: always(200, active())}
		g := introspecting(t, c, func(o *guard.Options) {
			o.Verify = by
			if by == guard.VerifyUserinfo {
				o.AudienceMode = guard.AudienceUnbound
			}
		})
		for _, kind := range []object{{"nonce": "n"}, {"at_hash": "h"}, {"typ": "ID"}, {"typ": "Refresh"}, {"token_use": "id"}, {"events": object{}}} {
			_, err := g.Verify(t.Context(), is.token(t, kind))
			require.ErrorContains(t, err, "want an access token")
		}
		require.Zero(t, c.asked.Load())
		_, err := g.Verify(t.Context(), is.token(t))
		require.NoError(t, err, "a JWT may be asked about")
	}
}

func FuzzIntrospectionAnswer(f *testing.F) {
	f.Add(active())
	f.Add(`{"active":false}`)
	f.Add(`{"active":true,"sub":"alice","token_type":"Bearer"}`)
	f.Add(`{"active":true,"sub":"\ud800","aud":[null]}`)
	f.Fuzz(func(t *testing.T, body string) {
		id, err := introspecting(t, &clerk{answer: always(200, body)}).Verify(t.Context(), "opaque")
		if err != nil {
			require.Zero(t, id)
			return
		}
		require.True(t, json.Valid([]byte(body)))
		require.NotEmpty(t, id.Subject)
		require.Contains(t, body, "active")
		require.Equal(t, issuerURL, id.Issuer)
	})
}
