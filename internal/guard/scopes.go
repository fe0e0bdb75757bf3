package guard

import (
	"maps"
	"slices"
	"strings"
)

// wireScopes reads every scope claim, by the names in the token. The claim scope is the string of RFC 9068 section 2.2.3
// and RFC 6749 section 3.3, split at single spaces; the claims of other dialects (scp, permissions) may also be arrays.
// An empty string means no scopes: Keycloak writes it.
func (g *Guard) wireScopes(c claims, from evidence) ([]string, error) {
	var scopes []string
	for _, name := range from.names(c, g.settings.ScopeClaims, "scope") {
		raw, present := c[name]
		if !present {
			continue
		}
		var list []string
		text, err := stringOf(raw)
		switch {
		case err == nil && text != "":
			list = strings.Split(text, " ")
		case err != nil && name == "scope" && !g.settings.ScopeArray:
			return nil, refuseToken("scope: want a string, got %s", kindOf(raw))
		case err != nil:
			if list, err = stringsOf(raw); err != nil {
				return nil, refuseToken("%s: want a string or an array of strings, got %s", name, describeList(raw))
			}
		}
		for _, scope := range list {
			if !isScopeToken(scope) {
				return nil, refuseToken("%s: want scopes separated by single spaces (RFC 6749 section 3.3)", name)
			}
			if !slices.Contains(scopes, scope) {
				scopes = append(scopes, scope)
			}
		}
	}
	return scopes, nil
}

// ownScopes turns the names in a token into this server's. A string that happens to be this server's name of a scope,
// where the issuer has another name for it, is not that scope.
func (g *Guard) ownScopes(wire []string) []string {
	var own []string
	for _, scope := range wire {
		if names := g.named[scope]; len(names) > 0 {
			own = append(own, names...)
		} else if _, renamed := g.settings.ScopeNames[scope]; !renamed {
			own = append(own, scope)
		}
	}
	return own
}

// named inverts ScopeNames. One scope of the issuer may be several here.
func (s *Settings) named() map[string][]string {
	named := map[string][]string{}
	for _, own := range slices.Sorted(maps.Keys(s.ScopeNames)) {
		wire := s.ScopeNames[own]
		named[wire] = append(named[wire], own)
	}
	return named
}

// asked turns this server's names into those that clients ask the issuer for, which is what challenges and metadata say.
func (s *Settings) asked(own []string) []string {
	asked := make([]string, 0, len(own))
	for _, scope := range own {
		if wire, named := s.ScopeNames[scope]; named {
			scope = s.ScopePrefix + wire
		}
		if !slices.Contains(asked, scope) {
			asked = append(asked, scope)
		}
	}
	return asked
}

// applyRoles lets roles grant or limit scopes, where a profile maps them.
func (g *Guard) applyRoles(scopes, roles []string) []string {
	s := &g.settings
	if len(s.RolesToScopes) == 0 {
		return scopes
	}
	var ofRoles []string
	for _, role := range roles {
		ofRoles = append(ofRoles, s.RolesToScopes[role]...)
	}
	if s.RolesEffect == RolesLimit {
		return slices.DeleteFunc(scopes, func(scope string) bool {
			return s.isOfRoles(scope) && !slices.Contains(ofRoles, scope)
		})
	}
	for _, scope := range ofRoles {
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

func (s *Settings) isOfRoles(scope string) bool {
	for _, scopes := range s.RolesToScopes {
		if slices.Contains(scopes, scope) {
			return true
		}
	}
	return false
}
