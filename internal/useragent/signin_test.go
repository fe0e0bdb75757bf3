package useragent_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/useragent"
)

// double is an authorization server reduced to its pages. It trusts nothing but its cookies for who is signed in.
func double(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "request", Value: url.QueryEscape(r.URL.RawQuery), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
		http.Redirect(w, r, "login", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("user"); err == nil {
			page(w, 400, `<title>Leak</title><p data-problem>a cookie for /consent came to /login</p>`)
			return
		}
		page(w, 200, `<title>Sign in</title><form method=post action="?step=2"><input type=hidden name=csrf value="a&amp;b">
			<button name=username value=alice>Alice</button><button name=username value=bob>Bob</button></form>`)
	})
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("csrf") != "a&b" || r.Header.Get("Origin") != "http://"+r.Host || r.URL.RawQuery != "step=2" {
			page(w, 403, `<h1>Forged</h1>`)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "user", Value: r.PostFormValue("username"), Path: "/consent", HttpOnly: true, SameSite: http.SameSiteStrictMode})
		http.Redirect(w, r, "/consent", http.StatusFound)
	})
	mux.HandleFunc("GET /consent", func(w http.ResponseWriter, r *http.Request) {
		page(w, 200, `<h1>Allow?</h1><form method=post id=f></form>
			<button form=f name=decision value=allow>Allow</button><button form=f name=decision value=deny>Deny</button>`)
	})
	mux.HandleFunc("POST /consent", func(w http.ResponseWriter, r *http.Request) {
		user, userErr := r.Cookie("user")
		request, requestErr := r.Cookie("request")
		if userErr != nil || requestErr != nil {
			page(w, 403, `<h1>No cookies</h1>`)
			return
		}
		raw, _ := url.QueryUnescape(request.Value)
		asked, _ := url.ParseQuery(raw)
		answer := "code=" + user.Value
		if r.PostFormValue("decision") != "allow" {
			answer = "error=access_denied"
		}
		separator := "?"
		if strings.Contains(asked.Get("redirect_uri"), "?") {
			separator = "&"
		}
		w.Header().Set("Location", asked.Get("redirect_uri")+separator+answer+"&state="+asked.Get("state"))
		w.WriteHeader(http.StatusSeeOther)
	})
	return serve(t, mux)
}

func TestSignInFillsLoginAndConsentAndStopsAtTheClient(t *testing.T) {
	t.Parallel()
	server := double(t)
	for _, c := range []struct {
		person   useragent.Person
		redirect string
		want     string
	}{
		{useragent.Person{Username: "alice"}, "http://127.0.0.1:1/callback", "http://127.0.0.1:1/callback?code=alice&state=s1"},
		{useragent.Person{Username: "bob"}, "http://localhost:1/callback?x=1", "http://localhost:1/callback?x=1&code=bob&state=s1"},
		{useragent.Person{Username: "bob", Deny: true}, "http://[::1]:1", "http://[::1]:1?error=access_denied&state=s1"},
		{useragent.Person{Username: "alice"}, "cursor://anysphere.cursor-mcp/oauth/callback", "cursor://anysphere.cursor-mcp/oauth/callback?code=alice&state=s1"},
		{useragent.Person{Username: "alice"}, "com.example.app:/callback", "com.example.app:/callback?code=alice&state=s1"},
	} {
		callback, err := useragent.New(nil).SignIn(t.Context(), authorize(server, c.redirect), c.person)
		require.NoError(t, err, c.redirect)
		require.Equal(t, c.want, callback.String())
	}
}

func TestSignInFillsAFieldOrAListWhereThereAreNoButtons(t *testing.T) {
	t.Parallel()
	for name, field := range map[string]string{
		"text":   `<input name=username><button name=go value=1>`,
		"enter":  `<input type=email name=username><input type=hidden name=go value=1>`,
		"select": `<select name=username><option>alice<option>bob</select><input type=submit name=go value=1>`,
	} {
		server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.FormValue("username") != "" {
				w.Header().Set("Location", "http://127.0.0.1:1/cb?code="+r.FormValue("username")+r.FormValue("go"))
				w.WriteHeader(http.StatusFound)
				return
			}
			page(w, 200, `<form method=post>`+field+`</form>`)
		}))
		callback, err := useragent.New(nil).SignIn(t.Context(), authorize(server, "http://127.0.0.1:1/cb"), useragent.Person{Username: "bob"})
		require.NoError(t, err, name)
		require.Equal(t, "bob1", callback.Query().Get("code"), name)
	}
}

func TestAnErrorRedirectWithoutAnyPageIsACallback(t *testing.T) {
	t.Parallel()
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.FormValue("redirect_uri")+"?error=invalid_scope")
		w.WriteHeader(http.StatusFound)
	}))
	callback, err := useragent.New(nil).SignIn(t.Context(), authorize(server, "http://127.0.0.1:1/cb"), useragent.Person{})
	require.NoError(t, err)
	require.Equal(t, "error=invalid_scope", callback.RawQuery)
}

func TestSignInSaysWhyItEnds(t *testing.T) {
	t.Parallel()
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
		}
	}
	show := func(status int, html string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { page(w, status, html) }
	}
	typed := func(status int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"error page": {show(400, `<title>Sorry</title><h1>Unknown client</h1><p data-problem="register again"></p>`),
			`the server shows an error: status 400 "Sorry" "Unknown client" at URL/authorize: register again`},
		"problem as text":         {show(400, `<h1>No</h1><p data-problem>the  <b>client</b> is gone</p>`), `status 400 "No" at URL/authorize: the client is gone`},
		"problem in a meta":       {show(403, `<meta name=Problem content="Bad redirect"><title>No</title><h1>No</h1>`), `status 403 "No" at URL/authorize: Bad redirect`},
		"problem with status 200": {show(200, `<p data-problem=expired><form><button name=username value=bob></form>`), `the server shows an error: status 200 at URL/authorize: expired`},
		"problem is bounded":      {show(400, `<p data-problem="`+strings.Repeat("ab\n", 5000)+`">`), strings.Repeat("ab ", 100) + "…"},
		"JSON error":              {typed(500, "application/json", `{"error": "server_error"}`), `status 500 at URL/authorize: {"error": "server_error"}`},
		"other page":              {show(200, `<title>Home</title><form><input name=q></form>`), `no form that a person would know: want a field username or password, or a button decision, accept or cancel: status 200 "Home"`},
		"no HTML":                 {typed(200, "text/plain", `<button name=username value=bob>`), `no form that a person would know`},
		"hidden username":         {show(200, `<form><input type=hidden name=username value=bob><button></form>`), `no form that a person would know`},
		"disabled button":         {show(200, `<form><button name=username value=bob disabled></form>`), `no form that a person would know`},
		"user without a button":   {show(200, `<form><button name=username value=alice><button name=username value=carol></form>`), `no button for this user, only for alice, carol: status 200`},
		"no such decision":        {show(200, `<form><button name=decision value=yes></form>`), `no button decision="allow"; buttons of this name: yes`},
		"redirect loop":           {redirect("/authorize?again"), "more than 20 redirects"},
		"login that never ends":   {show(200, `<form method=post><button name=username value=bob></form>`), "no redirect to the client after 20 pages, the last: status 200 at URL/authorize"},
		"password of nobody":      {show(200, `<form><input name=username><input type=password name=password></form>`), "the server asks for a password, and this person has none: status 200"},
		"huge page":               {typed(200, "text/html", strings.Repeat("<p>", 1<<19)), "the page is larger than 1024 KiB"},
		"other private scheme":    {redirect("evil://elsewhere/cb?code=secret"), "opening evil://elsewhere/cb: want http, https or the redirect_uri"},
		"opaque redirect":         {redirect("javascript:alert(1)"), "opening javascript:…: want http, https or the redirect_uri"},
		"no Location":             {typed(302, "text/html", ""), "want a Location with a URL in a 302 answer"},
		"broken Location":         {redirect("http://[secret"), "want a Location with a URL in a 302 answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, c.handler)
			_, err := useragent.New(nil).SignIn(t.Context(), authorize(server, "http://127.0.0.1:1/cb"), useragent.Person{Username: "bob"})
			require.ErrorContains(t, err, strings.ReplaceAll(c.want, "URL/", server.URL+"/"))
			require.ErrorContains(t, err, `signing in as "bob": `)
			require.NotContains(t, err.Error(), "state=", "queries are not for errors")
			require.NotContains(t, err.Error(), "secret")
			require.Less(t, len(err.Error()), 1000)
			require.Equal(t, name == "password of nobody", errors.Is(err, useragent.ErrNoPassword))
		})
	}
}

// withPasswords is the login and the consent of Keycloak, reduced to what a client of its pages needs.
func withPasswords(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	ask := func(w http.ResponseWriter, problem string) {
		page(w, 200, `<title>Sign in to todo</title><span>`+problem+`</span><form method=post action=/authenticate?session_code=1><input name=username>
			<input type=password name=password><button type=button>Show</button><input type=hidden name=credentialId><button name=login type=submit>Sign In</button></form>`)
	}
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "redirect", Value: r.FormValue("redirect_uri"), Secure: true, Path: "/"})
		ask(w, "")
	})
	mux.HandleFunc("POST /authenticate", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("username") != "bob" || r.PostFormValue("password") != "bob's" {
			ask(w, "Invalid username or password.")
			return
		}
		page(w, 200, `<form method=post action=/consent><input type=hidden name=code value=c><input name=accept type=submit value=Yes><input name=cancel type=submit value=No></form>`)
	})
	mux.HandleFunc("POST /consent", func(w http.ResponseWriter, r *http.Request) {
		redirect, err := r.Cookie("redirect")
		if err != nil || r.PostFormValue("code") != "c" {
			page(w, 400, "<h1>No cookie</h1>")
			return
		}
		w.Header().Set("Location", redirect.Value+"?accept="+r.PostFormValue("accept")+"&cancel="+r.PostFormValue("cancel"))
		w.WriteHeader(http.StatusFound)
	})
	return serve(t, mux)
}

func TestSignInWritesThePasswordAndPressesAcceptOrCancel(t *testing.T) {
	t.Parallel()
	server := withPasswords(t)
	for query, person := range map[string]useragent.Person{
		"accept=Yes&cancel=": {Username: "bob", Password: "bob's"},
		"accept=&cancel=No":  {Username: "bob", Password: "bob's", Deny: true},
	} {
		callback, err := useragent.New(nil).SignIn(t.Context(), authorize(server, "http://127.0.0.1:1/cb"), person)
		require.NoError(t, err)
		require.Equal(t, query, callback.RawQuery)
	}
}

func TestAWrongPasswordIsSentOnceAndNeverQuoted(t *testing.T) {
	t.Parallel()
	_, err := useragent.New(nil).SignIn(t.Context(), authorize(withPasswords(t), "http://127.0.0.1:1/cb"), useragent.Person{Username: "bob", Password: "hunter2"})
	require.ErrorContains(t, err, `the server asks for the password a second time: it did not take it: status 200 "Sign in to todo"`)
	require.NotContains(t, err.Error(), "hunter2")
}

func TestSignInNeedsARedirectURI(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"http://127.0.0.1:1/authorize", "", "http://[?redirect_uri=http://a/"} {
		_, err := useragent.New(nil).SignIn(t.Context(), raw, useragent.Person{Username: "bob"})
		require.ErrorContains(t, err, "want an authorization URL with a redirect_uri")
	}
}

func TestTheRedirectMustBeTheClientsOwn(t *testing.T) {
	t.Parallel()
	for location, isCallback := range map[string]bool{
		"http://127.0.0.1:1/cb":           true,
		"HTTP://127.0.0.1:1/cb?code=1#_":  true,
		"http://127.0.0.1:1/cb/":          false,
		"http://127.0.0.1:1/CB":           false,
		"http://127.0.0.1:1":              false,
		"http://127.0.0.1:1/cb%2f":        false,
		"http://127.0.0.1:2/cb":           false,
		"http://localhost:1/cb":           false,
		"https://127.0.0.1:1/cb":          false,
		"cursor://127.0.0.1:1/cb?code=12": false,
	} {
		server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusFound)
		}))
		b := useragent.New(&http.Client{Transport: only(server)})
		_, err := b.SignIn(t.Context(), authorize(server, "http://127.0.0.1:1/cb"), useragent.Person{})
		require.Equal(t, isCallback, err == nil, "%s: %v", location, err)
	}
}

func TestARequestEndsWithItsContextAndItsTimeout(t *testing.T) {
	t.Parallel()
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		<-r.Context().Done() // a page that never ends
	}))
	_, err := useragent.New(&http.Client{Timeout: 50 * time.Millisecond}).Open(t.Context(), server.URL)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = useragent.New(nil).Open(ctx, server.URL)
	require.ErrorIs(t, err, context.Canceled)
}

func TestBrowsersDoNotShareCookies(t *testing.T) {
	t.Parallel()
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1", Secure: true})
		page(w, 200, fmt.Sprintf("<title>%d</title>", len(r.Cookies())))
	}))
	first := useragent.New(nil)
	for _, c := range []struct {
		browser *useragent.Browser
		want    string
	}{{first, "0"}, {first, "1"}, {useragent.New(nil), "0"}} {
		p, err := c.browser.Open(t.Context(), server.URL)
		require.NoError(t, err)
		require.Equal(t, c.want, p.Title)
	}
}

func authorize(server *httptest.Server, redirect string) string {
	return server.URL + "/authorize?" + url.Values{"redirect_uri": {redirect}, "state": {"s1"}}.Encode()
}

func page(w http.ResponseWriter, status int, html string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	io.WriteString(w, "<!doctype html>"+html)
}

func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}

// only refuses every host but the server's, so that no test depends on what listens elsewhere.
func only(server *httptest.Server) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if "http://"+r.URL.Host != server.URL {
			return nil, fmt.Errorf("%s was followed", r.URL.Host)
		}
		return http.DefaultTransport.RoundTrip(r)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
