package engine

import (
	"slices"
	"strings"
)

// written is how the personality writes a scope of a resource, without what stands before it.
func (e *Engine) written(scope string) string {
	if e.Personality.ScopeNames.Underscore {
		return strings.ReplaceAll(scope, ":", "_")
	}
	return scope
}

// askedFor is how clients write a scope of one of these resources.
func (e *Engine) askedFor(resources []string, scope string) string {
	if IsIdentity(scope) {
		return scope
	}
	if e.Personality.ScopeNames.Prefixed {
		return e.resourceOf(resources, scope) + "/" + e.written(scope)
	}
	return e.written(scope)
}

// inToken is how tokens write it.
func (e *Engine) inToken(resources []string, scope string) string {
	if e.Personality.ScopeNames.InToken {
		return e.askedFor(resources, scope)
	}
	if IsIdentity(scope) {
		return scope
	}
	return e.written(scope)
}

func (e *Engine) resourceOf(resources []string, scope string) string {
	for _, r := range e.Catalog.Resources {
		if slices.Contains(resources, r.URI) && slices.Contains(r.Scopes, scope) {
			return r.URI
		}
	}
	return ""
}

// named finds the scope that a client or a token writes as word, and the resource that its prefix names; the resource is empty
// where nothing in the word says it.
func (e *Engine) named(word string) (scope, resource string, known bool) {
	for _, own := range identityScopes {
		if word == own {
			return own, "", true
		}
	}
	names := e.Personality.ScopeNames
	for _, r := range e.Catalog.Resources {
		rest, prefixed := strings.CutPrefix(word, r.URI+"/")
		if !names.Prefixed {
			rest, prefixed = word, true
		}
		for _, own := range r.Scopes {
			if prefixed && e.written(own) == rest {
				if names.Prefixed {
					return own, r.URI, true
				}
				return own, "", true
			}
		}
	}
	return "", "", false
}

// KnownScopes are what metadata and error texts list, as clients write them.
func (e *Engine) KnownScopes() []string {
	if e.Personality.ClientScopes {
		return e.Catalog.listedScopes()
	}
	known := slices.Clone(identityScopes)
	if e.Personality.ListsIdentityOnly {
		return known
	}
	for _, r := range e.Catalog.Resources {
		for _, scope := range r.Scopes {
			if word := e.askedFor([]string{r.URI}, scope); !slices.Contains(known, word) {
				known = append(known, word)
			}
		}
	}
	return known
}
