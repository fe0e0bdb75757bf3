package engine

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"mcpharness/internal/idp/store"
)

// Resource is a protected resource that tokens can be for (RFC 8707).
type Resource struct {
	URI    string // the resource indicator, compared as a string
	Name   string
	Scopes []string // what can be asked for at it
}

// Catalog is what can be asked of the server. It is not changed while the server runs.
type Catalog struct {
	Resources       []Resource
	DefaultResource string   // where a request names none
	DefaultScopes   []string // where a request names none
	Meanings        map[string]string
	AcceptAudience  bool // take audience as another name of resource

	// ClientScopes are all that clients can be given, and in NewClient… what those get that come by themselves. They take the place
	// of the scopes of resources where the personality has client scopes.
	ClientScopes                        []store.ClientScope
	NewClientDefault, NewClientOptional []string
	// OfflineRole makes offline_access a matter of the role of that name: for others there are no tokens at all.
	OfflineRole bool
}

// IdentityScopes are bound to no resource and to no role (OpenID Connect Core §5.4 and §11).
var identityScopes = []string{"openid", "profile", "email", "offline_access"}

// IsIdentity reports whether a scope is about the person and not about a resource.
func IsIdentity(scope string) bool { return slices.Contains(identityScopes, scope) }

// Scopes returns every scope that the server knows, identity scopes first.
func (c *Catalog) Scopes() []string {
	if c.ClientScopes != nil {
		return c.listedScopes()
	}
	all := slices.Clone(identityScopes)
	for _, r := range c.Resources {
		for _, scope := range r.Scopes {
			if !slices.Contains(all, scope) {
				all = append(all, scope)
			}
		}
	}
	return all
}

// Asked returns the resource indicators that a request names, each once.
func (c *Catalog) Asked(form url.Values) []string {
	asked := slices.Clone(form["resource"])
	if c.AcceptAudience {
		asked = append(asked, form["audience"]...)
	}
	slices.Sort(asked)
	return slices.Compact(asked)
}

// Targets checks the resource indicators of a request. None asked: the default resource, or invalid_target where there is
// none, as a token must say what it is for (RFC 9068 §2.2). The answer shares no memory with the request.
func (c *Catalog) Targets(asked []string) ([]string, *Error) {
	if len(asked) == 0 {
		if c.DefaultResource == "" {
			return nil, NewError("invalid_target", "resource is missing, and this server has no default_resource; known are "+c.resourceNames())
		}
		return []string{c.DefaultResource}, nil
	}
	var targets []string
	for _, uri := range asked {
		at := slices.IndexFunc(c.Resources, func(r Resource) bool { return r.URI == uri })
		if at < 0 {
			return nil, NewError("invalid_target", fmt.Sprintf("resource %s is not known here; known are %s (compared as strings, so a trailing slash counts); add it with --resource or under resources: in the configuration",
				Clip(uri), c.resourceNames()))
		}
		targets = append(targets, c.Resources[at].URI)
	}
	return targets, nil
}

// Configured is the one API that a provider has been set up for which does not let clients choose.
func (c *Catalog) Configured() []string {
	switch {
	case c.DefaultResource != "":
		return []string{c.DefaultResource}
	case len(c.Resources) > 0:
		return []string{c.Resources[0].URI}
	}
	return nil
}

func (c *Catalog) resourceNames() string {
	var names []string
	for _, r := range c.Resources {
		names = append(names, r.URI)
	}
	return Clip(strings.Join(names, ", "))
}

// Offers reports whether one of the resources has the scope, or it is bound to none.
func (c *Catalog) Offers(resources []string, scope string) bool {
	return IsIdentity(scope) || slices.ContainsFunc(c.Resources, func(r Resource) bool {
		return slices.Contains(resources, r.URI) && slices.Contains(r.Scopes, scope)
	})
}

// ParseScope splits a scope parameter after the grammar of RFC 6749 §3.3 and drops repetitions.
func ParseScope(value string) ([]string, *Error) {
	var scopes []string
	for token := range strings.SplitSeq(value, " ") {
		if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= 0x20 || r == '"' || r == '\\' || r > 0x7e }) {
			return nil, NewError("invalid_scope", "the scope parameter is malformed: want printable ASCII words, one space between them, none around them (RFC 6749 section 3.3)")
		}
		if !slices.Contains(scopes, token) {
			scopes = append(scopes, token)
		}
	}
	return scopes, nil
}

// Clip keeps what a stranger sent from filling an answer: it cuts what is longer than 200 bytes.
func Clip(s string) string {
	const most = 200
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}

// Meaning says in plain words what a scope lets a client do; empty where nobody said it.
func (c *Catalog) Meaning(scope string) string {
	if s, has := c.clientScope(scope); has {
		return s.Consent
	}
	switch scope {
	case "openid":
		return "know which user you are"
	case "profile":
		return "read your name"
	case "email":
		return "read your email address"
	case "offline_access":
		return "stay signed in while you are away"
	}
	return c.Meanings[scope]
}
