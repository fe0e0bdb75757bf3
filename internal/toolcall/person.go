package toolcall

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"mcpharness/internal/useragent"
)

// person is who signs in: the authorization server's answer is in the query of the redirect to the client.
type person interface {
	name() string
	redirectURI() string
	authorize(ctx context.Context, authorizationURL string) (url.Values, error)
	close()
}

func someone(o Options) (person, error) {
	if o.Person != nil {
		return headless{useragent.New(o.Client), *o.Person}, nil
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for the browser to come back: %w", err)
	}
	b := &atBrowser{tell: func(text string) { fmt.Fprintln(o.Tell, text) }, listener: listener, answers: make(chan url.Values, 1)}
	b.server = &http.Server{Handler: b, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	go func() { _ = b.server.Serve(listener) }()
	return b, nil
}

// headless is a person whose browser is a program, which stops before the redirect to the client.
type headless struct {
	browser *useragent.Browser
	useragent.Person
}

func (h headless) name() string        { return h.Username }
func (h headless) redirectURI() string { return "http://127.0.0.1:8765/callback" } // nobody listens there
func (h headless) close()              {}

func (h headless) authorize(ctx context.Context, authorizationURL string) (url.Values, error) {
	callback, err := h.browser.SignIn(ctx, authorizationURL, h.Person)
	if err != nil {
		return nil, err
	}
	return callback.Query(), nil
}

// atBrowser is a person who opens a URL and comes back to a listener on this machine (RFC 8252 section 7.3).
type atBrowser struct {
	tell     func(string)
	listener net.Listener
	server   *http.Server
	answers  chan url.Values
}

func (b *atBrowser) name() string        { return "somebody" }
func (b *atBrowser) redirectURI() string { return "http://" + b.listener.Addr().String() + "/callback" }
func (b *atBrowser) close()              { _ = b.server.Close() }

func (b *atBrowser) authorize(ctx context.Context, authorizationURL string) (url.Values, error) {
	sent, err := url.Parse(authorizationURL)
	if err != nil {
		return nil, fmt.Errorf("the authorization URL does not parse")
	}
	b.tell("  Open this: " + authorizationURL)
	for {
		select {
		case <-ctx.Done():
			return nil, errNobody
		case answer := <-b.answers:
			if answer.Get("state") == sent.Query().Get("state") { // somebody else's, or of an older tab
				return answer, nil
			}
		}
	}
}

func (b *atBrowser) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet || r.URL.Path != "/callback" {
		http.NotFound(w, r)
		return
	}
	select {
	case b.answers <- r.URL.Query():
		fmt.Fprintln(w, "Done: go back to the terminal. You may close this page.")
	default:
		http.Error(w, "Nobody waits for this answer.", http.StatusConflict)
	}
}
