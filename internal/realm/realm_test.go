package realm_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/realm"
)

func nothingSet(string) (string, bool) { return "", false }

func read(t *testing.T, text string) *realm.Realm {
	t.Helper()
	r, err := realm.Read("realm.json", []byte(text), nothingSet)
	require.NoError(t, err)
	return r
}

func of(client, name string) store.Role { return store.Role{Client: client, Name: name} }

func person(t *testing.T, r *realm.Realm, name string) store.Person {
	t.Helper()
	at := slices.IndexFunc(r.People, func(p store.Person) bool { return p.Username == name })
	require.GreaterOrEqual(t, at, 0, name)
	return r.People[at]
}

func client(t *testing.T, r *realm.Realm, id string) store.Client {
	t.Helper()
	at := slices.IndexFunc(r.Clients, func(c store.Client) bool { return c.ID == id })
	require.GreaterOrEqual(t, at, 0, id)
	return r.Clients[at]
}

func scope(t *testing.T, r *realm.Realm, name string) store.ClientScope {
	t.Helper()
	at := slices.IndexFunc(r.Scopes, func(s store.ClientScope) bool { return s.Name == name })
	require.GreaterOrEqual(t, at, 0, name)
	return r.Scopes[at]
}

func lines(r *realm.Realm) string {
	var all []string
	for _, u := range r.Unimitated {
		all = append(all, u.String())
	}
	return strings.Join(all, "\n")
}

func TestTheRealmOfThisRepositoryIsAllUnderstoodButWhatIsListed(t *testing.T) {
	t.Parallel()
	r, err := realm.ReadFile("../../providers/keycloak/realm.json", nothingSet)
	require.NoError(t, err)
	require.Empty(t, r.Remarks)
	require.Equal(t, "nobody registers with an initial access token: components.…ClientRegistrationPolicy[allowed-client-templates], components.…ClientRegistrationPolicy[registration-web-origins]", lines(r))
	require.Equal(t, []any{5 * time.Minute, time.Minute, 30 * time.Minute, false}, []any{r.AccessToken, r.Code, r.SessionIdle, r.RefreshReusable})
	require.Equal(t, []store.Role{{Name: "Admin"}}, scope(t, r, "read:todos").Roles)
	require.Equal(t, "Create todos", scope(t, r, "create:todos").Consent)
	alice, inspector, own := person(t, r, "alice"), client(t, r, "mcp-inspector"), client(t, r, "todo-mcp")
	require.True(t, alice.PasswordIs("alice"))
	require.Equal(t, []string{"Admin", "offline_access"}, alice.Roles)
	require.Equal(t, []any{"none", false, "at+jwt"}, []any{inspector.AuthMethod, inspector.Challenge == store.AnyChallenge, inspector.TokenType})
	require.Equal(t, []string{"http://127.0.0.1:6274", "http://127.0.0.1:6276", "http://localhost:6274"}, inspector.WebOrigins)
	require.True(t, own.SecretIs("todo-mcp-secret"))
	require.Equal(t, "http://localhost:3001/mcp", own.ResourceURL)
	require.Empty(t, own.GrantTypes)
	require.Equal(t, []string{"localhost", "127.0.0.1"}, r.Registration.TrustedHosts)
	require.Equal(t, 10000, r.Registration.Most)
	require.Nil(t, r.Documents)
}

// TestWhatAFileLeavesOutIsAsKeycloakMakesIt: each was seen at Keycloak 26.7.4 after the import of such a file.
func TestWhatAFileLeavesOutIsAsKeycloakMakesIt(t *testing.T) {
	t.Parallel()
	r := read(t, `{"realm": "Sparse", "enabled": true,
		"users": [
			{"username": "Dora", "enabled": true, "email": "Dora@Example.com", "firstName": "D", "lastName": "X", "credentials": [{"value": "pw"}]},
			{"username": "erik", "email": "e@example.com", "firstName": "E", "lastName": "X"},
			{"username": "fay", "enabled": true, "email": "f@example.com", "firstName": "F", "lastName": "X", "credentials": [{"type": "password", "value": "pw"}], "realmRoles": ["default-roles-sparse"]}],
		"clients": [
			{"clientId": "c", "publicClient": true, "redirectUris": ["http://localhost/callback"]},
			{"clientId": "sa", "secret": "s", "serviceAccountsEnabled": true},
			{"clientId": "some", "secret": "s", "optionalClientScopes": ["email"], "consentRequired": true, "webOrigins": []}]}`)
	dora, erik, fay := person(t, r, "dora"), person(t, r, "erik"), person(t, r, "fay")
	require.Equal(t, []any{"dora@example.com", false, false}, []any{dora.Email, dora.Disabled, dora.EmailVerified})
	require.True(t, dora.PasswordIs("pw"))
	require.Empty(t, dora.Roles, "people of a file have no default roles")
	require.True(t, erik.Disabled, "enabled is false where it is missing")
	require.False(t, erik.PasswordIs("erik"))
	require.ElementsMatch(t, []string{"default-roles-sparse", "offline_access", "uma_authorization"}, fay.Roles)
	require.ElementsMatch(t, []store.Role{of("account", "view-profile"), of("account", "manage-account"), of("account", "manage-account-links")}, fay.ClientRoles)
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, dora.Subject)
	require.NotEqual(t, dora.Subject, fay.Subject)

	public, account, some := client(t, r, "c"), client(t, r, "sa"), client(t, r, "some")
	require.Equal(t, []string{"profile", "email", "roles", "web-origins", "acr", "basic"}, public.DefaultScopes)
	require.Equal(t, []string{"offline_access", "address", "phone", "microprofile-jwt", "organization"}, public.OptionalScopes)
	require.Equal(t, []string{"http://localhost"}, public.WebOrigins)
	require.Equal(t, public.RedirectURIs, public.LogoutURIs)
	require.True(t, public.AllRoles)
	require.Equal(t, []string{"authorization_code", "refresh_token"}, public.GrantTypes)
	require.Equal(t, []any{true, ""}, []any{public.Challenge == store.AnyChallenge, public.TokenType})
	require.Equal(t, append(public.DefaultScopes, "service_account"), account.DefaultScopes)
	require.Equal(t, "service-account-sa", account.Account)
	require.Contains(t, person(t, r, "service-account-sa").Roles, "default-roles-sparse", "but accounts of clients do")
	require.Empty(t, some.DefaultScopes)
	require.Equal(t, []string{"email"}, some.OptionalScopes)
	require.False(t, some.AllRoles)
	require.True(t, some.ThirdParty)
	require.Empty(t, some.WebOrigins)
	require.True(t, r.RefreshReusable)
	require.Equal(t, []string{}, r.Registration.TrustedHosts, "nobody can register")
	require.Equal(t, []string{
		"erik: no password in the file, so no sign-in; write \"credentials\": [{\"type\": \"password\", \"value\": \"…\"}]",
		"clients cannot register themselves: no registration policy of the file trusts a host (providerId trusted-hosts, config trusted-hosts)",
	}, r.Remarks)
}

// TestAFileWithScopesHasNoOthersButOneThatKeycloakAdds: measured, as that listing default scopes takes none of Keycloak's own away.
func TestAFileWithScopesHasNoOthersButOneThatKeycloakAdds(t *testing.T) {
	t.Parallel()
	r := read(t, `{"realm": "r", "enabled": true, "clientScopes": [{"name": "x"}], "clients": [{"clientId": "c", "publicClient": true}], "defaultDefaultClientScopes": ["x", "profile"]}`)
	require.Len(t, r.Scopes, 2)
	require.Equal(t, []store.Role{{Name: "offline_access"}}, scope(t, r, "offline_access").Roles)
	require.Equal(t, []string{"x"}, client(t, r, "c").DefaultScopes)
	require.Equal(t, []string{"offline_access"}, client(t, r, "c").OptionalScopes)
	require.Contains(t, r.Remarks, "defaultDefaultClientScopes names profile, which is no client scope of the realm: left out, as Keycloak does")

	r = read(t, `{"realm": "r", "enabled": true, "defaultDefaultClientScopes": ["profile"], "defaultOptionalClientScopes": ["phone"]}`)
	require.Equal(t, []string{"profile", "email", "roles", "web-origins", "acr", "basic"}, r.NewClientDefault)
	require.Equal(t, []string{"offline_access", "address", "phone", "microprofile-jwt", "organization"}, r.NewClientOptional)
}

func TestRolesBringOthersAndGroupsBringRoles(t *testing.T) {
	t.Parallel()
	r := read(t, `{"realm": "r", "enabled": true,
		"roles": {
			"realm": [{"name": "boss", "composites": {"realm": ["worker"], "client": {"app": ["edit"]}}}, {"name": "worker", "composites": {"realm": ["boss"]}}, {"name": "guest"}],
			"client": {"app": [{"name": "edit", "composites": {"client": {"app": ["read"]}}}, {"name": "read"}]}},
		"groups": [{"name": "staff", "realmRoles": ["guest"], "subGroups": [{"name": "editors", "path": "/staff/editors", "clientRoles": {"app": ["edit"]}}]}],
		"users": [
			{"username": "a", "enabled": true, "realmRoles": ["boss"]}, {"username": "b", "enabled": true, "groups": ["/staff/editors"]},
			{"username": "service-account-app", "enabled": true, "serviceAccountClientId": "app", "realmRoles": ["nowhere"]}],
		"clients": [{"clientId": "app", "secret": "s", "serviceAccountsEnabled": true, "fullScopeAllowed": false}, {"clientId": "other", "publicClient": true}],
		"clientScopes": [{"name": "x"}, {"name": "y", "attributes": {"include.in.token.scope": "false", "display.on.consent.screen": "false"}}],
		"scopeMappings": [{"clientScope": "x", "roles": ["worker"]}, {"client": "other", "roles": ["guest"]}],
		"clientScopeMappings": {"app": [{"clientScope": "y", "roles": ["edit"]}]}}`)
	require.ElementsMatch(t, []string{"boss", "worker"}, person(t, r, "a").Roles)
	require.ElementsMatch(t, []store.Role{of("app", "edit"), of("app", "read")}, person(t, r, "a").ClientRoles)
	require.Equal(t, []string{"guest"}, person(t, r, "b").Roles)
	require.ElementsMatch(t, []store.Role{of("app", "edit"), of("app", "read")}, person(t, r, "b").ClientRoles)
	require.Equal(t, []string{"/staff/editors"}, person(t, r, "b").Groups)
	require.Contains(t, scope(t, r, "x").Roles, store.Role{Name: "boss"}, "a role is for whoever has one that it brings")
	require.Equal(t, []any{false, "x"}, []any{scope(t, r, "x").Hidden, scope(t, r, "x").Consent})
	require.Equal(t, []any{true, ""}, []any{scope(t, r, "y").Hidden, scope(t, r, "y").Consent})
	require.ElementsMatch(t, []store.Role{of("app", "edit"), of("app", "read")}, scope(t, r, "y").Roles)
	require.ElementsMatch(t, []store.Role{of("app", "edit"), of("app", "read")}, client(t, r, "app").RoleScope)
	require.Equal(t, []store.Role{{Name: "guest"}}, client(t, r, "other").RoleScope)
	require.Equal(t, "service-account-app", client(t, r, "app").Account)
	require.Contains(t, strings.Join(r.Remarks, "\n"), "users[service-account-app] names the role nowhere, which the file does not define")
}

func TestVariablesOfTheEnvironmentArePutIn(t *testing.T) {
	t.Parallel()
	r, err := realm.Read("realm.json", []byte(`{"realm": "${NAME}", "enabled": "true", "clients": [
		{"clientId": "${A:one}${B:two}", "name": "${client_account} ${", "secret": "${SECRET:}x"}]}`), func(name string) (string, bool) {
		value, set := map[string]string{"NAME": "named", "A": "", "SECRET": "secret"}[name]
		return value, set
	})
	require.NoError(t, err)
	require.Equal(t, "named", r.Name)
	c := client(t, r, "two")
	require.Equal(t, "${client_account} ${", c.Name)
	require.True(t, c.SecretIs("secretx"))
}

func TestFaultsAreToldAllAtOnceWithTheirLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{"realm": "r", "users": []}`: {"realm.json:1: only people are in it; want the whole realm in one file, as kc.sh export --file writes it"},
		``:                            {"realm.json:1: this is no JSON that a realm can be read from: it ends too early"},
		"{\n\"realm\": ]":             {"realm.json:2: this is no JSON that a realm can be read from: invalid character ']' looking for beginning of value"},
		`[]`:                          {"realm.json:1: want one realm, got a list of 0"},
		`7`:                           {"realm.json:1: want an object, a realm as Keycloak imports it, got a number"},
		`{} {}`:                       {"want one JSON value, and nothing behind it"},
		"{\n\"enabled\": false,\n\"usres\": [1],\n\"clients\": {}\n}": {
			"realm.json:1: realm: is missing", "realm.json:2: enabled: the realm is not enabled", "realm.json:3: usres: is no member that Keycloak knows; did you mean users?",
			"realm.json:4: clients: want a list of objects, got an object", "4 faults",
		},
		"{\"realm\": \"a/b\", \"enabled\": true, \"enabled\": true}": {"realm: want letters, digits and . _ - only", "enabled: is here twice, first on line 1"},
		`{"realm": "r", "enabled": "yes", "accessTokenLifespan": "soon", "accessCodeLifespan": -1, "users": [7, {"username": ["a"]}]}`: {
			"enabled: want true or false, got a string", "accessTokenLifespan: want a whole number", "accessCodeLifespan: want a number of seconds, got -1",
			"users[0]: want an object, got a number", "users[1].username: want a string, got a list",
		},
		`{"realm": "r", "enabled": true, "users": [{"username": "A", "id": "1", "groups": ["/x"]}, {"username": "a", "id": "1", "serviceAccountClientId": "gone", "clientRoles": {"lost": ["x"]}}],
		"roles": {"realm": [{"name": "boss", "composites": {"realm": ["nobody"]}}], "client": {"app": []}},
		"clients": [{"clientId": "c", "publicClient": true, "attributes": {"pkce.code.challenge.method": "s256"}}, {"clientId": "c", "publicClient": true}],
		"clientScopes": [{"name": "s"}, {"name": "s"}], "scopeMappings": [{"clientScope": "gone", "roles": []}, {"roles": ["x"]}, {"client": "away", "roles": []}]}`: {
			`users[A].groups: "/x" is no group`, `users[a].username: there is another user "a", on line 1`, "users[a].id: another user has this id", `users[a].serviceAccountClientId: client "gone" is none of the file's clients`,
			`users[a].clientRoles.lost: client "lost" is none of`, `roles.client.app: client "app" is none of`, `roles: boss brings the role nobody, which the file does not define`,
			`want S256 or plain, or leave it out, got "s256"`, `there is another client "c", on line 3`, `there is another client scope called "s"`,
			`clientScope "gone" is none of`, "want either client or clientScope", `scopeMappings[2].client: client "away" is none of`,
		},
	} {
		_, err := realm.Read("realm.json", []byte(text), nothingSet)
		require.Error(t, err, text)
		_, are := realm.Faults(err)
		require.True(t, are)
		for _, part := range want {
			require.ErrorContains(t, err, part, text)
		}
	}
}

// TestAClientThatOnlyTakesTokensGetsNone reads it as an export has it, with every member.
func TestAClientThatOnlyTakesTokensGetsNone(t *testing.T) {
	t.Parallel()
	r := read(t, `{"realm": "r", "enabled": true, "clients": [{"clientId": "api", "secret": "s", "bearerOnly": true, "publicClient": false, "consentRequired": false, "standardFlowEnabled": true,
		"implicitFlowEnabled": false, "directAccessGrantsEnabled": true, "serviceAccountsEnabled": true, "fullScopeAllowed": true, "frontchannelLogout": false, "protocol": "openid-connect"}]}`)
	require.Empty(t, r.Clients[0].GrantTypes)
	require.Empty(t, r.Unimitated)
}

func TestNothingIsIgnoredInSilence(t *testing.T) {
	t.Parallel()
	r := read(t, `{"realm": "r", "enabled": true, "displayName": "R", "registrationAllowed": true, "resetPasswordAllowed": false, "sslRequired": "all", "browserFlow": "mine",
		"authenticationFlows": [{"alias": "browser", "builtIn": true}, {"alias": "mine", "builtIn": false}], "identityProviders": [{"alias": "x"}], "smtpServer": {}, "brandNew": 1,
		"attributes": {"frontendUrl": "https://x", "mine": "y"},
		"clientScopes": [{"name": "s", "protocolMappers": [{"name": "m", "protocolMapper": "oidc-claims-param-token-mapper", "config": {"access.token.claim": "true"}},
			{"name": "n", "protocolMapper": "oidc-usermodel-attribute-mapper", "config": {"user.attribute": "a", "claim.name": "a.b\\.c", "jsonType.label": "JSON", "id.token.claim": "true", "lightweight.claim": "true"}}]},
			{"name": "saml", "protocol": "saml"}],
		"scopeMappings": [{"clientScope": "saml", "roles": ["offline_access"]}], "defaultDefaultClientScopes": ["saml"],
		"clients": [{"clientId": "c", "publicClient": true, "implicitFlowEnabled": true, "directAccessGrantsEnabled": false, "defaultClientScopes": ["s", "gone"],
			"attributes": {"backchannel.logout.url": "https://x", "pkce.code.challenge.methd": "S256", "oauth2.device.authorization.grant.enabled": "false"}},
			{"clientId": "off", "enabled": false}, {"clientId": "account"}, {"clientId": "s", "protocol": "saml"}],
		"components": {"org.keycloak.keys.KeyProvider": [{"name": "rsa"}]}}`)
	for _, want := range []string{
		"nobody registers, and nobody changes or forgets a password: registrationAllowed", "http is always taken: sslRequired",
		"sign-in is always by user name and password: authenticationFlows[mine], browserFlow", "every person signs in by the file's own passwords: identityProviders",
		"neither mock-idp nor Keycloak 26.7.4 knows it: brandNew", "the issuer is where the mock is, or --issuer: attributes.frontendUrl", "attributes that mock-idp does not know: attributes.mine",
		"no protocol mapper oidc-claims-param-token-mapper, so what it adds to tokens is not there: clientScopes[s].protocolMappers[m]", "no lightweight access tokens: with Keycloak they have this claim, and few others: clientScopes[s].protocolMappers[n].config.lightweight.claim",
		"no SAML, and no protocol but openid-connect: clientScopes[saml], clients[s]", "no implicit or hybrid flow: response_type=token and its like are unauthorized_client, with Keycloak this client gets tokens by them: clients[c].implicitFlowEnabled",
		"clients are not told of a sign-out: clients[c].attributes.backchannel.logout.url", "unknown, perhaps a slip for pkce.code.challenge.method: clients[c].attributes.pkce.code.challenge.methd",
		"no account console and no administration: clients[account]", "keys are the mock's own: components.org.keycloak.keys.KeyProvider",
	} {
		require.Contains(t, strings.Split(lines(r), "\n"), want)
	}
	require.Len(t, r.Unimitated, 15, lines(r))
	require.Contains(t, strings.Join(r.Remarks, "\n"), "clients[c].defaultClientScopes names gone, which is no client scope of the realm")
	require.Contains(t, strings.Join(r.Remarks, "\n"), "off: not enabled in the file")
	require.Contains(t, strings.Join(r.Remarks, "\n"), "the file has no users, so nobody can sign in")
	require.NotContains(t, strings.Join(r.Remarks, "\n"), "names saml")
	require.Len(t, r.Clients, 2)
	require.True(t, client(t, r, "off").Disabled)
	require.Equal(t, []store.Mapper{{Source: store.FromAttribute, Value: "a", Claim: []string{"a", "b.c"}, Type: store.JSONClaim, In: store.InIDToken | store.InUserInfo}}, scope(t, r, "s").Mappers)
}

func TestAClientPolicyForDocumentsIsFound(t *testing.T) {
	t.Parallel()
	const text = `{"realm": "r", "enabled": true,
		"clientProfiles": {"profiles": [{"name": "p", "executors": [{"executor": "client-id-metadata-document", "configuration": {"cimd-allow-http-scheme": true, "cimd-allow-permitted-domains": ["localhost"], "cimd-restrict-same-domain": true}},
			{"executor": "pkce-enforcer", "configuration": {}}]}]},
		"clientPolicies": {"policies": [{"name": "on", "enabled": true, "conditions": [{"condition": "client-id-uri", "configuration": {"client-id-uri-scheme": ["http"], "client-id-uri-allow-permitted-domains": ["*.example.com"]}}], "profiles": ["p"]},
			{"name": "else", "enabled": true, "conditions": [{"condition": "any-client"}], "profiles": ["fapi-1-baseline"]}]}}`
	r := read(t, text)
	require.Equal(t, &realm.DocumentPolicy{Schemes: []string{"http"}, Hosts: []string{"*.example.com"}, TrustedHosts: []string{"localhost"}, AllowHTTP: true}, r.Documents)
	require.Equal(t, "no client policy executor pkce-enforcer: clientProfiles.profiles[p].executors[pkce-enforcer]\n"+
		"no cimd-restrict-same-domain in client policies: clientProfiles.profiles[p].executors[client-id-metadata-document].configuration.cimd-restrict-same-domain\n"+
		"no client policies but for client documents: clientPolicies.policies[else]", lines(r))
	require.Nil(t, read(t, strings.Replace(text, `"name": "on", "enabled": true`, `"name": "on", "enabled": false`, 1)).Documents)
}

func FuzzRead(f *testing.F) {
	data, err := os.ReadFile("../../providers/keycloak/realm.json")
	require.NoError(f, err)
	for _, seed := range []string{
		string(data), `{"realm":"r","enabled":true}`, `[{"realm":"r","enabled":true,"roles":{"realm":[{"name":"a","composites":{"realm":["a"]}}]},"users":[{"username":"u","realmRoles":["a"],"attributes":{"x":"y"}}]}]`,
		`{"realm":"${A:${B}}","groups":[{"name":"g","subGroups":[{}]}],"clients":[{"clientId":"c","rootUrl":"http://x","redirectUris":["/*"]}],"components":{"x":[]},"clientPolicies":[]}`,
		strings.Repeat("[", 100), `{"a":1,"a":2}`, "{\"realm\":\"r\n", `{"scopeMappings":[{"clientScope":"a"}],"clientScopeMappings":{"a":[{}]},"clientProfiles":{"profiles":[{"name":"p","executors":[7]}]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := realm.Read("realm.json", data, nothingSet)
		if err != nil {
			faults, are := realm.Faults(err)
			require.True(t, are)
			require.NotEmpty(t, faults)
			require.NotContains(t, faults[0].String(), "\n", "a fault is one line")
			return
		}
		require.NotEmpty(t, r.Name)
		for _, c := range r.Clients {
			for _, name := range slices.Concat(c.DefaultScopes, c.OptionalScopes) {
				scope(t, r, name)
			}
			if c.Account != "" {
				person(t, r, c.Account)
			}
		}
	})
}
