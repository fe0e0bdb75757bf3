package fidelity

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"mcpharness/internal/useragent"
)

// request is one HTTP request as a client makes it. The zero values are a GET without cookies.
type request struct {
	method  string // empty: GET, or POST where there is a form or a body
	to      string // an endpoint's name, or a URL
	query   params
	form    params
	body    string   // with kind, in place of a form
	kind    string   // Content-Type
	header  []string // names and values in turn
	basic   *client
	bearer  string
	browser *browser // whose cookies go along
}

// answer is what came back.
type answer struct {
	url    *url.URL
	status int
	header http.Header
	body   []byte
}

// send makes a request; not being answered at all ends the probe.
func (c *talk) send(r request) *answer {
	a, err := c.exchange(r)
	if err != nil {
		c.stop("%s", plainError(err))
	}
	return a
}

func (c *talk) exchange(r request) (*answer, error) {
	target := r.to
	if !strings.Contains(target, "://") {
		if target = c.endpoints[r.to]; target == "" {
			c.stop("no endpoint called %s", r.to)
		}
	}
	if r.query != nil {
		separator := "?"
		if strings.Contains(target, "?") {
			separator = "&"
		}
		target += separator + r.query.encode()
	}
	body := r.body
	if r.form != nil {
		body = r.form.encode()
	}
	method := r.method
	switch {
	case method == "" && (body != "" || r.form != nil || r.kind != ""):
		method = http.MethodPost
	case method == "":
		method = http.MethodGet
	}
	made, err := http.NewRequestWithContext(c.ctx, method, target, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if r.form != nil {
		made.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if r.kind != "" {
		made.Header.Set("Content-Type", r.kind)
	}
	if r.basic != nil {
		made.SetBasicAuth(url.QueryEscape(r.basic.id), url.QueryEscape(r.basic.secret))
	}
	if r.bearer != "" {
		made.Header.Set("Authorization", "Bearer "+r.bearer)
	}
	for i := 0; i < len(r.header); i += 2 {
		made.Header.Add(r.header[i], r.header[i+1])
	}
	var transport http.RoundTripper = c.http.Transport
	if r.browser != nil {
		transport = r.browser
	}
	response, err := (&http.Client{Transport: transport, Timeout: c.http.Timeout, CheckRedirect: c.http.CheckRedirect}).Do(made)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	a := &answer{url: made.URL, status: response.StatusCode, header: response.Header}
	a.body, err = io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return a, err
}

func plainError(err error) string {
	if e, ok := err.(*url.Error); ok {
		return fmt.Sprintf("no answer: %v", e.Err)
	}
	return err.Error()
}

func (a *answer) json() any {
	var value any
	_ = json.Unmarshal(a.body, &value)
	return value
}

// member is a string in a JSON answer, or "".
func (a *answer) member(name string) string {
	object, _ := a.json().(map[string]any)
	value, _ := object[name].(string)
	return value
}

// browser is one person's browser: the pages that the useragent opens and the requests that a probe makes share its cookies.
type browser struct {
	jar   http.CookieJar
	next  http.RoundTripper
	agent *useragent.Browser
}

func (side *party) newBrowser() *browser {
	b := &browser{next: side.http.Transport}
	b.jar, _ = cookiejar.New(nil) // never fails
	b.agent = useragent.New(&http.Client{Transport: b})
	return b
}

// RoundTrip sends the jar's cookies and keeps those that come.
func (b *browser) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Del("Cookie")
	for _, cookie := range b.jar.Cookies(r.URL) {
		r.AddCookie(cookie)
	}
	response, err := b.next.RoundTrip(r)
	if err == nil {
		b.jar.SetCookies(r.URL, response.Cookies())
	}
	return response, err
}
