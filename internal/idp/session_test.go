package idp_test

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

func withSessions(t *testing.T) server {
	t.Helper()
	return configured(t, func(c *mockidp.Config) { c.Sessions = true })
}

// ask opens an authorization request of the same browser.
func (b browser) ask(changes q) answer {
	b.t.Helper()
	return b.get("/authorize?" + asking(changes).Encode())
}

// outcome is where a request leads: to the login page, to the consent page, to a code, or to an error.
func (b browser) outcome(changes q) string {
	b.t.Helper()
	to := b.ask(changes).location(b.t)
	switch query := to.Query(); {
	case query.Has("error"):
		return query.Get("error")
	case query.Has("code"):
		return "code"
	default:
		return to.Path
	}
}

// signedIn is a browser whose person signed in and allowed asking.
func (s server) signedIn(username string, changes q) browser {
	s.t.Helper()
	b := s.browser()
	transaction := b.begin(asking(changes))
	b.signIn(transaction, username)
	require.NotEmpty(s.t, b.decide(transaction, "allow").location(s.t).Query().Get("code"))
	return b
}

// OpenID Connect Core §3.1.2.1, §3.1.2.3 and §3.1.2.4.
func TestPromptDecidesWhatASignedInPersonSees(t *testing.T) {
	t.Parallel()
	s := withSessions(t)
	for name, row := range map[string]struct {
		change q
		want   string
	}{
		"nothing new":                        {nil, "code"},
		"silently":                           {q{"prompt": one("none")}, "code"},
		"login":                              {q{"prompt": one("login")}, "/login"},
		"login and consent":                  {q{"prompt": one("login consent")}, "/login"},
		"consent":                            {q{"prompt": one("consent")}, "/consent"},
		"select_account":                     {q{"prompt": one("select_account")}, "/login"},
		"fewer scopes":                       {q{"scope": one("create:todos"), "prompt": one("none")}, "code"},
		"another order":                      {q{"scope": one("delete:todos create:todos"), "prompt": one("none")}, "code"},
		"more scopes":                        {q{"scope": one("create:todos openid")}, "/consent"},
		"more scopes, silently":              {q{"scope": one("create:todos openid"), "prompt": one("none")}, "consent_required"},
		"another resource":                   {q{"resource": one(remote)}, "/consent"},
		"another resource, silently":         {q{"resource": one(remote), "prompt": one("none")}, "consent_required"},
		"both resources, silently":           {q{"resource": {todos, remote}, "prompt": one("none")}, "consent_required"},
		"another client, silently":           {q{"client_id": one("mcp-client"), "redirect_uri": one("http://127.0.0.1/callback"), "prompt": one("none")}, "consent_required"},
		"a hint of the same person":          {q{"login_hint": one("bob"), "prompt": one("none")}, "code"},
		"a hint of nobody":                   {q{"login_hint": one("nobody"), "prompt": one("none")}, "code"},
		"a hint of another person":           {q{"login_hint": one("alice")}, "/login"},
		"a hint of another person, silently": {q{"login_hint": one("alice@example.com"), "prompt": one("none")}, "login_required"},
		"signed in a moment ago":             {q{"max_age": one("3600"), "prompt": one("none")}, "code"},
		"max_age=0 is prompt=login":          {q{"max_age": one("0")}, "/login"},
		"max_age=0 silently":                 {q{"max_age": one("0"), "prompt": one("none")}, "login_required"},
		"more seconds than numbers go":       {q{"max_age": one("18446744073709551615"), "prompt": one("none")}, "code"},
		"a max_age that is none":             {q{"max_age": one("1e3"), "prompt": one("none")}, "invalid_request"},
		"none with others":                   {q{"prompt": one("none login")}, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := server{s.Server, t}.signedIn("bob", nil)
			require.Equal(t, row.want, b.outcome(row.change))
		})
	}
}

func TestWithoutASignInNothingIsSilent(t *testing.T) {
	t.Parallel()
	s := withSessions(t)
	s.signedIn("bob", nil)
	stranger := s.browser()
	require.Equal(t, "login_required", stranger.outcome(q{"prompt": one("none")}))
	require.Equal(t, "/login", stranger.outcome(nil))

	off := start(t, mockidp.Options{})
	b := off.signedIn("bob", nil)
	require.Equal(t, "login_required", b.outcome(q{"prompt": one("none")}), "the default keeps no session")
	require.Equal(t, "/login", b.outcome(nil))
	u, err := url.Parse(off.Issuer())
	require.NoError(t, err)
	require.Len(t, b.http.Jar.Cookies(u), 1, "and no second cookie")
}

func TestAConsentIsOnePersonsAndADenialIsNone(t *testing.T) {
	t.Parallel()
	s := withSessions(t)
	b := s.signedIn("bob", nil)
	transaction := b.begin(asking(q{"prompt": one("login")}))
	b.signIn(transaction, "carol")
	require.Equal(t, "access_denied", b.decide(transaction, "deny").location(t).Query().Get("error"))
	require.Equal(t, "consent_required", b.outcome(q{"prompt": one("none")}), "carol is signed in, and denied")
	require.Equal(t, "code", s.signedIn("bob", nil).outcome(q{"prompt": one("none")}), "bob's consent stays")
	other := s.browser()
	transaction = other.begin(asking(nil))
	other.signIn(transaction, "bob") // does not decide
	require.Equal(t, "code", other.outcome(q{"prompt": one("none")}), "in another browser too")
}

func TestASilentCodeIsForThePersonWhoSignedInAndSaysWhen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := mockidp.DefaultConfig()
		config.Sessions = true
		s := inMemory(t, mockidp.Options{Config: &config})
		identity := q{"scope": one("openid create:todos"), "nonce": one("n-1")}
		began := time.Now()
		b := s.signedIn("bob", identity)
		time.Sleep(10 * time.Minute)

		code := b.ask(with(identity, q{"prompt": one("none"), "nonce": one("n-2"), "max_age": one("600")})).location(t).Query().Get("code")
		_, id := claims(t, s.issued(redeeming(code, nil))["id_token"])
		require.EqualValues(t, began.Unix(), id["auth_time"], "not of the silent request")
		require.Equal(t, "n-2", id["nonce"])

		time.Sleep(time.Second)
		require.Equal(t, "login_required", b.outcome(with(identity, q{"prompt": one("none"), "max_age": one("600")})), "a second too old")
		login := b.ask(with(identity, q{"max_age": one("600")})).location(t)
		require.Equal(t, "/login", login.Path)
		transaction := login.Query().Get("transaction")
		b.signIn(transaction, "bob")
		code = b.decide(transaction, "allow").location(t).Query().Get("code")
		_, id = claims(t, s.issued(redeeming(code, nil))["id_token"])
		require.EqualValues(t, time.Now().Unix(), id["auth_time"])

		time.Sleep(8*time.Hour - time.Second)
		require.Equal(t, "code", b.outcome(q{"prompt": one("none"), "scope": one("create:todos")}))
		time.Sleep(2 * time.Second)
		require.Equal(t, "login_required", b.outcome(q{"prompt": one("none"), "scope": one("create:todos")}), "after eight hours")
	})
}

func TestAnIDTokenHintIsForItsPersonAlone(t *testing.T) {
	t.Parallel()
	for _, sessions := range []bool{true, false} {
		s := configured(t, func(c *mockidp.Config) { c.Sessions = sessions })
		hint := s.grant("bob", q{"scope": one("openid")})["id_token"].(string)
		access := s.grant("bob", nil)["access_token"].(string)
		b := s.signedIn("bob", nil)
		if sessions {
			require.Equal(t, "code", b.outcome(q{"id_token_hint": one(hint), "prompt": one("none")}))
			alice := s.signedIn("alice", nil)
			require.Equal(t, "login_required", alice.outcome(q{"id_token_hint": one(hint), "prompt": one("none")}))
			require.Equal(t, "/login", alice.outcome(q{"id_token_hint": one(hint)}))
		}
		fresh := s.browser()
		transaction := fresh.begin(asking(q{"id_token_hint": one(hint)}))
		page := fresh.get("/login?transaction=" + transaction)
		require.Contains(t, page.body, `value="bob"`)
		require.NotContains(t, page.body, `value="alice"`)
		other := fresh.post("/login", url.Values{"transaction": {transaction}, "username": {"alice"}})
		require.Equal(t, 400, other.status)
		require.Contains(t, other.body, "This sign-in is for somebody else")
		fresh.signIn(transaction, "bob")
		require.NotEmpty(t, fresh.decide(transaction, "allow").location(t).Query().Get("code"))

		forged := s.Mint(map[string]any{"typ": "JWT"}, map[string]any{"iss": "https://other.example", "sub": "x", "aud": "mcp-inspector", "at_hash": "x"}, nil)
		gone := s.Mint(map[string]any{"typ": "JWT"}, map[string]any{"iss": s.Issuer(), "sub": "nobody", "aud": "mcp-inspector", "at_hash": "x"}, nil)
		noIDToken := s.Mint(map[string]any{"typ": "JWT"}, map[string]any{"iss": s.Issuer(), "sub": subjectOf(t, hint), "aud": "mcp-inspector"}, nil)
		old := s.Mint(map[string]any{"typ": "JWT"}, map[string]any{"iss": s.Issuer(), "sub": subjectOf(t, hint), "aud": "other-client", "at_hash": "x", "exp": 1}, nil)
		require.Equal(t, "/login", s.browser().outcome(q{"id_token_hint": one(old)}), "it may be expired, and another client's")
		for want, hints := range map[string][]string{"invalid_request": {"x", access, forged, noIDToken, hint[:len(hint)-4] + "AAAA"}, "login_required": {gone}} {
			for _, bad := range hints {
				require.Equal(t, want, s.browser().outcome(q{"id_token_hint": one(bad)}), bad)
			}
		}
	}
}

func subjectOf(t *testing.T, token string) string {
	t.Helper()
	_, payload := claims(t, token)
	return payload["sub"].(string)
}

func TestAutoLoginObeysAnIDTokenHint(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{AutoLogin: true})
	hint := s.grant("bob", q{"scope": one("openid")})["id_token"].(string)
	b := s.browser()
	require.Equal(t, "code", b.outcome(q{"login_hint": one("bob"), "id_token_hint": one(hint), "prompt": one("none")}))
	require.Equal(t, "login_required", b.outcome(q{"login_hint": one("alice"), "id_token_hint": one(hint), "prompt": one("none")}))
}

func TestTheSessionCookieIsTheBrowsersOwnAndNewAtEverySignIn(t *testing.T) {
	t.Parallel()
	s := withSessions(t)
	b := s.browser()
	var seen []string
	for _, person := range []string{"bob", "alice"} {
		transaction := b.begin(asking(q{"prompt": one("login")}))
		answer := b.post("/login", url.Values{"transaction": {transaction}, "username": {person}})
		cookies := (&http.Response{Header: answer.header}).Cookies()
		require.Len(t, cookies, 1)
		c := cookies[0]
		require.Equal(t, "mock_idp_session", c.Name)
		require.True(t, c.HttpOnly)
		require.Equal(t, http.SameSiteLaxMode, c.SameSite)
		require.False(t, c.Secure, "the issuer is http")
		require.Zero(t, c.MaxAge, "it goes with the browser")
		require.GreaterOrEqual(t, len(c.Value), 26)
		seen = append(seen, c.Value)
	}
	require.NotEqual(t, seen[0], seen[1])
	for i, want := range []string{"login_required", "consent_required"} { // bob's session ended when alice signed in; neither allowed anything
		a := s.get("/authorize?"+asking(q{"prompt": one("none")}).Encode(), "Cookie", "mock_idp_session="+seen[i])
		require.Equal(t, want, a.location(t).Query().Get("error"))
	}
	planted := s.get("/authorize?"+asking(q{"prompt": one("none")}).Encode(), "Cookie", "mock_idp_session="+strings.Repeat("A", 26))
	require.Equal(t, "login_required", planted.location(t).Query().Get("error"))

	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	config := mockidp.DefaultConfig()
	config.Sessions = true
	idp, err := mockidp.Start(mockidp.Options{Issuer: "https://idp.example/tenant", Config: &config}, l)
	require.NoError(t, err)
	t.Cleanup(idp.Close)
	proxied, address := server{idp, t}, "http://"+l.Addr().String()
	begun := proxied.through(proxied.Client(), "GET", address+"/tenant/authorize?"+asking(nil).Encode(), "")
	named := (&http.Response{Header: begun.header}).Cookies()[0]
	transaction := begun.location(t).Query().Get("transaction")
	in := proxied.through(proxied.Client(), "POST", address+"/tenant/login", url.Values{"transaction": {transaction}, "username": {"bob"}}.Encode(),
		"Content-Type", "application/x-www-form-urlencoded", "Cookie", named.Name+"="+named.Value)
	c := (&http.Response{Header: in.header}).Cookies()[0]
	require.Equal(t, "/tenant/", c.Path)
	require.True(t, c.Secure)
}

func TestSwitchingTheUserOnTheConsentPageSwitchesTheSession(t *testing.T) {
	t.Parallel()
	s := withSessions(t)
	b := s.signedIn("bob", nil)
	consent := b.ask(q{"prompt": one("consent")}).location(t)
	require.Equal(t, "/consent", consent.Path)
	require.Contains(t, b.get(consent.String()).body, "Bob")
	transaction := consent.Query().Get("transaction")
	page := b.signIn(transaction, "alice")
	require.Contains(t, page.body, "Alice")
	code := b.decide(transaction, "allow").location(t).Query().Get("code")
	require.Equal(t, "create:todos read:todos delete:todos", s.issued(redeeming(code, nil))["scope"])
	code = b.ask(q{"prompt": one("none")}).location(t).Query().Get("code")
	require.Equal(t, "create:todos read:todos delete:todos", s.issued(redeeming(code, nil))["scope"], "alice's")
}
