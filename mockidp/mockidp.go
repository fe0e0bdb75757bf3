// Package mockidp is a strict OAuth 2.1 and OpenID Connect authorization server for tests, as a Go package. It runs real
// flows: authorization code with PKCE, refresh with rotation and reuse detection, client credentials, dynamic registration,
// resource indicators. It signs anybody in without a password: never expose it.
//
//	idp := mockidp.New(t, mockidp.Options{})
//	startMyServer(idp.Issuer())
//	forged := idp.Mint(nil, map[string]any{"iss": idp.Issuer(), "aud": "someone-else"}, nil)
//
// The command mock-idp is a client of this package.
package mockidp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"mcpharness/internal/idp"
	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// Options say how a server is started. The zero value is a server with the built-in configuration on a free loopback port.
type Options struct {
	Config    *Config      // nil: DefaultConfig
	Issuer    string       // the issuer URL, which may have a path; empty: http and the first listener's address
	Resources []string     // more resource indicators, with the scopes of the default one
	AutoLogin bool         // a login_hint that names a user signs in and consents without a page
	Logger    *slog.Logger // nil discards
}

// TB is the part of testing.TB that New needs.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// Server is a running authorization server. It is safe for concurrent use.
type Server struct {
	config      Config
	issuer      string
	metadataURL string
	store       *store.Store
	http        *http.Server
	client      *http.Client
	serving     sync.WaitGroup
	closeOnce   sync.Once
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
	config, err := config.withResources(options.Resources)
	if err == nil {
		err = config.validate()
	}
	if err != nil {
		return nil, err
	}
	wears := personality.Strict()
	key, err := config.signingKey(wears.SigningAlgorithm)
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
	s := &Server{config: config, issuer: options.Issuer, store: config.memory()}
	if s.issuer == "" {
		s.issuer = "http://" + listeners[0].Addr().String()
	}
	s.store.Rotate(key)
	handler, err := idp.New(idp.Options{
		Issuer: s.issuer, Personality: wears, Store: s.store, Catalog: config.catalog(),
		Lifetimes: engine.Lifetimes(config.Lifetimes), AutoLogin: options.AutoLogin, Logger: options.Logger,
	})
	if err != nil {
		_ = listeners[0].Close()
		return nil, err
	}
	s.metadataURL = handler.MetadataURL()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // a test server is never behind one
	s.client = &http.Client{Transport: transport, Timeout: 30 * time.Second}
	s.serve(handler, listeners)
	return s, nil
}

func (s *Server) serve(handler http.Handler, listeners []net.Listener) {
	s.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // peers that hang up are no news
	}
	for _, l := range listeners {
		s.serving.Go(func() { _ = s.http.Serve(l) }) // always ErrServerClosed, or the listener's end
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

// Close ends the server: requests under way get a few seconds, all connections are closed. It may be called again.
func (s *Server) Close() {
	s.closeOnce.Do(func() {
		s.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := s.http.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
			_ = s.http.Close()
		}
		s.serving.Wait()
	})
}

// MetadataURL returns where the RFC 8414 document is, for an issuer with a path too.
func (s *Server) MetadataURL() string { return s.metadataURL }
