package idp_test

import (
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

const bye = "https://app.example/bye?a=b"

// withBye lets the inspector send people away after a logout.
func withBye(sessions bool) func(*mockidp.Config) {
	return func(c *mockidp.Config) {
		c.Sessions = sessions
		for i := range c.Clients {
			if c.Clients[i].ID == "mcp-inspector" {
				c.Clients[i].LogoutURIs = []string{bye, "http://127.0.0.1/bye"}
			}
		}
	}
}

func TestALogoutLeadsBackWhereTheClientRegistered(t *testing.T) {
	t.Parallel()
	s := configured(t, withBye(false))
	id := s.grant("alice", q{"scope": one("openid")})["id_token"].(string)
	for name, row := range map[string]struct {
		form url.Values
		to   string
	}{
		"by ID token":        {url.Values{"id_token_hint": {id}, "post_logout_redirect_uri": {bye}}, bye},
		"by client_id":       {url.Values{"client_id": {"mcp-inspector"}, "post_logout_redirect_uri": {bye}}, bye},
		"by both, and state": {url.Values{"id_token_hint": {id}, "client_id": {"mcp-inspector"}, "post_logout_redirect_uri": {bye}, "state": {"a b&c"}}, bye + "&state=a+b%26c"},
		"hints are ignored":  {url.Values{"client_id": {"mcp-inspector"}, "post_logout_redirect_uri": {"http://127.0.0.1/bye"}, "logout_hint": {"alice"}, "ui_locales": {"de"}}, "http://127.0.0.1/bye"},
	} {
		for _, a := range []answer{s.get("/logout?" + row.form.Encode()), s.form("/logout", row.form)} {
			require.Equal(t, row.to, a.location(t).String(), "RP-Initiated Logout 1.0 §3: %s", name)
			requireNoStore(t, a)
			require.Empty(t, a.header.Get("Access-Control-Allow-Origin"))
		}
	}
	for _, form := range []url.Values{{}, {"id_token_hint": {id}}, {"client_id": {"mcp-inspector"}}, {"state": {"x"}}} {
		a := s.get("/logout?" + form.Encode())
		require.Equal(t, 200, a.status, "RP-Initiated Logout 1.0 §2: every parameter is optional")
		require.Contains(t, a.body, "signed out")
	}
}

func TestLogoutRequestsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	s := configured(t, withBye(false))
	granted := s.grant("alice", q{"scope": one("openid")})
	id := granted["id_token"].(string)
	foreign := start(t, mockidp.Options{}).grant("alice", q{"scope": one("openid")})["id_token"].(string)
	for name, row := range map[string]struct {
		form url.Values
		says string
		rfc  string
	}{
		"an address of its own":        {url.Values{"id_token_hint": {id}, "post_logout_redirect_uri": {"https://evil.example"}}, "none that this client registered", "§3"},
		"a redirect URI":               {url.Values{"id_token_hint": {id}, "post_logout_redirect_uri": {callback}}, "none that this client registered", "§3: another list"},
		"a longer one":                 {url.Values{"id_token_hint": {id}, "post_logout_redirect_uri": {bye + "c"}}, "none that this client registered", "§3: exactly"},
		"another port":                 {url.Values{"id_token_hint": {id}, "post_logout_redirect_uri": {"http://127.0.0.1:5/bye"}}, "none that this client registered", "§3: exactly"},
		"nobody's":                     {url.Values{"post_logout_redirect_uri": {bye}}, "does not say which client", "§3"},
		"another client's":             {url.Values{"client_id": {"mcp-client"}, "post_logout_redirect_uri": {bye}}, "none that this client registered", "§3"},
		"an unknown client's":          {url.Values{"client_id": {"gone"}, "post_logout_redirect_uri": {bye}}, "No client with this client_id", "§2"},
		"client and ID token disagree": {url.Values{"id_token_hint": {id}, "client_id": {"mcp-client"}}, "not the client that the ID token", "§2"},
		"another server's ID token":    {url.Values{"id_token_hint": {foreign}, "post_logout_redirect_uri": {bye}}, "no ID token of this server", "§2"},
		"an access token":              {url.Values{"id_token_hint": {granted["access_token"].(string)}, "post_logout_redirect_uri": {bye}}, "no ID token of this server", "§2"},
		"garbage":                      {url.Values{"id_token_hint": {"x"}, "client_id": {"mcp-inspector"}, "post_logout_redirect_uri": {bye}}, "no ID token of this server", "§2"},
		"two addresses":                {url.Values{"client_id": {"mcp-inspector"}, "post_logout_redirect_uri": {bye, bye}}, "more than once", "RFC 6749 §3.1"},
		"two states":                   {url.Values{"client_id": {"mcp-inspector"}, "post_logout_redirect_uri": {bye}, "state": {"a", "b"}}, "more than once", "RFC 6749 §3.1"},
		"javascript":                   {url.Values{"client_id": {"mcp-inspector"}, "post_logout_redirect_uri": {"javascript:alert(1)"}}, "none that this client registered", "§3"},
	} {
		for _, a := range []answer{s.get("/logout?" + row.form.Encode()), s.form("/logout", row.form)} {
			require.Equal(t, 400, a.status, name)
			require.Empty(t, a.header.Get("Location"), "§4: on an error nobody is redirected: %s", name)
			require.Contains(t, a.body, row.says, name)
			require.NotContains(t, a.body, id)
		}
	}
	require.Equal(t, 400, s.get("/logout?state=%zz").status)
	require.Equal(t, 400, s.send("POST", "/logout", "{}", "Content-Type", "application/json").status)
	require.Equal(t, 405, s.send("DELETE", "/logout", "").status)
}

// inSession is a browser with a session, and the ID token that came of it.
func (s server) inSession(username string) (browser, string) {
	s.t.Helper()
	b := s.browser()
	transaction := b.begin(asking(q{"scope": one("openid")}))
	b.signIn(transaction, username)
	code := b.decide(transaction, "allow").location(s.t).Query().Get("code")
	return b, s.issued(redeeming(code, nil))["id_token"].(string)
}

// in reports whether somebody is signed in at the browser.
func (b browser) in() bool {
	b.t.Helper()
	back := b.get("/authorize?" + asking(q{"scope": one("openid"), "prompt": one("none")}).Encode()).location(b.t).Query()
	return back.Get("error") != "login_required"
}

func TestALogoutEndsTheSessionAndNotTheTokens(t *testing.T) {
	t.Parallel()
	s := configured(t, withBye(true))
	b, id := s.inSession("alice")
	granted := s.grant("alice", q{"scope": one("openid")})
	require.True(t, b.in())
	a := b.get("/logout?" + url.Values{"id_token_hint": {id}, "post_logout_redirect_uri": {bye}}.Encode())
	require.Equal(t, bye, a.location(t).String(), "the ID token is proof enough of who asks")
	require.False(t, b.in())
	require.Equal(t, true, s.introspected(granted["access_token"])["active"])
	s.issued(refreshing(granted["refresh_token"], nil))
}

func TestALogoutWithoutProofAsksFirst(t *testing.T) {
	t.Parallel()
	s := configured(t, withBye(true))
	_, bobs := s.inSession("bob")
	for name, form := range map[string]url.Values{
		"no ID token":               {"client_id": {"mcp-inspector"}, "post_logout_redirect_uri": {bye}, "state": {"s"}},
		"another person's ID token": {"id_token_hint": {bobs}, "post_logout_redirect_uri": {bye}, "state": {"s"}},
	} {
		b, _ := s.inSession("alice")
		for _, page := range []answer{b.get("/logout?" + form.Encode()), s.browser().post("/logout", form, "Sec-Fetch-Site", "cross-site")} {
			action, hidden := page.posted(t)
			require.Contains(t, page.body, "out of this server?", "RP-Initiated Logout 1.0 §2: %s", name)
			require.Equal(t, s.Issuer()+"/logout", action)
			require.Equal(t, form, hidden, name)
		}
		require.True(t, b.in(), "nothing has happened yet")

		confirmed := with(form, q{"decision": one("logout")})
		forged := b.post("/logout", confirmed, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
		require.Equal(t, 403, forged.status, "only our own page confirms")
		linked := b.get("/logout?" + confirmed.Encode())
		require.Equal(t, 200, linked.status, "and no link does")
		require.True(t, b.in())
		require.Equal(t, bye+"&state=s", b.post("/logout", confirmed, "Sec-Fetch-Site", "same-origin").location(t).String())
		require.False(t, b.in())
	}
	b := s.browser()
	require.Contains(t, b.get("/logout").body, "signed out", "where nobody is signed in there is nothing to ask")
}

func TestAnExpiredIDTokenIsHintEnough(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := mockidp.DefaultConfig()
		withBye(true)(&config)
		s := inMemory(t, mockidp.Options{Config: &config})
		b, id := s.inSession("alice")
		time.Sleep(time.Hour)
		require.True(t, b.in())
		require.Equal(t, bye, b.get("/logout?"+url.Values{"id_token_hint": {id}, "post_logout_redirect_uri": {bye}}.Encode()).location(t).String(), "RP-Initiated Logout 1.0 §4")
		require.False(t, b.in())
	})
}
