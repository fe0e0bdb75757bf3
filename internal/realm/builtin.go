package realm

import (
	"strings"

	"mcpharness/internal/idp/store"
)

// What Keycloak 26.7.4 makes in every realm that does not bring its own: seen in the export of a new one.

// ownClients are Keycloak's consoles and what they are for. Their roles are there, they themselves are not.
var ownClients = map[string]string{
	"account":                "manage-account view-profile manage-account-links manage-consent view-consent view-applications view-groups delete-account",
	"account-console":        "",
	"admin-cli":              "",
	"broker":                 "read-token",
	"security-admin-console": "",
	"realm-management": "realm-admin create-client impersonation manage-authorization manage-clients manage-events manage-identity-providers manage-organizations manage-realm manage-users " +
		"query-clients query-groups query-organizations query-realms query-users view-authorization view-clients view-events view-identity-providers view-organizations view-realm view-users",
}

func builtinRoles(realm string) roles {
	rs := roles{}
	for client, names := range ownClients {
		for name := range strings.FieldsSeq(names) {
			rs[store.Role{Client: client, Name: name}] = nil
		}
	}
	account := func(name string) store.Role { return store.Role{Client: "account", Name: name} }
	management := func(name string) store.Role { return store.Role{Client: "realm-management", Name: name} }
	rs[account("manage-account")] = []store.Role{account("manage-account-links")}
	rs[account("manage-consent")] = []store.Role{account("view-consent")}
	rs[management("view-clients")] = []store.Role{management("query-clients")}
	rs[management("view-users")] = []store.Role{management("query-groups"), management("query-users")}
	for name := range strings.FieldsSeq(ownClients["realm-management"]) {
		if name != "realm-admin" {
			rs[management("realm-admin")] = append(rs[management("realm-admin")], management(name))
		}
	}
	offline, uma := store.Role{Name: "offline_access"}, store.Role{Name: "uma_authorization"}
	rs[offline], rs[uma] = nil, nil
	rs[defaultRole(realm)] = []store.Role{offline, uma, account("view-profile"), account("manage-account")}
	return rs
}

const (
	everywhere = store.InAccessToken | store.InIDToken | store.InUserInfo | store.InIntrospection
	toServers  = store.InAccessToken | store.InIntrospection
)

// builtinScopes are made where a file has no clientScopes at all.
func builtinScopes() (scopes []store.ClientScope, defaults, optional []string) {
	note := func(name, claim string, as store.ClaimType) store.Mapper {
		return store.Mapper{Source: store.FromSession, Value: name, Claim: []string{claim}, Type: as, In: toServers | store.InIDToken}
	}
	roleNames := store.Mapper{Source: store.FromRealmRoles, Claim: []string{"realm_access", "roles"}, Multiple: true, In: toServers}
	clientRoles := store.Mapper{Source: store.FromClientRoles, Claim: []string{"resource_access", clientPlaceholder, "roles"}, Multiple: true, In: toServers}
	groups := store.Mapper{Source: store.FromRealmRoles, Claim: []string{"groups"}, Multiple: true, In: everywhere}
	hidden := func(name string, mappers ...store.Mapper) store.ClientScope {
		return store.ClientScope{Name: name, Hidden: true, Mappers: mappers}
	}
	roles := hidden("roles", roleNames, store.Mapper{Source: store.FromRoleAudiences, In: toServers}, clientRoles)
	roles.Consent = "User roles"
	scopes = []store.ClientScope{
		hidden("basic", store.Mapper{Source: store.FromSubject, In: toServers}, note(store.NoteAuthTime, "auth_time", store.NumberClaim)),
		{Name: "profile", Consent: "User profile", Mappers: append(builtinAttributes(
			"username preferred_username", "firstName given_name", "lastName family_name", "middleName middle_name", "nickname nickname", "profile profile", "picture picture",
			"website website", "gender gender", "birthdate birthdate", "zoneinfo zoneinfo", "locale locale", "updatedAt updated_at number"), store.Mapper{Source: store.FromFullName, In: everywhere})},
		{Name: "email", Consent: "Email address", Mappers: builtinAttributes("email email", "emailVerified email_verified truth")},
		roles,
		hidden("web-origins", store.Mapper{Source: store.FromOrigins, In: toServers}),
		hidden("acr", store.Mapper{Source: store.FromLevel, In: toServers | store.InIDToken}),
		hidden("service_account", note(store.NoteClient, "client_id", store.TextClaim), note(store.NoteHost, "clientHost", store.TextClaim), note(store.NoteAddress, "clientAddress", store.TextClaim)),
		builtinOffline(),
		{Name: "address", Consent: "Address", Mappers: builtinAddress()},
		{Name: "phone", Consent: "Phone number", Mappers: builtinAttributes("phoneNumber phone_number", "phoneNumberVerified phone_number_verified truth")},
		{Name: "microprofile-jwt", Mappers: append(builtinAttributes("username upn"), groups)},
		{Name: organization, Off: true},
	}
	return scopes, strings.Fields("profile email roles web-origins acr basic"), strings.Fields("offline_access address phone microprofile-jwt organization")
}

const offlineScope = "offline_access"

func builtinOffline() store.ClientScope {
	return store.ClientScope{Name: offlineScope, Consent: "Offline Access", Roles: []store.Role{{Name: "offline_access"}}}
}

// builtinAttributes are mappers of attributes: name, claim, and the type where it is no text.
func builtinAttributes(rows ...string) (mappers []store.Mapper) {
	for _, row := range rows {
		words := append(strings.Fields(row), "text")
		types := map[string]store.ClaimType{"text": store.TextClaim, "number": store.NumberClaim, "truth": store.BooleanClaim}
		mappers = append(mappers, store.Mapper{Source: store.FromAttribute, Value: words[0], Claim: words[1:2], Type: types[words[2]], In: everywhere})
	}
	return mappers
}

func builtinAddress() (mappers []store.Mapper) {
	for attribute, member := range addressMembers {
		mappers = append(mappers, store.Mapper{Source: store.FromAttribute, Value: attribute, Claim: []string{"address", member}, In: everywhere})
	}
	return mappers
}

// consentTexts are the messages of Keycloak's own scopes, which files name as ${…}.
var consentTexts = map[string]string{
	"${profileScopeConsentText}": "User profile", "${emailScopeConsentText}": "Email address", "${addressScopeConsentText}": "Address",
	"${phoneScopeConsentText}": "Phone number", "${offlineAccessScopeConsentText}": "Offline Access", "${rolesScopeConsentText}": "User roles",
	"${organizationScopeConsentText}": "Organization", "${samlRoleListScopeConsentText}": "My Roles",
}
