package pages

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"slices"
)

// styleSource allows the one inline stylesheet by its hash (CSP level 3, section 2.3.1), so that
// pages need no second request and no style that somebody slips in is applied.
var styleSource = func() string {
	sum := sha256.Sum256([]byte(stylesheet))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}()

func setSecurityHeaders(h http.Header, formAction string) {
	h.Set("Content-Security-Policy", "default-src 'none'"+
		"; style-src "+styleSource+
		"; img-src data:"+ // the icon in the tab
		"; form-action "+formAction+
		"; frame-ancestors 'none'"+
		"; base-uri 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	// Not no-referrer: with it browsers send "Origin: null" on our own form posts, and a check of
	// Origin against the issuer could not pass (Fetch, "append a request Origin header"). The
	// client still learns nothing: it is another origin.
	h.Set("Referrer-Policy", "same-origin")
	// Not same-origin: that cuts window.opener for good, and clients that sign in through a popup
	// (the callback page posts a message to its opener) would never hear of the answer.
	h.Set("Cross-Origin-Opener-Policy", "unsafe-none")
}

var schemeSource = regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`)

// scriptable lists schemes that no redirect may lead to: browsers run or render what they hold.
var scriptable = []string{"about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source"}

// redirectSource returns the source expressions that let a form's redirect reach redirect, or "" when there are none.
// Browsers hold every hop after a post against form-action, and the client's callback may itself redirect on: a proxy in
// front of many clients does. So a redirect to the web allows the web. Nothing of the input but a checked scheme gets through.
func redirectSource(redirect string) string {
	u, err := url.Parse(redirect)
	switch {
	case err != nil || !schemeSource.MatchString(u.Scheme) || slices.Contains(scriptable, u.Scheme):
		return ""
	case u.Scheme == "http" || u.Scheme == "https":
		return "http: https:"
	}
	return u.Scheme + ":"
}
