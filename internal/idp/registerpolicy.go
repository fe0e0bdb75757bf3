package idp

import (
	"cmp"
	"encoding/json"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// registrant makes a client of what it registers.
func (s *Server) registrant(m clientMetadata) (store.Client, map[string]any, *engine.Error) {
	if policies := s.Personality.Registration.Policies; policies != nil {
		return s.clientByPolicy(m, policies)
	}
	return s.clientOf(m)
}

// clientByPolicy is clientOf for a personality whose registrations are judged by policies.
func (s *Server) clientByPolicy(m clientMetadata, policies *personality.RegistrationPolicies) (c store.Client, answer map[string]any, _ *engine.Error) {
	invalid := func(what string) *engine.Error {
		return engine.NewFault(personality.MetadataInvalid, "", "invalid_client_metadata", what)
	}
	answer = map[string]any{}
	for name, value := range s.Personality.Registration.Fixed {
		answer[name] = value
	}
	scope := ""
	for name, into := range map[string]*string{
		"client_name": &c.Name, "client_uri": &c.URI, "jwks_uri": &c.KeysURI, "token_endpoint_auth_method": &c.AuthMethod,
		"token_endpoint_auth_signing_alg": &c.SigningAlgorithm, "scope": &scope,
	} {
		value, refusal := m.text(name)
		if refusal != nil {
			return c, nil, refusal
		}
		if *into = value; value != "" {
			answer[name] = value
		}
	}
	if _, said := m["token_endpoint_auth_method"]; !said {
		c.AuthMethod, c.AnySecret = store.AuthBasic, true
	}
	if !slices.Contains(authMethods, c.AuthMethod) {
		return c, nil, invalid("token_endpoint_auth_method is not known here")
	}
	if refusal := takeKeys(&c, m, answer); refusal != nil {
		return c, nil, invalid(refusal.Description)
	}
	if raw, has := m["require_pushed_authorization_requests"]; has {
		if json.Unmarshal(raw, &c.PushOnly) != nil {
			return c, nil, engine.NewFault(personality.WrongJSON, "", "invalid_client_metadata", "require_pushed_authorization_requests must be true or false")
		}
		answer["require_pushed_authorization_requests"] = c.PushOnly
	}
	if refusal := takeKnownGrants(&c, m, policies, answer); refusal != nil {
		return c, nil, refusal
	}
	if refusal := s.takeScopes(&c, m, scope, policies); refusal != nil {
		return c, nil, refusal
	}
	if refusal := takeAddresses(&c, m, policies); refusal != nil {
		return c, nil, refusal
	}
	for _, uri := range c.RedirectURIs {
		if strings.Contains(uri, "#") {
			return c, nil, engine.NewFault(personality.RedirectFragment, uri, "invalid_redirect_uri", "a redirect URI has a fragment")
		}
	}
	if sector, refusal := m.text("sector_identifier_uri"); refusal != nil || sector != "" && s.engine.Minds(personality.SectorIdentifier) {
		return c, nil, cmp.Or(refusal, engine.NewFault(personality.SectorIdentifier, "", "invalid_client_metadata", "sector_identifier_uri is not fetched here"))
	}
	c.WebOrigins, c.AllRoles = WebOrigins(c.RedirectURIs), policies.AllRoles
	answer["token_endpoint_auth_method"], answer["scope"] = c.AuthMethod, registeredScope(&c)
	answer["redirect_uris"], answer["post_logout_redirect_uris"] = c.RedirectURIs, c.LogoutURIs
	return c, answer, nil
}

// responseTypes can be asked for. Which a client has follows from its grant types.
var responseTypes = []string{"code", "none", "token", "id_token", "id_token token", "code id_token", "code token", "code id_token token"}

func takeKnownGrants(c *store.Client, m clientMetadata, policies *personality.RegistrationPolicies, answer map[string]any) *engine.Error {
	asked, refusal := m.list("grant_types", engine.GrantCode, engine.GrantRefresh)
	if refusal != nil {
		return refusal
	}
	if len(asked) == 0 {
		asked = []string{engine.GrantCode}
	}
	c.GrantTypes = []string{}
	for _, known := range policies.GrantTypes {
		if slices.Contains(asked, known) {
			c.GrantTypes = append(c.GrantTypes, known)
		}
	}
	types, refusal := m.list("response_types")
	if refusal != nil {
		return refusal
	}
	for _, name := range types {
		if !slices.Contains(responseTypes, name) {
			return engine.NewFault(personality.MetadataInvalid, name, "invalid_client_metadata", "response type "+engine.Clip(name)+" is not known")
		}
	}
	answer["grant_types"], answer["response_types"] = c.GrantTypes, []string{}
	if c.May(engine.GrantCode) {
		answer["response_types"] = policies.ResponseTypes
	}
	return nil
}

// takeAddresses reads where a client is answered, and judges these and its home page by their hosts.
func takeAddresses(c *store.Client, m clientMetadata, policies *personality.RegistrationPolicies) (refusal *engine.Error) {
	if c.RedirectURIs, refusal = m.list("redirect_uris"); refusal != nil {
		return refusal
	}
	c.RedirectURIs = slices.DeleteFunc(append([]string{}, c.RedirectURIs...), func(uri string) bool { return uri == "" })
	if c.LogoutURIs, refusal = m.list("post_logout_redirect_uris", c.RedirectURIs...); refusal != nil {
		return refusal
	}
	if len(c.RedirectURIs) > maxRedirectURIs || len(c.LogoutURIs) > maxRedirectURIs {
		return engine.NewFault(personality.MetadataInvalid, "", "invalid_client_metadata", "too many addresses")
	}
	if c.URI != "" {
		if refusal := checkHost(policies.TrustedHosts, c.URI, "URL"); refusal != nil {
			return refusal
		}
	}
	for _, uri := range c.RedirectURIs {
		if refusal := checkHost(policies.TrustedHosts, uri, "URI"); refusal != nil {
			return refusal
		}
	}
	return nil
}

// roomForClient refuses one more client than there may be.
func (s *Server) roomForClient() *engine.Error {
	policies := s.Personality.Registration.Policies
	if policies == nil || policies.Most == 0 || len(s.Store.Clients())+policies.BuiltIn < policies.Most {
		return nil
	}
	most := strconv.Itoa(policies.Most)
	return engine.NewFault(personality.ClientsTooMany, most, "access_denied", "there may be "+most+" clients, and there are; delete one (RFC 7592 section 2.3)")
}

// trustedSender judges where a registration comes from. No name is looked up but localhost.
func trustedSender(trusted []string, address string) *engine.Error {
	host, _, _ := net.SplitHostPort(address)
	ip, err := netip.ParseAddr(host)
	if slices.Contains(trusted, host) || err == nil && ip.IsLoopback() && slices.Contains(trusted, "localhost") {
		return nil
	}
	return engine.NewFault(personality.SenderUntrusted, "", "access_denied", "registrations are taken from these hosts only: "+strings.Join(trusted, ", "))
}

// checkHost judges an address by its host. What is relative is at the server itself.
func checkHost(trusted []string, address, kind string) *engine.Error {
	untrusted := engine.NewFault(personality.HostUntrusted, kind, "invalid_redirect_uri", engine.Clip(address)+" is at no host that registrations may name: "+strings.Join(trusted, ", "))
	relative := strings.HasPrefix(address, "/")
	u, err := url.Parse(address)
	switch {
	case err != nil || strings.Contains(address, " "):
		return engine.NewFault(personality.AddressMalformed, kind, "invalid_redirect_uri", engine.Clip(address)+" is no "+kind)
	case len(address) > maxMetadataText || slices.Contains(dangerousSchemes, u.Scheme) && u.Host != "":
		return untrusted
	case relative || trusted == nil && !slices.Contains(dangerousSchemes, u.Scheme):
		return nil
	case u.Host == "":
		return engine.NewFault(personality.RedirectHostless, address, "invalid_redirect_uri", engine.Clip(address)+" has no host")
	}
	for _, host := range trusted {
		domain, below := strings.CutPrefix(host, "*")
		if host == u.Hostname() || below && strings.HasSuffix(u.Hostname(), domain) {
			return nil
		}
	}
	return untrusted
}

// takeScopes gives the client the scopes that it names, if it may, or those of clients that name none.
func (s *Server) takeScopes(c *store.Client, m clientMetadata, scope string, policies *personality.RegistrationPolicies) *engine.Error {
	if raw, said := m["scope"]; !said || string(raw) == "null" {
		s.Catalog.GiveScopes(c, nil)
		return nil
	}
	may := policies.Scopes
	if may == nil {
		may = slices.Concat(s.Catalog.NewClientDefault, s.Catalog.NewClientOptional)
	}
	named := []string{}
	if scope != "" {
		named = strings.Split(scope, " ")
	}
	for _, name := range named {
		if !slices.Contains(may, name) {
			return engine.NewFault(personality.ScopeUntrusted, name, "invalid_client_metadata", "scope "+engine.Clip(name)+" is none that registrations may name: "+strings.Join(may, " "))
		}
	}
	s.Catalog.GiveScopes(c, named)
	return nil
}

// registeredScope are the scopes that a client may ask for, as its registration tells them.
func registeredScope(c *store.Client) string {
	return strings.Join(slices.Sorted(slices.Values(c.OptionalScopes)), " ")
}
