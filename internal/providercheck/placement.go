package providercheck

import (
	"cmp"
	"context"
	"fmt"
	"mime"
	"slices"
	"strings"
)

// placement is a URL where metadata may be.
type placement struct {
	code Code
	url  string
	mcp  bool // MCP clients ask there
	oidc bool

	document *document
	problem  string // why there is none
	absent   bool   // the server says so, and clients ask at the next place
	answer   answer
}

// placements lists the places in the order in which MCP clients ask, then what only others ask (MCP 2026-07-28, authorization server
// discovery). For an issuer without a path, inserted and appended are one.
func (c *checker) placements() []*placement {
	host := c.issuer.Scheme + "://" + c.issuer.Host
	path := strings.TrimSuffix(c.issuer.EscapedPath(), "/") // RFC 8414 §3.1, OpenID Connect Discovery §4.1
	const oauth, oidc = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"
	places := []*placement{
		{code: MetadataOAuthInserted, url: host + oauth + path, mcp: true},
		{code: MetadataOIDCInserted, url: host + oidc + path, mcp: true, oidc: true},
		{code: MetadataOIDCAppended, url: host + path + oidc, mcp: true, oidc: true},
		{code: MetadataOAuthAppended, url: host + path + oauth},
	}
	if path == "" {
		return []*placement{places[0], places[2]}
	}
	return places
}

// findMetadata reads every place, and chooses the document that MCP clients would.
func (c *checker) findMetadata(ctx context.Context) {
	places := c.placements()
	var unread error
	answered := false
	for _, p := range places {
		err := c.readPlace(ctx, p)
		answered = answered || err == nil
		unread = cmp.Or(unread, err)
	}
	if !answered {
		c.gone(unread)
		return
	}
	c.ok(Reachable, "%s answers", c.issuer.Host)
	served := slices.DeleteFunc(slices.Clone(places), func(p *placement) bool { return p.document == nil })
	c.choose(places, served)
	before := c.document != nil
	for _, p := range places {
		before = before && p.document != c.document
		c.judgePlace(p, before)
	}
	if c.document == nil {
		c.fromProfile(ctx)
		return
	}
	c.checkAgreement(served)
}

// gone notes that nothing answers, or nothing that can be trusted.
func (c *checker) gone(err error) {
	if reason, ok := distrusts(err); ok {
		c.ok(Reachable, "%s answers", c.issuer.Host)
		c.fail(TLS, "Install a certificate for this host with its chain. For one of your own authority set SSL_CERT_FILE to the authority's certificate; for a server without TLS on this machine write http.", "%s", reason)
		return
	}
	c.fail(Reachable, "See whether the server runs, and whether host and port are right.", "%s: %v", c.issuer.Host, err)
}

// readPlace asks at one place. The error is for a request that got no answer.
func (c *checker) readPlace(ctx context.Context, p *placement) error {
	got, err := c.ask.read(ctx, question{what: string(p.code), url: p.url})
	if err != nil {
		p.problem = err.Error()
		return err
	}
	p.answer = got
	switch {
	case got.redirects():
		p.problem = got.says() + ", which was not followed"
	case got.status >= 400 && got.status < 500:
		p.problem, p.absent = got.says(), true
	case got.status != 200:
		p.problem = got.says()
	case got.cut:
		p.problem = fmt.Sprintf("a body longer than %d bytes", maxBody)
	default:
		if p.document, err = parseDocument(got.body); err != nil {
			p.problem = "status 200, but no document: " + err.Error()
		}
	}
	return nil
}

// choose takes the first document in the order of MCP clients, and says how far they would come.
func (c *checker) choose(places, served []*placement) {
	var first, blocked *placement
	var names []string
	for _, p := range places {
		switch {
		case !p.mcp:
		case p.document != nil && first == nil:
			first = p
		case !p.absent && first == nil && blocked == nil:
			blocked = p
		}
		names = append(names, p.url)
	}
	const serve = "Serve the document with status 200 at the first of these: "
	switch {
	case first != nil:
		c.use(first)
		if blocked != nil && blocked.answer.status == 200 {
			c.fail(MetadataFound, "Answer 404 at "+blocked.url+", or serve the document there.", "clients that stop at the first answer with status 200 get no document; the first is at %s", first.url)
		} else {
			c.ok(MetadataFound, "MCP clients read %s", strings.TrimPrefix(first.url, c.issuer.Scheme+"://"+c.issuer.Host))
		}
	case len(served) > 0:
		c.use(served[0])
		c.fail(MetadataFound, serve+strings.Join(names[:len(names)-1], ", "), "the only document is where MCP clients do not ask: %s", served[0].url)
	default:
		c.fail(MetadataFound, serve+strings.Join(names, ", "), "no document at any well-known URL of %s", c.Issuer)
	}
}

func (c *checker) use(p *placement) {
	c.document, c.source, c.served = p.document, p.url, p.answer.header
}

// fromProfile reads the document where a profile says it is. Clients find none.
func (c *checker) fromProfile(ctx context.Context) {
	if c.MetadataURL == "" {
		return
	}
	p := &placement{code: MetadataFound, url: c.MetadataURL}
	if c.readPlace(ctx, p) == nil && p.document != nil {
		c.use(p)
		c.info(MetadataFound, "", "the rest is about the document that the profile names: %s", p.url)
		c.judgeDocument(p)
	}
}

// judgePlace notes what one place serves. Clients ask at the places before the document first.
func (c *checker) judgePlace(p *placement, before bool) {
	switch {
	case p.document != nil:
		c.ok(p.code, "%s", p.url)
		c.judgeDocument(p)
	case before && !p.absent:
		c.warn(p.code, "Answer 404 where there is no document: clients go on to the next place only after that.", "%s: %s", p.url, p.problem)
	default:
		c.info(p.code, "", "%s: %s", p.url, p.problem)
	}
}

// judgeDocument notes what is wrong with how a document is served and written.
func (c *checker) judgeDocument(p *placement) {
	if p.answer.through > 0 {
		c.warn(p.code, "Serve the document itself here.", "%s redirects to %s; RFC 8414 §3.2 wants status 200, and browsers refuse a redirected preflight", p.url, bare(p.answer.from))
	}
	c.judgeIssuer(p)
	content := p.answer.header.Get("Content-Type")
	if p.document != c.document && content == c.served.Get("Content-Type") && slices.Equal(p.document.faults, c.document.faults) {
		return // it is told already
	}
	if media, _, err := mime.ParseMediaType(content); err != nil || media != "application/json" {
		c.warn(MetadataContentType, "Answer with Content-Type: application/json.", "%s is served as %q", p.url, content)
	}
	if len(p.document.faults) > 0 {
		c.fail(MetadataMembers, "Write these members as RFC 8414 §2 has them, or leave them out.", "%s: %s", p.url, strings.Join(p.document.faults, "; "))
	}
}

func (c *checker) judgeIssuer(p *placement) {
	if p.document != c.document && p.document.issuer == c.document.issuer {
		return // it is told already
	}
	level := Warning // of a document that MCP clients do not come to
	if p.document == c.document {
		level = Error
	}
	switch got := p.document.issuer; {
	case got == c.Issuer:
		if level == Error {
			c.ok(IssuerIdentical, "the document names the issuer letter by letter")
		}
	case got == "":
		c.note(IssuerIdentical, level, "State the issuer in the document.", "%s has no issuer", p.url)
	case strings.TrimSuffix(got, "/") == strings.TrimSuffix(c.Issuer, "/"):
		c.note(IssuerIdentical, level, "Write the issuer as the document does, in authorization_servers of the protected resource's metadata and in the profile: "+got,
			"%s: want %q, got %q: they differ by the slash at the end", p.url, c.Issuer, got)
	default:
		c.note(IssuerIdentical, level, "Use the issuer that the document names, or correct the server's public URL (behind a proxy: the forwarded host and scheme).", "%s: want %q, got %q", p.url, c.Issuer, got)
	}
}

// checkAgreement compares the documents of one server.
func (c *checker) checkAgreement(served []*placement) {
	var differ []string
	for _, p := range served {
		if p.document == c.document {
			continue
		}
		for name := range union(c.document.raw, p.document.raw) {
			if slices.Contains(flowMembers, name) && !sameJSON(c.document.raw[name], p.document.raw[name]) && !slices.Contains(differ, name) {
				differ = append(differ, name)
			}
		}
		if p.oidc && p.mcp && len(c.document.challenges) > 0 && len(p.document.challenges) == 0 {
			c.warn(PKCEAdvertised, "State code_challenge_methods_supported in the OpenID Connect document as well.", "%s lacks code_challenge_methods_supported, which %s has", p.url, c.source)
		}
	}
	slices.Sort(differ)
	if len(differ) > 0 {
		c.warn(MetadataAgreement, "Serve one document at every place.", "the documents differ in %s", strings.Join(differ, ", "))
	} else if len(served) > 1 {
		c.ok(MetadataAgreement, "%d documents agree on what clients need", len(served))
	}
}
