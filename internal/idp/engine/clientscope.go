package engine

import (
	"net/url"
	"slices"
	"strings"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// Where the personality has client scopes (personality.ClientScopes), a client is given scopes one by one: default ones, which are
// granted unasked, and optional ones. openid is a word of the request and no client scope.

// clientScope finds a client scope.
func (c *Catalog) clientScope(name string) (*store.ClientScope, bool) {
	at := slices.IndexFunc(c.ClientScopes, func(s store.ClientScope) bool { return s.Name == name })
	if at < 0 {
		return nil, false
	}
	return &c.ClientScopes[at], true
}

// OnConsent leaves out what a consent page does not tell of: scopes that only make tokens what they are.
func (e *Engine) OnConsent(scopes []string) []string {
	if !e.Personality.ClientScopes {
		return scopes
	}
	var told []string
	for _, name := range scopes {
		if s, has := e.Catalog.clientScope(name); has && s.Consent != "" {
			told = append(told, name)
		}
	}
	return told
}

// askClientScopes are the scopes that a client gets if the person's roles allow it, hidden ones included.
func (e *Engine) askClientScopes(c *store.Client, form url.Values) ([]string, *Error) {
	var scopes []string
	if form.Has("scope") {
		raw := form.Get("scope")
		var words []string
		var refusal *Error
		if trimmed := strings.TrimRight(raw, " "); trimmed != "" || raw == "" { // measured: spaces at the end are none
			words, refusal = ParseScope(trimmed)
		}
		if refusal != nil {
			refusal.Fault, refusal.About = personality.ScopeUnknown, raw
			return nil, refusal
		}
		for _, word := range words {
			scope, given := given(c, word)
			if !given {
				return nil, NewFault(personality.ScopeUnknown, raw, "invalid_scope", "scope "+Clip(word)+" is not known here, or this client may not ask for it; it may ask for: openid "+strings.Join(slices.Concat(c.DefaultScopes, c.OptionalScopes), " "))
			}
			scopes = append(scopes, scope)
		}
	}
	for _, scope := range c.DefaultScopes {
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes, nil
}

// given finds a scope among those of a client. The answer shares no memory with the request.
func given(c *store.Client, word string) (string, bool) {
	if word == "openid" {
		return "openid", true
	}
	for _, scopes := range [][]string{c.DefaultScopes, c.OptionalScopes} {
		if at := slices.Index(scopes, word); at >= 0 {
			return scopes[at], true
		}
	}
	return "", false
}

// permits reports whether a person may have a scope that a client was given.
func (c *Catalog) permits(person store.Person, scope string) bool {
	if scope == "openid" {
		return true
	}
	s, known := c.clientScope(scope)
	return known && s.Permits(person)
}

// narrowClientScopes sets the scopes of a token. A refresh that asks for some gets these, as far as the grant holds them, and the
// default ones.
func (e *Engine) narrowClientScopes(s *session, c *store.Client, grantType string, form url.Values) *Error {
	asked := s.grant.Scopes
	if form.Has("scope") && grantType != GrantCode || grantType == GrantClientCredentials {
		var refusal *Error
		if asked, refusal = e.askClientScopes(c, form); refusal != nil {
			return refusal
		}
	}
	person, _ := e.speaksFor(s.grant)
	s.scopes = nil
	for _, scope := range asked {
		held := grantType == GrantClientCredentials || slices.Contains(s.grant.Scopes, scope)
		if held && e.Catalog.permits(person, scope) {
			s.scopes = append(s.scopes, scope)
		}
	}
	return nil
}

const offlineAccess = "offline_access" // the scope, and the role

// offlineDenied refuses tokens for offline_access to somebody without the role, or of whose role the client may not know.
func (e *Engine) offlineDenied(s *session, c *store.Client) *Error {
	if !e.Catalog.OfflineRole || !s.offline() || !c.May(GrantRefresh) {
		return nil
	}
	person, _ := e.speaksFor(s.grant)
	if slices.Contains(e.rolesTold(c, person, s.scopes), store.Role{Name: offlineAccess}) {
		return nil
	}
	return NewFault(personality.OfflineDenied, "", "access_denied", "offline_access is for people with the role offline_access, which this client may know of")
}

// shown reports whether answers and scope claims name a scope.
func (e *Engine) shown(scope string) bool {
	s, has := e.Catalog.clientScope(scope)
	return !has || !s.Hidden
}

// listedScopes are those of the metadata.
func (c *Catalog) listedScopes() []string {
	listed := []string{"openid"}
	for _, s := range c.ClientScopes {
		if !s.Unlisted {
			listed = append(listed, s.Name)
		}
	}
	return listed
}

// GiveScopes gives a client that came by itself the scopes that such clients get, or optionally those that it named; nil: it named none.
func (c *Catalog) GiveScopes(client *store.Client, named []string) {
	client.DefaultScopes, client.OptionalScopes = c.NewClientDefault, c.NewClientOptional
	if named == nil {
		return
	}
	client.DefaultScopes, client.OptionalScopes = nil, nil
	if _, has := c.clientScope(BasicScope); has {
		client.DefaultScopes = []string{BasicScope}
	}
	for _, name := range named {
		if s, known := c.clientScope(name); known && name != BasicScope && !slices.Contains(client.OptionalScopes, name) {
			client.OptionalScopes = append(client.OptionalScopes, s.Name)
		}
	}
}

// BasicScope is the client scope that every client has, where there is one of this name: without it tokens have no sub.
const BasicScope = "basic"

// speaksFor finds the person of a grant, or the account that its client signs itself in to; zero where there is neither.
func (e *Engine) speaksFor(g store.Grant) (store.Person, bool) {
	if g.Username != "" {
		return e.Store.Person(g.Username)
	}
	c, known := e.Store.Client(g.ClientID)
	if !known || c.Account == "" {
		return store.Person{}, false
	}
	return e.Store.Person(c.Account)
}
