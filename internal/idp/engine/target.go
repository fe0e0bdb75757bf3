package engine

import (
	"net/url"
	"slices"
	"strings"

	"mcpharness/internal/personality"
)

// askedResources are the resources that an authorization request is for, by the rule of the personality.
func (e *Engine) askedResources(form url.Values, words []string) ([]string, *Error) {
	switch e.Personality.Target {
	case personality.TargetResourceEachTime:
		return e.knownOrNone(strings.FieldsFunc(strings.Join(form["resource"], ","), func(r rune) bool { return r == ',' }))
	case personality.TargetAudience:
		if form.Has("audience") {
			return e.knownOrNone(form["audience"])
		}
		return e.knownOrNone(form["resource"])
	case personality.TargetConfigured:
		if slices.ContainsFunc(form["resource"], malformedResource) {
			return nil, resourceUnfit()
		}
		return e.Catalog.Configured(), nil
	case personality.TargetFilter:
		if slices.ContainsFunc(form["resource"], malformedResource) {
			return nil, resourceUnfit()
		}
		return slices.Clone(form["resource"]), nil // what is unknown is found by the token endpoint
	case personality.TargetConfiguredAlways:
		return e.Catalog.Configured(), nil
	case personality.TargetScopePrefix, personality.TargetScopePrefixAlone:
		return e.resourcesOfPrefixes(form, words)
	}
	return e.Catalog.Targets(e.Catalog.Asked(form))
}

func (e *Engine) knownOrNone(asked []string) ([]string, *Error) {
	if len(asked) == 0 {
		return nil, nil
	}
	return e.targets(asked)
}

// targets is Catalog.Targets in the personality's words.
func (e *Engine) targets(asked []string) ([]string, *Error) {
	targets, refusal := e.Catalog.Targets(asked)
	if refusal == nil {
		return targets, nil
	}
	refusal.Fault = personality.ResourceUnknown
	for _, uri := range asked {
		u, err := url.Parse(uri)
		switch {
		case err != nil || !u.IsAbs():
			refusal.Fault, refusal.About = personality.TargetMalformed, "be an absolute URI"
		case strings.Contains(uri, "#"):
			refusal.Fault, refusal.About = personality.TargetMalformed, "not contain a fragment component"
		case slices.ContainsFunc(e.Catalog.Resources, func(r Resource) bool { return r.URI == uri }):
			continue
		}
		break // of several the first one is told
	}
	return nil, refusal
}

// malformedResource is stricter than RFC 8707 §2, which only advises against a query.
func malformedResource(raw string) bool {
	u, err := url.Parse(raw)
	return err != nil || !u.IsAbs() || u.Opaque == "" && u.Host == "" && u.Path == "" || strings.ContainsAny(raw, "?#")
}

// resourcesOfPrefixes reads the API from the scopes. Scopes of two APIs in one request get no token.
func (e *Engine) resourcesOfPrefixes(form url.Values, words []string) ([]string, *Error) {
	var resources []string
	for _, word := range words {
		if _, resource, known := e.named(word); known && resource != "" && !slices.Contains(resources, resource) {
			resources = append(resources, resource)
		}
	}
	asked := form["resource"]
	switch {
	case len(resources) > 1:
		return nil, NewFault(personality.ScopeUnknown, form.Get("scope"), "invalid_scope", "scopes of several resources in one request; ask for one resource at a time")
	case e.Personality.Target == personality.TargetScopePrefix && len(asked) > 0 && !slices.Equal(asked, resources):
		return nil, NewFault(personality.ResourceMismatch, "", "invalid_target", "resource is not the resource of the scopes")
	}
	return resources, nil
}

// exchanged are the resources that a token is for, and whether it is opaque. By default it is for all that the grant is for.
func (e *Engine) exchanged(s *session, grantType string, form url.Values) (resources []string, opaque bool, _ *Error) {
	if grantType == GrantClientCredentials {
		return e.ownResources(form)
	}
	resources = s.grant.Resources
	format := e.Personality.AccessToken.Format
	switch e.Personality.Target {
	case personality.TargetResource:
		asked := e.Catalog.Asked(form)
		for _, uri := range asked {
			if !slices.Contains(resources, uri) {
				return nil, false, NewFault(personality.ResourceUnknown, uri, "invalid_target", "resource "+Clip(uri)+" is beyond the grant, which is for: "+strings.Join(resources, " "))
			}
		}
		if len(asked) > 0 {
			resources = asked
		}
	case personality.TargetResourceEachTime:
		asked := form["resource"]
		if len(asked) == 1 {
			if !slices.Contains(resources, asked[0]) {
				return nil, false, NewFault(personality.ResourceUnknown, asked[0], "invalid_target", "resource "+Clip(asked[0])+" is not one of the grant")
			}
			return asked, false, nil
		}
		// Without one, or with several, whichever they are, a token of somebody who signed in is for userinfo only.
		if len(asked) > 1 || len(resources) != 1 || slices.Contains(s.grant.Scopes, "openid") {
			return nil, true, nil
		}
		return resources, false, nil
	}
	return resources, format == personality.Opaque || format == personality.OpaqueWithoutTarget && len(resources) == 0, nil
}

// ownResources are those of a token that a client gets for itself.
func (e *Engine) ownResources(form url.Values) ([]string, bool, *Error) {
	opaque := e.Personality.AccessToken.Format == personality.Opaque
	var resources []string
	var refusal *Error
	switch e.Personality.Target {
	case personality.TargetResourceEachTime, personality.TargetAudience:
		asked := form["resource"]
		if e.Personality.Target == personality.TargetAudience && form.Has("audience") {
			asked = form["audience"]
		}
		if _, one := e.Personality.Errors[personality.ResourceSeveral]; one && len(asked) > 1 {
			return nil, false, NewFault(personality.ResourceSeveral, "", "invalid_target", "one resource at a time")
		}
		if len(asked) == 0 {
			return nil, false, NewFault(personality.ResourceMissing, "", "invalid_target", "this grant needs to know which API the token is for")
		}
		resources, refusal = e.targets(asked)
	case personality.TargetResource:
		resources, refusal = e.Catalog.Targets(e.Catalog.Asked(form))
	default:
		resources = e.Catalog.Configured()
	}
	return resources, opaque, refusal
}
