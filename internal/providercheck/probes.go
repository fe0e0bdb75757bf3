package providercheck

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// settle finds a request that the server takes, and what makes it answer without a page. What it takes away on the way is what the
// server refuses.
func (p *prober) settle(ctx context.Context) bool {
	const what = "an authorization request"
	quiet := parameters{"prompt": {"none"}}
	r, err := p.send(ctx, what, quiet)
	for err == nil && r.home && p.concede(r) {
		r, err = p.send(ctx, what, quiet)
	}
	switch {
	case err != nil:
		p.unanswered(AuthorizationRequest, Error, err)
		return false
	case r.signIn():
		p.provoke = quiet
		p.ok(AuthorizationRequest, "a request of %s is answered by redirect: %s", clip(p.client.ID), r.says())
	case r.home:
		p.fail(AuthorizationRequest, "Correct the client's registration, or what the check sends (--scope, --resource).", "a good request of %s gets %s", clip(p.client.ID), r.explains())
		return false
	case r.status >= 400:
		p.fail(AuthorizationRequest, "See that the client is registered with exactly this redirect URI.", "a good request of %s with %s is not redirected: %s", clip(p.client.ID), p.client.RedirectURI, r.explains())
		return false
	default:
		p.page = r
		loud := parameters{"response_type": {"mcp-check"}}
		if r, err := p.send(ctx, what, loud); err == nil && r.home {
			p.provoke = loud
			p.ok(AuthorizationRequest, "a request of %s shows a page; an unknown response_type is answered by redirect: %s", clip(p.client.ID), r.says())
		} else {
			p.info(AuthorizationRequest, "", "a request of %s gets %s, and nothing is answered by redirect without a sign-in", clip(p.client.ID), p.page.says())
		}
	}
	if p.good["scope"] != nil && len(p.Scopes) > 0 {
		p.ok(ScopesAccepted, "%s", strings.Join(p.Scopes, " "))
	}
	if resource := p.good["resource"]; resource != nil {
		p.ok(ResourceKnown, "a request for %s is taken", resource[0])
	}
	return true
}

// concede notes what the server refuses about scope or resource and takes it out of the request. It returns false where neither is to blame.
func (p *prober) concede(r reply) bool {
	switch {
	case r.code() == "invalid_target" && p.good["resource"] != nil:
		p.fail(ResourceKnown, "Let the provider know the MCP server's URL, letter by letter, as a resource (API, indicator); mind the slash at the end.", "%s is refused: %s", p.good["resource"][0], r.explains())
		delete(p.good, "resource")
	case r.code() == "invalid_scope" && p.good["scope"] != nil:
		p.fail(ScopesAccepted, "Let the provider know these scopes and let the client ask for them.", "%s: %s", p.good["scope"][0], r.explains())
		delete(p.good, "scope")
	case slices.Contains([]string{"invalid_scope", "access_denied"}, r.code()) && p.good["scope"] == nil &&
		slices.Contains(p.document.scopes, "openid") && !slices.ContainsFunc(p.findings, func(f Finding) bool { return f.Code == ScopesAccepted }):
		p.warn(ScopesAccepted, "Give the client default scopes: clients that know of none leave scope out.", "a request without scope is refused: %s", r.explains())
		p.good["scope"] = []string{"openid"}
	default:
		return false
	}
	return true
}

func (p *prober) checkUnknownResource(ctx context.Context) {
	const unknown = "https://unknown-resource.invalid/mcp"
	r, how, err := p.judge(ctx, "an authorization request for an unknown resource", parameters{"resource": {unknown}})
	const fix = "Turn resource indicators on, if the provider has them. Until then let the MCP server check the audience strictly, and let scopes or audience mappers choose it."
	switch {
	case err != nil:
		p.unanswered(ResourceUnknown, Warning, err)
	case how == refused && r.home && r.code() == "invalid_target":
		p.ok(ResourceUnknown, "an unknown resource gets invalid_target")
	case how == refused:
		p.info(ResourceUnknown, "", "an unknown resource is refused, but not with invalid_target: %s", r.explains())
	case how == taken:
		p.warn(ResourceUnknown, fix, "the authorization endpoint takes an unknown resource: resource is ignored, or looked at later only")
	default:
		p.info(ResourceUnknown, "", "what an unknown resource gets cannot be told without a sign-in: %s", r.explains())
	}
}

func (p *prober) checkPKCE(ctx context.Context) {
	r, how, err := p.judge(ctx, "an authorization request without PKCE", parameters{"code_challenge": nil, "code_challenge_method": nil})
	level := Warning // the sign-in comes first at some servers, which refuse the request after it (fosite's)
	if r.params.Has("code") {
		level = Error
	}
	p.conclude(PKCEEnforced, level, "Require PKCE of public clients (a setting of the client or the server).", "a request without code_challenge", r, how, err)
	r, how, err = p.judge(ctx, "an authorization request with a plain challenge", parameters{"code_challenge": {verifier}, "code_challenge_method": {"plain"}})
	p.conclude(PKCEPlain, Warning, "Allow S256 only.", "a plain code_challenge", r, how, err)
	if len(p.document.challenges) == 0 {
		p.checkUnadvertised()
	}
}

// checkUnadvertised tells whether the metadata are all that is wrong. The good request had an S256 challenge, and was taken.
func (p *prober) checkUnadvertised() {
	if holds(p.findings, PKCEEnforced, OK) {
		p.ok(PKCEWorks, "a request with an S256 challenge is taken and one without is refused: PKCE works, only the metadata do not say so")
	} else {
		p.info(PKCEWorks, "", "a request with an S256 challenge is taken; whether the challenge is looked at cannot be told without a sign-in")
	}
}

func (p *prober) conclude(code Code, level Level, fix, subject string, r reply, how outcome, err error) {
	switch {
	case err != nil:
		p.unanswered(code, Warning, fmt.Errorf("%s: %w", subject, err))
	case how == refused:
		p.ok(code, "%s is refused: %s", subject, r.says())
	case how == taken:
		p.note(code, level, fix, "%s is taken, or refused after the sign-in only: %s", subject, r.says())
	default:
		p.info(code, "", "what %s gets cannot be told without a sign-in: %s", subject, r.explains())
	}
}

// checkRedirects asks for answers at addresses that the client has not registered. To be redirected there is the fault.
func (p *prober) checkRedirects(ctx context.Context) {
	own := p.client.RedirectURI
	joint := "?"
	if strings.Contains(own, "?") {
		joint = "&"
	}
	path, query, _ := strings.Cut(own, "?")
	longer := path + "/extra"
	if query != "" {
		longer += "?" + query
	}
	var loose []string
	unsure := ""
	for _, other := range []string{attacker, longer, own + joint + "mcp-check=1"} {
		r, err := p.send(ctx, "an authorization request with another redirect URI", parameters{"redirect_uri": {other}}, p.provoke)
		switch {
		case err != nil:
			unsure = err.Error()
		case r.home:
			loose = append(loose, other)
		case p.provoke == nil && r.status < 400:
			unsure = r.says()
		}
	}
	switch {
	case len(loose) > 0:
		p.fail(RedirectExact, "Register full redirect URIs without wildcards, and compare them letter by letter.", "the server redirects where the client did not register: %s", strings.Join(loose, ", "))
	case unsure != "":
		p.info(RedirectExact, "", "what another redirect URI gets cannot be told without a sign-in: %s", unsure)
	default:
		p.ok(RedirectExact, "another host, a longer path and an added query are not redirected to")
	}
	p.checkLoopbackPort(ctx)
}

func (p *prober) checkLoopbackPort(ctx context.Context) {
	own, err := url.Parse(p.client.RedirectURI)
	if err != nil || own.Scheme != "http" || !loopback(own) || p.provoke == nil {
		return
	}
	port := "49731"
	if own.Port() == port {
		port = "49732"
	}
	own.Host = net.JoinHostPort(own.Hostname(), port)
	const fix = "Let loopback redirect URIs have any port; at some providers that is the type of the client (native), at others a registration without port."
	switch r, err := p.send(ctx, "an authorization request with another loopback port", parameters{"redirect_uri": {own.String()}}, p.provoke); {
	case err != nil:
		p.unanswered(RedirectLoopbackPort, Warning, err)
	case r.home:
		p.ok(RedirectLoopbackPort, "another port of %s is fine", own.Hostname())
	case net.ParseIP(own.Hostname()) == nil:
		p.info(RedirectLoopbackPort, fix, "another port of localhost is refused: %s", r.explains())
	default:
		p.warn(RedirectLoopbackPort, fix, "another port of %s is refused: %s", own.Hostname(), r.explains())
	}
}

// checkAnswers looks at every redirect to the client for state and iss.
func (p *prober) checkAnswers() {
	if len(p.homes) == 0 {
		p.info(IssSent, "", "no answer by redirect was seen, so iss and state were not either")
		return
	}
	lost, without := 0, 0
	var wrong string
	for i, r := range p.homes {
		if !slices.Equal(r.params["state"], []string{p.states[i]}) {
			lost++
		}
		switch iss := r.params["iss"]; {
		case len(iss) == 0:
			without++
		case !slices.Equal(iss, []string{p.Issuer}):
			wrong = strings.Join(iss, " ")
		}
	}
	total := plural(len(p.homes), "answer")
	if lost > 0 {
		p.fail(State, "Send state back unchanged, with errors too.", "%d of %s did not bring state back", lost, total)
	} else {
		p.ok(State, "state came back in %s", total)
	}
	switch advertised := p.document.iss; {
	case wrong != "":
		p.fail(IssSent, "Send the issuer of the metadata, letter by letter.", "want iss %q, got %q", p.Issuer, clip(wrong))
	case without > 0 && advertised:
		p.fail(IssSent, "Send iss in every authorization response, errors too, or do not advertise it.", "iss is advertised and missing in %d of %s", without, total)
	case without == len(p.homes):
		p.info(IssSent, "", "iss is neither advertised nor sent")
	case without > 0:
		p.warn(IssSent, "Send iss in every authorization response and advertise it.", "iss is missing in %d of %s", without, total)
	case !advertised:
		p.warn(IssSent, "Advertise it: authorization_response_iss_parameter_supported. Some clients refuse an iss that they were not told of.", "iss is sent but not advertised")
	default:
		p.ok(IssSent, "iss came in %s", total)
	}
}
