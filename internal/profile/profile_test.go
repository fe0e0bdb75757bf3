package profile_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
	"mcpharness/internal/profile"
	"mcpharness/internal/strictyaml"
	"mcpharness/internal/todo"
	"mcpharness/providers"
)

func TestEveryEmbeddedProfileLoadsAndFitsTheGuard(t *testing.T) {
	t.Parallel()
	for _, name := range providers.Names() {
		p, err := profile.Load(name, environment)
		require.NoError(t, err)
		require.NotEmpty(t, p.Description, name)
		require.NotNil(t, p.Checked, name)
		_, err = guard.New(guard.Options{Settings: p.Guard(), Resource: mcpURL, Scopes: todo.Scopes()})
		require.NoError(t, err, name)
	}
}

// A default that stands for somebody else's tenant would only fail later.
func TestAProfileThatNeedsATenantSaysSo(t *testing.T) {
	t.Parallel()
	for name, variable := range map[string]string{
		"mock": "", "keycloak": "", "logto": "", "google": "", "auth0": "AUTH0_DOMAIN", "entra": "ENTRA_TENANT_ID", "okta": "OKTA_ISSUER",
		"cognito": "COGNITO_ISSUER", "asgardeo": "ASGARDEO_ORG", "oidc": "OIDC_ISSUER", "oauth2": "OAUTH2_ISSUER",
	} {
		if _, err := profile.Load(name, noVariables); variable != "" {
			require.ErrorContains(t, err, "the environment variable "+variable+" is not set")
		} else {
			require.NoError(t, err, name)
		}
	}
	_, err := profile.Load("oauth2", variables(map[string]string{"OAUTH2_ISSUER": "https://as.test"}))
	require.EqualError(t, err, `providers/oauth2.yaml: introspection.secret_env: the environment variable OAUTH2_RS_CLIENT_SECRET is not set; set it to the secret of the client "todo-mcp"`)
}

func TestTheMockProfileVerifiesWhatTheMockIssues(t *testing.T) {
	t.Parallel()
	p, err := profile.Load("mock", noVariables)
	require.NoError(t, err)
	require.Equal(t, guard.Settings{
		Issuer:       "http://localhost:4444",
		Algorithms:   []string{"ES256", "RS256", "ES384", "PS256", "EdDSA"},
		TokenTypes:   []string{"at+jwt", "application/at+jwt"},
		ScopeClaims:  []string{"scope"},
		ScopeNames:   map[string]string{"create:todos": "create:todos", "read:todos": "read:todos", "delete:todos": "delete:todos"},
		ClientClaims: []string{"client_id"},
		RolesClaim:   []string{"roles"},
	}, p.Guard())
	require.Equal(t, profile.TargetResource, p.Target)
	require.Equal(t, &profile.Client{ID: "mcp-client"}, p.Clients.Registered)
	require.Equal(t, profile.Roles{Admin: []profile.Login{{User: "alice"}}, User: []profile.Login{{User: "bob"}, {User: "carol"}}}, p.Roles)
}

func TestTheEnvironmentMovesTheMock(t *testing.T) {
	t.Parallel()
	p, err := profile.Load("mock", variables(map[string]string{"MOCK_IDP_ISSUER": "http://idp.test:4444/a"}))
	require.NoError(t, err)
	require.Equal(t, "http://idp.test:4444/a", p.Issuer)
}

func TestAProfileOfOnesOwnIsReadByPathAndReachesTheGuard(t *testing.T) {
	t.Parallel()
	path := write(t, `
issuer: https://id.example/${TENANT}/
issuer_alt: [https://old.example/]
metadata: {url: "https://id.example/meta?v=2", issuer: "http://inside:8080"}
jwks_url: https://id.example/keys
verify: jwks-or-introspection
introspection: {url: "https://id.example/introspect", auth: post, client_id: todo-mcp, secret_env: RS_SECRET}
userinfo: {url: "https://id.example/me", scopes: [create:todos]}
recheck_after: 1m
target: audience
scopes: {create:todos: create_todos}
scope_prefix: api://todo/
token:
  algorithms: [PS256]
  types: [jwt, ""]
  required_claims: {ver: "2", scp: ""}
  scope_claims: [scp, permissions]
  scope_array: true
  client_claims: [azp, appid]
  roles_claim: [realm_access, roles]
  roles_are_keys: true
  roles_to_scopes: {Admin: [create:todos]}
  roles_effect: limit
  audience: api://todo
  audience_alt: [todo]
  audience_mode: absent
  bound_clients: [a]
  bound_scope_prefix: create_
  leeway: 30s
clients: {registered: {id: todo, secret_env: TODO_SECRET}}
roles: {admin: [{user: ann, password: "${ANN_PASSWORD}"}], user: [{user: ben, password: "${BEN_PASSWORD:-ben}"}]}
quirks: [no-iss-in-response]
`)
	p, err := profile.Load(path, variables(map[string]string{"TENANT": "t1", "ANN_PASSWORD": "a b", "RS_SECRET": "rs"}))
	require.NoError(t, err)
	require.Equal(t, guard.Settings{
		Issuer:           "https://id.example/t1/",
		IssuerAlt:        []string{"https://old.example/"},
		MetadataURL:      "https://id.example/meta?v=2",
		MetadataIssuer:   "http://inside:8080",
		JWKSURL:          "https://id.example/keys",
		Verify:           guard.VerifyEither,
		Introspection:    guard.Introspection{URL: "https://id.example/introspect", Auth: guard.AuthPost, ClientID: "todo-mcp", Secret: "rs"},
		Userinfo:         guard.Userinfo{URL: "https://id.example/me", Scopes: []string{"create:todos"}},
		RecheckAfter:     time.Minute,
		Algorithms:       []string{"PS256"},
		TokenTypes:       []string{"jwt", ""},
		RequiredClaims:   map[string]string{"ver": "2", "scp": ""},
		ScopeClaims:      []string{"scp", "permissions"},
		ScopeArray:       true,
		ScopeNames:       map[string]string{"create:todos": "create_todos"},
		ScopePrefix:      "api://todo/",
		ClientClaims:     []string{"azp", "appid"},
		RolesClaim:       []string{"realm_access", "roles"},
		RolesAreKeys:     true,
		RolesToScopes:    map[string][]string{"Admin": {"create:todos"}},
		RolesEffect:      guard.RolesLimit,
		Audience:         "api://todo",
		AudienceAlt:      []string{"todo"},
		AudienceMode:     guard.AudienceAbsent,
		BoundClients:     []string{"a"},
		BoundScopePrefix: "create_",
		Leeway:           30 * time.Second,
	}, p.Guard())
	require.Equal(t, "api://todo/create_todos", p.WireScope("create:todos"))
	require.Equal(t, "read:todos", p.WireScope("read:todos"))
	require.Equal(t, profile.Roles{Admin: []profile.Login{{User: "ann", Password: "a b"}}, User: []profile.Login{{User: "ben", Password: "ben"}}}, p.Roles)
	require.True(t, p.HasQuirk("no-iss-in-response"))
	require.False(t, p.HasQuirk("no-iss"))
}

func TestAWrongNameListsTheEmbeddedProfiles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"mok", "", "Mock"} {
		_, err := profile.Load(name, noVariables)
		require.ErrorContains(t, err, fmt.Sprintf("no profile is called %q", name))
		require.ErrorContains(t, err, "embedded profiles: "+strings.Join(providers.Names(), ", "))
	}
	_, err := profile.Load(filepath.Join(t.TempDir(), "mock.yaml"), noVariables)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "embedded profiles, chosen by name: "+strings.Join(providers.Names(), ", "))
}

func TestAllFaultsOfAProfileAreToldAtOnce(t *testing.T) {
	t.Parallel()
	path := write(t, `checked: {against: "", how: guessed}
issuer: ${ISSUER_OF_NOBODY}
metadata: {url: /meta}
jwks_url: https://u:hunter2@id.example/keys
target: header
scopes: {"a b": "", c: "d\"e"}
token:
  algorithms: [none, ES256, HS256, ES256]
  types: [JWT]
  scope_claims: [""]
  client_claims: [azp, azp]
  roles_claim: [roles, ""]
  leeway: 10m
clients: {registered: {id: "", secret_env: "hunter2!"}}
roles: {admin: [{user: ""}], root: []}
quirks: [No_Iss, a, a]
`)
	_, err := profile.Load(path, noVariables)
	require.NotContains(t, err.Error(), "hunter2")
	require.ErrorAs(t, err, new(strictyaml.Faults))
	require.Equal(t, []string{
		`1: checked.against: say against which product and version`,
		`1: checked.how: want measured or documented, got "guessed"`,
		`2: issuer: the environment variable ISSUER_OF_NOBODY is not set; set it, or write a default: ${ISSUER_OF_NOBODY:-…}`,
		`3: metadata.url: want an absolute http or https URL, got "/meta"`,
		`4: jwks_url: want a URL without user and password`,
		`5: target: want resource, audience or scope, got "header"`,
		`6: scopes.a b: want a scope without spaces, quotes and backslashes (RFC 6749 section 3.3), got "a b"`,
		`6: scopes.a b: want a scope without spaces, quotes and backslashes (RFC 6749 section 3.3), got ""`,
		`6: scopes.c: want a scope without spaces, quotes and backslashes (RFC 6749 section 3.3), got "d\"e"`,
		`8: token.algorithms[0]: want one of ES256, ES384, ES512, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512, got "none"`,
		`8: token.algorithms[2]: want one of ES256, ES384, ES512, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512, got "HS256"`,
		`8: token.algorithms[3]: "ES256" is here twice, first as algorithms[1]; keep one`,
		`9: token.types[0]: want lower case, "jwt", got "JWT"`,
		`10: token.scope_claims[0]: want the name of a claim, got an empty string`,
		`11: token.client_claims[1]: "azp" is here twice, first as client_claims[0]; keep one`,
		`12: token.roles_claim[1]: want the name of a claim, got an empty string`,
		`13: token.leeway: want 0s to 5m0s, got 10m0s`,
		`14: clients.registered.id: want the client_id, got an empty string; leave the client out if there is none`,
		`14: clients.registered.secret_env: want the name of an environment variable that holds the secret, not the secret`,
		`15: roles.admin[0].user: want who signs in, got an empty string`,
		`15: roles.root: unknown key "root"; known keys: admin, user`,
		`16: quirks[0]: want an id such as no-iss-in-response, got "No_Iss"`,
		`16: quirks[2]: "a" is here twice, first as quirks[1]; keep one`,
	}, lines(t, path, err))
}

func TestFaultsOfVerification(t *testing.T) {
	t.Parallel()
	path := write(t, `issuer: https://id.example
issuer_alt: [a, a, ""]
target: scope
verify: introspection
introspection: {url: /introspect, auth: bearer, secret_env: "hunter2!"}
userinfo: {url: me, scopes: ["a b"]}
recheck_after: 1h
token:
  audience_mode: any
  audience_alt: [""]
  bound_clients: [x, x]
  roles_effect: maybe
  roles_to_scopes: {Admin: ["a b"]}
`)
	_, err := profile.Load(path, noVariables)
	require.NotContains(t, err.Error(), "hunter2")
	require.Equal(t, []string{
		`2: issuer_alt[1]: "a" is here twice, first as issuer_alt[0]; keep one`,
		`2: issuer_alt[2]: want a text, got an empty string`,
		`5: introspection.auth: want one of basic post, got "bearer"`,
		`5: introspection.client_id: with verify introspection want a client, issuers answer nobody else (RFC 7662 section 2.1)`,
		`5: introspection.secret_env: want the name of an environment variable that holds the secret, not the secret`,
		`5: introspection.url: want an absolute http or https URL, got "/introspect"`,
		`6: userinfo.scopes[0]: want a scope without spaces, quotes and backslashes (RFC 6749 section 3.3), got "a b"`,
		`6: userinfo.url: want an absolute http or https URL, got "me"`,
		`7: recheck_after: want 0s to 5m0s, got 1h0m0s`,
		`9: token.audience_mode: want one of contains exact client_id absent unbound, got "any"`,
		`10: token.audience_alt[0]: want a text, got an empty string`,
		`11: token.bound_clients[1]: "x" is here twice, first as bound_clients[0]; keep one`,
		`12: token.roles_effect: want one of grant limit, got "maybe"`,
		`13: token.roles_to_scopes.Admin[0]: want a scope without spaces, quotes and backslashes (RFC 6749 section 3.3), got "a b"`,
	}, lines(t, path, err))
}

func TestIssuers(t *testing.T) {
	t.Parallel()
	for issuer, want := range map[string]string{
		"https://id.example":         "",
		"https://id.example/realm/":  "",
		"http://[::1]:4444":          "",
		`""`:                         "1: issuer: an issuer is needed: the URL as the provider's tokens spell it",
		"id.example":                 `1: issuer: want an absolute http or https URL, got "id.example"`,
		"ftp://id.example":           `1: issuer: want an absolute http or https URL, got "ftp://id.example"`,
		"https:id.example":           `1: issuer: want an absolute http or https URL, got "https:id.example"`,
		"https://u:p@id.example:x":   "1: issuer: want an absolute http or https URL, got something that is none",
		"https://id.example#a":       `1: issuer: want a URL without a fragment, got "https://id.example#a"`,
		"https://id.example?":        `1: issuer: want a URL without a query (RFC 8414 section 2), got "https://id.example?"`,
		"https://${}":                `1: issuer: want ${NAME} or ${NAME:-default} with a name of letters, digits and _, got "${}"`,
		"https://${HOST":             `1: issuer: ${ has no closing brace; want ${NAME} or ${NAME:-default}`,
		"https://${HOST:-a.example}": "",
	} {
		path := write(t, "issuer: "+issuer+"\ntarget: scope\n")
		if _, err := profile.Load(path, noVariables); want != "" {
			require.Equal(t, []string{want}, lines(t, path, err), issuer)
		} else {
			require.NoError(t, err, issuer)
		}
	}
}

func TestAMissingIssuerAndTargetAreFaults(t *testing.T) {
	t.Parallel()
	path := write(t, "description: nothing\n")
	_, err := profile.Load(path, noVariables)
	require.Equal(t, []string{
		"1: issuer: an issuer is needed: the URL as the provider's tokens spell it",
		`1: target: want resource, audience or scope, got ""`,
	}, lines(t, path, err))
}

func noVariables(string) string { return "" }

func variables(m map[string]string) func(string) string {
	return func(name string) string { return m[name] }
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "profile.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// lines cuts the file's name off every line of the error and the count off its end.
func lines(t *testing.T, path string, err error) []string {
	t.Helper()
	require.Error(t, err)
	all := strings.Split(strings.ReplaceAll(err.Error(), path+":", ""), "\n")
	return all[:len(all)-1]
}
