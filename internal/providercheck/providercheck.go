// Package providercheck asks an authorization server over HTTP whether it is fit for MCP: what its metadata promise, and, with a
// client's identifier, what its endpoints do. It sends no secret, redeems nothing and signs nobody in. The rules are those of MCP
// 2026-07-28 and of the RFCs that it names.
package providercheck

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options say what to check. Only the issuer is needed.
type Options struct {
	Issuer      string
	MetadataURL string   // where a profile finds the document, if it is at no well-known place
	Scopes      []string // that clients will ask for, in the provider's words
	Resource    string   // an MCP server's URL that the provider is to know (RFC 8707)
	Client      *Client  // a registered public client; nil asks only what needs none
	Register    bool     // register a client (RFC 7591) and use it where Client is nil; it is deleted again where the server lets it (RFC 7592)
	Origin      string   // whose CORS is checked; the MCP Inspector's by default

	Transport http.RoundTripper // nil: one that uses the proxy of the environment
	Notice    func(string)      // told, from another goroutine, when an answer is waited for longer than a second
}

// Client is a client that the provider knows. No secret is ever sent.
type Client struct {
	ID          string
	RedirectURI string
}

const inspectorOrigin = "http://localhost:6274"

// CheckIssuer says why a text cannot be an issuer to ask. What else is wrong with it is a finding.
func CheckIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("issuer %q: want an https URL, such as https://idp.example/tenant", issuer)
	}
	if u.User != nil {
		return fmt.Errorf("issuer of host %s: want no user name or password in it", u.Host)
	}
	if before, after, found := strings.Cut(issuer, "/.well-known/"); found {
		_, path, _ := strings.Cut(after, "/")
		return fmt.Errorf("%q is the URL of a document; want the issuer: %s", issuer, strings.TrimSuffix(before+"/"+path, "/"))
	}
	return nil
}

// checker is one run.
type checker struct {
	Options
	issuer   *url.URL
	ask      *asker
	findings []Finding
	document *document
	source   string      // where the document was read
	served   http.Header // with what
}

// Run checks a provider. It sends at most 60 requests, one after the other, each for at most 5 seconds and all for at most 30. An error
// means that the options cannot be asked, or that the context ended; whatever the provider does is in the report.
func Run(ctx context.Context, options Options) (Report, error) {
	if err := CheckIssuer(options.Issuer); err != nil {
		return Report{}, err
	}
	if u, err := url.Parse(options.Origin); options.Origin != "" && (err != nil || u.Host == "" || u.Scheme+"://"+u.Host != options.Origin) {
		return Report{}, fmt.Errorf("origin %q: want scheme and host, such as %s", options.Origin, inspectorOrigin)
	}
	if options.Client != nil {
		if u, err := url.Parse(options.Client.RedirectURI); err != nil || u.Scheme == "" || u.Fragment != "" || options.Client.ID == "" {
			return Report{}, fmt.Errorf("client %q with redirect URI %q: want both, and an absolute URI without fragment", options.Client.ID, options.Client.RedirectURI)
		}
	}
	begin := time.Now()
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, totalTimeout)
	defer cancel()
	options.Origin = cmp.Or(options.Origin, inspectorOrigin)
	if options.Notice == nil {
		options.Notice = func(string) {}
	}
	if options.Transport == nil {
		transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10}
		defer transport.CloseIdleConnections()
		options.Transport = transport
	}
	issuer, _ := url.Parse(options.Issuer)
	c := &checker{Options: options, issuer: issuer, ask: newAsker(options.Transport, options.Notice)}
	c.run(ctx)
	if whole.Err() != nil {
		return Report{}, context.Cause(whole)
	}
	c.manners()
	return Report{Issuer: options.Issuer, Findings: sorted(c.findings), Requests: c.ask.sent, Took: time.Since(begin)}, nil
}

func (c *checker) run(ctx context.Context) {
	c.checkIssuer()
	if c.findMetadata(ctx); c.document == nil {
		return
	}
	c.checkDocument()
	c.checkKeys(ctx)
	c.checkDiscoveryCORS(ctx)
	client, remove := c.register(ctx)
	defer remove()
	c.checkTokenEndpoint(ctx, client)
	c.checkUnknownClient(ctx)
	c.checkAuthorization(ctx, client)
}

func (c *checker) checkIssuer() {
	switch {
	case c.issuer.Scheme == "http" && !loopback(c.issuer):
		c.fail(IssuerForm, "Serve it over https.", "the issuer %s is http, and not on this machine", c.Issuer)
	case c.issuer.RawQuery != "" || c.issuer.ForceQuery || strings.Contains(c.Issuer, "#"):
		c.fail(IssuerForm, "Choose an issuer without them.", "the issuer %s has a query or a fragment", c.Issuer)
	default:
		c.ok(IssuerForm, "%s", c.Issuer)
	}
}

// manners tells how the server was to talk to.
func (c *checker) manners() {
	if c.ask.slowest > slowAnswer {
		c.warn(AnswerTime, "See what keeps the server: a cold start, a far region, a lookup.", "the slowest answer, %s, took %s", c.ask.slowestWhat, c.ask.slowest.Round(100*time.Millisecond))
	} else if c.document != nil {
		c.ok(AnswerTime, "no answer took longer than %s", max(c.ask.slowest.Round(time.Millisecond), time.Millisecond))
	}
	if cut := c.ask.cut; len(cut) > 0 {
		c.warn(Unfinished, "Run it again, when the server answers faster.", "the check had used up its %s or %d requests; not asked: %s", totalTimeout, maxRequests, strings.Join(cut, ", "))
	}
	if end := c.ask.expires; !end.IsZero() {
		if left := time.Until(end); left < 14*24*time.Hour {
			c.warn(TLS, "Renew the certificate.", "a certificate ends on %s, in %s", end.UTC().Format(time.DateOnly), plural(int(left.Hours()/24), "day"))
		} else {
			c.ok(TLS, "trusted certificates, good until %s", end.UTC().Format(time.DateOnly))
		}
	}
}

func loopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return strings.EqualFold(u.Hostname(), "localhost") || ip != nil && ip.IsLoopback()
}

// nonce is a value that no server has seen.
func nonce() string { return strings.ToLower(rand.Text()) }
