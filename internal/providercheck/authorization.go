package providercheck

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// verifier is no secret: nothing is ever redeemed with it.
const verifier = "mcp-check-provider-never-redeems-a-code-with-this-verifier"

// attacker is an address that no client owns (RFC 2606 §2).
const attacker = "https://attacker.invalid/callback"

// parameters are those of an authorization request; nil takes one away.
type parameters map[string][]string

// reply is the answer to an authorization request.
type reply struct {
	answer
	home   bool       // it redirects to the redirect URI of the request
	params url.Values // what it brings there
}

func (r reply) code() string { return r.params.Get("error") }

// signIn says whether a redirect means that the request is good, and only the person is missing (OpenID Connect Core §3.1.2.6).
func (r reply) signIn() bool {
	return r.home && (r.code() == "" || slices.Contains([]string{"login_required", "interaction_required", "consent_required", "account_selection_required"}, r.code()))
}

func (r reply) says() string {
	if !r.home {
		return r.answer.says()
	}
	if r.code() == "" {
		return "a redirect without error" + map[bool]string{true: ", with a code"}[r.params.Has("code")]
	}
	return clip(r.code())
}

// explains is says with the server's own words.
func (r reply) explains() string {
	if description := r.params.Get("error_description"); r.home && description != "" {
		return fmt.Sprintf("%s (%s)", r.says(), clip(description))
	}
	return r.says()
}

// prober sends authorization requests of one client. It signs nobody in: it reads where an answer leads and does not go there.
type prober struct {
	*checker
	client  *Client
	good    parameters // a request that the server takes
	page    reply      // what it answers a good request that is to be shown to a person
	provoke parameters // what makes the server answer a good request by redirect at once; nil if nothing does
	homes   []reply    // every answer by redirect
	states  []string   // the state sent with each
}

func (p *prober) send(ctx context.Context, what string, changes ...parameters) (reply, error) {
	state := nonce()
	query := url.Values{"state": {state}}
	for _, change := range append([]parameters{p.good}, changes...) {
		for name, values := range change {
			delete(query, name)
			if values != nil {
				query[name] = values
			}
		}
	}
	endpoint, err := url.Parse(p.document.urls[authorizationEndpoint])
	if err != nil {
		return reply{}, err
	}
	sent := endpoint.Query() // RFC 6749 §3.1: a query of the endpoint's own is kept
	maps.Copy(sent, query)
	endpoint.RawQuery = sent.Encode()
	got, err := p.ask.do(ctx, question{what: what, url: endpoint.String(), header: map[string]string{"Accept": "text/html, application/json;q=0.5"}})
	if err != nil {
		return reply{}, err
	}
	r := reply{answer: got}
	if to, err := got.location(); err == nil && got.redirects() {
		r.params, r.home = arrives(to, query.Get("redirect_uri"))
	}
	if r.home {
		p.homes, p.states = append(p.homes, r), append(p.states, state)
	}
	return r, nil
}

// arrives says whether a URL is the redirect URI with parameters added to it.
func arrives(to *url.URL, redirectURI string) (url.Values, bool) {
	home, err := url.Parse(redirectURI)
	if err != nil || to.Scheme != home.Scheme || to.Host != home.Host || to.EscapedPath() != home.EscapedPath() || to.Opaque != home.Opaque {
		return nil, false
	}
	params := to.Query()
	for name, values := range home.Query() {
		if !slices.Equal(params[name], values) {
			return nil, false
		}
	}
	if to.RawFragment == "" && to.Fragment != "" && !params.Has("error") && !params.Has("code") {
		if fragment, err := url.ParseQuery(to.Fragment); err == nil {
			params = fragment
		}
	}
	return params, true
}

// outcome is what a server does with a request.
type outcome int

const (
	unclear outcome = iota
	taken
	refused
)

// judge sends a request for a person to see, and says whether the server takes it. A page may show a sign-in or an error: then the
// same request that must show no page tells.
func (p *prober) judge(ctx context.Context, what string, change parameters) (reply, outcome, error) {
	r, err := p.send(ctx, what, change)
	switch {
	case err != nil:
		return r, unclear, err
	case r.home && r.code() != "" && !r.signIn(), r.status >= 400:
		return r, refused, nil
	case r.home:
		return r, taken, nil
	case p.provoke["prompt"] == nil:
		return r, p.likePage(r), nil
	}
	quiet, err := p.send(ctx, what, change, p.provoke)
	switch {
	case err != nil:
		return r, unclear, err
	case quiet.signIn():
		return r, taken, nil
	case quiet.home:
		return quiet, refused, nil
	}
	return r, unclear, nil
}

// likePage compares with the answer to a good request, where nothing better tells.
func (p *prober) likePage(r reply) outcome {
	to, _ := r.location()
	page, _ := p.page.location()
	if r.status == p.page.status && r.redirects() == p.page.redirects() && (!r.redirects() || to != nil && page != nil && to.Host == page.Host && to.Path == page.Path) {
		return taken
	}
	return unclear
}

func challenge() string {
	hash := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(hash[:])
}

// checkUnknownClient asks as a client that nobody has registered.
func (c *checker) checkUnknownClient(ctx context.Context) {
	if c.document.urls[authorizationEndpoint] == "" {
		return
	}
	p := &prober{checker: c, good: request(&Client{ID: "mcp-check-" + nonce(), RedirectURI: attacker})}
	switch r, err := p.send(ctx, "an authorization request of an unknown client", parameters{"prompt": {"none"}}); {
	case err != nil:
		c.unanswered(UnknownClient, Error, err)
	case r.home:
		c.fail(UnknownClient, "Show an error page to the person instead of redirecting.", "an unknown client's request is redirected to %s with %s", attacker, r.explains())
	default:
		c.ok(UnknownClient, "an unknown client gets %s, not a redirect to where it likes", r.answer.says())
	}
}

// request is what an MCP client sends, but for scope, resource and state.
func request(client *Client) parameters {
	return parameters{"response_type": {"code"}, "client_id": {client.ID}, "redirect_uri": {client.RedirectURI},
		"code_challenge": {challenge()}, "code_challenge_method": {"S256"}}
}

// resource is the MCP server that the provider is to know: the one asked about, else one of its own metadata.
func (c *checker) resource() string {
	if c.Resource == "" && len(c.document.resources) > 0 {
		return c.document.resources[0]
	}
	return c.Resource
}

// checkAuthorization asks as a client that the provider knows.
func (c *checker) checkAuthorization(ctx context.Context, client *Client) {
	if c.document.urls[authorizationEndpoint] == "" {
		return
	}
	if client == nil {
		c.info(Asked, "Give --client-id and --redirect-uri of a public client, or --register to have one made.", "without a client it was not asked whether PKCE is enforced, iss is sent, redirect URIs are exact and resources are known")
		return
	}
	p := &prober{checker: c, client: client, good: request(client)}
	if len(c.Scopes) > 0 {
		p.good["scope"] = []string{strings.Join(c.Scopes, " ")}
	}
	if resource := c.resource(); resource != "" {
		p.good["resource"] = []string{resource}
	}
	if p.settle(ctx) {
		p.checkUnknownResource(ctx)
		p.checkPKCE(ctx)
		p.checkRedirects(ctx)
	}
	p.checkAnswers()
}
