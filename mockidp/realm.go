package mockidp

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"mcpharness/internal/idp"
	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
	"mcpharness/internal/realm"
)

// Unimitated is something that a realm file holds and the server does not do.
type Unimitated = realm.Unimitated

// Unimitated lists what the realm file of Options.Realm holds and this server does not do, a line for each kind.
func (s *Server) Unimitated() []Unimitated { return s.unimitated }

// Remarks tell how the realm file was understood where people may expect otherwise, a line each.
func (s *Server) Remarks() []string { return s.remarks }

// Scope is a client scope of a realm.
type Scope struct {
	Name   string
	Roles  []string // whoever has one of them gets it; nil: everybody
	Hidden bool     // no token names it
}

// Scopes lists the client scopes of the realm file that somebody can get; nil where there is none.
func (s *Server) Scopes() (scopes []Scope) {
	for _, scope := range s.scopes {
		if scope.Off {
			continue
		}
		one := Scope{Name: scope.Name, Hidden: scope.Hidden}
		for _, role := range scope.Roles {
			name := role.Name
			if role.Client != "" {
				name += " of " + role.Client
			}
			one.Roles = append(one.Roles, name)
		}
		scopes = append(scopes, one)
	}
	return scopes
}

// readRealm reads the realm file, if the options name one. It fails if the personality takes none.
func readRealm(options Options, wears personality.Personality) (*realm.Realm, error) {
	if options.Realm == "" {
		return nil, nil
	}
	if wears.Realms == "" {
		return nil, fmt.Errorf("a realm file is for a personality that has realms: want --as %s, got %s", strings.Join(withRealms(), " or "), wears.Name)
	}
	if len(options.Resources) > 0 {
		return nil, fmt.Errorf("what tokens are for is said by the audience mappers of the realm file, not by further resources")
	}
	r, err := realm.ReadFile(options.Realm, os.LookupEnv)
	if faults, has := realm.Faults(err); has {
		return nil, fmt.Errorf("the realm file has faults\n%w", faults)
	}
	return r, err
}

func withRealms() (names []string) {
	for _, p := range personality.All() {
		if p.Realms != "" {
			names = append(names, p.Name)
		}
	}
	return names
}

// withRealm puts what a realm says in the place of a configuration's people, APIs, clients and lifetimes, so that the
// configuration in force tells of it.
func (c Config) withRealm(r *realm.Realm) Config {
	c.Roles, c.Users, c.Clients, c.Resources, c.DefaultResource, c.DefaultScopes, c.ScopeMeanings = map[string][]string{}, nil, nil, nil, "", nil, map[string]string{}
	c.Lifetimes = Lifetimes{Code: r.Code, AccessToken: r.AccessToken, IDToken: r.AccessToken, RefreshToken: r.SessionIdle}
	if c.SigningAlgorithm == "" && c.SigningKey == "" && slices.Contains(algorithms, r.SigningAlgorithm) {
		c.SigningAlgorithm = r.SigningAlgorithm
	}
	c.MaxRegisteredClients = cmp.Or(r.Registration.Most, c.MaxRegisteredClients)
	for _, p := range r.People {
		if p.AccountOf == "" {
			c.Users = append(c.Users, User{Username: p.Username, Name: p.Name, Email: p.Email, Subject: p.Subject, Roles: p.Roles})
		}
	}
	for _, cl := range r.Clients {
		c.Clients = append(c.Clients, Client{
			ID: cl.ID, Name: cl.Name, AuthMethod: cl.AuthMethod, RedirectURIs: cl.RedirectURIs, GrantTypes: cl.GrantTypes, LogoutURIs: cl.LogoutURIs,
			Scopes: slices.Concat(cl.DefaultScopes, cl.OptionalScopes), JWKS: string(cl.Keys), JWKSURI: cl.KeysURI,
		})
	}
	for _, s := range r.Scopes {
		c.ScopeMeanings[s.Name] = s.Consent
		for _, m := range s.Mappers {
			if m.Source == store.FromAudience && strings.Contains(m.Value, "://") {
				c.addScopeOf(m.Value, s)
			}
		}
	}
	return c
}

// addScopeOf adds to the resources what a scope's audience mapper tells of.
func (c *Config) addScopeOf(uri string, s store.ClientScope) {
	at := slices.IndexFunc(c.Resources, func(r Resource) bool { return r.URI == uri })
	if at < 0 {
		at = len(c.Resources)
		c.Resources = append(c.Resources, Resource{URI: uri})
	}
	if !s.Hidden {
		c.Resources[at].Scopes = append(c.Resources[at].Scopes, s.Name)
	}
}

// memoryOfRealm fills a store with the people and clients of a realm, and makes the catalog of what can be asked for.
func (c *Config) memoryOfRealm(r *realm.Realm) (*store.Store, engine.Catalog) {
	catalog := c.catalog()
	catalog.OfflineRole = true
	catalog.ClientScopes, catalog.NewClientDefault, catalog.NewClientOptional = r.Scopes, r.NewClientDefault, r.NewClientOptional
	s := store.New(store.Limits{Clients: c.MaxRegisteredClients, SessionLives: r.SessionMax, SessionIdle: r.SessionIdle})
	for _, p := range r.People {
		for _, scope := range r.Scopes { // what pages show of a person
			if len(scope.Roles) > 0 && scope.Permits(p) {
				p.Scopes = append(p.Scopes, scope.Name)
			}
		}
		s.AddPerson(p)
	}
	for _, client := range r.Clients {
		s.AddClient(client)
	}
	return s, catalog
}

// takeRealm fills a server with what a realm says.
func (s *Server) takeRealm(wears personality.Personality, r *realm.Realm) model {
	s.config = s.config.withRealm(r)
	s.scopes, s.unimitated, s.remarks = r.Scopes, r.Unimitated, r.Remarks
	like := model{wears: ofRealm(wears, r)}
	s.store, like.catalog = s.config.memoryOfRealm(r)
	like.lifetimes = s.config.Lifetimes.engine()
	like.lifetimes.Offline, like.lifetimes.Session = r.OfflineIdle, r.SessionMax
	like.lifetimes.OfflineEnds, like.lifetimes.ClientSession = r.OfflineEnds, r.ClientSession
	if policy := r.Documents; policy != nil {
		like.documents = (*idp.DocumentPolicy)(policy) // the hosts that it names may be private ones
		if !like.wears.ClientDocuments {
			s.unimitated = append(s.unimitated, Unimitated{What: "no client documents, as the feature that takes them is off; turn it on with --features " + wears.Features.ClientDocuments, Paths: []string{"clientPolicies"}})
		}
	}
	if !slices.Contains(algorithms, r.SigningAlgorithm) {
		s.unimitated = append(s.unimitated, Unimitated{What: "tokens are signed with " + cmp.Or(s.config.SigningAlgorithm, wears.SigningAlgorithm), Paths: []string{"defaultSignatureAlgorithm"}})
	}
	return like
}

// ofRealm is a personality as a realm's settings make it.
func ofRealm(p personality.Personality, r *realm.Realm) personality.Personality {
	p.IssuerPath = p.Realms + r.Name
	p.Refresh.Reusable = r.RefreshReusable
	policies := *p.Registration.Policies
	policies.TrustedHosts, policies.Scopes, policies.WebOrigins = r.Registration.TrustedHosts, r.Registration.Scopes, r.Registration.WebOrigins
	policies.Senders, policies.AllRoles, policies.Most = r.Registration.Senders, r.Registration.AllRoles, r.Registration.Most
	p.Registration.Policies = &policies
	p.Registration.TokenClaims = maps.Clone(p.Registration.TokenClaims)
	p.Registration.TokenClaims["allowed-origins"] = slices.Sorted(slices.Values(r.Registration.WebOrigins))
	return p
}
