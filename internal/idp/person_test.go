package idp_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"

	"github.com/stretchr/testify/require"
)

// browser is a person's browser: it keeps cookies, and its person reads and presses.
type browser struct {
	server
	http *http.Client
}

func (s server) browser() browser {
	jar, err := cookiejar.New(nil)
	require.NoError(s.t, err)
	return browser{s, &http.Client{Transport: s.Client().Transport, Jar: jar, Timeout: s.Client().Timeout}}
}

func (b browser) get(target string, header ...string) answer {
	b.t.Helper()
	return b.through(b.http, "GET", target, "", header...)
}

func (b browser) post(target string, form url.Values, header ...string) answer {
	b.t.Helper()
	return b.through(b.http, "POST", target, form.Encode(), append(header, "Content-Type", "application/x-www-form-urlencoded")...)
}

// begin opens an authorization request up to the login page and returns the transaction.
func (b browser) begin(request url.Values) string {
	b.t.Helper()
	login := b.get("/authorize?" + request.Encode()).location(b.t)
	require.Equal(b.t, b.Issuer()+"/login", login.Scheme+"://"+login.Host+login.Path)
	return login.Query().Get("transaction")
}

// signIn presses a user's row and returns the consent page.
func (b browser) signIn(transaction, username string) answer {
	b.t.Helper()
	consent := b.post("/login", url.Values{"transaction": {transaction}, "username": {username}}).location(b.t)
	page := b.get(consent.String())
	require.Equal(b.t, 200, page.status, page.body)
	return page
}

func (b browser) decide(transaction, decision string) answer {
	b.t.Helper()
	return b.post("/consent", url.Values{"transaction": {transaction}, "decision": {decision}})
}

// allowed goes the whole way and returns the authorization response.
func (s server) allowed(username string, request url.Values) *url.URL {
	s.t.Helper()
	b := s.browser()
	transaction := b.begin(request)
	b.signIn(transaction, username)
	return b.decide(transaction, "allow").location(s.t)
}

func (s server) code(username string, changes q) string {
	s.t.Helper()
	code := s.allowed(username, asking(changes)).Query().Get("code")
	require.NotEmpty(s.t, code)
	return code
}

// grant goes the whole way and redeems the code.
func (s server) grant(username string, changes q) map[string]any {
	s.t.Helper()
	return s.issued(redeeming(s.code(username, changes), nil))
}
