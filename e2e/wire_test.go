package e2e

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// wire carries a client's requests and remembers them.
type wire struct {
	next http.RoundTripper
	mu   sync.Mutex
	seen []exchange
}

type exchange struct {
	method, path string
	form         url.Values // of a form post
	status       int
	challenge    string // WWW-Authenticate
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	seen := exchange{method: r.Method, path: r.URL.Path}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") && r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		seen.form, _ = url.ParseQuery(string(body))
	}
	response, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	seen.status, seen.challenge = response.StatusCode, response.Header.Get("WWW-Authenticate")
	w.mu.Lock()
	w.seen = append(w.seen, seen)
	w.mu.Unlock()
	return response, nil
}

func (w *wire) CloseIdleConnections() {
	if c, ok := w.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// count counts the exchanges that fit.
func (w *wire) count(fits func(exchange) bool) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, e := range w.seen {
		if fits(e) {
			n++
		}
	}
	return n
}

// grants counts the token requests of a grant type.
func (w *wire) grants(grantType string) int {
	return w.count(func(e exchange) bool { return e.form.Get("grant_type") == grantType })
}

// forget begins anew.
func (w *wire) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = nil
}
