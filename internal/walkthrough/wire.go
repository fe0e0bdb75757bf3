package walkthrough

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
)

// maxBody bounds what is kept of a body. The tutorial's largest is the list of tools.
const maxBody = 1 << 20

// exchange is one request with its answer, as it was on the wire.
type exchange struct {
	method   string
	url      *url.URL
	header   http.Header
	body     []byte
	status   int
	answer   http.Header
	received []byte
}

// location is the URL without its query: what a step looks for.
func (e exchange) location() string {
	u := *e.url
	u.RawQuery = ""
	return u.String()
}

// form reads a form post.
func (e exchange) form() url.Values {
	form, _ := url.ParseQuery(string(e.body)) // what does not parse is missing, and the step says so
	return form
}

// wire carries all requests of the tour, remembers them in order and learns their secrets. Safe for concurrent use.
type wire struct {
	next    http.RoundTripper
	secrets *secrets
	mu      sync.Mutex
	seen    []exchange
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	e := exchange{method: r.Method, url: r.URL, header: r.Header.Clone()}
	if r.Body != nil {
		var err error
		if e.body, err = readAll(r.Body); err != nil {
			return nil, fmt.Errorf("reading the request: %w", err)
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(e.body))
	}
	w.secrets.learnRequest(e)
	response, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	e.status, e.answer = response.StatusCode, response.Header
	if e.received, err = readAll(response.Body); err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(e.received))
	w.secrets.learnAnswer(e)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, e)
	return response, nil
}

// CloseIdleConnections is what [http.Client.CloseIdleConnections] asks transports for.
func (w *wire) CloseIdleConnections() {
	if c, ok := w.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func readAll(body io.ReadCloser) ([]byte, error) {
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	if err == nil && len(data) > maxBody {
		return nil, fmt.Errorf("a body is larger than %d KiB", maxBody>>10)
	}
	return data, err
}

// reel reads a part of the wire from its beginning to its end.
type reel struct {
	wire *wire
	at   int
}

// now is a reel that begins with the next exchange.
func (w *wire) now() *reel {
	w.mu.Lock()
	defer w.mu.Unlock()
	return &reel{w, len(w.seen)}
}

// next finds the next exchange that is this request, and skips what is before it.
func (r *reel) next(method, location string) (exchange, error) {
	return r.find(method+" "+location, func(e exchange) bool { return e.method == method && e.location() == location })
}

func (r *reel) find(what string, fits func(exchange) bool) (exchange, error) {
	r.wire.mu.Lock()
	defer r.wire.mu.Unlock()
	for i := r.at; i < len(r.wire.seen); i++ {
		if fits(r.wire.seen[i]) {
			r.at = i + 1
			return r.wire.seen[i], nil
		}
	}
	return exchange{}, fmt.Errorf("want the client to send %s, got no such request", what)
}
