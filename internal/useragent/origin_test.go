package useragent_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/useragent"
)

func answer(html string) *http.Response {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: io.NopCloser(strings.NewReader(html))}
}

// web answers requests by URL and keeps the last request.
type web struct {
	answers map[string]*http.Response
	last    *http.Request
}

func (w *web) RoundTrip(r *http.Request) (*http.Response, error) {
	w.last = r
	if response := w.answers[r.URL.String()]; response != nil {
		return response, nil
	}
	return answer("<title>the end</title>"), nil
}

// press opens from, whose headers are given, and submits its form to action.
func (w *web) press(t *testing.T, from, action string, header map[string]string) (*useragent.Page, error) {
	t.Helper()
	start := answer(`<form method=post action="` + action + `"><button name=b value=1>`)
	for name, v := range header {
		start.Header.Set(name, v)
	}
	w.answers[from] = start
	b := useragent.New(&http.Client{Transport: w})
	p, err := b.Open(t.Context(), from)
	require.NoError(t, err)
	require.Equal(t, "none", w.last.Header.Get("Sec-Fetch-Site"))
	require.Empty(t, w.last.Header.Get("Origin"))
	return b.Submit(t.Context(), p.Form("b"), "b", "1")
}

func redirectTo(location string, status int) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Location": {location}}, Body: http.NoBody}
}

func TestPostsSayWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, action, policy string
		redirects            map[string]string // by 307
		origin, site         string
	}{
		{"http://a.test:81/", "/x", "", nil, "http://a.test:81", "same-origin"},
		{"http://a.test:80/", "/x", "", nil, "http://a.test", "same-origin"},
		{"http://a.test/", "/x", "no-referrer", nil, "null", "same-origin"},
		{"http://a.test/", "/x", "no-referrer, same-origin", nil, "http://a.test", "same-origin"},
		{"http://a.test/", "http://a.test:81/x", "", nil, "http://a.test", "same-site"},
		{"http://a.test/", "http://b.test/x", "", nil, "http://a.test", "cross-site"},
		{"http://a.test/", "http://b.test/x", "same-origin", nil, "null", "cross-site"},
		{"https://a.test/", "http://b.test/x", "", nil, "null", "cross-site"},
		{"https://a.test/", "http://b.test/x", "unsafe-url", nil, "https://a.test", "cross-site"},
		{"http://a.test/", "/x", "", map[string]string{"http://a.test/x": "http://b.test/y"}, "http://a.test", "cross-site"},
		{"http://a.test/", "/x", "", map[string]string{"http://a.test/x": "http://b.test/y", "http://b.test/y": "http://a.test/z"}, "null", "same-site"},
	} {
		w := &web{answers: map[string]*http.Response{}}
		for from, to := range c.redirects {
			w.answers[from] = redirectTo(to, 307)
		}
		p, err := w.press(t, c.from, c.action, map[string]string{"Referrer-Policy": c.policy})
		require.NoError(t, err)
		require.Equal(t, "the end", p.Title)
		require.Equal(t, c.origin, w.last.Header.Get("Origin"), c)
		require.Equal(t, c.site, w.last.Header.Get("Sec-Fetch-Site"), c)
	}
}

func TestFormActionStopsAFormWhereChromiumDoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		policy, target string
		allowed        bool
	}{
		{"", "http://b.test/", true},
		{"default-src 'none'", "http://b.test/", true},
		{"default-src 'none'; form-action 'self'", "http://a.test/x", true},
		{"form-action 'self'", "http://a.test:80/x", true},
		{"form-action 'self'", "http://a.test:81/x", false},
		{"form-action 'none'", "http://a.test/x", false},
		{"form-action", "http://a.test/x", false},
		{"FORM-ACTION 'SELF'", "http://a.test/x", true},
		{"form-action 'self'; form-action *", "http://b.test/", false},
		{"form-action *, form-action 'self'", "http://b.test/", false},
		{"form-action *", "http://b.test/", true},
		{"form-action http:", "https://b.test/", true},
		{"form-action https:", "http://b.test/", false},
		{"form-action http://b.test", "http://b.test/any", true},
		{"form-action http://b.test/path", "http://b.test/any", true},
		{"form-action http://b.test", "http://b.test:8080/", false},
		{"form-action http://b.test:8080", "http://b.test:8080/", true},
		{"form-action http://b.test:*", "http://b.test:8080/", true},
		{"form-action b.test", "http://b.test/", true},
		{"form-action *.b.test", "http://c.b.test/", true},
		{"form-action *.b.test", "http://b.test/", false},
		{"form-action http://127.0.0.1:5000", "http://localhost:5000/", false},
	} {
		for _, action := range []string{c.target, "http://a.test/step"} { // at once, and by a redirect
			w := &web{answers: map[string]*http.Response{"http://a.test/step": redirectTo(c.target, 303)}}
			policy := c.policy
			if action != c.target {
				policy = strings.Replace(policy, "form-action ", "form-action http://a.test/step ", 1)
				if c.policy == "form-action" || strings.Contains(c.policy, ", ") || strings.Contains(c.policy, "'none'") {
					continue
				}
			}
			_, err := w.press(t, "http://a.test/", action, map[string]string{"Content-Security-Policy": policy})
			if c.allowed {
				require.NoError(t, err, c)
			} else {
				require.ErrorContains(t, err, "browsers stop here", c)
			}
		}
	}
}

func TestFormActionAlsoHoldsForTheRedirectToTheClient(t *testing.T) {
	t.Parallel()
	for policy, allowed := range map[string]bool{
		"form-action 'self'":         false,
		"form-action 'self' cursor:": true,
	} {
		server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				w.Header().Set("Content-Security-Policy", policy)
				page(w, 200, `<form method=post><button name=decision value=allow>`)
				return
			}
			w.Header().Set("Location", "cursor://app/cb?code=secret")
			w.WriteHeader(http.StatusSeeOther)
		}))
		_, err := useragent.New(nil).SignIn(t.Context(), authorize(server, "cursor://app/cb"), useragent.Person{Username: "bob"})
		if allowed {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, "has no form-action for cursor://app/cb; name it there, as redirects after a post count too")
		require.NotContains(t, err.Error(), "secret")
	}
}
