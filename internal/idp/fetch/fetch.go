// Package fetch gets small JSON documents from URLs that strangers name: client metadata documents and their key sets. It is built so
// that nobody uses the server as a means to reach what only the server can reach, or to keep it busy.
package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// Timeout bounds a fetch, from the name lookup to the last byte.
	Timeout = 5 * time.Second
	// atOnce bounds how many fetches strangers can cause at the same time.
	atOnce = 16
	// maxHeader bounds what a server may send before the document.
	maxHeader = 16 << 10
)

// Options say how documents are reached. The zero value reaches public addresses whose certificates the system trusts.
type Options struct {
	// AllowPrivate also fetches from loopback, private and other special-use addresses. For tests.
	AllowPrivate bool
	// Trusted are certificates of authorities that are trusted beside the system's.
	Trusted []*x509.Certificate
	// Dial connects instead of a net.Dialer, for networks in memory. It answers for the addresses that it reaches.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Resolver looks names up; nil is the system's.
	Resolver *net.Resolver
}

// Fetcher fetches documents. It is safe for concurrent use.
type Fetcher struct {
	client *http.Client
	slots  chan struct{}
}

// New returns a Fetcher.
func New(options Options) *Fetcher {
	dialer := &net.Dialer{Resolver: options.Resolver}
	if !options.AllowPrivate {
		// Control sees the address that is connected to, so no second lookup can change it (DNS rebinding).
		dialer.Control = func(_, address string, _ syscall.RawConn) error { return checkAddress(address) }
	}
	plainly := dial(dialer.DialContext)
	if options.Dial != nil {
		plainly = options.Dial
	}
	return &Fetcher{
		client: &http.Client{
			Transport: &http.Transport{
				Proxy:                  nil,     // it would be the proxy that connects, to whatever address
				DialContext:            plainly, // for Loose
				DialTLSContext:         secured(plainly, rootsOf(options.Trusted)),
				DisableKeepAlives:      true,
				DisableCompression:     true, // a few bytes must not become many
				MaxResponseHeaderBytes: maxHeader,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		slots: make(chan struct{}, atOnce),
	}
}

// Document is a fetched document.
type Document struct {
	Body     []byte
	FreshFor time.Duration // what the HTTP headers say, negative where they say nothing
}

// JSON fetches the document at an https URL, of at most limit bytes. The error says what was wrong with the answer, for the person
// who wrote the document; it quotes nothing of the body.
func (f *Fetcher) JSON(ctx context.Context, url string, limit int64) (Document, error) {
	return f.get(ctx, url, limit, false)
}

// Loose is JSON that also fetches from http URLs, and looks at no Content-Type. It is for URLs whose hosts somebody trusts.
func (f *Fetcher) Loose(ctx context.Context, url string, limit int64) (Document, error) {
	return f.get(ctx, url, limit, true)
}

func (f *Fetcher) get(ctx context.Context, url string, limit int64, loose bool) (Document, error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	case <-ctx.Done():
		return Document{}, errors.New("too many fetches are under way; try again")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Document{}, errors.New("the URL cannot be fetched")
	}
	if request.URL.Scheme != "https" && !loose {
		return Document{}, errors.New("want an https URL")
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Accept-Encoding", "identity")
	request.Header.Set("User-Agent", "mock-idp")
	response, err := f.client.Do(request)
	if err != nil {
		return Document{}, explain(err)
	}
	defer response.Body.Close()
	document, err := read(response, limit, loose)
	if ctx.Err() != nil { // a host that is hung up on may end its answer as if that was all of it
		return Document{}, explain(ctx.Err())
	}
	return document, err
}

func read(response *http.Response, limit int64, loose bool) (Document, error) {
	media, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch {
	case response.StatusCode >= 300 && response.StatusCode < 400:
		return Document{}, fmt.Errorf("the server redirects (status %d), and redirects are not followed", response.StatusCode)
	case response.StatusCode != http.StatusOK:
		return Document{}, fmt.Errorf("want status 200, got %d", response.StatusCode)
	case !loose && media != "application/json" && !(strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json")):
		return Document{}, fmt.Errorf("want Content-Type application/json, got %.100q", response.Header.Get("Content-Type"))
	case len(response.Header.Values("Content-Encoding")) > 0 && !strings.EqualFold(response.Header.Get("Content-Encoding"), "identity"):
		return Document{}, errors.New("want no Content-Encoding, as the request said")
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case err != nil:
		return Document{}, explain(err)
	case int64(len(body)) > limit:
		return Document{}, fmt.Errorf("want at most %d bytes, got more", limit)
	}
	return Document{Body: body, FreshFor: freshFor(response.Header, time.Now())}, nil
}

// explain puts the errors of the network in words, without the URL, which the caller knows.
func explain(err error) error {
	var (
		refused *addressError
		dns     *net.DNSError
		unknown x509.UnknownAuthorityError
		cert    *tls.CertificateVerificationError
		timeout interface{ Timeout() bool }
	)
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.As(err, &unknown):
		return errors.New("the server's certificate is of an authority that is not trusted here")
	case errors.As(err, &cert):
		return fmt.Errorf("the server's certificate does not verify: %w", cert.Err)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("no whole answer within %s", Timeout)
	case errors.As(err, &dns):
		return errors.New("the host name cannot be resolved")
	case errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("the connection is refused")
	}
	return errors.New("the server cannot be reached, or does not speak HTTP over TLS")
}

// rootsOf are the system's authorities and more, read at the first fetch as that takes milliseconds; nil is the system's alone.
func rootsOf(more []*x509.Certificate) func() *x509.CertPool {
	return sync.OnceValue(func() *x509.CertPool {
		if len(more) == 0 {
			return nil
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool() // a machine without any, for example a container from scratch
		}
		for _, certificate := range more {
			pool.AddCert(certificate)
		}
		return pool
	})
}

type dial = func(ctx context.Context, network, address string) (net.Conn, error)

// secured adds TLS to a dial.
func secured(plainly dial, roots func() *x509.CertPool) dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		plain, err := plainly(ctx, network, address)
		if err != nil {
			return nil, err
		}
		secure := tls.Client(plain, &tls.Config{ServerName: host, RootCAs: roots(), MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}})
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, plain.Close())
		}
		return secure, nil
	}
}
