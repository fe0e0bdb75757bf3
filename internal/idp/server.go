// Package idp is the authorization server: a file for each endpoint, listed in routes.go. What the endpoints answer differs
// by personality, what they refuse is written beside the RFC that says so.
package idp

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"

	"golang.org/x/sync/singleflight"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/fetch"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// Options are what a Server is made of.
type Options struct {
	Issuer        string // an absolute URL without query and fragment, with a trailing slash only where the personality's has one
	Personality   personality.Personality
	Store         *store.Store // with a signing key
	Catalog       engine.Catalog
	Lifetimes     engine.Lifetimes
	Fetcher       *fetch.Fetcher  // of client documents; nil reaches public addresses only
	Documents     *DocumentPolicy // for a personality with DocumentsByPolicy
	Sessions      bool            // a browser stays signed in, and what a person allowed is remembered
	AutoLogin     bool            // a login_hint that names somebody signs in and consents without a page
	RequirePushed bool            // authorization requests are taken only by way of the push endpoint (RFC 9126 §5)
	Logger        *slog.Logger    // nil discards
}

// Server answers for one issuer. It is an http.Handler and safe for concurrent use.
type Server struct {
	Options
	engine   *engine.Engine
	fetches  singleflight.Group // of client metadata documents
	metadata metadata
	base     string // what the endpoints' paths follow
	basePath string // of base, "" at the root
	secure   bool   // the issuer is https
	path     string // of the issuer, "" at the root, without a trailing slash
	origin   string // of the issuer
	handler  http.Handler

	execution string // the step at which a form asks for the password
}

// plainIssuer is narrower than RFC 3986: no two programs read such a URL differently, and as a path it is no pattern.
var plainIssuer = regexp.MustCompile(`^https?://([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]+)?(/[A-Za-z0-9._~-]+)*$`)

// New returns a server. It fails on an issuer that RFC 8414 §2 does not allow; http is taken too, for tests.
func New(options Options) (*Server, error) {
	slash := strings.HasSuffix(options.Personality.IssuerPath, "/")
	issuer, err := url.Parse(options.Issuer)
	plain := strings.TrimSuffix(options.Issuer, "/")
	switch {
	case err != nil:
		return nil, fmt.Errorf("issuer %q: %w", options.Issuer, err)
	case issuer.Scheme != "http" && issuer.Scheme != "https" || issuer.Hostname() == "" || issuer.User != nil:
		return nil, fmt.Errorf("issuer %q: want an http or https URL with a host", options.Issuer)
	case issuer.RawQuery != "" || issuer.ForceQuery || strings.Contains(options.Issuer, "#"):
		return nil, fmt.Errorf("issuer %q: no query and no fragment allowed (RFC 8414 section 2)", options.Issuer)
	case slash && !strings.HasSuffix(issuer.Path, "/"):
		return nil, fmt.Errorf("issuer %q: want it with a trailing slash, as %s has it; clients compare issuers as strings", options.Issuer, options.Personality.Name)
	case !slash && strings.HasSuffix(issuer.Path, "/"):
		return nil, fmt.Errorf("issuer %q: want it without the trailing slash; clients compare issuers as strings", options.Issuer)
	case !plainIssuer.MatchString(plain) || issuer.Path != "" && path.Clean(issuer.Path) != strings.TrimSuffix(issuer.Path, "/") && issuer.Path != "/":
		return nil, fmt.Errorf("issuer %q: want a host, and a path of plain segments: letters, digits and -._~, none of them empty or only dots", options.Issuer)
	}
	if options.Personality.Session.Consents {
		options.Store.ConsentsInSession()
	}
	options.Sessions = options.Sessions || options.Personality.Session.Always
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Fetcher == nil {
		options.Fetcher = fetch.New(fetch.Options{})
	}
	s := &Server{Options: options, secure: issuer.Scheme == "https", path: strings.TrimSuffix(issuer.Path, "/"), origin: issuer.Scheme + "://" + issuer.Host}
	if s.base = s.origin; !options.Personality.FromHost {
		s.base, s.basePath = plain, s.path
	}
	s.engine = engine.New(engine.Config{
		Issuer: options.Issuer, Base: s.base, Personality: options.Personality, Store: options.Store, FindClient: s.client,
		FetchKeys: s.fetchKeys, Catalog: &s.Catalog, Lifetimes: options.Lifetimes,
	})
	s.metadata = s.describe()
	s.execution = newStep()
	s.handler = s.routes()
	return s, nil
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// url is an endpoint as metadata and forms name it.
func (s *Server) url(path string) string { return s.base + path }

// PathOf is the URL path of one of the personality's endpoints, for those who stand before the server; "" where there is none.
func (s *Server) PathOf(endpoint string) string {
	if endpoint == "" {
		return ""
	}
	return s.basePath + endpoint
}

// pageAt is a page, or what its script calls.
func (s *Server) pageAt(path string) string {
	if s.Personality.PagesFromHost {
		return s.origin + path
	}
	return s.url(path)
}
