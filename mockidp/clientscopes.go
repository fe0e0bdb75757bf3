package mockidp

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"mcpharness/internal/idp"
	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// clientScopes are what a configuration means to a personality that gives scopes to clients one by one, as providers/keycloak/realm.json
// does it: the scopes of resources are optional, each for the roles that allow it, and tokens are for the default
// resource and for the clients that introspect.
func (c *Config) clientScopes() (scopes []store.ClientScope, defaults, optional []string) {
	const everywhere = store.InAccessToken | store.InIDToken | store.InUserInfo | store.InIntrospection
	const tokens = store.InAccessToken | store.InIntrospection
	attribute := func(name, claim string) store.Mapper {
		return store.Mapper{Source: store.FromAttribute, Value: name, Claim: []string{claim}, In: everywhere}
	}
	verified := attribute("emailVerified", "email_verified")
	verified.Type = store.BooleanClaim
	own := func(name string, mappers ...store.Mapper) {
		scopes = append(scopes, store.ClientScope{Name: name, Hidden: true, Unlisted: true, Mappers: mappers})
		defaults = append(defaults, name)
	}
	own(engine.BasicScope,
		store.Mapper{Source: store.FromSubject, In: tokens},
		store.Mapper{Source: store.FromSession, Value: store.NoteAuthTime, Claim: []string{"auth_time"}, Type: store.NumberClaim, In: tokens | store.InIDToken})
	scopes = append(scopes,
		store.ClientScope{Name: "profile", Consent: "User profile", Mappers: []store.Mapper{
			attribute("username", "preferred_username"), attribute("firstName", "given_name"), attribute("lastName", "family_name"),
			{Source: store.FromFullName, In: everywhere},
		}},
		store.ClientScope{Name: "email", Consent: "Email address", Mappers: []store.Mapper{attribute("email", "email"), verified}})
	defaults = append(defaults, "profile", "email")
	own("roles", store.Mapper{Source: store.FromRealmRoles, Claim: []string{"realm_access", "roles"}, Multiple: true, In: tokens})
	own("web-origins", store.Mapper{Source: store.FromOrigins, In: tokens})
	own("acr", store.Mapper{Source: store.FromLevel, In: tokens | store.InIDToken})
	var audiences []store.Mapper
	for _, cl := range c.Clients {
		if cl.introspects() {
			audiences = append(audiences, store.Mapper{Source: store.FromAudience, Value: cl.ID, In: tokens})
		}
	}
	catalog := c.catalog()
	for _, uri := range catalog.Configured() {
		audiences = append(audiences, store.Mapper{Source: store.FromAudience, Value: uri, In: tokens})
	}
	own("audience", audiences...)

	scopes = append(scopes, store.ClientScope{Name: "offline_access", Consent: "Offline Access"})
	optional = []string{"offline_access"}
	for _, r := range c.Resources {
		for _, name := range r.Scopes {
			if slices.Contains(optional, name) {
				continue
			}
			optional = append(optional, name)
			scopes = append(scopes, store.ClientScope{Name: name, Consent: cmp.Or(c.ScopeMeanings[name], name), Roles: c.rolesFor(name), Mappers: audiences})
		}
	}
	return scopes, defaults, optional
}

// rolesFor are the roles that allow a scope: those of people, and one for clients that get it in their own name.
func (c *Config) rolesFor(scope string) []store.Role {
	roles := []store.Role{ownRole(scope)}
	for _, name := range slices.Sorted(maps.Keys(c.Roles)) {
		if slices.Contains(c.Roles[name], scope) {
			roles = append(roles, store.Role{Name: name})
		}
	}
	return roles
}

// ownRole allows a client's account what the configuration gives the client. No mapper writes it.
func ownRole(scope string) store.Role { return store.Role{Client: "the configuration", Name: scope} }

func (cl *Client) accountName() string { return "service-account-" + cl.ID }

// account is what a client signs itself in to with client_credentials.
func (cl *Client) account(wears personality.Personality) store.Person {
	p := store.Person{Username: cl.accountName(), AccountOf: cl.ID}
	p.Subject = User{Username: p.Username}.subjectAs(wears)
	for _, scope := range cl.Scopes {
		p.ClientRoles = append(p.ClientRoles, ownRole(scope))
	}
	return p
}

// introspects reports whether a client gets no tokens itself, so that it can only be there to ask about others'.
func (cl *Client) introspects() bool { return len(cl.GrantTypes) == 0 && cl.Secret != "" }

// giveScopes gives a configured client what it may ask for. What it gets in its own name it gets unasked, as the client_credentials
// of every personality.
func (cl *Client) giveScopes(c *store.Client, defaults, optional []string) {
	c.DefaultScopes, c.OptionalScopes = defaults, optional
	if cl.Scopes != nil {
		c.OptionalScopes = slices.DeleteFunc(slices.Clone(optional), func(scope string) bool {
			return scope != "offline_access" && !slices.Contains(cl.Scopes, scope)
		})
	}
	if slices.Contains(cl.GrantTypes, engine.GrantClientCredentials) {
		c.DefaultScopes, c.Account = slices.Concat(defaults, cl.Scopes), cl.accountName()
	}
	c.WebOrigins, c.TokenType = idp.WebOrigins(cl.RedirectURIs), engine.ProfiledType
}

// names divides a name as firstName and lastName have it.
func names(name string) (given, family string) {
	if at := strings.LastIndexByte(name, ' '); at > 0 {
		return name[:at], name[at+1:]
	}
	return name, ""
}
