package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	admin = "Admin"
	user  = "User"
)

// permission is a scope of the API resource.
type permission struct{ name, description string }

var permissions = []permission{
	{"create:todos", "Create todos"},
	{"read:todos", "Read everybody's todos"},
	{"delete:todos", "Delete anybody's todos"},
}

// grants says which scopes a role gives, the roles in the order in which they are made.
var grants = []struct {
	role, description string
	standard          bool // given to everybody new
	scopes            []string
}{
	{admin, "May do everything in the todo manager", false, []string{"create:todos", "read:todos", "delete:todos"}},
	{user, "May create todos", true, []string{"create:todos"}},
}

// entity is what the lists of the Management API have in common.
type entity struct {
	ID, Name string
}

// provisioner makes what is missing. Not safe for concurrent use.
type provisioner struct {
	*management
	*report
	settings settings
	scopes   map[string]string // name -> id; "" in a dry run for one that is missing
	roles    map[string]string // the same
}

// provision makes everything, in an order in which each thing finds what it needs.
func provision(ctx context.Context, m *management, s settings, r *report) (applications, error) {
	p := &provisioner{m, r, s, map[string]string{}, map[string]string{}}
	if err := p.resource(ctx); err != nil {
		return applications{}, err
	}
	for _, g := range grants {
		if err := p.role(ctx, g.role, g.description, g.standard, g.scopes); err != nil {
			return applications{}, err
		}
	}
	if err := p.signIn(ctx); err != nil {
		return applications{}, err
	}
	for _, person := range s.people {
		if err := p.person(ctx, person); err != nil {
			return applications{}, err
		}
	}
	return p.applications(ctx)
}

// resource is the API that todo-mcp is, with its scopes.
func (p *provisioner) resource(ctx context.Context) error {
	type resource struct {
		entity
		Indicator string
	}
	all, err := list[resource](ctx, p.management, "/resources", nil)
	if err != nil {
		return err
	}
	var r resource
	if i := slices.IndexFunc(all, func(r resource) bool { return r.Indicator == p.settings.resource }); i >= 0 {
		r = all[i]
		p.is("API resource %s (%q)", r.Indicator, r.Name)
	} else {
		for _, other := range all {
			if strings.TrimSuffix(other.Indicator, "/") == strings.TrimSuffix(p.settings.resource, "/") {
				p.line("note", "API resource %s is another one, by the slash at its end, and stays", other.Indicator)
			}
		}
		if p.makes("API resource %s", p.settings.resource) {
			if _, err := p.call(ctx, http.MethodPost, "/resources", map[string]any{"name": "Todo manager", "indicator": p.settings.resource}, &r); err != nil {
				return err
			}
		}
	}
	var existing []entity
	if r.ID != "" {
		if existing, err = list[entity](ctx, p.management, "/resources/"+url.PathEscape(r.ID)+"/scopes", nil); err != nil {
			return err
		}
	}
	for _, wanted := range permissions {
		var scope entity
		if i := slices.IndexFunc(existing, func(e entity) bool { return e.Name == wanted.name }); i >= 0 {
			scope = existing[i]
			p.is("scope %s", scope.Name)
		} else if p.makes("scope %s", wanted.name) {
			body := map[string]string{"name": wanted.name, "description": wanted.description}
			if _, err := p.call(ctx, http.MethodPost, "/resources/"+url.PathEscape(r.ID)+"/scopes", body, &scope); err != nil {
				return err
			}
		}
		p.scopes[wanted.name] = scope.ID
	}
	return nil
}
