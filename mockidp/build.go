package mockidp

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// validate asks Check, for configurations that were made in code.
func (c *Config) validate() error {
	var faults []error
	c.Check(func(path, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
	})
	return errors.Join(faults...)
}

// subject derives a stable sub claim, so that a restart orphans nothing that a user owns.
func (u User) subject() string {
	if u.Subject != "" {
		return u.Subject
	}
	sum := sha256.Sum256([]byte("mock-idp user " + u.Username))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// subjectAs is subject in the form of a personality. One that the configuration gives stays.
func (u User) subjectAs(wears personality.Personality) string {
	if u.Subject != "" || !wears.UUIDSubjects {
		return u.subject()
	}
	sum := sha256.Sum256([]byte("mock-idp user " + u.Username))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // a UUID of version 8 (RFC 9562 §5.8)
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

func (c *Config) catalog() engine.Catalog {
	catalog := engine.Catalog{
		DefaultResource: c.DefaultResource, DefaultScopes: c.DefaultScopes,
		Meanings: c.ScopeMeanings, AcceptAudience: c.AcceptAudience,
	}
	for _, r := range c.Resources {
		catalog.Resources = append(catalog.Resources, engine.Resource{URI: r.URI, Name: r.Name, Scopes: r.Scopes})
	}
	return catalog
}

func (l Lifetimes) engine() engine.Lifetimes {
	return engine.Lifetimes{Code: l.Code, AccessToken: l.AccessToken, IDToken: l.IDToken, RefreshToken: l.RefreshToken}
}

// withResources adds resources that have the scopes of the default resource, or else of the first one.
func (c Config) withResources(uris []string) (Config, error) {
	c.Resources = slices.Clone(c.Resources)
	for _, uri := range uris {
		if err := checkResource(uri); err != nil {
			return c, fmt.Errorf("resource %w", err)
		}
		if slices.ContainsFunc(c.Resources, func(r Resource) bool { return r.URI == uri }) {
			continue
		}
		added := Resource{URI: uri}
		for i, r := range c.Resources {
			if i == 0 || r.URI == c.DefaultResource {
				added.Name, added.Scopes = r.Name, r.Scopes
			}
		}
		c.Resources = append(c.Resources, added)
	}
	return c, nil
}

// memory fills a store with the people and clients of a configuration, and makes the catalog of what can be asked for.
func (c *Config) memory(wears personality.Personality) (*store.Store, engine.Catalog) {
	catalog := c.catalog()
	if wears.ClientScopes {
		catalog.ClientScopes, catalog.NewClientDefault, catalog.NewClientOptional = c.clientScopes()
	}
	s := store.New(store.Limits{Clients: c.MaxRegisteredClients})
	for _, u := range c.Users {
		person := store.Person{Username: u.Username, Name: u.Name, Email: u.Email, EmailVerified: true, Subject: u.subjectAs(wears), Roles: u.Roles}
		person.Password = store.HashSecret(cmp.Or(u.Password, u.Username))
		if person.Name == "" {
			person.Name = u.Username
		}
		person.GivenName, person.FamilyName = names(person.Name)
		for _, role := range u.Roles {
			person.Scopes = append(person.Scopes, c.Roles[role]...)
		}
		s.AddPerson(person)
	}
	for _, cl := range c.Clients {
		client := store.Client{
			ID: cl.ID, Name: cl.Name, AuthMethod: cl.AuthMethod, SecretHash: store.HashSecret(cl.Secret),
			RedirectURIs: cl.RedirectURIs, GrantTypes: cl.GrantTypes, Scopes: cl.Scopes,
			Keys: []byte(cl.JWKS), KeysURI: cl.JWKSURI, LogoutURIs: cl.LogoutURIs, ThirdParty: cl.ThirdParty,
		}
		if wears.ClientScopes {
			cl.giveScopes(&client, catalog.NewClientDefault, catalog.NewClientOptional)
			if client.Account != "" {
				s.AddPerson(cl.account(wears))
			}
		}
		s.AddClient(client)
	}
	return s, catalog
}
