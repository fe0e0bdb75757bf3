package idp_test

import (
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/testnet"
	"mcpharness/internal/useragent"
	"mcpharness/mockidp"
)

func TestWhatAPersonGrantsIsWhatTheRoleAllows(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	const all = "create:todos read:todos delete:todos"
	for name, row := range map[string]struct {
		user     string
		change   q
		scope    string
		withheld []string
	}{
		"alice, no scope asked":       {"alice", nil, all, nil},
		"bob, no scope asked":         {"bob", nil, "create:todos", []string{"read:todos", "delete:todos"}},
		"carol asks for everything":   {"carol", q{"scope": one(all + " openid profile email offline_access")}, "create:todos openid profile email offline_access", []string{"read:todos", "delete:todos"}},
		"bob asks for what he hasn't": {"bob", q{"scope": one("read:todos")}, "", []string{"read:todos"}},
		"repeated scopes count once":  {"alice", q{"scope": one("read:todos read:todos")}, "read:todos", nil},
		"the order is the client's":   {"alice", q{"scope": one("delete:todos create:todos")}, "delete:todos create:todos", nil},
		"prompt is allowed":           {"alice", q{"prompt": one("login consent select_account"), "max_age": one("0"), "ui_locales": one("de"), "nonsense": one("x")}, all, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := server{s.Server, t}
			b := s.browser()
			transaction := b.begin(asking(row.change))
			login := b.get("/login?transaction=" + transaction)
			for _, want := range []string{`name="username" value="alice"`, `name="username" value="bob"`, `name="username" value="carol"`, "MCP Inspector"} {
				require.Contains(t, login.body, want)
			}
			page := b.signIn(transaction, row.user)
			for _, want := range append(append(strings.Fields(row.scope), row.withheld...), "127.0.0.1:6274", todos, "MCP Inspector") {
				require.Contains(t, page.body, want)
			}
			require.Equal(t, len(row.withheld) > 0, strings.Contains(page.body, `id="withheld"`), "the page tells what the role withholds")
			back := b.decide(transaction, "allow").location(t).Query()
			require.Equal(t, one("a-state"), back["state"])
			require.Equal(t, one(s.Issuer()), back["iss"])
			require.Len(t, back, 3)
			token := s.issued(redeeming(back.Get("code"), nil))
			require.Equal(t, row.scope, token["scope"], "RFC 6749 §5.1: the scope that is granted")
		})
	}
}

func TestDefaultScopesAreThoseThatTheResourceAndTheClientHave(t *testing.T) {
	t.Parallel()
	s := configured(t, func(c *mockidp.Config) {
		c.Resources = append(c.Resources, mockidp.Resource{URI: "https://other.example/mcp", Scopes: []string{"other:read", "read:todos"}})
		c.Clients = append(c.Clients, mockidp.Client{ID: "narrow", AuthMethod: "none", RedirectURIs: []string{callback}, GrantTypes: []string{"authorization_code"}, Scopes: []string{"delete:todos"}})
		c.DefaultScopes = append(c.DefaultScopes, "openid")
	})
	for scope, change := range map[string]q{
		"read:todos openid": {"resource": one("https://other.example/mcp")},
		"delete:todos":      {"client_id": one("narrow")},
		"create:todos read:todos delete:todos openid": {"resource": nil},
	} {
		token := s.issued(redeeming(s.code("alice", change), q{"client_id": asking(change)["client_id"]}))
		require.Equal(t, scope, token["scope"])
	}
}

// The browser of the tests checks what Chromium checks: Origin, Sec-Fetch-Site, form-action.
func TestAPersonGetsThroughWithABrowserThatIsOnGuard(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	agent := useragent.New(s.Client())
	back, err := agent.SignIn(t.Context(), s.Issuer()+"/authorize?"+asking(nil).Encode(), useragent.Person{Username: "bob"})
	require.NoError(t, err)
	require.NotEmpty(t, back.Query().Get("code"))

	back, err = agent.SignIn(t.Context(), s.Issuer()+"/authorize?"+asking(nil).Encode(), useragent.Person{Username: "bob", Deny: true})
	require.NoError(t, err)
	require.Equal(t, url.Values{"error": {"access_denied"}, "error_description": {"the user denied the request"}, "state": {"a-state"}, "iss": {s.Issuer()}}, back.Query())
}

func TestLoginHintMarksAUser(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	for hint, marked := range map[string]bool{"bob": true, "bob@example.com": true, "nobody": false, "BOB": false} {
		b := s.browser()
		page := b.get("/login?transaction=" + b.begin(asking(q{"login_hint": one(hint)})))
		require.Equal(t, 200, page.status)
		require.Equal(t, marked, strings.Contains(page.body, "autofocus"), hint)
		require.Equal(t, !marked, strings.Contains(page.body, "The client suggested"), "an unknown hint is told: %s", hint)
	}
}

func TestAutoLoginAnswersWithoutAPageForAHintThatNamesAUser(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{AutoLogin: true})
	for _, change := range []q{{"login_hint": one("bob")}, {"login_hint": one("bob@example.com")}, {"login_hint": one("bob"), "prompt": one("none")}, {"login_hint": one("bob"), "prompt": one("consent")}} {
		back := s.get("/authorize?" + asking(change).Encode()).location(t)
		token := s.issued(redeeming(back.Query().Get("code"), nil))
		require.Equal(t, "create:todos", token["scope"])
	}
	require.Equal(t, "login_required", s.get("/authorize?"+asking(q{"prompt": one("none"), "login_hint": one("nobody")}).Encode()).location(t).Query().Get("error"))
	require.Equal(t, "/login", s.get("/authorize?"+asking(q{"login_hint": one("nobody")}).Encode()).location(t).Path)
	require.Equal(t, "/login", s.get("/authorize?"+asking(nil).Encode()).location(t).Path)
	require.Equal(t, "invalid_scope", s.get("/authorize?"+asking(q{"login_hint": one("bob"), "scope": one("x")}).Encode()).location(t).Query().Get("error"))
}

func TestASignInBelongsToItsBrowserAndIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	b, other := s.browser(), s.browser()
	other.begin(asking(nil)) // has a cookie of its own
	transaction := b.begin(asking(nil))
	for _, a := range []answer{
		other.get("/login?transaction=" + transaction),
		other.post("/login", url.Values{"transaction": {transaction}, "username": {"alice"}}),
		other.get("/consent?transaction=" + transaction),
		other.decide(transaction, "allow"),
		s.get("/login?transaction=" + transaction), // without a cookie
		b.get("/login"),
		b.get("/login?transaction=" + transaction + "x"),
	} {
		require.Equal(t, 400, a.status)
		require.Contains(t, a.body, "This sign-in is over")
		require.Empty(t, a.header.Get("Location"))
	}
	early := b.decide(transaction, "allow")
	require.Equal(t, 400, early.status, "nobody signed in yet")
	require.Equal(t, "/login", b.get("/consent?transaction="+transaction).location(t).Path)
	b.signIn(transaction, "alice")
	for _, decision := range []string{"", "yes", "Allow"} {
		require.Equal(t, 400, b.decide(transaction, decision).status, decision)
	}
	both := b.post("/consent", url.Values{"transaction": {transaction}, "decision": {"deny", "allow"}})
	require.Equal(t, 400, both.status)
	require.Contains(t, both.body, "decision is repeated")
	require.NotEmpty(t, b.decide(transaction, "allow").location(t).Query().Get("code"))

	for _, a := range []answer{b.decide(transaction, "allow"), b.decide(transaction, "deny"), b.get("/consent?transaction=" + transaction), b.get("/login?transaction=" + transaction)} {
		require.Equal(t, 400, a.status, "answered already")
		require.Empty(t, a.header.Get("Location"))
	}
}

func TestTwoTabsDoNotMixUpPeople(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	b := s.browser()

	first, second := b.begin(asking(q{"state": one("first")})), b.begin(asking(q{"state": one("second")}))
	b.signIn(first, "alice")
	b.signIn(second, "bob")
	require.Equal(t, "first", b.decide(first, "allow").location(t).Query().Get("state"))
	require.Equal(t, "second", b.decide(second, "allow").location(t).Query().Get("state"))

	one := b.begin(asking(nil))
	page := b.signIn(one, "alice")
	b.signIn(one, "bob") // in another tab, by the back button
	action := formAction(t, page.body)
	again := b.post(action, url.Values{"transaction": {one}, "decision": {"allow"}}).location(t)
	require.Equal(t, "/consent", again.Path, "the page was alice's, who is not the one signed in any more")
	page = b.get(again.String())
	require.Contains(t, page.body, "Bob")
	back := b.post(formAction(t, page.body), url.Values{"transaction": {one}, "decision": {"allow"}}).location(t)
	require.NotEmpty(t, back.Query().Get("code"))
}

func formAction(t *testing.T, page string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, ` action="`)
	require.True(t, ok)
	action, _, _ := strings.Cut(rest, `"`)
	return strings.ReplaceAll(action, "&amp;", "&")
}

// FastMCP fetches the authorization URL itself first, without cookies, and then opens it in the browser.
func TestAnAuthorizationURLMayBeOpenedTwice(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	request := asking(nil)
	require.Equal(t, "/login", s.get("/authorize?"+request.Encode()).location(t).Path)
	require.NotEmpty(t, s.allowed("alice", request).Query().Get("code"))
}

func TestALoginThatNamesNobodySaysSo(t *testing.T) {
	t.Parallel()
	b := start(t, mockidp.Options{}).browser()
	transaction := b.begin(asking(nil))
	unknown := b.post("/login", url.Values{"transaction": {transaction}, "username": {"mallory"}})
	require.Equal(t, 400, unknown.status)
	require.Contains(t, unknown.body, "mallory")
	require.Contains(t, unknown.body, `value="alice"`, "and offers those it knows")
	nobody := b.post("/login", url.Values{"transaction": {transaction}})
	require.Equal(t, 400, nobody.status)
	require.Contains(t, nobody.body, "Nobody was chosen")
	garbage := b.through(b.http, "POST", "/login", "{}", "Content-Type", "application/json")
	require.Equal(t, 400, garbage.status)
	require.Contains(t, garbage.body, "x-www-form-urlencoded")
}

func TestASignInEndsAfterTenMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := inMemory(t, mockidp.Options{}).browser()
		slow, slower := b.begin(asking(nil)), b.begin(asking(nil))
		b.signIn(slower, "alice")
		time.Sleep(10*time.Minute - time.Second)
		b.signIn(slow, "alice")
		require.NotEmpty(t, b.decide(slow, "allow").location(t).Query().Get("code"))
		time.Sleep(2 * time.Second)
		late := b.decide(slower, "allow")
		require.Equal(t, 400, late.status)
		require.Contains(t, late.body, "took longer than 10 minutes")
	})
}

// inMemory starts a server on a network of its own, for a synctest bubble.
func inMemory(t *testing.T, options mockidp.Options) server {
	t.Helper()
	network := testnet.New()
	l, err := network.Listen("localhost:4444")
	require.NoError(t, err)
	options.Issuer = "http://localhost:4444"
	idp, err := mockidp.Start(options, l)
	require.NoError(t, err)
	t.Cleanup(func() { idp.Close(); _ = network.Close() })
	idp.Client().Transport = network.Client().Transport
	return server{idp, t}
}
