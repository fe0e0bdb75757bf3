package pages

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPolicyAllowsTheOneStylesheetAndTheFormsTarget(t *testing.T) {
	t.Parallel()
	formAction := map[string]string{
		"login":      "'self'",
		"login form": "'self' http: https:",
		"consent":    "'self' http: https:",
		"problem":    "'none'",
		"home":       "'none'",

		"login form again": "'self' http: https:",

		"logout":     "'self' cursor:",
		"logged out": "'none'",
	}
	for name, page := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := render(t, page)
			style := d.one(t, "style").FirstChild.Data
			sum := sha256.Sum256([]byte(style))
			require.Equal(t, http.Header{
				"Content-Security-Policy": {"default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
					"'; img-src data:; form-action " + formAction[name] + "; frame-ancestors 'none'; base-uri 'none'"},
				"Content-Type":                 {"text/html; charset=utf-8"},
				"Cache-Control":                {"no-store"},
				"X-Content-Type-Options":       {"nosniff"},
				"X-Frame-Options":              {"DENY"},
				"Referrer-Policy":              {"same-origin"},
				"Cross-Origin-Opener-Policy":   {"unsafe-none"},
				"Cross-Origin-Resource-Policy": {"same-origin"},
			}, withoutLength(d.header))
		})
	}
}

func withoutLength(h http.Header) http.Header {
	h = h.Clone()
	h.Del("Content-Length")
	return h
}

var redirectSources = []struct{ redirect, source string }{
	{"http://localhost:6274", "http: https:"},
	{"http://localhost:6274/oauth/callback?x=1", "http: https:"},
	{"https://APP.Example/cb", "http: https:"},
	{"HTTPS://app.example", "http: https:"},
	{"http://127.0.0.1:6276", "http: https:"},
	{"https://user:pw@app.example/cb", "http: https:"},
	{"cursor:", "cursor:"},
	{"cursor://anysphere.cursor-mcp/oauth", "cursor:"},
	{"com.example.app:/cb", "com.example.app:"},
	{"http://[::1]:6274/cb", "http: https:"},
	{"https://b\u00FCcher.example", "http: https:"},
	{"https://*.example", "http: https:"},
	{"https://*", "http: https:"},
	{"", ""},
	{"localhost:6274/;script-src *", "localhost:"}, // a scheme by the URL's grammar, nothing more
	{"http://a;script-src *", ""},
	{"http://a.example;script-src/", "http: https:"},
	{"http://a.example,default-src", "http: https:"},
	{"'none'", ""},
	{"*", ""},
	{"x y:", ""},
	{"cursor:\r\nX-Evil: 1", ""},
	{"http:", "http: https:"},
	{"http:///cb", "http: https:"},
	{"http://host:port", ""},
	{"javascript:alert(1)", ""},
	{"JavaScript:alert(1)", ""},
	{"data:text/html,x", ""},
	{"blob:https://a.example/x", ""},
	{"https://\u212Aelvin.example", "http: https:"},
}

func TestRedirectSourceSaysNoMoreThanTheRedirectsScheme(t *testing.T) {
	t.Parallel()
	for _, c := range redirectSources {
		require.Equal(t, c.source, redirectSource(c.redirect), "%q", c.redirect)
	}
}

func FuzzRedirectSource(f *testing.F) {
	for _, c := range redirectSources {
		f.Add(c.redirect)
	}
	harmless := regexp.MustCompile(`^(http: https:|[a-z][a-z0-9+.-]*:)$`)
	f.Fuzz(func(t *testing.T, redirect string) {
		source := redirectSource(redirect)
		if source == "" {
			return
		}
		require.Regexp(t, harmless, source)
		for _, scheme := range scriptable {
			require.False(t, strings.HasPrefix(source, scheme+":"), source)
		}
	})
}
