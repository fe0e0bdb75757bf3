package realm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mcpharness/internal/idp/store"
)

// readScopes reads the client scopes, and which of them clients have that name none. Without any in the file there are Keycloak's
// own; with some there are no others.
func (t *translation) readScopes() {
	if t.has("clientScopes") {
		for o := range t.records("clientScopes", "name") {
			t.readScope(o)
		}
		if !t.isScope(offlineScope) { // the only one that Keycloak adds
			t.scopes, t.optional = append(t.scopes, builtinOffline()), []string{offlineScope}
		}
	} else {
		t.scopes, t.defaults, t.optional = builtinScopes()
		t.foreign = samlScopes
	}
	for i := range t.scopes {
		scope := &t.scopes[i]
		scope.Roles = t.roles.expanded(append(scope.Roles, t.scopeOf[scope.Name]...))
		delete(t.scopeOf, scope.Name)
	}
	for name := range t.scopeOf {
		if slices.Contains(t.foreign, name) {
			continue
		}
		t.fault(t.line("scopeMappings"), "scopeMappings", "clientScope %q is none of the file's clientScopes", name)
	}
	t.defaults = t.more(t.defaults, t.knownScopes(t.record, "defaultDefaultClientScopes"))
	t.optional = t.more(t.optional, t.knownScopes(t.record, "defaultOptionalClientScopes"))
}

// more adds to the scopes of clients that name none those that the file lists: what Keycloak has given them stays.
func (t *translation) more(given, listed []string) []string {
	for _, name := range listed {
		if !slices.Contains(t.defaults, name) && !slices.Contains(t.optional, name) {
			given = append(given, name)
		}
	}
	return given
}

func (t *translation) isScope(name string) bool {
	return slices.ContainsFunc(t.scopes, func(s store.ClientScope) bool { return s.Name == name })
}

// organization is the scope of a feature that is off: Keycloak leaves it out in silence. Measured.
const organization = "organization"

func (t *translation) readScope(o record) {
	name := o.required("name")
	if protocol := o.text("protocol"); protocol != "openid-connect" && protocol != "" {
		t.unimitate(o.path, "no SAML, and no protocol but openid-connect")
		t.foreign = append(t.foreign, name)
		return
	}
	if t.isScope(name) {
		o.fault(o.node.line, o.path, "there is another client scope called %q", name)
	}
	attributes := o.record("attributes")
	scope := store.ClientScope{
		Name: name, Hidden: !attributes.flag("include.in.token.scope", true), Unlisted: !attributes.flag("include.in.openid.provider.metadata", true),
		Mappers: t.readMappers(o), Off: name == organization,
	}
	if text := attributes.text("consent.screen.text"); attributes.flag("display.on.consent.screen", true) && !scope.Off {
		scope.Consent = cmp.Or(consentTexts[text], text, name)
	}
	attributes.rest("attributes of a scope")
	t.scopes = append(t.scopes, scope)
	o.rest("scope")
}

// knownScopes reads names of client scopes. Keycloak leaves out what is none, in silence.
func (t *translation) knownScopes(o record, member string) []string {
	names := []string{}
	for _, name := range o.texts(member) {
		known := t.isScope(name)
		switch {
		case known && !slices.Contains(names, name):
			names = append(names, name)
		case !known && !slices.Contains(t.foreign, name):
			t.remarks = append(t.remarks, fmt.Sprintf("%s names %s, which is no client scope of the realm: left out, as Keycloak does", join(o.path, member), name))
		}
	}
	return names
}

// samlScopes are Keycloak's own for another protocol.
var samlScopes = []string{"role_list", "saml_organization", "AuthnContextClassRef"}

const clientPlaceholder = "${client_id}"

// readMappers reads the protocol mappers of a client scope or client.
func (t *translation) readMappers(o record) (mappers []store.Mapper) {
	for inner := range o.records("protocolMappers", "name") {
		config := inner.record("config")
		kind := inner.required("protocolMapper")
		switch kind {
		case "oidc-address-mapper":
			mappers = append(mappers, addressMappers(config)...)
			inner.rest("mapper")
			continue
		case "oidc-organization-membership-mapper":
			if !t.flag("organizationsEnabled", false) {
				inner.rest("mapper")
				continue // as nobody is a member of any
			}
		}
		if mapper, imitated := readMapper(kind, config); imitated {
			mappers = append(mappers, mapper)
			config.rest("attributes of a mapper")
		} else if kind != "" {
			t.unimitate(inner.path, "no protocol mapper "+kind+", so what it adds to tokens is not there")
		}
		inner.rest("mapper")
	}
	return mappers
}

// readMapper reads one, if its kind is imitated. Where a flag is missing Keycloak takes that of an older place.
func readMapper(kind string, config record) (m store.Mapper, imitated bool) {
	access, id := config.flag("access.token.claim", false), config.flag("id.token.claim", false)
	for place, writes := range map[store.Places]bool{
		store.InAccessToken: access, store.InIDToken: id,
		store.InUserInfo: config.flag("userinfo.token.claim", id), store.InIntrospection: config.flag("introspection.token.claim", access),
	} {
		if writes {
			m.In |= place
		}
	}
	m.Claim = claimPath(config.text("claim.name"))
	m.Multiple = config.flag("multivalued", false)
	switch config.text("jsonType.label") {
	case "int", "long":
		m.Type = store.NumberClaim
	case "boolean":
		m.Type = store.BooleanClaim
	case "JSON":
		m.Type = store.JSONClaim
	}
	if m, imitated = withSource(m, kind, config); !slices.Contains(told, m.Source) {
		m.In &^= store.InUserInfo
	}
	return m, imitated && (len(m.Claim) > 0 || slices.Contains([]store.Source{
		store.FromAudience, store.FromRoleAudiences, store.FromSubject, store.FromFullName, store.FromOrigins, store.FromLevel,
	}, m.Source))
}

// addressMembers are the members of the claim address, by the attributes that they are read from.
var addressMembers = map[string]string{
	"street": "street_address", "locality": "locality", "region": "region", "postal_code": "postal_code", "country": "country", "formatted": "formatted",
}

// addressMappers write the members of the claim address (OpenID Connect Core §5.1.1), each from an attribute.
func addressMappers(config record) (mappers []store.Mapper) {
	for attribute, member := range addressMembers {
		m, _ := readMapper("oidc-usermodel-attribute-mapper", config)
		m.Value, m.Claim = cmp.Or(config.text("user.attribute."+attribute), attribute), []string{"address", member}
		mappers = append(mappers, m)
	}
	return mappers
}

// told are what mappers write into userinfo.
var told = []store.Source{store.FromAttribute, store.FromFullName, store.FromRealmRoles, store.FromClientRoles, store.FromGroups, store.FromText}

func withSource(m store.Mapper, kind string, config record) (store.Mapper, bool) {
	switch kind {
	case "oidc-audience-mapper":
		m.Source, m.Value = store.FromAudience, cmp.Or(config.text("included.client.audience"), config.text("included.custom.audience"))
	case "oidc-audience-resolve-mapper":
		m.Source = store.FromRoleAudiences
		m.In |= withoutFlags(config, store.InAccessToken|store.InIntrospection)
	case "oidc-sub-mapper":
		m.Source = store.FromSubject
	case "oidc-usermodel-attribute-mapper", "oidc-usermodel-property-mapper":
		m.Source, m.Value = store.FromAttribute, config.text("user.attribute")
	case "oidc-full-name-mapper":
		m.Source = store.FromFullName
	case "oidc-usermodel-realm-role-mapper":
		m.Source, m.Prefix = store.FromRealmRoles, config.text("usermodel.realmRoleMapping.rolePrefix")
	case "oidc-usermodel-client-role-mapper":
		m.Source, m.Value, m.Prefix = store.FromClientRoles, config.text("usermodel.clientRoleMapping.clientId"), config.text("usermodel.clientRoleMapping.rolePrefix")
	case "oidc-allowed-origins-mapper":
		m.Source = store.FromOrigins
		m.In |= withoutFlags(config, store.InAccessToken|store.InIntrospection)
	case "oidc-usersessionmodel-note-mapper":
		m.Source, m.Value = store.FromSession, config.text("user.session.note")
		return m, slices.Contains(store.SessionNotes, m.Value)
	case "oidc-hardcoded-claim-mapper":
		m.Source, m.Value = store.FromText, config.text("claim.value")
	case "oidc-acr-mapper":
		m.Source = store.FromLevel
	case "oidc-group-membership-mapper":
		m.Source, m.FullPath = store.FromGroups, config.flag("full.path", true)
	default:
		return m, false
	}
	return m, true
}

// withoutFlags is where mappers of Keycloak's first versions write, which had no flags.
func withoutFlags(config record, places store.Places) store.Places {
	if config.has("access.token.claim") || config.has("introspection.token.claim") {
		return 0
	}
	return places
}

// claimPath divides a claim's name at its dots, but for those behind a backslash.
func claimPath(name string) (path []string) {
	if name == "" {
		return nil
	}
	const dot = "\x00"
	for step := range strings.SplitSeq(strings.ReplaceAll(name, `\.`, dot), ".") {
		path = append(path, strings.ReplaceAll(step, dot, "."))
	}
	return path
}
