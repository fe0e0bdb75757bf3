package mockidp_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/strictyaml"
	"mcpharness/mockidp"
)

func TestTheBuiltInConfigurationIsValidAndIsTheTutorials(t *testing.T) {
	t.Parallel()
	read, err := mockidp.ParseConfig("default.yaml", []byte(mockidp.DefaultYAML))
	require.NoError(t, err)
	c := mockidp.DefaultConfig()
	require.Equal(t, c, read)
	require.Equal(t, map[string][]string{"Admin": {"create:todos", "read:todos", "delete:todos"}, "User": {"create:todos"}}, c.Roles)
	var users []string
	for _, u := range c.Users {
		users = append(users, u.Username+" "+strings.Join(u.Roles, ","))
	}
	require.Equal(t, []string{"alice Admin", "bob User", "carol User"}, users)
	require.Equal(t, "http://localhost:3001/mcp", c.DefaultResource)
	require.Equal(t, "https://todo.mcp-server.app", c.Resources[1].URI)
	require.Equal(t, []string{"http://localhost:6274/oauth/callback", "http://127.0.0.1:6274/oauth/callback", "http://127.0.0.1:6276/oauth/callback"}, c.Clients[0].RedirectURIs)
}

func TestASectionThatAFileLeavesOutKeepsItsDefault(t *testing.T) {
	t.Parallel()
	c, err := mockidp.ParseConfig("f", []byte("lifetimes:\n  access_token: 1s\n  refresh_token: 1h30m\nusers:\n- {username: dora, roles: [User]}\n"))
	require.NoError(t, err)
	want := mockidp.DefaultConfig()
	want.Lifetimes.AccessToken, want.Lifetimes.RefreshToken = time.Second, 90*time.Minute
	want.Users = []mockidp.User{{Username: "dora", Roles: []string{"User"}}}
	require.Equal(t, want, c)
}

func TestEveryRuleOfTheConfigurationIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ yaml, want string }{
		{"bogus: 1", `f:1: bogus: unknown key "bogus"`},
		{"user: []", `f:1: user: unknown key "user"; did you mean "users"?`},
		{"users: []", "f:1: users: nobody could sign in; want at least one user"},
		{"users:\n- {roles: [User]}", "f:2: users[0].username: is missing"},
		{"users:\n- {username: a}\n- username: a\n  subject: other", `f:3: users[1].username: "a" is there already`},
		{"users:\n- {username: a, subject: s}\n- {username: b, subject: s}", `f:3: users[1].subject: "s" is another user's subject already`},
		{"users:\n- {username: a, roles: [Root]}", `f:2: users[0].roles[0]: role "Root" is not defined; define it under roles:`},
		{"users:\n- {username: a, subject: todo-batch}", `"todo-batch" is a user's subject`},
		{"roles:\n  Admin: []\n  User: [fly]", `f:3: roles.User[0]: scope "fly" belongs to no resource`},
		{"resources: []", "f:1: resources: no token could be for anything; want at least one resource"},
		{"resources:\n- {scopes: []}", "f:2: resources[0].uri: is missing"},
		{"resources:\n- {uri: /mcp}", `f:2: resources[0].uri: want an absolute URI, got "/mcp" (RFC 8707 section 2)`},
		{"resources:\n- {uri: 'http://x/#'}", "which RFC 8707 section 2 forbids"},
		{"resources:\n- {uri: 'http://x/a b'}", "percent-encode them"},
		{"resources:\n- {uri: 'http:///mcp'}", "has no host"},
		{"resources:\n- {uri: 'http://x'}\n- {uri: 'http://x'}", `f:3: resources[1].uri: "http://x" is there already`},
		{"resources:\n- {uri: 'http://x', scopes: ['a b']}", `f:2: resources[0].scopes[0]: "a b" is no scope`},
		{"resources:\n- {uri: 'http://x', scopes: ['']}", `"" is no scope`},
		{"resources:\n- {uri: 'http://x', scopes: [openid]}", `"openid" is about the user and belongs to no resource`},
		{"default_resource: http://x", `f:1: default_resource: "http://x" is not under resources:`},
		{"default_scopes:\n- fly", `f:2: default_scopes[0]: scope "fly" is not known`},
		{"scope_meanings:\n  fly: to fly", `f:2: scope_meanings.fly: scope "fly" is not known`},
		{"signing_algorithm: HS256", `f:1: signing_algorithm: want one of ES256, ES384, EdDSA, PS256, RS256, or leave it out, got "HS256"`},
		{"max_registered_clients: 0", "f:1: max_registered_clients: want at least 1, got 0"},
		{"lifetimes:\n  code: 0s", "f:2: lifetimes.code: want whole seconds, at least 1s, got 0s"},
		{"lifetimes:\n  id_token: 1500ms", "f:2: lifetimes.id_token: want whole seconds, at least 1s, got 1.5s"},
		{"lifetimes:\n  refresh_token: -1h", "at least 1s, got -1h0m0s"},
		{"lifetimes:\n  access_token: 60", `f:2: lifetimes.access_token: a duration needs a unit: for seconds write "60s"`},
		{"accept_audience: yes please", "f:1: accept_audience: want true or false"},
		{"clients:\n- {auth_method: none}", "f:2: clients[0].id: is missing"},
		{"clients:\n- {id: a, auth_method: none}\n- {id: a, auth_method: none}", `f:3: clients[1].id: "a" is there already`},
		{"clients:\n- {id: 'ü', auth_method: none}", "want printable ASCII (RFC 6749 appendix A.1)"},
		{"clients:\n- {id: a}", `f:2: clients[0].auth_method: want one of none, client_secret_basic, client_secret_post, private_key_jwt, got ""`},
		{"clients:\n- {id: a, auth_method: none, secret: s3cret}", "a client with auth_method none has no secret"},
		{"clients:\n- {id: a, auth_method: client_secret_post}", "f:2: clients[0].secret: is missing; auth_method client_secret_post needs one"},
		{"clients:\n- {id: a, auth_method: client_secret_post, secret: \"s3cret\\n\"}", "f:2: clients[0].secret: want printable ASCII"},
		{"clients:\n- {id: a, auth_method: none, grant_types: [password]}", `f:2: clients[0].grant_types[0]: want one of authorization_code, refresh_token, client_credentials, got "password"`},
		{"clients:\n- {id: a, auth_method: none, grant_types: [client_credentials]}", "client_credentials needs a client that authenticates"},
		{"clients:\n- {id: a, auth_method: none, grant_types: [authorization_code]}", "f:2: clients[0].redirect_uris: is missing; authorization_code needs at least one"},
		{"clients:\n- {id: a, auth_method: none, redirect_uris: ['http://app.example']}", `f:2: clients[0].redirect_uris[0]: "http://app.example" is plain http beyond loopback`},
		{"clients:\n- {id: a, auth_method: private_key_jwt}", "f:2: clients[0].jwks: is missing; auth_method private_key_jwt needs jwks or jwks_uri"},
		{"clients:\n- {id: a, auth_method: private_key_jwt, secret: s3cret}", "a client with auth_method private_key_jwt has no secret"},
		{"clients:\n- {id: a, auth_method: private_key_jwt, jwks: '{}'}", "f:2: clients[0].jwks: holds no key that can verify signatures"},
		{"clients:\n- {id: a, auth_method: private_key_jwt, jwks: '{\"keys\":[{\"kty\":\"oct\",\"k\":\"s3cret\"}]}'}", "clients[0].jwks: holds a private or symmetric key"},
		{"clients:\n- {id: a, auth_method: private_key_jwt, jwks_uri: 'http://localhost/jwks'}", "clients[0].jwks_uri: jwks_uri must be an https URL"},
		{"clients:\n- {id: a, auth_method: none, post_logout_redirect_uris: ['http://app.example']}", `clients[0].post_logout_redirect_uris[0]: "http://app.example" is plain http beyond loopback`},
		{"require_pushed_authorization_requests: 1", "want true or false"},
		{"clients:\n- {id: a, auth_method: none, scopes: [fly]}", `f:2: clients[0].scopes[0]: scope "fly" is not known`},
		{"", "f:1: the file is empty"},
		{"users: [", "f:2: not YAML"},
	} {
		_, err := mockidp.ParseConfig("f", []byte(row.yaml))
		require.ErrorContains(t, err, row.want)
		require.NotContains(t, err.Error(), "s3cret")
		require.ErrorAs(t, err, new(strictyaml.Faults))
	}
}

func TestAllFaultsAreToldAtOnceInTheOrderOfTheFile(t *testing.T) {
	t.Parallel()
	_, err := mockidp.ParseConfig("f", []byte("signing_algorithm: none\nlifetimes: {code: 1ms}\nusers:\n- {username: a, roles: [x]}\nbogus: 1\n"))
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 5, err)
	for i, line := range []int{1, 2, 4, 5} {
		require.True(t, strings.HasPrefix(lines[i], fmt.Sprintf("f:%d: ", line)), lines[i])
	}
	require.Equal(t, "4 faults", lines[4])
}

func TestABuiltInSectionThatDoesNotFitAFileIsToldOnce(t *testing.T) {
	t.Parallel()
	_, err := mockidp.ParseConfig("f", []byte("resources:\n- uri: http://localhost:9/mcp\n  scopes: [fly]\ndefault_scopes: [fly]\n"))
	require.ErrorContains(t, err, "f:1: roles: the built-in section does not fit this file (roles.Admin[0]:")
	require.ErrorContains(t, err, "f:1: default_resource: the built-in section does not fit this file")
	require.ErrorContains(t, err, "4 faults")
	require.NotContains(t, err.Error(), "default_scopes")
}

func FuzzParseConfig(f *testing.F) {
	for _, seed := range []string{mockidp.DefaultYAML, "users: []", "lifetimes: {code: 1s}", "clients:\n- {id: a, auth_method: none, redirect_uris: ['http://127.0.0.1']}", "resources:\n- uri: http://x", "a: &a [*a]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := mockidp.ParseConfig("f", data)
		if err != nil {
			require.ErrorAs(t, err, new(strictyaml.Faults))
			require.NotEmpty(t, err.Error())
			return
		}
		c.Check(func(path, format string, args ...any) {
			t.Fatalf("taken, and wrong: %s: "+format, append([]any{path}, args...)...)
		})
	})
}
