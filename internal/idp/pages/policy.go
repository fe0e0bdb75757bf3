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

var (
	// Host sources know names and IPv4 only (CSP level 3, section 2.3.1: host-part).
	hostSource   = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)
	schemeSource = regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`)
)

// scriptable lists schemes that no redirect may lead to: browsers run or render what they hold.
var scriptable = []string{"about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source"}

// redirectSource returns the source expression that lets a form's redirect reach redirect, or ""
// when there is none. An https or http host that the grammar cannot say (an IPv6 literal, a name
// outside ASCII) is allowed by its scheme. Nothing of the input but checked letters gets through.
func redirectSource(redirect string) string {
	u, err := url.Parse(redirect)
	if err != nil || !schemeSource.MatchString(u.Scheme) || slices.Contains(scriptable, u.Scheme) {
		return ""
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return u.Scheme + ":"
	case u.Host == "":
		return ""
	case hostSource.MatchString(asciiLower(u.Host)):
		return u.Scheme + "://" + asciiLower(u.Host)
	default:
		return u.Scheme + ":"
	}
}

// asciiLower leaves other letters alone: strings.ToLower turns the Kelvin sign into an ASCII k.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
