package realm

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"mcpharness/internal/idp/store"
)

// roles are those of the realm and of its clients, each with the roles that it brings.
type roles map[store.Role][]store.Role

// readRoles reads the roles of the file, beside those that Keycloak makes in every realm.
func (t *translation) readRoles() {
	t.roles = builtinRoles(t.name)
	defined := t.record.record("roles")
	for role := range defined.records("realm", "name") {
		t.readRole(role, "")
	}
	clients := defined.record("client")
	for _, client := range clients.names() {
		clients.mention(client, client)
		for role := range clients.records(client, "name") {
			t.readRole(role, client)
		}
	}
	defined.rest("roles")
	t.checkComposites()
	t.readDefaultRoles()
}

func (t *translation) readRole(o record, client string) {
	role := store.Role{Client: client, Name: o.required("name")}
	composites := o.record("composites")
	var brought []store.Role
	for _, name := range composites.texts("realm") {
		brought = append(brought, store.Role{Name: name})
	}
	brought = append(brought, composites.clientRoles("client")...)
	t.roles[role] = append(t.roles[role], brought...)
	o.rest("role")
}

// clientRoles reads an object that lists roles for each client.
func (o record) clientRoles(name string) (roles []store.Role) {
	byClient := o.record(name)
	for _, client := range byClient.names() {
		byClient.mention(client, client)
		for _, name := range byClient.texts(client) {
			roles = append(roles, store.Role{Client: client, Name: name})
		}
	}
	return roles
}

// mention notes where the file speaks of a client.
func (o record) mention(client, member string) {
	if _, known := o.mentions[client]; !known {
		o.mentions[client] = place{o.line(member), join(o.path, member)}
	}
}

// checkComposites faults roles that bring what is no role.
func (t *translation) checkComposites() {
	for role, brought := range t.roles {
		for _, other := range brought {
			if _, defined := t.roles[other]; !defined {
				t.fault(t.line("roles"), "roles", "%s brings the role %s, which the file does not define", roleName(role), roleName(other))
			}
		}
	}
}

// readDefaultRoles reads which roles newcomers have: here the accounts of clients. Older files list them by name.
func (t *translation) readDefaultRoles() {
	if o := t.record.record("defaultRole"); len(o.node.members) > 0 {
		if name := o.required("name"); name != defaultRole(t.name).Name {
			t.roles[defaultRole(t.name)] = []store.Role{{Name: name}}
		}
		o.rest("role")
	}
	for _, name := range t.texts("defaultRoles") {
		t.roles[defaultRole(t.name)] = append(t.roles[defaultRole(t.name)], store.Role{Name: name})
	}
}

// defaultRole is what Keycloak calls the role that brings all that newcomers have.
func defaultRole(realm string) store.Role {
	return store.Role{Name: "default-roles-" + strings.ToLower(realm)}
}

// expanded adds the roles that roles bring, each once.
func (rs roles) expanded(of []store.Role) []store.Role {
	seen := map[store.Role]bool{}
	var all []store.Role
	for waiting := slices.Clone(of); len(waiting) > 0; waiting = waiting[1:] {
		if role := waiting[0]; !seen[role] {
			seen[role] = true
			all = append(all, role)
			waiting = append(waiting, rs[role]...)
		}
	}
	return all
}

// known tells of a role that the file names but does not define. Keycloak makes it as it imports, so it is there.
func (t *translation) known(path string, named []store.Role) {
	for _, role := range named {
		if _, defined := t.roles[role]; !defined {
			t.roles[role] = nil
			t.remarks = append(t.remarks, fmt.Sprintf("%s names the role %s, which the file does not define: it is made, as Keycloak does", path, roleName(role)))
		}
	}
}

func roleName(r store.Role) string {
	if r.Client == "" {
		return r.Name
	}
	return r.Name + " of client " + r.Client
}

type group struct {
	roles      []store.Role
	attributes map[string][]string
}

// readGroups reads groups with the roles that they bring, by their paths.
func (t *translation) readGroups() {
	t.groups = map[string]group{}
	for o := range t.records("groups", "name") {
		t.readGroup(o, "", group{})
	}
}

func (t *translation) readGroup(o record, above string, inherited group) {
	path := above + "/" + o.required("name")
	_ = o.text("path") // the same again
	roles := slices.Clone(inherited.roles)
	for _, name := range o.texts("realmRoles") {
		roles = append(roles, store.Role{Name: name})
	}
	roles = append(roles, o.clientRoles("clientRoles")...)
	t.known(o.path, roles)
	attributes := maps.Clone(inherited.attributes)
	if attributes == nil {
		attributes = map[string][]string{}
	}
	maps.Copy(attributes, o.record("attributes").lists())
	t.groups[path] = group{roles, attributes}
	for inner := range o.records("subGroups", "name") {
		t.readGroup(inner, path, t.groups[path])
	}
	o.rest("group")
}

// readMappings reads which roles client scopes are for, and which roles clients tell of.
func (t *translation) readMappings() {
	t.scopeOf, t.inScope = map[string][]store.Role{}, map[string][]store.Role{}
	for o := range t.records("scopeMappings", "") {
		t.readMapping(o, "")
	}
	byClient := t.record.record("clientScopeMappings")
	for _, client := range byClient.names() {
		byClient.mention(client, client)
		for o := range byClient.records(client, "") {
			t.readMapping(o, client)
		}
	}
}

func (t *translation) readMapping(o record, client string) {
	var roles []store.Role
	for _, name := range o.texts("roles") {
		roles = append(roles, store.Role{Client: client, Name: name})
	}
	t.known(o.path, roles)
	scope, of := o.text("clientScope"), o.text("client")
	if of != "" {
		o.mention(of, "client")
	}
	switch {
	case (scope == "") == (of == ""):
		o.fault(o.node.line, o.path, "want either client or clientScope, to say what the roles are for")
	case scope != "":
		t.scopeOf[scope] = append(t.scopeOf[scope], roles...)
	default:
		t.inScope[of] = append(t.inScope[of], roles...)
	}
	o.rest("mapping")
}
