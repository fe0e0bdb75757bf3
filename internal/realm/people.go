package realm

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"mcpharness/internal/idp/store"
)

// readPeople reads the users, the accounts of clients among them.
func (t *translation) readPeople() (people []store.Person) {
	t.accounts = map[string]string{}
	names, subjects := map[string]int{}, map[string]int{}
	var unreadable, incomplete, without []string
	for o := range t.records("users", "username") {
		p := t.readPerson(o)
		if line, twice := names[p.Username]; twice && p.Username != "" {
			o.fault(o.node.line, join(o.path, "username"), "there is another user %q, on line %d", p.Username, line)
		}
		if line, twice := subjects[p.Subject]; twice && p.Username != "" {
			o.fault(o.node.line, join(o.path, "id"), "another user has this id, on line %d", line)
		}
		names[p.Username], subjects[p.Subject] = o.node.line, o.node.line
		switch set := t.readCredentials(o, &p); {
		case p.AccountOf != "":
			t.accounts[p.AccountOf] = p.Username
			o.mention(p.AccountOf, "serviceAccountClientId")
		case set == unreadablePassword:
			unreadable = append(unreadable, p.Username)
		case set == noPassword:
			without = append(without, p.Username)
		}
		if p.AccountOf == "" && (p.Email == "" || p.GivenName == "" || p.FamilyName == "") {
			incomplete = append(incomplete, p.Username)
		}
		o.rest("user")
		people = append(people, p)
	}
	if len(names) == 0 {
		t.remarks = append(t.remarks, "the file has no users, so nobody can sign in; exports of the admin console never have any: write \"users\": […]")
	}
	t.remark(unreadable, "the password in the file is hashed in a way that mock-idp cannot check (argon2 and PBKDF2 are known): the user name is the password. For another one write \"credentials\": [{\"type\": \"password\", \"value\": \"…\"}]")
	t.remark(without, "no password in the file, so no sign-in; write \"credentials\": [{\"type\": \"password\", \"value\": \"…\"}]")
	t.remark(incomplete, "no email address, or no first or last name: Keycloak asks for these at the first sign-in (VERIFY_PROFILE), mock-idp does not")
	return people
}

// remark tells something of several people in one line.
func (t *translation) remark(names []string, what string) {
	const shown = 5
	if len(names) == 0 {
		return
	}
	list := strings.Join(names[:min(shown, len(names))], ", ")
	if more := len(names) - shown; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	t.remarks = append(t.remarks, list+": "+what)
}

func (t *translation) readPerson(o record) store.Person {
	p := store.Person{
		Username: strings.ToLower(o.required("username")), Email: strings.ToLower(o.text("email")), EmailVerified: o.flag("emailVerified", false),
		GivenName: o.text("firstName"), FamilyName: o.text("lastName"), Disabled: !o.flag("enabled", false), AccountOf: o.text("serviceAccountClientId"),
		Attributes: o.record("attributes").lists(),
	}
	p.Subject = cmp.Or(o.text("id"), t.subjectOf(p.Username))
	p.Name = cmp.Or(strings.TrimSpace(p.GivenName+" "+p.FamilyName), p.Username)
	var roles []store.Role
	for _, name := range o.texts("realmRoles") {
		roles = append(roles, store.Role{Name: name})
	}
	roles = append(roles, o.clientRoles("clientRoles")...)
	t.known(o.path, roles)
	for _, path := range o.texts("groups") {
		group, known := t.groups[path]
		if !known {
			o.fault(o.line("groups"), join(o.path, "groups"), "%q is no group of the file; want a path such as /staff/editors", path)
		}
		p.Groups = append(p.Groups, path)
		roles = append(roles, group.roles...)
		for name, values := range group.attributes { // where nothing is said about the person
			if _, own := p.Attributes[name]; !own {
				p.Attributes[name] = values
			}
		}
	}
	t.giveRoles(&p, roles)
	return p
}

// lists reads members that are lists of texts, or one text each.
func (o record) lists() map[string][]string {
	all := map[string][]string{}
	for _, name := range o.names() {
		if m := o.member(name); m.kind == list {
			all[name] = o.texts(name)
		} else {
			all[name] = []string{o.text(name)}
		}
	}
	return all
}

// giveRoles gives somebody roles and all that these bring.
func (t *translation) giveRoles(p *store.Person, roles []store.Role) {
	for _, role := range t.roles.expanded(roles) {
		if role.Client == "" {
			p.Roles = append(p.Roles, role.Name)
		} else {
			p.ClientRoles = append(p.ClientRoles, role)
		}
	}
}

// subjectOf makes an id for somebody to whom the file gives none, the same at every start. Keycloak makes another at every import.
func (t *translation) subjectOf(username string) string {
	sum := sha256.Sum256([]byte("realm " + t.name + " user " + username))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // a UUID of version 8 (RFC 9562 §5.8)
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

type password int

const (
	noPassword password = iota
	unreadablePassword
	knownPassword
)

// readCredentials reads somebody's password. The user name takes the place of a hash that cannot be checked.
func (t *translation) readCredentials(o record, p *store.Person) (set password) {
	for c := range o.records("credentials", "") {
		value, secret, how := c.text("value"), c.text("secretData"), c.text("credentialData")
		hashed, readable := readHash(secret, how)
		switch kind := cmp.Or(c.text("type"), "password"); {
		case kind != "password":
			t.unimitate(c.path, "no second factor")
		case value != "":
			p.Password, set = store.HashSecret(value), knownPassword
		case readable:
			p.Password, set = hashed, knownPassword
		case secret+how != "" && set == noPassword:
			p.Password, set = store.HashSecret(p.Username), unreadablePassword
		}
		_ = c.text("hashedSaltedValue")
		c.rest("credential")
	}
	return set
}

// missingAccounts are those of clients that sign themselves in and have no account in the file. They have the default role.
func (t *translation) missingAccounts() (people []store.Person) {
	for client, username := range t.accounts {
		if username == "" {
			p := store.Person{Username: "service-account-" + strings.ToLower(client), AccountOf: client}
			p.Subject = t.subjectOf(p.Username)
			t.giveRoles(&p, []store.Role{defaultRole(t.name)})
			people = append(people, p)
		}
	}
	slices.SortFunc(people, func(a, b store.Person) int { return cmp.Compare(a.Username, b.Username) })
	return people
}
