package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

type role struct {
	entity
	Type      string
	IsDefault bool
}

func (p *provisioner) role(ctx context.Context, name, description string, standard bool, scopes []string) error {
	all, err := list[role](ctx, p.management, "/roles", url.Values{"search.name": {name}, "mode.name": {"exact"}})
	if err != nil {
		return err
	}
	var wanted []string
	for _, scope := range scopes {
		wanted = append(wanted, p.scopes[scope])
	}
	i := slices.IndexFunc(all, func(r role) bool { return r.Name == name })
	if i < 0 {
		var made role
		if p.makes("role %s with %s", name, strings.Join(scopes, " ")) {
			body := map[string]any{"name": name, "description": description, "type": "User", "isDefault": standard, "scopeIds": wanted}
			if _, err := p.call(ctx, http.MethodPost, "/roles", body, &made); err != nil {
				return err
			}
		}
		p.roles[name] = made.ID
		return nil
	}
	found := all[i]
	if found.Type != "User" {
		p.leaves("role %s is for applications (type %s), so people cannot have it: rename it in the console, then run this again", name, found.Type)
		return nil
	}
	p.is("role %s", name)
	p.roles[name] = found.ID
	if standard && !found.IsDefault && p.adds("role %s to everybody new (a default role)", name) {
		if _, err := p.call(ctx, http.MethodPatch, "/roles/"+url.PathEscape(found.ID), map[string]bool{"isDefault": true}, nil); err != nil {
			return err
		}
	}
	return p.roleScopes(ctx, found, scopes)
}

// roleScopes adds what a role that was there lacks, and tells what it has too much.
func (p *provisioner) roleScopes(ctx context.Context, r role, wanted []string) error {
	path := "/roles/" + url.PathEscape(r.ID) + "/scopes"
	has, err := list[entity](ctx, p.management, path, nil)
	if err != nil {
		return err
	}
	var missing, ids []string
	for _, permission := range permissions {
		id := p.scopes[permission.name]
		holds := id != "" && slices.ContainsFunc(has, func(e entity) bool { return e.ID == id })
		switch wants := slices.Contains(wanted, permission.name); {
		case wants && !holds:
			missing, ids = append(missing, permission.name), append(ids, id)
		case holds && !wants:
			p.leaves("role %s also gives %s: take it away in the console, or the refusals of the tutorial do not happen", r.Name, permission.name)
		}
	}
	if len(ids) == 0 || !p.adds("%s to role %s", strings.Join(missing, " "), r.Name) {
		return nil
	}
	_, err = p.call(ctx, http.MethodPost, path, map[string]any{"scopeIds": ids}, nil)
	return err
}
