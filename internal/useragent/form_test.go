package useragent_test

import (
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/useragent"
)

func TestFormsSendWhatABrowserSends(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		html string // served at /dir/page?q=1
		set  [][2]string
		want string
	}{
		"page order, hidden kept":      {`<form method=post action=/x><input type=hidden name=z value="1 &amp; 2"><input name=a value=ä><button name=b value=3>`, nil, "POST /x z=1+%26+2&a=%C3%A4&b=3"},
		"GET replaces the query":       {`<form action="/x?old=1"><input name=a value=1><button name=b value=2>`, nil, "GET /x?a=1&b=2"},
		"relative action":              {`<form method=POST action="next?y=2#f"><button name=b value=2>`, nil, "POST /dir/next?y=2 b=2"},
		"no action":                    {`<form method=post><button name=b value=2>`, nil, "POST /dir/page?q=1 b=2"},
		"base":                         {`<base href=/other/><form method=post action=next><button name=b value=2>`, nil, "POST /other/next b=2"},
		"form attribute":               {`<form id=f method=post action=/x></form><form><input name=no form=f value=1><button name=b value=2 form=f></form>`, nil, "POST /x no=1&b=2"},
		"form attribute of nobody":     {`<form method=post action=/x><input name=a value=1 form=gone><button name=b value=2>`, nil, "POST /x b=2"},
		"button overrides":             {`<form action=/x><input name=a value=1><button name=b value=2 formaction=/y formmethod=post>`, nil, "POST /y a=1&b=2"},
		"only the pressed button":      {`<form method=post action=/x><button name=b value=1></button><button name=b value=2></button><input type=submit name=c value=3>`, nil, "POST /x b=2"},
		"disabled controls":            {`<form method=post action=/x><input name=a disabled><fieldset disabled><legend><input name=l value=1></legend><input name=f></fieldset><button name=b value=2>`, nil, "POST /x l=1&b=2"},
		"controls that are not sent":   {`<form method=post action=/x><input type=file name=a><input type=reset name=b><button type=button name=b value=2></button><input value=nameless><button name=b value=2>`, nil, "POST /x b=2"},
		"template":                     {`<form method=post action=/x><template><input name=a></template><button name=b value=2>`, nil, "POST /x b=2"},
		"checkboxes and radio buttons": {`<form method=post action=/x><input type=checkbox name=c checked><input type=checkbox name=c value=2><input type=radio name=r value=1 checked><input type=radio name=r value=2><button name=b value=2>`, [][2]string{{"c", "2"}, {"r", "2"}}, "POST /x c=on&c=2&r=2&b=2"},
		"select":                       {`<form method=post action=/x><select name=s><option disabled value="">choose<optgroup><option> A  b <option value=2></select><select name=t><option>1<option selected>2</select><button name=b value=2>`, nil, "POST /x s=A+b&t=2&b=2"},
		"chosen from a select":         {`<form method=post action=/x><select name=s><option>1<option>2</select><button name=b value=2>`, [][2]string{{"s", "2"}}, "POST /x s=2&b=2"},
		"textarea":                     {`<form method=post action=/x><textarea name=t>a <b></textarea><input name=u><button name=b value=2>`, [][2]string{{"u", "v"}}, "POST /x t=a+%3Cb%3E&u=v&b=2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got string
			server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if r.URL.RequestURI() == "/dir/page?q=1" && r.Method == http.MethodGet {
					page(w, 200, c.html)
					return
				}
				if got = r.Method + " " + r.URL.RequestURI(); len(body) > 0 {
					got += " " + string(body)
				}
			}))
			b := useragent.New(nil)
			p, err := b.Open(t.Context(), server.URL+"/dir/page?q=1")
			require.NoError(t, err)
			form := p.Form("b")
			require.NotNil(t, form)
			for _, field := range c.set {
				require.NoError(t, form.Set(field[0], field[1]))
			}
			_, err = b.Submit(t.Context(), form, "b", form.Buttons("b")[len(form.Buttons("b"))-1])
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

func TestWhatAPersonCannotDoIsAnError(t *testing.T) {
	t.Parallel()
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page(w, 200, `<form method=post enctype=multipart/form-data action="http://[">
			<input type=hidden name=h><input name=ro readonly><select name=s><option>1<option>2</select><input type=radio name=r value=1><button name=b value=1>`)
	}))
	b := useragent.New(nil)
	p, err := b.Open(t.Context(), server.URL)
	require.NoError(t, err)
	require.Nil(t, p.Form("nothing"))
	form := p.Form("h")
	require.EqualError(t, form.Set("h", "x"), `no field "h" that a person can fill`)
	require.EqualError(t, form.Set("ro", "x"), `no field "ro" that a person can fill`)
	require.EqualError(t, form.Set("b", "x"), `no field "b" that a person can fill`)
	require.EqualError(t, form.Set("s", "3"), `field "s" offers 1, 2, not "3"`)
	require.EqualError(t, form.Set("r", "2"), `field "r" offers 1, not "2"`)

	_, err = b.Submit(t.Context(), form, "b", "2")
	require.ErrorContains(t, err, `no button b="2"; buttons of this name: 1`)
	_, err = b.Submit(t.Context(), form, "b", "1")
	require.ErrorContains(t, err, "want an action that is a URL")
}

func TestMultipartFormsAreRefused(t *testing.T) {
	t.Parallel()
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page(w, 200, `<form method=post enctype=multipart/form-data><button name=b value=1>`)
	}))
	b := useragent.New(nil)
	p, err := b.Open(t.Context(), server.URL)
	require.NoError(t, err)
	_, err = b.Submit(t.Context(), p.Form("b"), "", "")
	require.ErrorContains(t, err, `enctype "multipart/form-data" is not supported`)
}

func TestRedirectsTurnTheMethodAsBrowsersDo(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{301: "GET ", 302: "GET ", 303: "GET ", 307: "POST b=1", 308: "POST b=1"} {
		var got string
		server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/":
				page(w, 200, `<form method=post action=/moved><button name=b value=1>`)
			case "/moved":
				http.Redirect(w, r, "/here", status)
			case "/here":
				body, _ := io.ReadAll(r.Body)
				got = r.Method + " " + string(body)
			}
		}))
		b := useragent.New(nil)
		p, err := b.Open(t.Context(), server.URL)
		require.NoError(t, err)
		p, err = b.Submit(t.Context(), p.Form("b"), "b", "1")
		require.NoError(t, err)
		require.Equal(t, want, got, status)
		require.Equal(t, server.URL+"/here", p.URL.String())
	}
}

func TestPostedFormsAreNotSentOnToTheClient(t *testing.T) {
	t.Parallel()
	for _, status := range []int{307, 308} {
		server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				page(w, 200, `<form method=post><button name=username value=bob>`)
				return
			}
			w.Header().Set("Location", "http://127.0.0.1:1/cb?code=1")
			w.WriteHeader(status)
		}))
		_, err := useragent.New(nil).SignIn(t.Context(), authorize(server, "http://127.0.0.1:1/cb"), useragent.Person{Username: "bob"})
		require.ErrorContains(t, err, "want 303 (RFC 9700 section 4.12)")
	}
}

func FuzzPage(f *testing.F) {
	for _, seed := range []string{
		`<form method=post action=x><input name=a><button name=b value=1>`, `<form id=f></form><select form=f name=s><option>`,
		`<fieldset disabled><legend><form><input>`, `<template><form><button>`, `<svg><title>x</title></svg><base href="http://[">`, `<p data-problem>`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, html string) {
		b := useragent.New(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.Body != nil {
				defer r.Body.Close()
				body, err := io.ReadAll(r.Body)
				require.NoError(t, err)
				_, err = url.ParseQuery(string(body))
				require.NoError(t, err, "a form's body is a form's body")
			}
			return answer(html), nil
		})})
		p, err := b.Open(t.Context(), "http://127.0.0.1:1/")
		if err != nil {
			return
		}
		require.LessOrEqual(t, len([]rune(p.Title+p.Heading+p.Problem)), 3*301)
		for _, form := range p.Forms {
			b.Submit(t.Context(), form, "", "")
		}
	})
}
