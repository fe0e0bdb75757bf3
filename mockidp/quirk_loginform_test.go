package mockidp_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/useragent"
	"mcpharness/mockidp"
)

// program is a client of pages that sends what it likes, with the cookies of one browser and without following redirects.
type program struct {
	idp     *mockidp.Server
	cookies map[string]string
}

func (p *program) send(t *testing.T, method, location string, form url.Values) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, location, strings.NewReader(form.Encode()))
	require.NoError(t, err)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range p.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := p.idp.Client().Transport.RoundTrip(request)
	require.NoError(t, err)
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		p.cookies[c.Name] = c.Value
	}
	return res, readAll(t, res)
}

var formAction = regexp.MustCompile(`<form[^>]* action="([^"]*)"`)

// action is where the page's form goes.
func action(t *testing.T, page string) string {
	t.Helper()
	found := formAction.FindStringSubmatch(page)
	require.NotNil(t, found, page)
	return strings.ReplaceAll(found[1], "&amp;", "&")
}

func changed(t *testing.T, location string, parameters url.Values) string {
	t.Helper()
	u, err := url.Parse(location)
	require.NoError(t, err)
	query := u.Query()
	for name, values := range parameters {
		query[name] = values
	}
	u.RawQuery = query.Encode()
	return u.String()
}

var bobs = url.Values{"username": {"bob"}, "password": {"bob"}, "credentialId": {""}}

// begin opens a sign-in and returns the action of its form.
func (s *stand) begin(t *testing.T, parameters url.Values) (*program, string) {
	t.Helper()
	p := &program{s.idp, map[string]string{}}
	res, page := p.send(t, http.MethodGet, s.request(parameters), nil)
	require.Equal(t, 200, res.StatusCode)
	return p, action(t, page)
}

func TestASignInFormIsGoodInItsLastShowingOnly(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	p, first := s.begin(t, nil)
	for _, name := range []string{"session_code", "execution", "client_id", "tab_id", "client_data"} {
		require.Contains(t, first, name+"=")
	}
	_, page := p.send(t, http.MethodPost, first, url.Values{"username": {"bob"}, "password": {"wrong"}})
	require.Contains(t, page, "Invalid username or password.")
	require.Contains(t, page, `value="bob"`, "the name is kept")
	second := action(t, page)
	require.NotEqual(t, first, second)

	res, _ := p.send(t, http.MethodPost, first, bobs)
	require.Equal(t, 302, res.StatusCode, "an old form")
	require.NotContains(t, res.Header.Get("Location"), "session_code")
	_, page = p.send(t, http.MethodGet, res.Header.Get("Location"), nil)
	third := action(t, page)
	res, _ = p.send(t, http.MethodPost, third, bobs)
	require.Equal(t, 302, res.StatusCode)
	require.Contains(t, res.Header.Get("Location"), "&code=")

	for _, again := range []string{first, second, third} {
		res, _ = p.send(t, http.MethodPost, again, bobs)
		require.Equal(t, 302, res.StatusCode)
		to, err := res.Location()
		require.NoError(t, err)
		require.Equal(t, redirect, "http://"+to.Host+to.Path)
		require.Equal(t, url.Values{"error": {"temporarily_unavailable"}, "error_description": {"authentication_expired"}, "state": {"s"}, "iss": {s.idp.Issuer()}}, to.Query())
	}
}

func TestAFormThatIsNotOfItsSignInIsNotTaken(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	gone, unclear := "Restart login cookie not found.", "An error occurred, please login again through your application."
	for name, row := range map[string]struct {
		change url.Values
		status int
		want   string
	}{
		"another client":  {url.Values{"client_id": {"mcp-inspector"}}, 400, unclear},
		"unknown client":  {url.Values{"client_id": {"nope"}}, 400, unclear},
		"unknown tab":     {url.Values{"tab_id": {"nope"}}, 302, ""}, // to the sign-in that is under way
		"another step":    {url.Values{"execution": {"nope"}}, 200, "Page has expired"},
		"no session code": {url.Values{"session_code": nil}, 200, `name="password"`},
	} {
		p, form := s.begin(t, nil)
		res, page := p.send(t, http.MethodPost, changed(t, form, row.change), bobs)
		require.Equal(t, row.status, res.StatusCode, name)
		require.Contains(t, page, row.want, name)
	}
	p, form := s.begin(t, nil)
	clear(p.cookies)
	res, page := p.send(t, http.MethodPost, form, bobs)
	require.Equal(t, 400, res.StatusCode)
	require.Contains(t, page, gone, "without cookies")

	p, form = s.begin(t, nil)
	_, _ = p.send(t, http.MethodPost, form, bobs)
	evil := "eyJydSI6Imh0dHBzOi8vZXZpbC5leGFtcGxlIn0" // {"ru":"https://evil.example"}
	res, _ = p.send(t, http.MethodPost, changed(t, form, url.Values{"client_data": {evil}}), bobs)
	require.Equal(t, 400, res.StatusCode, "nobody is redirected to an address that is not registered")
}

func TestWhoSignsInAgainIsAskedForThePasswordOnly(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	for _, again := range []url.Values{{"prompt": {"login"}}, {"max_age": {"0"}}, {"max_age": {"-1"}}} {
		v := s.visit()
		first := v.signIn(t, "alice", nil)
		page, _ := v.open(t, again)
		form := page.Form("password")
		require.NotNil(t, form)
		require.Error(t, form.Set("username", "bob"), "there is no such field")
		require.NoError(t, form.Set("password", "bob"))
		page, err := v.browser.Submit(t.Context(), form, "login", "Sign In")
		require.NoError(t, err)
		require.Nil(t, page.Callback, "alice is asked, not bob")
		require.NoError(t, page.Form("password").Set("password", "alice"))
		page, err = v.browser.Submit(t.Context(), page.Form("password"), "login", "Sign In")
		require.NoError(t, err)
		require.Equal(t, first.Get("session_state"), page.Callback.Query().Get("session_state"), "the session goes on")
	}
	v := s.visit()
	_ = v.signIn(t, "alice", nil)
	for _, no := range []url.Values{{"prompt": {"select_account"}}, {"login_hint": {"bob"}}, {"max_age": {"600"}}, {"prompt": {"consent"}}} {
		page, _ := v.open(t, no)
		require.NotNil(t, page.Callback, no)
	}
}

func TestASessionDoesNotGoOverToSomebodyElse(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	p, form := s.begin(t, nil)
	_, page := p.send(t, http.MethodGet, s.request(nil), nil)
	res, _ := p.send(t, http.MethodPost, action(t, page), url.Values{"username": {"alice"}, "password": {"alice"}})
	require.Equal(t, 302, res.StatusCode)
	res, page = p.send(t, http.MethodPost, form, bobs)
	require.Equal(t, 400, res.StatusCode)
	require.Contains(t, page, "You are already authenticated as different user &#39;alice&#39; in this session. Please sign out first.")

	_, page = p.send(t, http.MethodGet, s.request(url.Values{"prompt": {"login"}}), nil)
	restart := regexp.MustCompile(`href="([^"]*login-actions/restart[^"]*)"`).FindStringSubmatch(page)
	require.NotNil(t, restart)
	res, _ = p.send(t, http.MethodGet, strings.ReplaceAll(restart[1], "&amp;", "&"), nil)
	require.Equal(t, 302, res.StatusCode)
	_, page = p.send(t, http.MethodGet, res.Header.Get("Location"), nil)
	res, _ = p.send(t, http.MethodPost, action(t, page), bobs)
	require.Contains(t, res.Header.Get("Location"), "&code=", "a restart lets bob in")

	p, form = s.begin(t, url.Values{"client_id": {s.register(t)}})
	_, second := p.send(t, http.MethodGet, s.request(nil), nil)
	res, _ = p.send(t, http.MethodPost, form, bobs)
	_, consent := p.send(t, http.MethodGet, res.Header.Get("Location"), nil)
	_, _ = p.send(t, http.MethodPost, action(t, second), url.Values{"username": {"alice"}, "password": {"alice"}})
	res, _ = p.send(t, http.MethodPost, action(t, consent), url.Values{"accept": {"Yes"}})
	require.Equal(t, 400, res.StatusCode, "alice has signed in since bob was asked")
}

func TestWhoSawAPageBySessionSignsInAgainWhereItHasEnded(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	stranger := url.Values{"client_id": {s.register(t)}}
	for _, answer := range []url.Values{{"accept": {"Yes"}}, {"password": {"bob"}}} {
		p, tokens := s.signedIn(t, "bob")
		_, page := p.send(t, http.MethodGet, s.request(url.Values{"prompt": {"login"}}), nil)
		if answer.Has("accept") {
			res, _ := p.send(t, http.MethodGet, s.request(stranger), nil)
			_, page = p.send(t, http.MethodGet, res.Header.Get("Location"), nil)
		}
		status, _ := s.post(t, "end_session_endpoint", url.Values{"client_id": {"mcp-client"}, "refresh_token": {tokens["refresh_token"].(string)}})
		require.Equal(t, 204, status)
		res, page := p.send(t, http.MethodPost, action(t, page), answer)
		require.Equal(t, 200, res.StatusCode)
		require.Contains(t, page, `name="username"`)
		res, _ = p.send(t, http.MethodPost, action(t, page), url.Values{"username": {"alice"}, "password": {"alice"}})
		if answer.Has("accept") {
			_, page = p.send(t, http.MethodGet, res.Header.Get("Location"), nil)
			res, _ = p.send(t, http.MethodPost, action(t, page), answer)
		}
		require.Contains(t, res.Header.Get("Location"), "&code=", "anybody may")
	}
}

func TestConsentIsAskedForOncePerScope(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	id := s.register(t)
	asked := func(v visit, parameters url.Values) string {
		page, answer := v.open(t, parameters)
		if page.Callback != nil {
			return answer.Get("error") + answer.Encode()[:5]
		}
		require.NotNil(t, page.Form("accept"), page.Heading)
		return "asked"
	}
	two := url.Values{"client_id": {id}, "scope": {"openid create:todos read:todos"}}
	v := s.visit()
	answer := v.signIn(t, "bob", two)
	require.NotEmpty(t, answer.Get("code"), "also for what bob's role withholds")
	require.Equal(t, "code=", asked(v, two))
	more := url.Values{"client_id": {id}, "scope": {"openid create:todos delete:todos"}}
	require.Equal(t, "asked", asked(v, more))
	require.Equal(t, "asked", asked(v, url.Values{"client_id": {id}, "scope": two["scope"], "prompt": {"consent"}}))
	p, form := s.begin(t, two)
	res, _ := p.send(t, http.MethodPost, form, bobs)
	require.Contains(t, res.Header.Get("Location"), "code=", "what was allowed holds in another browser")
	for _, row := range []struct {
		request url.Values
		shown   []string
	}{
		{more, []string{"delete:todos"}},
		{url.Values{"client_id": {id}, "scope": more["scope"], "prompt": {"consent"}}, []string{"create:todos", "delete:todos", "profile", "email"}},
	} {
		res, _ = p.send(t, http.MethodGet, s.request(row.request), nil)
		_, page := p.send(t, http.MethodGet, res.Header.Get("Location"), nil)
		for _, scope := range []string{"openid", "basic", "create:todos", "read:todos", "delete:todos", "profile", "email"} {
			require.Equal(t, slices.Contains(row.shown, scope), strings.Contains(page, ">"+scope+"<"), "%s of %s", scope, row.request)
		}
	}
	_, answer = v.open(t, url.Values{"client_id": {id}, "scope": more["scope"], "prompt": {"none"}})
	require.Equal(t, "interaction_required", answer.Get("error"))
	require.False(t, answer.Has("error_description"))

	deny := useragent.Person{Username: "alice", Password: "alice", Deny: true}
	refused := s.visit()
	callback, err := refused.browser.SignIn(t.Context(), s.request(two), deny)
	require.NoError(t, err)
	require.Equal(t, url.Values{"error": {"access_denied"}, "state": {"s"}, "iss": {s.idp.Issuer()}}, callback.Query(), "without a description")
	_, answer = refused.open(t, url.Values{"client_id": {id}, "prompt": {"none"}})
	require.Equal(t, "login_required", answer.Get("error"))
}
