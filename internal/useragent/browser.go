// Package useragent is a browser without a screen, for tests and walkthroughs: it opens an authorization URL, fills the login and consent
// forms that a person would fill, and hands the redirect to the client over instead of following it.
//
// It does as browsers do where servers get it wrong: Origin and Sec-Fetch-Site on form posts, the Referrer-Policy that turns Origin
// into null, and the Content-Security-Policy form-action that also stops redirects after a post. It runs no script and does not model SameSite.
package useragent

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

const (
	maxSteps       = 20 // redirects of one navigation; pages of one sign-in
	maxPage        = 1 << 20
	defaultTimeout = 30 * time.Second
)

// Browser is one browser profile: its pages share the cookies. Safe for concurrent use, as windows of a browser are.
type Browser struct {
	transport http.RoundTripper
	timeout   time.Duration
	jar       http.CookieJar
}

// New returns a browser without cookies. Of client (nil: http.DefaultClient) it uses the Transport and the Timeout of a request (0: 30 s).
func New(client *http.Client) *Browser {
	b := &Browser{transport: http.DefaultTransport, timeout: defaultTimeout}
	if client != nil && client.Transport != nil {
		b.transport = client.Transport
	}
	if client != nil && client.Timeout > 0 {
		b.timeout = client.Timeout
	}
	b.jar, _ = cookiejar.New(nil) // never fails
	return b
}

// Open goes to a URL as if it was typed in, and follows redirects up to a page. If the URL's query has a redirect_uri, the redirect to
// it is not followed but becomes Page.Callback, on this page and on those that forms lead to from it. A page with an error status is no error.
func (b *Browser) Open(ctx context.Context, rawURL string) (*Page, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("opening a page: want a URL, got one that does not parse")
	}
	n := navigation{browser: b, method: http.MethodGet, url: u}
	if redirect := u.Query().Get("redirect_uri"); redirect != "" {
		if n.client, err = url.Parse(redirect); err != nil {
			return nil, fmt.Errorf("opening %s: want a redirect_uri that is a URL, got one that does not parse", plain(u))
		}
	}
	return n.run(ctx)
}

// Submit sends a form by pressing the submit control with this name and value. The empty name is the Enter key: the form's first
// submit control, or none if it has none.
func (b *Browser) Submit(ctx context.Context, f *Form, name, value string) (*Page, error) {
	pressed, err := f.press(name, value)
	if err != nil {
		return nil, fmt.Errorf("submitting a form of %s: %w", plain(f.page.URL), err)
	}
	n := navigation{browser: b, from: f.page, client: f.page.client}
	if n.method, n.url, n.body, err = f.submission(pressed); err != nil {
		return nil, fmt.Errorf("submitting a form of %s: %w", plain(f.page.URL), err)
	}
	return n.run(ctx)
}

// navigation is a request and what it is redirected to, up to a page.
type navigation struct {
	browser *Browser
	method  string
	url     *url.URL
	body    string   // of a POST
	from    *Page    // whose form it is; nil: typed in
	client  *url.URL // the redirect_uri to stop at; may be nil
	crossed bool     // some URL so far was of another origin than from
	tainted bool     // a foreign origin redirected to a third one: browsers no longer say whose form it was
}

func (n *navigation) run(ctx context.Context) (*Page, error) {
	for range maxSteps + 1 {
		if n.url.Scheme != "http" && n.url.Scheme != "https" || n.url.Host == "" {
			return nil, fmt.Errorf("opening %s: want http, https or the redirect_uri", plain(n.url))
		}
		if n.from != nil && !formMayGo(n.from, n.url) {
			return nil, n.forbidden(n.url)
		}
		n.crossed = n.crossed || n.from != nil && origin(n.from.URL) != origin(n.url)
		response, body, err := n.send(ctx)
		if err != nil {
			return nil, fmt.Errorf("opening %s: %w", plain(n.url), err)
		}
		if !isRedirect(response.StatusCode) {
			return newPage(n, response, body)
		}
		target, err := n.redirected(response)
		if err != nil {
			return nil, fmt.Errorf("opening %s: %w", plain(n.url), err)
		}
		if n.client != nil && sameTarget(target, n.client) {
			if n.from != nil && !formMayGo(n.from, target) {
				return nil, n.forbidden(target)
			}
			return &Page{URL: n.url, Status: response.StatusCode, Header: response.Header, Callback: target}, nil
		}
		n.tainted = n.tainted || n.from != nil && origin(n.from.URL) != origin(n.url) && origin(n.url) != origin(target)
		n.url = target
	}
	return nil, fmt.Errorf("opening %s: more than %d redirects", plain(n.url), maxSteps)
}

// redirected reads where the redirect leads, and turns the method as browsers do (Fetch standard, "HTTP-redirect fetch").
func (n *navigation) redirected(response *http.Response) (*url.URL, error) {
	location := response.Header.Get("Location")
	target, err := n.url.Parse(location)
	if location == "" || err != nil { // it may hold a code: do not quote it
		return nil, fmt.Errorf("want a Location with a URL in a %d answer, got none or one that does not parse", response.StatusCode)
	}
	switch keeps := response.StatusCode == http.StatusTemporaryRedirect || response.StatusCode == http.StatusPermanentRedirect; {
	case !keeps:
		n.method, n.body = http.MethodGet, ""
	case n.method == http.MethodPost && n.client != nil && sameTarget(target, n.client):
		return nil, fmt.Errorf("status %d sends the posted form on to the client; want 303 (RFC 9700 section 4.12)", response.StatusCode)
	}
	return target, nil
}

func (n *navigation) send(ctx context.Context) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, n.browser.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, n.method, n.url.String(), strings.NewReader(n.body))
	if err != nil {
		return nil, nil, err
	}
	n.setHeaders(request.Header)
	return n.browser.exchange(request)
}

// exchange sends a request with the cookies of its URL, and keeps those of the answer.
func (b *Browser) exchange(request *http.Request) (*http.Response, []byte, error) {
	for _, cookie := range b.jar.Cookies(request.URL) {
		request.AddCookie(cookie)
	}
	// Not http.Client: its errors quote whole URLs, with all that is in their queries.
	response, err := b.transport.RoundTrip(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	b.jar.SetCookies(request.URL, response.Cookies())
	body, err := io.ReadAll(io.LimitReader(response.Body, maxPage+1))
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("reading the page: %w", err)
	case len(body) > maxPage:
		return nil, nil, fmt.Errorf("the page is larger than %d KiB", maxPage>>10)
	}
	return response, body, nil
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// sameTarget compares a redirect with the redirect_uri. The authorization server adds to the query, and to the fragment in some response modes.
func sameTarget(a, b *url.URL) bool {
	path := func(u *url.URL) string {
		if p := u.EscapedPath(); p != "" || u.Host == "" {
			return p
		}
		return "/"
	}
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Host, b.Host) && a.Opaque == b.Opaque && path(a) == path(b)
}

// plain names a URL in an error without what may be secret: user, query and fragment.
func plain(u *url.URL) string {
	if u.Opaque != "" {
		return u.Scheme + ":…"
	}
	return bounded((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
}
