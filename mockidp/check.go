package mockidp

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"mcpharness/internal/idp"
	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
)

// Check tells what is wrong with a configuration, each fault with the path of its field in the YAML file.
func (c *Config) Check(report func(path, format string, args ...any)) {
	c.checkUsers(report)
	c.checkResources(report)
	c.checkClients(report)
	for _, l := range []struct {
		name string
		d    time.Duration
	}{{"code", c.Lifetimes.Code}, {"access_token", c.Lifetimes.AccessToken}, {"id_token", c.Lifetimes.IDToken}, {"refresh_token", c.Lifetimes.RefreshToken}} {
		if l.d < time.Second || l.d%time.Second != 0 {
			report("lifetimes."+l.name, "want whole seconds, at least 1s, got %s", l.d)
		}
	}
	if c.SigningAlgorithm != "" && !slices.Contains(algorithms, c.SigningAlgorithm) {
		report("signing_algorithm", "want one of %s, or leave it out, got %q", strings.Join(algorithms, ", "), c.SigningAlgorithm)
	}
	if c.MaxRegisteredClients < 1 {
		report("max_registered_clients", "want at least 1, got %d", c.MaxRegisteredClients)
	}
}

func (c *Config) checkUsers(report func(path, format string, args ...any)) {
	known := c.scopes()
	for role, scopes := range c.Roles {
		for i, scope := range scopes {
			if !slices.Contains(known, scope) {
				report(fmt.Sprintf("roles.%s[%d]", role, i), "scope %q belongs to no resource; add it to the scopes of one under resources:", scope)
			}
		}
	}
	names, subjects := map[string]bool{}, map[string]bool{}
	for i, u := range c.Users {
		path := fmt.Sprintf("users[%d]", i)
		switch {
		case u.Username == "":
			report(path+".username", "is missing")
		case names[u.Username]:
			report(path+".username", "%q is there already", u.Username)
		}
		if subject := u.subject(); subjects[subject] {
			report(path+".subject", "%q is another user's subject already", subject)
		} else {
			subjects[subject] = true
		}
		names[u.Username] = true
		for j, role := range u.Roles {
			if _, ok := c.Roles[role]; !ok {
				report(fmt.Sprintf("%s.roles[%d]", path, j), "role %q is not defined; define it under roles:", role)
			}
		}
	}
	if len(c.Users) == 0 {
		report("users", "nobody could sign in; want at least one user")
	}
}

func (c *Config) checkResources(report func(path, format string, args ...any)) {
	if len(c.Resources) == 0 {
		report("resources", "no token could be for anything; want at least one resource")
	}
	var uris []string
	for i, r := range c.Resources {
		path := fmt.Sprintf("resources[%d]", i)
		if err := checkResource(r.URI); err != nil {
			report(path+".uri", "%v", err)
		}
		if slices.Contains(uris, r.URI) {
			report(path+".uri", "%q is there already", r.URI)
		}
		uris = append(uris, r.URI)
		for j, scope := range r.Scopes {
			if _, err := engine.ParseScope(scope); err != nil || strings.Contains(scope, " ") {
				report(fmt.Sprintf("%s.scopes[%d]", path, j), "%q is no scope: want printable ASCII without blanks, quotes and backslashes (RFC 6749 section 3.3)", scope)
			}
			if engine.IsIdentity(scope) {
				report(fmt.Sprintf("%s.scopes[%d]", path, j), "%q is about the user and belongs to no resource", scope)
			}
		}
	}
	if c.DefaultResource != "" && !slices.Contains(uris, c.DefaultResource) {
		report("default_resource", "%q is not under resources:", c.DefaultResource)
	}
	for i, scope := range c.DefaultScopes {
		if !slices.Contains(c.scopes(), scope) {
			report(fmt.Sprintf("default_scopes[%d]", i), "scope %q is not known", scope)
		}
	}
	for scope := range c.ScopeMeanings {
		if !slices.Contains(c.scopes(), scope) {
			report("scope_meanings."+scope, "scope %q is not known", scope)
		}
	}
}

// checkResource holds a resource indicator to RFC 8707 §2.
func checkResource(uri string) error {
	u, err := url.Parse(uri)
	switch {
	case uri == "":
		return fmt.Errorf("is missing")
	case err != nil || !u.IsAbs():
		return fmt.Errorf("want an absolute URI, got %q (RFC 8707 section 2)", uri)
	case (u.Scheme == "localhost" || strings.Contains(u.Scheme, ".")) && u.Opaque != "" && u.Opaque[0] >= '0' && u.Opaque[0] <= '9':
		return fmt.Errorf("%q begins with a host and a port; want the scheme before them: http://%s", uri, uri)
	case strings.Contains(uri, "#"):
		return fmt.Errorf("%q has a fragment, which RFC 8707 section 2 forbids", uri)
	case strings.ContainsFunc(uri, func(r rune) bool { return r <= 0x20 || r >= 0x7f }):
		return fmt.Errorf("%q holds blanks or non-ASCII characters; percent-encode them", uri)
	case (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() == "":
		return fmt.Errorf("%q has no host", uri)
	}
	return nil
}

func (c *Config) checkClients(report func(path, format string, args ...any)) {
	ids := map[string]bool{}
	for i, cl := range c.Clients {
		path := fmt.Sprintf("clients[%d]", i)
		switch {
		case cl.ID == "":
			report(path+".id", "is missing")
		case ids[cl.ID]:
			report(path+".id", "%q is there already", cl.ID)
		case !visible(cl.ID):
			report(path+".id", "%q: want printable ASCII (RFC 6749 appendix A.1)", cl.ID)
		case slices.ContainsFunc(c.Users, func(u User) bool { return u.subject() == cl.ID }):
			report(path+".id", "%q is a user's subject; a token that the client gets for itself would pass as that user's (RFC 9068 section 5)", cl.ID)
		}
		ids[cl.ID] = true
		if !visible(cl.Secret) {
			report(path+".secret", "want printable ASCII (RFC 6749 appendix A.2)")
		}
		cl.checkCredentials(path, report)
		for j, grant := range cl.GrantTypes {
			switch {
			case !slices.Contains(engine.GrantTypes(), grant):
				report(fmt.Sprintf("%s.grant_types[%d]", path, j), "want one of %s, got %q", strings.Join(engine.GrantTypes(), ", "), grant)
			case grant == engine.GrantClientCredentials && cl.AuthMethod == store.AuthNone:
				report(fmt.Sprintf("%s.grant_types[%d]", path, j), "client_credentials needs a client that authenticates")
			}
		}
		if slices.Contains(cl.GrantTypes, engine.GrantCode) && len(cl.RedirectURIs) == 0 {
			report(path+".redirect_uris", "is missing; authorization_code needs at least one")
		}
		for j, uri := range cl.RedirectURIs {
			if err := idp.CheckRedirectURI(uri, ""); err != nil {
				report(fmt.Sprintf("%s.redirect_uris[%d]", path, j), "%q %v", uri, err)
			}
		}
		for j, uri := range cl.LogoutURIs {
			if err := idp.CheckRedirectURI(uri, ""); err != nil {
				report(fmt.Sprintf("%s.post_logout_redirect_uris[%d]", path, j), "%q %v", uri, err)
			}
		}
		for j, scope := range cl.Scopes {
			if !slices.Contains(c.scopes(), scope) {
				report(fmt.Sprintf("%s.scopes[%d]", path, j), "scope %q is not known", scope)
			}
		}
	}
}

func (cl *Client) checkCredentials(path string, report func(path, format string, args ...any)) {
	methods := []string{store.AuthNone, store.AuthBasic, store.AuthPost, store.AuthKey}
	secret := cl.AuthMethod == store.AuthBasic || cl.AuthMethod == store.AuthPost
	switch {
	case !slices.Contains(methods, cl.AuthMethod):
		report(path+".auth_method", "want one of %s, got %q", strings.Join(methods, ", "), cl.AuthMethod)
	case !secret && cl.Secret != "":
		report(path+".secret", "a client with auth_method %s has no secret", cl.AuthMethod)
	case secret && cl.Secret == "":
		report(path+".secret", "is missing; auth_method %s needs one", cl.AuthMethod)
	case cl.AuthMethod == store.AuthKey && cl.JWKS == "" && cl.JWKSURI == "":
		report(path+".jwks", "is missing; auth_method private_key_jwt needs jwks or jwks_uri")
	}
	if cl.JWKS != "" && cl.JWKSURI != "" {
		report(path+".jwks_uri", "jwks is there already; want one of them")
	}
	if cl.JWKS != "" {
		if _, err := engine.ParseKeys([]byte(cl.JWKS)); err != nil {
			report(path+".jwks", "%v", err)
		}
	}
	if cl.JWKSURI != "" {
		if err := idp.CheckKeysURI(cl.JWKSURI); err != nil {
			report(path+".jwks_uri", "%v", err)
		}
	}
}

// visible reports whether a value is all printable ASCII, VSCHAR in RFC 6749.
func visible(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e })
}

// scopes are all that requests can ask for.
func (c *Config) scopes() []string {
	catalog := c.catalog()
	return catalog.Scopes()
}
