package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"mcpharness/internal/command"
	"mcpharness/internal/guard"
	"mcpharness/internal/profile"
	"mcpharness/internal/todo"
	"mcpharness/internal/todo/sqlstore"
	"mcpharness/internal/todomcp"
	"mcpharness/mockidp"
)

// settings are what the flags say.
type settings struct {
	listen, publicURL, provider, issuer, db, idpListen string
	metricsListen                                      string
	rateLimit                                          float64
	origins                                            []string
	insecure                                           bool
	logger                                             *slog.Logger
	getenv                                             func(string) string
}

// app is a server that is ready to serve, with what it holds open.
type app struct {
	url       string // of the MCP endpoint, as clients reach it
	local     string // of the server itself, which differs behind a proxy
	issuer    string
	provider  string // the profile of --provider; "" without
	db        string
	origins   []string
	idp       *mockidp.Server // nil: another issuer
	store     *sqlstore.Store
	server    *todomcp.Server
	listeners []net.Listener
	metrics   metricsServer // zero: nothing is counted
}

// start opens everything. What it opened before an error it closes again.
func start(ctx context.Context, s settings) (_ *app, err error) {
	a := &app{origins: s.origins, provider: s.provider}
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	var authority string
	if a.listeners, authority, err = command.Listen("listen", s.listen, s.insecure); err != nil {
		return nil, err
	}
	a.local = "http://" + authority
	if a.url, err = endpoint(s.publicURL, authority); err != nil {
		return nil, err
	}
	verification, err := a.verification(s)
	if err != nil {
		return nil, err
	}
	a.issuer = verification.Issuer
	if issuer, err := url.Parse(a.issuer); err == nil && a.idp == nil && issuer.Host == authority {
		return nil, fmt.Errorf("the issuer %s is at the address where todo-mcp listens itself, so nobody else can be there; move one of them, for example todo-mcp: --listen localhost:3011", a.issuer)
	}
	gate := guard.Options{Settings: verification, Resource: a.url, AllowedOrigins: s.origins, Logger: s.logger}
	if err := check(gate); err != nil {
		return nil, err
	}
	if !(s.rateLimit >= 0 && s.rateLimit <= todomcp.MaxRateLimit) { // or no number
		return nil, fmt.Errorf("--rate-limit %v: want 0 to %d requests a second; 0 means no limit", s.rateLimit, todomcp.MaxRateLimit)
	}
	options := todomcp.Options{Guard: gate, Logger: s.logger, Version: version(), RateLimit: s.rateLimit}
	if err := a.count(s, &options); err != nil {
		return nil, err
	}
	if a.store, err = sqlstore.Open(ctx, s.db); err != nil {
		return nil, err
	}
	a.db = a.store.Location() // s.db may hold a password
	options.Todos = todo.NewService(a.store)
	if a.server, err = todomcp.New(options); err != nil {
		return nil, err
	}
	return a, nil
}

// check finds mistakes of the flags before a database is made, and names the flag where it can.
func check(o guard.Options) error {
	origins := o.AllowedOrigins
	o.Logger, o.AllowedOrigins = nil, nil
	if _, err := guard.New(o); err != nil {
		return fmt.Errorf("checking --issuer, --provider and --public-url: %w", err)
	}
	for _, origin := range origins {
		o.AllowedOrigins = []string{origin}
		if _, err := guard.New(o); err != nil {
			return fmt.Errorf("checking --allow-origin: %w", err)
		}
	}
	return nil
}

// endpoint is the MCP endpoint as clients reach it: the resource that tokens must be for.
func endpoint(publicURL, authority string) (string, error) {
	if publicURL == "" {
		return "http://" + authority + "/mcp", nil
	}
	u, err := url.Parse(publicURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(publicURL, "#") {
		return "", fmt.Errorf("--public-url %s: want an http or https URL with a host, and no query or fragment, for example https://todo.example.com/mcp", publicURL)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/mcp"
	}
	return u.String(), nil
}

// verification says whose tokens count: the profile's issuer, the one of --issuer, or the mock that is started here.
func (a *app) verification(s settings) (guard.Settings, error) {
	provider := s.provider
	if provider == "" {
		provider = "mock"
	}
	p, err := profile.Load(provider, s.getenv)
	if err != nil {
		return guard.Settings{}, err
	}
	verification := p.Guard()
	switch {
	case s.issuer != "":
		verification.Issuer = s.issuer
	case s.provider == "":
		if err := a.startIDP(s); err != nil {
			return guard.Settings{}, err
		}
		verification.Issuer = a.idp.Issuer()
	}
	return verification, nil
}

// startIDP starts the mock authorization server for this server's own URL.
func (a *app) startIDP(s settings) error {
	listeners, authority, err := command.Listen("idp-listen", s.idpListen, s.insecure)
	if err != nil {
		return err
	}
	config := mockidp.DefaultConfig()
	config.Resources[0].URI, config.DefaultResource = a.url, a.url
	more := []string{}
	if sse := todomcp.SSEURL(a.url); sse != "" {
		more = append(more, sse)
	}
	a.idp, err = mockidp.Start(mockidp.Options{Config: &config, Resources: more, Issuer: "http://" + authority, Logger: s.logger}, listeners...)
	return err
}

func (a *app) serve(ctx context.Context) error {
	listeners, metricsListeners := a.listeners, a.metrics.listeners
	a.listeners, a.metrics.listeners = nil, nil // the HTTP servers close them
	group, ctx := errgroup.WithContext(ctx)
	defer context.AfterFunc(ctx, a.server.CloseStreams)()
	group.Go(func() error { return command.Serve(ctx, a.server.Handler(), listeners) })
	if metricsListeners != nil {
		group.Go(func() error { return command.Serve(ctx, a.metrics.handler, metricsListeners) })
	}
	return group.Wait()
}

func (a *app) close() {
	for _, l := range slices.Concat(a.listeners, a.metrics.listeners) {
		_ = l.Close()
	}
	if a.idp != nil {
		a.idp.Close()
	}
	if a.store != nil {
		_ = a.store.Close() // every write was on the disk before it was answered
	}
}

// version is the module's, as clients see it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}
