package guard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Options configure a [Guard]. Issuer (in Settings) and Resource are required.
type Options struct {
	Settings
	Resource       string       // public URL of the MCP endpoint, the metadata's resource and the default audience
	ResourceName   string       // resource_name of the metadata; may be empty
	Scopes         []string     // by this server's names: the 401 challenge's scope and the metadata's scopes_supported, in this order; never offline_access
	AllowedOrigins []string     // browser origins besides Resource's own, as scheme://host[:port]
	HTTPClient     *http.Client // for metadata, key sets and questions about tokens; nil: one with limits. Redirects are refused with any client
	Logger         *slog.Logger // nil: nothing is logged
	// Authorize is the server's policy: nil lets the call go on, a Denial becomes a 403 challenge. It runs after the
	// token's verdict and must be safe for concurrent use. Nil: every verified identity may do everything.
	Authorize func(ctx context.Context, id Identity, call Call) *Denial
	// Throttle says how long an identity has to wait before its next request; 0: this one may go on. It runs right after
	// the token's verdict, before anything else is read, and must be safe for concurrent use. Nil: nobody waits.
	Throttle func(id Identity) time.Duration
}

// Guard is the gate in front of one MCP endpoint. It is safe for concurrent use and needs no closing: it keeps no
// goroutine and no connection between fetches of keys, and after it asked about a token no longer than ten seconds.
type Guard struct {
	settings   Settings
	algorithms []jose.SignatureAlgorithm
	authorize  func(ctx context.Context, id Identity, call Call) *Denial
	throttle   func(id Identity) time.Duration
	logger     *slog.Logger

	client    *http.Client // asks the issuer
	authority *authority
	keys      *keySource
	verified  *verifiedTokens
	inquiries *inquiries

	scheme  string
	hosts   map[string]bool // Host values that are this server
	origins map[string]bool // Origin values that may call it

	resource, resourceName string
	headerless             bool // the transport has no MCP headers

	scopes        []string            // by the names that clients ask for
	named         map[string][]string // a scope's name in tokens -> this server's
	metadataPaths []string
	metadataURL   string // what challenges name as resource_metadata
	metadata      []byte
}

// New checks the options. It does no network: metadata and keys are fetched when the first token needs them.
func New(o Options) (*Guard, error) {
	resource, err := checkURL("resource", o.Resource)
	if err != nil {
		return nil, err
	}
	if resource.RawQuery != "" || resource.ForceQuery {
		return nil, fmt.Errorf("resource: want a URL without a query, got %q", o.Resource)
	}
	s, err := completeSettings(o)
	if err != nil {
		return nil, err
	}
	for _, scope := range o.Scopes {
		if !isScopeToken(scope) {
			return nil, fmt.Errorf("scopes: want scope names without spaces, quotes and backslashes, got %q", scope)
		}
		if scope == "offline_access" {
			return nil, errors.New("scopes: offline_access is no scope of a resource server (MCP authorization, SEP-2207)")
		}
	}
	g := &Guard{
		settings:  s,
		authorize: o.Authorize,
		throttle:  o.Throttle,
		resource:  o.Resource, resourceName: o.ResourceName,
		logger:  o.Logger,
		scheme:  strings.ToLower(resource.Scheme),
		hosts:   map[string]bool{},
		origins: map[string]bool{},
		scopes:  s.asked(o.Scopes),
		named:   s.named(),
	}
	if g.logger == nil {
		g.logger = slog.New(slog.DiscardHandler)
	}
	for _, alg := range s.Algorithms {
		g.algorithms = append(g.algorithms, jose.SignatureAlgorithm(alg))
	}
	for _, host := range ownHosts(resource) {
		g.hosts[host] = true
		g.origins[g.scheme+"://"+host] = true
	}
	for _, origin := range o.AllowedOrigins {
		u, err := checkURL("allowed origin", origin)
		if err != nil {
			return nil, err
		}
		if canonical := u.Scheme + "://" + canonicalHost(u.Scheme, u.Host); canonical != origin {
			return nil, fmt.Errorf("allowed origin: want scheme://host[:port] as browsers send it, %q, got %q", canonical, origin)
		}
		g.origins[origin] = true
	}
	if err := g.describe(resource); err != nil {
		return nil, err
	}
	issuer, _ := url.Parse(s.Issuer)
	if issuer.Scheme == "http" && !isLoopback(issuer.Hostname()) {
		g.logger.Warn("the issuer is plain http: whoever is on the network path can replace its keys", "issuer", s.Issuer)
	}
	if s.AudienceMode == AudienceUnbound {
		g.logger.Warn("nothing ties tokens to this server: every client of the issuer can use its users' tokens here", "issuer", s.Issuer)
	}
	g.client = withoutRedirects(o.HTTPClient)
	g.authority = newAuthority(s, g.client)
	g.keys = newKeySource(g.authority, g.client, g.logger)
	g.remember()
	return g, nil
}

// remember gives the guard memories of its own: what they hold are verdicts by its settings.
func (g *Guard) remember() {
	judge := g.introspect
	if g.settings.Verify == VerifyUserinfo {
		judge = g.askUserinfo
	}
	g.verified = newVerifiedTokens()
	g.inquiries = newInquiries(g.settings, g.logger, judge)
}

func checkURL(what, raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return nil, fmt.Errorf("%s: want an absolute http or https URL, got nothing", what)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", what, err)
	case (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.Opaque != "":
		return nil, fmt.Errorf("%s: want an absolute http or https URL, got %q", what, raw)
	case u.User != nil || strings.ContainsAny(raw, "#\"\\"):
		return nil, fmt.Errorf("%s: want a URL without user, fragment, quotes and backslashes, got %q", what, raw)
	}
	return u, nil
}

// ownHosts are the Host values that mean this server. A loopback server is reached under every loopback name.
func ownHosts(resource *url.URL) []string {
	hosts := []string{canonicalHost(resource.Scheme, resource.Host)}
	if !isLoopback(resource.Hostname()) {
		return hosts
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		host := "[" + name + "]"
		if port := resource.Port(); port != "" {
			host = net.JoinHostPort(name, port)
		} else if !strings.Contains(name, ":") {
			host = name
		}
		hosts = append(hosts, canonicalHost(resource.Scheme, host))
	}
	return hosts
}

// canonicalHost lowers the case and drops the scheme's default port, as browsers do in Origin.
func canonicalHost(scheme, host string) string {
	host = strings.ToLower(host)
	switch scheme {
	case "http":
		return strings.TrimSuffix(host, ":80")
	case "https":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
