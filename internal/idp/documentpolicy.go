package idp

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/pages"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// DocumentPolicy is how the owner of a server allows client documents, where the personality leaves that to the owner. Hosts are host
// names, or *.example.com for a domain and all below it; none are none.
type DocumentPolicy struct {
	Schemes, Hosts   []string // of URLs that are taken for the name of a document
	TrustedHosts     []string // of all addresses: the document's and those in it
	AllowHTTP        bool     // not only https, for all of them
	Required         []string // members that a document must have
	ConfidentialOnly bool     // clients without a key are refused
}

const (
	// Within these bounds the document's HTTP headers say for how long it is used. Measured on Keycloak 26.7.4.
	leastFreshByPolicy   = 300 * time.Second
	longestFreshByPolicy = 3 * 24 * time.Hour
	maxDocumentByPolicy  = 5000
)

// names reports whether a client_id is a URL that the policy is about.
func (p *DocumentPolicy) names(id string) bool {
	u, err := url.Parse(id)
	scheme, _, _ := strings.Cut(id, ":") // as it is written: measured, HTTP is not http here
	return p != nil && err == nil && slices.Contains(p.Schemes, scheme) && hostAmong(p.Hosts, u.Hostname())
}

func hostAmong(patterns []string, host string) bool {
	return host != "" && slices.ContainsFunc(patterns, func(pattern string) bool {
		domain, wild := strings.CutPrefix(pattern, "*.")
		return host == domain || wild && strings.HasSuffix(host, "."+domain)
	})
}

// documentedByPolicy finds the client of a document for an authorization request, and fetches the document if need be. At the other
// endpoints a client is known once it was seen here.
func (s *Server) documentedByPolicy(ctx context.Context, id, redirectURI string) (*store.Client, *engine.Error) {
	if known, ok := s.Store.Client(id); ok && (!known.Document || time.Now().Before(known.FreshUntil)) {
		return known, nil
	}
	if refusal := s.Documents.checkURL(id); refusal != nil {
		return nil, refusal
	}
	document, err := s.Fetcher.Loose(ctx, id, maxDocumentByPolicy)
	if err != nil {
		return nil, documentFault(personality.DocumentUnread, "it cannot be fetched: "+err.Error())
	}
	c, refusal := s.clientByDocumentPolicy(id, redirectURI, document.Body)
	if refusal != nil {
		return nil, refusal
	}
	c.FreshUntil = time.Now().Add(min(max(document.FreshFor, leastFreshByPolicy), longestFreshByPolicy))
	s.Store.AddClient(c)
	s.Logger.InfoContext(ctx, "read a client document", "client_id", c.ID, "client_name", c.Name, "redirect_uris", c.RedirectURIs, "fresh_until", c.FreshUntil)
	return &c, nil
}

func documentFault(fault personality.Fault, description string) *engine.Error {
	return engine.NewFault(fault, "", "invalid_client", "the client metadata document: "+description)
}

// documentProblem tells the person.
func documentProblem(refusal *engine.Error) pages.Problem {
	return pages.Problem{
		Title: "This client's metadata document cannot be used",
		Wrong: refusal.Description + ".", Expected: "A document as the client policy in this server's realm file allows it.",
		Change: "Correct the document, or the conditions and the executor client-id-metadata-document of the policy.",
	}
}

func (p *DocumentPolicy) checkURL(id string) *engine.Error {
	u, err := url.Parse(id)
	switch {
	case err != nil || u.Scheme != "https" && !(p.AllowHTTP && u.Scheme == "http"):
		return documentFault(personality.DocumentScheme, "its URL must be https")
	case u.User != nil:
		return documentFault(personality.DocumentUserInfo, "its URL holds user information")
	case strings.Contains(id, "#"):
		return documentFault(personality.DocumentFragment, "its URL has a fragment")
	case strings.Contains(id, "?"):
		return documentFault(personality.DocumentQuery, "its URL has a query")
	case u.Path == "":
		return documentFault(personality.DocumentPathless, "its URL has no path")
	case slices.ContainsFunc(strings.Split(u.Path, "/"), func(segment string) bool { return segment == "." || segment == ".." }):
		return documentFault(personality.DocumentDots, "its URL has a dot segment in its path")
	}
	return p.checkAddress(id)
}

// checkAddress judges an address by its host.
func (p *DocumentPolicy) checkAddress(address string) *engine.Error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "":
		return documentFault(personality.DocumentHostless, engine.Clip(address)+" has no host")
	case !hostAmong(p.TrustedHosts, u.Hostname()):
		return documentFault(personality.DocumentHost, engine.Clip(address)+" is at no host that the policy trusts: "+strings.Join(p.TrustedHosts, ", "))
	}
	return nil
}

// addressMembers of a document are judged by their hosts, beside redirect_uris.
var addressMembers = []string{"client_uri", "logo_uri", "tos_uri", "policy_uri", "jwks_uri"}

func (s *Server) clientByDocumentPolicy(id, redirectURI string, body []byte) (none store.Client, _ *engine.Error) {
	m := clientMetadata{}
	if json.Unmarshal(body, &m) != nil || m == nil || s.checkMembers(body, m) != nil {
		return none, documentFault(personality.DocumentUnread, "it is no JSON object of members that are known")
	}
	named, refusal := m.text("client_id")
	method, methodRefusal := m.text("token_endpoint_auth_method")
	redirects, redirectRefusal := m.list("redirect_uris")
	_, hasSecret := m["client_secret"]
	_, hasExpiry := m["client_secret_expires_at"]
	lacks := func(name string) bool { _, has := m[name]; return !has }
	switch {
	case refusal != nil || methodRefusal != nil || redirectRefusal != nil:
		return none, documentFault(personality.DocumentUnread, "a member has another type than the specification says")
	case named == "":
		return none, documentFault(personality.DocumentNameless, "client_id is missing; want its own URL")
	case named != id:
		return none, documentFault(personality.DocumentOfAnother, "its client_id is "+engine.Clip(named)+", and not its URL")
	case hasSecret || hasExpiry:
		return none, documentFault(personality.DocumentSecret, "it holds a secret, and everybody can read it")
	case strings.HasPrefix(method, "client_secret_"):
		return none, documentFault(personality.DocumentMethod, "token_endpoint_auth_method "+engine.Clip(method)+" needs a shared secret")
	case !s.redirectIsOneOf(redirects, redirectURI):
		return none, documentFault(personality.DocumentRedirect, "the redirect_uri of the request is not in it")
	}
	for _, address := range slices.Concat(redirects, m.addresses()) {
		if refusal := s.Documents.checkAddress(address); refusal != nil {
			return none, refusal
		}
	}
	switch {
	case slices.ContainsFunc(s.Documents.Required, lacks):
		return none, documentFault(personality.DocumentIncomplete, "want all of "+strings.Join(s.Documents.Required, ", "))
	case s.Documents.ConfidentialOnly && (method == "" || method == store.AuthNone):
		return none, documentFault(personality.DocumentPublic, "want a client that authenticates by a key")
	}
	return s.clientOfTrustedDocument(id, m, method)
}

func (m clientMetadata) addresses() (all []string) {
	for _, name := range addressMembers {
		if value, refusal := m.text(name); refusal == nil && value != "" {
			all = append(all, value)
		}
	}
	return all
}

// clientOfTrustedDocument makes the client as a registration would, without its policies: the document's own has judged.
func (s *Server) clientOfTrustedDocument(id string, m clientMetadata, method string) (none store.Client, _ *engine.Error) {
	scope, _ := m.text("scope")
	delete(m, "scope")
	if method == "" {
		m["token_endpoint_auth_method"] = json.RawMessage(`"none"`)
	}
	c, _, refusal := s.clientByPolicy(m, &personality.RegistrationPolicies{GrantTypes: registrableGrants})
	if refusal != nil {
		return none, documentFault(personality.DocumentInvalid, refusal.Description)
	}
	if scope != "" {
		s.Catalog.GiveScopes(&c, strings.Fields(scope))
	}
	if !c.May(engine.GrantCode) {
		c.GrantTypes = append(c.GrantTypes, engine.GrantCode) // measured: whatever the document says
	}
	c.ID, c.Document = id, true
	return c, nil
}
