package guard

import (
	"maps"
	"slices"
	"strings"
)

// readRoles follows the path to the roles. A token without them is one of somebody without roles.
func (g *Guard) readRoles(c claims) ([]string, error) {
	level := c
	path := g.settings.RolesClaim
	for i, name := range path {
		raw, present := level[name]
		if !present {
			return nil, nil
		}
		var err error
		if i < len(path)-1 {
			if level, err = members(raw); err != nil {
				return nil, refuseToken("%s: want an object, got %s", strings.Join(path[:i+1], "."), kindOf(raw))
			}
			continue
		}
		if g.settings.RolesAreKeys {
			if byName, err := members(raw); err == nil { // Zitadel: {"admin": {"ORG": "domain"}}
				return slices.Sorted(maps.Keys(byName)), nil
			}
		}
		roles, err := stringsOf(raw)
		if err != nil {
			return nil, refuseToken("%s: want a string or an array of strings, got %s", strings.Join(path, "."), describeList(raw))
		}
		return roles, nil
	}
	return nil, nil
}
