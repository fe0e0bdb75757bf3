package idp_test

import (
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// pushed sends an authorization request ahead, and returns what the browser brings.
func (s server) pushed(request url.Values, header ...string) url.Values {
	s.t.Helper()
	a := s.form("/par", request, header...)
	require.Equal(s.t, 201, a.status, a.body)
	requireNoStore(s.t, a)
	require.Equal(s.t, float64(90), a.json["expires_in"])
	require.Len(s.t, a.json, 2)
	uri, _ := a.json["request_uri"].(string)
	require.True(s.t, strings.HasPrefix(uri, "urn:ietf:params:oauth:request_uri:"), "RFC 9126 §2.2")
	return url.Values{"client_id": request["client_id"], "request_uri": {uri}}
}

func TestAPushedRequestIsAnsweredAsItWasPushed(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	change := q{"scope": one("openid create:todos"), "nonce": one("n"), "state": one("pushed-state"), "resource": {todos, remote}}
	brought := s.pushed(asking(change))
	back := s.allowed("bob", brought).Query()
	require.Equal(t, one("pushed-state"), back["state"])
	granted := s.issued(redeeming(back.Get("code"), nil))
	require.Equal(t, "openid create:todos", granted["scope"])
	_, payload := claims(t, granted["access_token"])
	require.Equal(t, []any{todos, remote}, payload["aud"])

	more := with(s.pushed(asking(change)), q{"state": one("evil"), "scope": one("delete:todos"), "redirect_uri": one("https://evil.example"), "response_type": one("token")})
	back = s.allowed("bob", more).Query()
	require.Equal(t, one("pushed-state"), back["state"], "RFC 9101 §6.3: what the browser brings beside it does not count")
	require.Equal(t, "openid create:todos", s.issued(redeeming(back.Get("code"), nil))["scope"])

	posted := s.form("/authorize", s.pushed(asking(nil))).location(t)
	require.Equal(t, "/login", posted.Path)
}

func TestClientsAuthenticateToPush(t *testing.T) {
	t.Parallel()
	key := newClientKey(t, "k")
	s := configured(t, func(c *mockidp.Config) {
		c.Clients = append(c.Clients, mockidp.Client{ID: robot, AuthMethod: "private_key_jwt", JWKS: key.set(), RedirectURIs: []string{callback}, GrantTypes: []string{"authorization_code"}})
	})
	web := q{"client_id": one("todo-web"), "redirect_uri": one("http://127.0.0.1:5/callback")}
	brought := s.pushed(asking(web), basic("todo-web", "todo-web-secret")...)
	code := s.allowed("alice", brought).Query().Get("code")
	s.issued(redeeming(code, web), basic("todo-web", "todo-web-secret")...)

	for _, audience := range []string{s.Issuer(), s.Issuer() + "/token", s.Issuer() + "/par"} {
		assertion := asserting(key.sign("", assertionClaims(s, map[string]any{"aud": audience})), nil)
		delete(assertion, "grant_type")
		brought = s.pushed(with(asking(q{"client_id": one(robot)}), assertion))
		require.Equal(t, "/login", s.get("/authorize?"+brought.Encode()).location(t).Path, "RFC 9126 §2: %s", audience)
	}
}

func TestPushesThatAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	web := q{"client_id": one("todo-web"), "redirect_uri": one("http://127.0.0.1:5/callback")}
	for name, row := range map[string]struct {
		form       url.Values
		header     []string
		status     int
		code, says string
		rfc        string
	}{
		"no secret":             {asking(web), nil, 401, "invalid_client", "must authenticate", "RFC 9126 §2.3"},
		"wrong secret":          {asking(web), basic("todo-web", "x"), 401, "invalid_client", "secret is wrong", "RFC 9126 §2.3"},
		"nobody":                {asking(q{"client_id": nil}), nil, 401, "invalid_client", "no client_id", "RFC 9126 §2.3"},
		"Basic, no client_id":   {asking(q{"client_id": nil, "redirect_uri": web["redirect_uri"]}), basic("todo-web", "todo-web-secret"), 400, "invalid_request", "client_id is missing", "RFC 9126 §2.1"},
		"unknown client":        {asking(q{"client_id": one("gone")}), nil, 401, "invalid_client", "register again", "RFC 9126 §2.3"},
		"a request_uri":         {asking(q{"request_uri": one("urn:ietf:params:oauth:request_uri:x")}), nil, 400, "invalid_request", "must not be in a pushed request", "RFC 9126 §2.1"},
		"a request object":      {asking(q{"request": one("e30.e30.")}), nil, 400, "request_not_supported", "plain parameters", "RFC 9126 §3"},
		"unknown redirect_uri":  {asking(q{"redirect_uri": one("https://evil.example")}), nil, 400, "invalid_request", "did not register", "RFC 9126 §2.3"},
		"no redirect_uri":       {asking(q{"redirect_uri": nil}), nil, 400, "invalid_request", "no redirect_uri", "RFC 9126 §2.3"},
		"no PKCE":               {asking(q{"code_challenge": nil}), nil, 400, "invalid_request", "code_challenge is missing", "RFC 7636 §4.4.1"},
		"implicit":              {asking(q{"response_type": one("token")}), nil, 400, "unsupported_response_type", "response_type=code", "RFC 9126 §2.3"},
		"unknown scope":         {asking(q{"scope": one("fly")}), nil, 400, "invalid_scope", "is not known", "RFC 9126 §2.3"},
		"unknown resource":      {asking(q{"resource": one("https://evil.example")}), nil, 400, "invalid_target", "known are", "RFC 8707 §2"},
		"a parameter twice":     {asking(q{"state": {"a", "b"}}), nil, 400, "invalid_request", "state is repeated", "RFC 6749 §3.1"},
		"response_mode":         {asking(q{"response_mode": one("fragment")}), nil, 400, "invalid_request", "want query or form_post", "RFC 9126 §2.3"},
		"more than is kept":     {asking(q{"state": one(strings.Repeat("s", 17<<10))}), nil, 413, "invalid_request", "longer than 16 KiB", "RFC 9126 §2.3"},
		"more than is read":     {asking(q{"state": one(strings.Repeat("s", 70<<10))}), nil, 413, "invalid_request", "longer than 64 KiB", "RFC 9126 §2.3"},
		"client without a code": {asking(q{"client_id": one("todo-batch")}), basic("todo-batch", "todo-batch-secret"), 400, "invalid_request", "did not register", "RFC 9126 §2.3"},
	} {
		a := s.form("/par", row.form, row.header...)
		require.Contains(t, a.isError(t, row.status, row.code), row.says, name)
		requireNoStore(t, a)
		require.NotContains(t, a.body, "request_uri\":", name)
	}
	get := s.get("/par?" + asking(nil).Encode())
	require.Equal(t, 405, get.status, "RFC 9126 §2.3")
	require.Equal(t, "POST", get.header.Get("Allow"))
	s.form("/par?client_id=mcp-inspector", asking(nil)).isError(t, 400, "invalid_request")
	s.send("POST", "/par", "{}", "Content-Type", "application/json").isError(t, 400, "invalid_request")
}

func TestAPushedRequestIsGoodOnceAndForItsClient(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	gone := func(form url.Values) {
		t.Helper()
		a := s.get("/authorize?" + form.Encode())
		require.Equal(t, 400, a.status, a.body)
		require.Empty(t, a.header.Get("Location"))
		require.Contains(t, a.body, "This pushed request is not there")
	}
	brought := s.pushed(asking(nil))
	gone(with(brought, q{"client_id": one("mcp-client")}))
	gone(with(brought, q{"client_id": nil}))
	gone(with(brought, q{"client_id": {"mcp-inspector", "mcp-inspector"}}))
	gone(with(brought, q{"request_uri": one(brought.Get("request_uri") + "x")}))
	require.Equal(t, 303, s.get("/authorize?"+brought.Encode()).status, "others have not used it up")
	gone(brought)

	brought = s.pushed(asking(nil))
	var won atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if s.get("/authorize?"+brought.Encode()).status == 303 {
				won.Add(1)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, won.Load())

	other := s.get("/authorize?" + asking(q{"request_uri": one("https://evil.example/r")}).Encode()).location(t)
	require.Equal(t, "request_uri_not_supported", other.Query().Get("error"))
}

func TestAPushedRequestExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, mockidp.Options{})
		early, late := s.pushed(asking(nil)), s.pushed(asking(nil))
		time.Sleep(90 * time.Second)
		require.Equal(t, 303, s.get("/authorize?"+early.Encode()).status)
		time.Sleep(time.Second)
		require.Equal(t, 400, s.get("/authorize?"+late.Encode()).status)
	})
}

func TestPushedRequestsOnlyWhereConfiguredOrRegistered(t *testing.T) {
	t.Parallel()
	refused := func(s server, request url.Values) {
		t.Helper()
		back := s.get("/authorize?" + request.Encode()).location(t).Query()
		require.Equal(t, "invalid_request", back.Get("error"), "RFC 9126 §5")
		require.Contains(t, back.Get("error_description"), "must be pushed")
		require.Equal(t, "a-state", back.Get("state"))
	}
	strict := configured(t, func(c *mockidp.Config) { c.RequirePushed = true })
	require.Equal(t, true, strict.get(oauthPlace).json["require_pushed_authorization_requests"])
	refused(strict, asking(nil))
	strict.allowed("alice", strict.pushed(asking(nil)))

	s := start(t, mockidp.Options{})
	require.Equal(t, false, s.get(oauthPlace).json["require_pushed_authorization_requests"])
	a := s.register(`{"redirect_uris":["http://127.0.0.1/cb"],"token_endpoint_auth_method":"none","require_pushed_authorization_requests":true}`)
	require.Equal(t, true, a.json["require_pushed_authorization_requests"], "RFC 9126 §6")
	change := q{"client_id": one(a.json["client_id"].(string)), "redirect_uri": one("http://127.0.0.1/cb")}
	refused(s, asking(change))
	s.allowed("alice", s.pushed(asking(change)))
	s.register(`{"redirect_uris":["http://127.0.0.1/cb"],"require_pushed_authorization_requests":"yes"}`).isError(t, 400, "invalid_client_metadata")
}
