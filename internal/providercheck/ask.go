package providercheck

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// userAgent tells the people of a server who knocks.
const userAgent = "mock-idp check-provider"

const (
	requestTimeout = 5 * time.Second
	totalTimeout   = 25 * time.Second // and a last request to delete a client again
	maxRequests    = 60               // a check of everything takes about half
	maxBody        = 1 << 20
	maxRedirects   = 3
	slowAnswer     = 2 * time.Second
	noticeAfter    = time.Second // then a person is told what is waited for
)

// errSpent is why a request was not sent: the check had used up its time or its number of requests.
var errSpent = errors.New("not asked: the check had used up its requests or its time")

// asker sends the requests of one check, one after the other. It follows no redirect by itself and keeps no cookies.
type asker struct {
	client *http.Client
	notice func(string)
	sent   int
	cut    []string // what could not be asked any more

	slowest     time.Duration
	slowestWhat string
	expires     time.Time // of the certificate that ends first; zero without TLS
}

func newAsker(transport http.RoundTripper, notice func(string)) *asker {
	return &asker{notice: notice, client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// question is one request. What says in a few words what it asks for.
type question struct {
	what    string
	method  string // GET by default
	url     string
	header  map[string]string
	body    string
	content string // the type of the body
}

// answer is what came back, at most 1 MiB of it.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	cut     bool     // the body was longer
	from    *url.URL // after redirects within the origin
	through int      // how many of them
}

// do sends one request and follows nothing.
func (a *asker) do(ctx context.Context, q question) (answer, error) {
	if a.sent >= maxRequests || ctx.Err() != nil {
		a.cut = append(a.cut, q.what)
		return answer{}, errSpent
	}
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	var body io.Reader
	if q.body != "" {
		body = strings.NewReader(q.body)
	}
	r, err := http.NewRequestWithContext(ctx, q.method, q.url, body)
	if err != nil {
		return answer{}, fmt.Errorf("no URL to ask: %w", inner(err))
	}
	r.Header.Set("User-Agent", userAgent)
	r.Header.Set("Accept", "application/json")
	if q.content != "" {
		r.Header.Set("Content-Type", q.content)
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	a.sent++
	begin := time.Now()
	defer a.watch("waiting for " + q.what + " of " + r.URL.Host)()
	defer func() {
		if took := time.Since(begin); took > a.slowest {
			a.slowest, a.slowestWhat = took, q.what
		}
	}()
	response, err := a.client.Do(r)
	if err == nil {
		defer response.Body.Close()
		var data []byte
		if data, err = io.ReadAll(io.LimitReader(response.Body, maxBody+1)); err == nil {
			a.certificate(response.TLS)
			cut := len(data) > maxBody
			return answer{response.StatusCode, response.Header, data[:min(len(data), maxBody)], cut, r.URL, 0}, nil
		}
	}
	if whole.Err() != nil {
		a.cut = append(a.cut, q.what)
		return answer{}, errSpent
	}
	if ctx.Err() != nil {
		return answer{}, fmt.Errorf("no answer within %s", requestTimeout)
	}
	return answer{}, inner(err)
}

// watch tells a person what is waited for, unless it is over soon. Nothing is told after the returned function.
func (a *asker) watch(text string) func() {
	over := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-over:
		case <-time.After(noticeAfter):
			a.notice(text)
		}
	})
	return func() {
		close(over)
		watching.Wait()
	}
}

// read gets a document. Redirects are followed within the origin only.
func (a *asker) read(ctx context.Context, q question) (answer, error) {
	for through := 0; ; through++ {
		got, err := a.do(ctx, q)
		got.through = through
		if err != nil || !got.redirects() || through == maxRedirects {
			return got, err
		}
		next, err := got.location()
		if err != nil || origin(next) != origin(got.from) {
			return got, nil
		}
		q.url = next.String()
	}
}

func (a *asker) certificate(state *tls.ConnectionState) {
	if state == nil || len(state.PeerCertificates) == 0 {
		return
	}
	if end := state.PeerCertificates[0].NotAfter; a.expires.IsZero() || end.Before(a.expires) {
		a.expires = end
	}
}

func (a answer) redirects() bool {
	return a.status >= 300 && a.status < 400 && a.header.Get("Location") != ""
}

func (a answer) location() (*url.URL, error) {
	u, err := a.from.Parse(a.header.Get("Location"))
	return u, inner(err)
}

// says names the answer in few words: status, and where it points.
func (a answer) says() string {
	text := fmt.Sprintf("status %d", a.status)
	if a.redirects() {
		if to, err := a.location(); err == nil {
			text += " to " + bare(to)
		} else {
			text += " to a URL that cannot be read"
		}
	}
	return text
}

// bare is a URL without what may be long or secret.
func bare(u *url.URL) string {
	short := url.URL{Scheme: u.Scheme, Opaque: u.Opaque, Host: u.Host, Path: u.Path}
	return short.String()
}

func origin(u *url.URL) string {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(host, port)
}

// inner drops the URL that net/http and net/url wrap around the reason: it may hold a query.
func inner(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// distrusts says why a connection failed by TLS: the server is there, but clients do not trust it.
func distrusts(err error) (string, bool) {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "the certificate is out of date: " + invalid.Error(), true
	}
	if named, ok := errors.AsType[x509.HostnameError](err); ok {
		return "the certificate is for another host: " + named.Error(), true
	}
	if verification, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the certificate is not trusted: " + verification.Err.Error(), true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return "the server does not speak TLS at this port", true
	}
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		return "the TLS handshake failed: " + alert.Error(), true
	}
	if err != nil && strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		return "the server does not speak TLS at this port", true
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" { // an alert before the handshake was done
		return "the TLS handshake failed: " + op.Error(), true
	}
	return "", false
}
