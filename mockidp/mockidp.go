// Package mockidp is a strict OAuth 2.1 and OpenID Connect authorization server for tests, as a Go package. It runs real
// flows: authorization code with PKCE, refresh with rotation and reuse detection, client credentials, dynamic registration and
// its management, pushed requests, introspection, revocation, logout, resource indicators. It signs anybody in without a password: never expose it.
//
//	idp := mockidp.New(t, mockidp.Options{})
//	startMyServer(idp.Issuer())
//	forged := idp.Mint(nil, map[string]any{"iss": idp.Issuer(), "aud": "someone-else"}, nil)
//
// The command mock-idp is a client of this package.
package mockidp

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"mcpharness/internal/idp"
	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/fetch"
	"mcpharness/internal/idp/statefile"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// Options say how a server is started. The zero value is a server with the built-in configuration on a free loopback port.
type Options struct {
	Config    *Config      // nil: DefaultConfig
	As        string       // the provider to stand in for, a name of Personalities; empty: strict
	Issuer    string       // the issuer URL, which may have a path; empty: Origin, and the path of the personality
	Origin    string       // scheme and host of the issuer; empty: http or https, and the first listener's address
	Realm     string       // a Keycloak realm file with people, clients, scopes and lifetimes, which take the place of Config's; empty: none
	Features  []string     // what is off by default in the provider that the server stands in for, and is to be on
	Resources []string     // more resource indicators, with the scopes of the default one
	AutoLogin bool         // a login_hint that names a user signs in and consents without a page
	Faults    []string     // how it misbehaves, names of Faults; nil: not at all
	StateFile string       // keeps registered clients and signing keys over a restart, for one server at a time; empty: nothing is kept
	Logger    *slog.Logger // nil discards

	// TLS serves https with a certificate of an authority that is made at the start: see CertificateAuthority.
	TLS bool
	// Certificate serves https with this certificate.
	Certificate *tls.Certificate
	// Dial connects to the hosts of client documents, for networks in memory; nil: the network, as client_documents says. It
	// answers for the addresses that it reaches.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// TB is the part of testing.TB that New needs.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// Server is a running authorization server. It is safe for concurrent use.
type Server struct {
	config       Config
	issuer       string
	unimitated   []Unimitated
	remarks      []string
	scopes       []store.ClientScope // of the realm
	store        *store.Store
	state        *statefile.File // nil: nothing is kept
	certificates certificates
	handler      *idp.Server
	front        http.Handler // the handler, behind the faults that were asked for
	http         *http.Server
	client       *http.Client
	serving      sync.WaitGroup
	closeOnce    sync.Once
	closeError   error
}

// New starts a server for a test and ends it with the test. It fails the test if that cannot be done.
func New(t TB, options Options) *Server {
	t.Helper()
	s, err := Start(options)
	if err != nil {
		t.Fatalf("mockidp: %v", err)
		return nil
	}
	t.Cleanup(s.Close)
	return s
}

// Start starts a server on listeners, which it owns from then on, or on a free port of 127.0.0.1 where none is given.
// It accepts connections when Start returns. The error says what is wrong with the options.
func Start(options Options, listeners ...net.Listener) (*Server, error) {
	s, err := start(options, listeners)
	if err != nil {
		for _, l := range listeners {
			_ = l.Close()
		}
		return nil, err
	}
	return s, nil
}

func start(options Options, listeners []net.Listener) (*Server, error) {
	config := DefaultConfig()
	if options.Config != nil {
		config = *options.Config
	}
	wears, err := personalityNamed(options.As)
	if err == nil {
		wears, err = wears.With(options.Features)
	}
	if err != nil {
		return nil, err
	}
	fromFile, err := readRealm(options, wears)
	if err != nil {
		return nil, err
	}
	if config, err = config.withResources(options.Resources); err == nil {
		err = config.validate()
	}
	if err != nil {
		return nil, err
	}
	if len(listeners) == 0 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("listening: %w", err)
		}
		listeners = []net.Listener{l}
	}
	s := &Server{config: config, issuer: options.Issuer}
	like := model{wears: wears}
	if fromFile == nil {
		s.store, like.catalog = s.config.memory(wears)
		like.lifetimes = s.config.Lifetimes.engine()
	} else {
		like = s.takeRealm(wears, fromFile)
	}
	if err := s.prepare(options, like, listeners); err != nil {
		_ = listeners[0].Close()
		if s.state != nil {
			_ = s.state.Close()
		}
		return nil, err
	}
	s.serve(listeners)
	return s, nil
}

// model is what a server behaves like.
type model struct {
	wears     personality.Personality
	catalog   engine.Catalog
	lifetimes engine.Lifetimes
	documents *idp.DocumentPolicy // nil: none
}

// prepare makes all that a server needs before it can serve.
func (s *Server) prepare(options Options, like model, listeners []net.Listener) (err error) {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if s.certificates, err = certificatesFor(options, listeners); err != nil {
		return err
	}
	origin := cmp.Or(options.Origin, s.certificates.scheme()+"://"+listeners[0].Addr().String())
	s.issuer = cmp.Or(s.issuer, origin+like.wears.IssuerPath)
	trusted := s.certificates.trusted
	if file := s.config.ClientDocuments.CAFile; file != "" {
		more, err := readCertificates(file)
		if err != nil {
			return fmt.Errorf("client_documents.ca_file: %w", err)
		}
		trusted = append(trusted, more...)
	}
	var kept statefile.State
	if options.StateFile != "" {
		if s.state, err = statefile.Open(options.StateFile); err != nil {
			return err
		}
		if kept, err = s.state.Read(); err != nil {
			return err
		}
	}
	if err := s.recall(kept, like.wears.SigningAlgorithm); err != nil {
		return err
	}
	s.handler, err = idp.New(idp.Options{
		Issuer: s.issuer, Personality: like.wears, Store: s.store, Catalog: like.catalog, Lifetimes: like.lifetimes,
		Fetcher:       fetch.New(fetch.Options{AllowPrivate: s.config.ClientDocuments.AllowPrivate || like.documents != nil, Trusted: trusted, Dial: options.Dial}),
		Documents:     like.documents,
		RequirePushed: s.config.RequirePushed, Sessions: s.config.Sessions, AutoLogin: options.AutoLogin, Logger: options.Logger,
	})
	if err != nil {
		return err
	}
	if s.front, err = s.behindFaults(options.Faults, like.wears.Paths); err != nil {
		return err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // a test server is never behind one
	transport.TLSClientConfig = s.certificates.client()
	s.client = &http.Client{Transport: transport, Timeout: 30 * time.Second}
	if s.state != nil {
		return s.state.Follow(s.store, options.Logger)
	}
	return nil
}

func (s *Server) serve(listeners []net.Listener) {
	s.http = &http.Server{
		Handler:           s.front,
		TLSConfig:         s.certificates.server(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // peers that hang up are no news
	}
	for _, l := range listeners {
		serve := s.http.Serve
		if s.certificates.own != nil {
			serve = func(l net.Listener) error { return s.http.ServeTLS(l, "", "") }
		}
		s.serving.Go(func() { _ = serve(l) }) // always ErrServerClosed, or the listener's end
	}
}

// Issuer returns the issuer identifier, as tokens and metadata state it.
func (s *Server) Issuer() string { return s.issuer }

// Client returns an HTTP client that reaches the server over the network; its idle connections end with the server.
func (s *Server) Client() *http.Client { return s.client }

// Config returns the configuration in force, further resources included.
func (s *Server) Config() Config { return s.config }

// RotateKeys makes a new signing key for the same algorithm. The old one stays published, so tokens that it signed stay valid.
func (s *Server) RotateKeys() error {
	key, err := generate(s.store.SigningKey().Algorithm)
	if err != nil {
		return err
	}
	s.store.Rotate(key)
	return nil
}

// Close ends the server: requests under way get a few seconds, all connections are closed, and the state file is written a last
// time. It may be called again.
func (s *Server) Close() { _ = s.Shutdown() }

// Shutdown is Close with an error, which is about the state file.
func (s *Server) Shutdown() error {
	s.closeOnce.Do(func() {
		s.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := s.http.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
			_ = s.http.Close()
		}
		s.serving.Wait()
		if s.state != nil {
			s.closeError = s.state.Close()
		}
	})
	return s.closeError
}

// MetadataURL returns where metadata are: the RFC 8414 document if the personality serves it, for an issuer with a path too.
func (s *Server) MetadataURL() string { return s.handler.MetadataURL() }

// CertificateAuthority returns the authority, as PEM, that clients must trust to reach a server with Options.TLS; else nil.
func (s *Server) CertificateAuthority() []byte { return s.certificates.authority }

// ClientDocumentURL returns where this server serves a metadata document of a client of its configuration, for tests of clients
// that are named by a URL; "" where it serves none: the server does not speak https, or the client has a secret or no redirect URI.
func (s *Server) ClientDocumentURL(clientID string) string {
	c, known := s.store.Client(clientID)
	if !known {
		return ""
	}
	return s.handler.DocumentURL(c)
}
