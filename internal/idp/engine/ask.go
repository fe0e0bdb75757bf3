package engine

import (
	"net/url"
	"slices"
	"strings"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// Ask reads which scopes and resources an authorization request is about. What the person's roles withhold is cut later.
func (e *Engine) Ask(c *store.Client, form url.Values) (scopes, resources []string, refusal *Error) {
	if e.Personality.ClientScopes {
		if scopes, refusal = e.askClientScopes(c, form); refusal != nil {
			return nil, nil, refusal
		}
		resources, refusal = e.askedResources(form, nil)
		return scopes, resources, refusal
	}
	var words []string
	if e.Personality.UnknownScope == personality.UnknownScopeDropped {
		words = strings.Fields(form.Get("scope")) // what is malformed is not known either
	} else if form.Has("scope") {
		var refusal *Error
		if words, refusal = ParseScope(form.Get("scope")); refusal != nil {
			refusal.Fault, refusal.About = personality.ScopeUnknown, form.Get("scope")
			return nil, nil, refusal
		}
	}
	if resources, refusal = e.askedResources(form, words); refusal != nil {
		return nil, nil, refusal
	}
	if !form.Has("scope") {
		scopes = e.unasked(c, resources)
	} else if scopes, refusal = e.askedScopes(c, form, words, resources); refusal != nil {
		return nil, nil, refusal
	}
	return scopes, resources, nil
}

// unasked are the scopes of a request that names none.
func (e *Engine) unasked(c *store.Client, resources []string) []string {
	if e.Personality.NoScopeIsNone {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(e.Catalog.DefaultScopes), func(scope string) bool {
		return !e.Catalog.Offers(resources, scope) || c.Scopes != nil && !slices.Contains(c.Scopes, scope)
	})
}

func (e *Engine) askedScopes(c *store.Client, form url.Values, words, resources []string) (scopes []string, _ *Error) {
	raw := form.Get("scope")
	drops := e.Personality.UnknownScope == personality.UnknownScopeDropped
	for _, word := range words {
		scope, _, known := e.named(word)
		switch {
		case drops && (!known || !e.Catalog.Offers(resources, scope)):
			continue
		case !known:
			return nil, NewFault(personality.ScopeUnknown, raw, "invalid_scope", "scope "+Clip(word)+" is not known here; known are: "+strings.Join(e.KnownScopes(), " "))
		case !e.Catalog.Offers(resources, scope):
			return nil, NewFault(personality.ScopeUnknown, raw, "invalid_scope", "scope "+scope+" belongs to another resource than "+strings.Join(resources, " ")+"; name its resource in the request")
		case c.Scopes != nil && !slices.Contains(c.Scopes, scope):
			return nil, NewFault(personality.ScopeUnknown, raw, "invalid_scope", "this client may not ask for scope "+scope+"; it is configured for: "+strings.Join(c.Scopes, " "))
		case scope == "offline_access" && e.Personality.Refresh.Rule == personality.RefreshWithConsent && !slices.Contains(strings.Fields(form.Get("prompt")), "consent"):
			continue
		}
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope) // the catalog's string: the request's own would keep the whole request in memory
		}
	}
	return scopes, nil
}

// May divides scopes into those that a person gets and those that the person's roles withhold.
func (e *Engine) May(scopes []string, person store.Person) (granted, withheld []string) {
	for _, scope := range scopes {
		if e.allows(person, scope) {
			granted = append(granted, scope)
		} else {
			withheld = append(withheld, scope)
		}
	}
	return granted, withheld
}

func (e *Engine) allows(person store.Person, scope string) bool {
	if e.Personality.ClientScopes {
		return e.Catalog.permits(person, scope) || e.Catalog.OfflineRole && scope == offlineAccess // the token endpoint says no
	}
	return IsIdentity(scope) || slices.Contains(person.Scopes, scope) || e.Personality.DeniedScope == personality.DeniedScopeGranted
}

// Refuses says no where the personality does not leave scopes out in silence, but refuses; else nil.
func (e *Engine) Refuses(granted, withheld []string) *Error {
	switch {
	case len(withheld) > 0 && e.Personality.DeniedScope == personality.DeniedScopeRefused:
		return NewFault(personality.ScopeDenied, withheld[0], "access_denied", "the roles of this person do not allow "+strings.Join(withheld, " "))
	case len(granted) == 0 && e.Personality.NothingGranted == personality.NothingGrantedIsDenied:
		return NewFault(personality.NothingLeft, "", "access_denied", "nothing is left of what was asked for")
	}
	return nil
}
