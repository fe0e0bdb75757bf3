package providercheck

import (
	"net/url"
	"slices"
	"strings"
)

// checkDocument judges what the metadata promise, without asking anything.
func (c *checker) checkDocument() {
	c.checkEndpoints()
	c.checkFlow()
	c.checkClientKinds()
	c.checkScopes()
	d := c.document
	if d.iss {
		c.ok(IssAdvertised, "authorization_response_iss_parameter_supported is true")
	} else {
		c.warn(IssAdvertised, "Send iss in every authorization response, errors too, and advertise it; update the server if it is older than RFC 9207.", "authorization_response_iss_parameter_supported is not true")
	}
	algorithms := strings.Join(d.idTokenAlgs, ", ")
	switch {
	case slices.Contains(d.idTokenAlgs, "none"):
		c.warn(Algorithms, "Sign every ID token, and take none off the list.", "ID tokens may be signed with %s", algorithms)
	case slices.ContainsFunc(d.idTokenAlgs, func(alg string) bool { return strings.HasPrefix(alg, "HS") }):
		c.info(Algorithms, "", "ID tokens may be signed with %s; HS… means the client's secret, and MCP clients have none", algorithms)
	case len(d.idTokenAlgs) > 0:
		c.ok(Algorithms, "ID tokens are signed with %s", algorithms)
	}
}

func (c *checker) checkEndpoints() {
	d := c.document
	var missing, plain, broken, foreign []string
	for _, name := range []string{authorizationEndpoint, tokenEndpoint} {
		if d.urls[name] == "" {
			missing = append(missing, name)
		}
	}
	for _, name := range urlMembers {
		location, ok := d.urls[name]
		if !ok {
			continue
		}
		u, err := url.Parse(location)
		switch {
		case err != nil || u.Host == "" || u.Fragment != "":
			broken = append(broken, name)
			delete(d.urls, name) // nothing to ask there
			continue
		case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u) || !loopback(c.issuer)):
			plain = append(plain, name+" "+bare(u))
		}
		if !strings.EqualFold(u.Host, c.issuer.Host) {
			foreign = append(foreign, name+" at "+u.Host)
		}
	}
	switch {
	case len(missing) > 0:
		c.fail(Endpoints, "State them in the document.", "missing: %s", strings.Join(missing, ", "))
	case len(broken) > 0:
		c.fail(Endpoints, "State absolute URLs without fragment.", "no absolute URL, or one with a fragment: %s", strings.Join(broken, ", "))
	default:
		c.ok(Endpoints, "%s", strings.Join(present(d.urls), ", "))
	}
	if len(plain) > 0 {
		c.fail(EndpointsHTTPS, "Serve them over https; behind a proxy let the server know that its public URL is https.", "not https: %s", strings.Join(plain, ", "))
	} else {
		c.ok(EndpointsHTTPS, "every endpoint is https, or on this machine")
	}
	if len(foreign) > 0 {
		c.info(EndpointHosts, "", "other hosts than %s: %s", c.issuer.Host, strings.Join(foreign, ", "))
	}
	switch {
	case d.parRequired:
		c.fail(PlainRequests, "Do not require pushed authorization requests of MCP clients.", "require_pushed_authorization_requests is true")
	case d.signedRequest:
		c.fail(PlainRequests, "Do not require signed request objects of MCP clients.", "require_signed_request_object is true")
	default:
		c.ok(PlainRequests, "neither PAR nor request objects are required")
	}
}

// present lists the endpoints by their short names.
func present(urls map[string]string) []string {
	var names []string
	for _, name := range urlMembers {
		if urls[name] != "" {
			names = append(names, strings.TrimSuffix(name, "_endpoint"))
		}
	}
	return names
}

func (c *checker) checkFlow() {
	d := c.document
	c.demand(ResponseTypeCode, "code", "Support and list the response type code.", "response_types_supported", d.responseTypes)
	grants := d.grants()
	c.demand(GrantAuthorizationCode, "authorization_code", "Support and list the grant type authorization_code.", "grant_types_supported", grants)
	if slices.Contains(grants, "refresh_token") {
		c.ok(GrantRefreshToken, "grant_types_supported has refresh_token")
	} else {
		c.warn(GrantRefreshToken, "Support refresh tokens and list the grant type.", "grant_types_supported, %s, lacks refresh_token", listed(d.raw["grant_types_supported"] != nil, grants))
	}
	if len(d.challenges) == 0 {
		c.fail(PKCEAdvertised, `Serve "code_challenge_methods_supported": ["S256"]. Where the provider cannot, put a metadata proxy in front; PKCE itself may well work: with --client-id that is asked.`, "code_challenge_methods_supported is missing or empty in %s", c.source)
		return
	}
	c.ok(PKCEAdvertised, "code_challenge_methods_supported is %s", strings.Join(d.challenges, ", "))
	if slices.Contains(d.challenges, "plain") && c.Client == nil && !c.Register {
		c.info(PKCEPlain, "", "code_challenge_methods_supported has plain; whether it is taken was not asked")
	}
	c.demand(PKCES256, "S256", "Support and list S256.", "code_challenge_methods_supported", d.challenges)
}

// demand notes whether a list has what every MCP client needs.
func (c *checker) demand(code Code, wanted, fix, member string, list []string) {
	if slices.Contains(list, wanted) {
		c.ok(code, "%s has %s", member, wanted)
		return
	}
	c.fail(code, fix, "%s, %s, lacks %s", member, listed(c.document.raw[member] != nil, list), wanted)
}

func listed(stated bool, list []string) string {
	switch {
	case !stated && len(list) > 0:
		return "left out, which means " + strings.Join(list, " and ")
	case !stated:
		return "left out"
	case len(list) == 0:
		return "empty"
	}
	return strings.Join(list, ", ")
}

func (c *checker) checkClientKinds() {
	d := c.document
	if d.documents {
		c.ok(ClientDocuments, "client_id_metadata_document_supported is true")
	} else {
		c.warn(ClientDocuments, "Turn client ID metadata documents on, if the provider has them; until then register clients by hand or let them register themselves.", "client_id_metadata_document_supported is not true")
	}
	switch {
	case d.urls[registrationEndpoint] != "":
		c.ok(Registration, "registration_endpoint is there%s", map[bool]string{true: "", false: "; --register asks whether it is open"}[c.Register])
	case d.documents:
		c.info(Registration, "", "no registration_endpoint; clients that know metadata documents need none, older ones are registered by hand")
	default:
		c.warn(Registration, "Turn dynamic client registration on, or register every client by hand and tell people its client_id.", "no registration_endpoint")
	}
	if methods := d.methods(); slices.Contains(methods, "none") {
		c.ok(AuthMethodNone, "token_endpoint_auth_methods_supported has none")
	} else {
		c.warn(AuthMethodNone, "Allow public clients and list none; where they work already, the list is all that is missing.", "token_endpoint_auth_methods_supported, %s, lacks none", listed(d.raw["token_endpoint_auth_methods_supported"] != nil, methods))
	}
}

func (c *checker) checkScopes() {
	d := c.document
	var missing []string
	for _, scope := range c.Scopes {
		if !slices.Contains(d.scopes, scope) {
			missing = append(missing, scope)
		}
	}
	switch {
	case len(d.scopes) == 0:
		c.info(ScopesListed, "", "scopes_supported is missing")
	case len(missing) > 0:
		c.info(ScopesListed, "", "scopes_supported lacks %s; the MCP server's challenge and metadata must name them", strings.Join(missing, " "))
	default:
		c.ok(ScopesListed, "scopes_supported has %d, with all that were asked about", len(d.scopes))
	}
	if slices.ContainsFunc(d.scopes, func(s string) bool { return strings.Contains(s, "*") }) {
		c.warn(ScopeWildcard, "List the scopes one by one.", "scopes_supported has a wildcard: %s", strings.Join(d.scopes, " "))
	}
	switch {
	case slices.Contains(d.scopes, "offline_access"):
		c.ok(OfflineAccess, "scopes_supported has offline_access")
	case slices.Contains(d.grants(), "refresh_token"):
		c.info(OfflineAccess, "", "offline_access is not listed, so clients will not ask for it; well if refresh tokens need no scope here")
	}
}
