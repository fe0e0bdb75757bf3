package mockidp_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAccessTokensSpeakTheProvidersDialect has alice ask for everything. The claims that differ from token to token are only there.
func TestAccessTokensSpeakTheProvidersDialect(t *testing.T) {
	t.Parallel()
	type row struct {
		typ    any
		claims object
	}
	admin, all := []any{"Admin"}, "openid create:todos read:todos delete:todos"
	entra, cognito := &stand{as: "entra"}, &stand{as: "cognito"}
	own := []any{"openid", "create:todos", "read:todos", "delete:todos"}
	everywhere(t, map[string]row{
		"strict": {"at+jwt", object{"aud": api, "client_id": "mcp-client", "scope": all, "roles": admin}},
		"opaque": {nil, nil},
		"logto":  {"at+jwt", object{"aud": api, "client_id": "mcp-client", "scope": "create:todos read:todos delete:todos"}},
		"keycloak": {"at+jwt", object{
			"aud": []any{"todo-mcp", api}, "azp": "mcp-client", "scope": all + " profile email", "typ": "Bearer", "realm_access": object{"roles": admin},
			"preferred_username": "alice", "name": "Alice", "given_name": "Alice", "email": "alice@example.com", "email_verified": true,
			"acr": "1", "allowed-origins": []any{"http://localhost", "http://127.0.0.1", "http://[::1]"},
		}},
		"auth0":   {"JWT", object{"aud": []any{api, "/userinfo"}, "azp": "mcp-client", "scope": all, "permissions": own[1:]}},
		"okta":    {nil, object{"aud": api, "cid": "mcp-client", "scp": own, "groups": admin, "ver": 1.0}},
		"entra":   {"JWT", object{"azp": "mcp-client", "scp": "create_todos read_todos delete_todos", "roles": admin, "ver": "2.0", "aud": "GUID"}},
		"cognito": {nil, object{"client_id": "mcp-client", "scope": cognito.names("openid", "create:todos", "read:todos", "delete:todos"), "cognito:groups": admin, "username": "alice", "token_use": "access", "version": 2.0}},
	}, func(t *testing.T, s *stand, want row) {
		answer := s.tokens(t, "alice", "openid", "create:todos", "read:todos", "delete:todos")
		header, claims := decoded(answer["access_token"])
		if want.claims == nil {
			require.Nil(t, claims, "nobody can read it")
			return
		}
		require.Equal(t, want.typ, header["typ"])
		for _, always := range []string{"iss", "sub", "iat", "exp", "jti", "auth_time"} {
			if s.as == "logto" && always == "auth_time" {
				require.NotContains(t, claims, always)
				continue
			}
			require.Contains(t, claims, always)
			delete(claims, always)
		}
		switch s.as {
		case "auth0":
			want.claims["aud"].([]any)[1] = s.idp.Issuer() + "userinfo"
		case "keycloak":
			require.Len(t, claims["sid"], 24)
			want.claims["sid"] = claims["sid"]
		case "entra":
			want.claims["aud"] = s.idp.Audience(api)
			require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-8`, claims["aud"])
		}
		require.Equal(t, want.claims, claims)
		if s.as == entra.as {
			require.Equal(t, entra.names("openid", "create:todos", "read:todos", "delete:todos"), answer["scope"], "the answer says scopes as clients write them")
		}
	})
}

func TestIDTokensSpeakTheProvidersDialect(t *testing.T) {
	t.Parallel()
	type row struct {
		typ  any
		hash bool
		has  object
	}
	everywhere(t, map[string]row{
		"strict": {"JWT", true, nil}, "opaque": {"JWT", true, nil}, "logto": {nil, false, nil}, "keycloak": {"JWT", true, object{"typ": "ID"}},
		"auth0": {"JWT", true, nil}, "okta": {nil, true, object{"ver": 1.0}}, "entra": {"JWT", true, object{"ver": "2.0"}}, "cognito": {nil, true, object{"token_use": "id"}},
	}, func(t *testing.T, s *stand, want row) {
		header, claims := decoded(s.tokens(t, "alice", "openid", "create:todos")["id_token"])
		require.Equal(t, want.typ, header["typ"])
		require.Equal(t, want.hash, claims["at_hash"] != nil)
		require.Equal(t, "mcp-client", claims["aud"])
		for name, value := range want.has {
			require.Equal(t, value, claims[name])
		}
		if _, there := s.metadata["userinfo_endpoint"]; there {
			_, answer := s.get(t, s.metadata["userinfo_endpoint"].(string)+"?access_token=x")
			require.NotContains(t, answer, "sub")
		}
	})
}

// TestAClientThatRegisteredItselfGetsTokensOfAnotherType is about an attribute that registration cannot set.
func TestAClientThatRegisteredItselfGetsTokensOfAnotherType(t *testing.T) {
	t.Parallel()
	for as, typ := range map[string]string{"strict": "at+jwt", "keycloak": "JWT"} {
		s := standIn(t, as)
		id := s.register(t)
		answer := s.authorize(t, "bob", url.Values{"client_id": {id}, "resource": {api}, "scope": {"create:todos"}})
		status, body := s.redeem(t, answer.Get("code"), url.Values{"client_id": {id}})
		require.Equal(t, 200, status, body)
		header, _ := decoded(body["access_token"])
		require.Equal(t, typ, header["typ"], as)
	}
}

func TestWhatIsReadableDependsOnTheTarget(t *testing.T) {
	t.Parallel()
	type row struct{ without, onlyAuthorize, both bool } // resource: is the token a JWT?
	everywhere(t, map[string]row{
		"strict": {true, true, true}, "opaque": {false, false, false}, "logto": {false, false, true}, "keycloak": {true, true, true},
		"auth0": {false, true, true}, "okta": {true, true, true}, "entra": {true, true, true}, "cognito": {true, true, true},
	}, func(t *testing.T, s *stand, want row) {
		readable := func(authorize, token url.Values) bool {
			authorize.Set("scope", s.names("openid", "create:todos"))
			status, body := s.redeem(t, s.authorize(t, "alice", authorize).Get("code"), token)
			require.Equal(t, 200, status, body)
			_, claims := decoded(body["access_token"])
			return claims != nil
		}
		require.Equal(t, want.without, readable(url.Values{}, nil))
		require.Equal(t, want.onlyAuthorize, readable(url.Values{"resource": {api}}, nil))
		require.Equal(t, want.both, readable(url.Values{"resource": {api}}, url.Values{"resource": {api}}))
	})
}

func TestATokenOfAnAPIThatNobodyNamedIsForThatAPIWithoutOpenID(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	answer := s.authorize(t, "alice", url.Values{"resource": {api}, "scope": {"create:todos"}})
	_, body := s.redeem(t, answer.Get("code"), nil)
	_, claims := decoded(body["access_token"])
	require.Equal(t, api, claims["aud"])
}

func TestUserinfoRefusesTokensOfAPIsWhereTheProviderDoes(t *testing.T) {
	t.Parallel()
	for as, want := range map[string]int{"strict": 200, "logto": 401, "auth0": 200} {
		s := standIn(t, as)
		token := s.tokens(t, "alice", "openid", "create:todos")["access_token"].(string)
		require.Equal(t, want, s.userinfo(t, token), as)
	}
	s := standIn(t, "logto")
	_, body := s.redeem(t, s.authorize(t, "alice", url.Values{"scope": {"openid"}}).Get("code"), nil)
	require.Equal(t, 200, s.userinfo(t, body["access_token"].(string)), "an opaque token is for userinfo")
}

func TestWhatIsGrantedNothingHasAnEmptyScope(t *testing.T) {
	t.Parallel()
	for as, want := range map[string]any{"strict": nil, "logto": "", "keycloak": "profile email"} {
		s := standIn(t, as)
		scopes := []string{"read:todos"} // bob may not
		if as == "logto" {
			scopes = append(scopes, "openid") // or he gets no token at all
		}
		_, claims := decoded(s.tokens(t, "bob", scopes...)["access_token"])
		require.Equal(t, want, claims["scope"], as)
	}
	// A client that named its scopes when it registered has no default scopes but a hidden one.
	s := standIn(t, "keycloak")
	id := s.register(t, "read:todos")
	answer := s.authorize(t, "bob", url.Values{"client_id": {id}, "scope": {"read:todos"}})
	status, body := s.redeem(t, answer.Get("code"), url.Values{"client_id": {id}})
	require.Equal(t, 200, status)
	_, claims := decoded(body["access_token"])
	require.Equal(t, []any{"", ""}, []any{claims["scope"], body["scope"]})
	require.Contains(t, claims, "sub")
	require.NotContains(t, claims, "aud", "no granted scope brings one")
	require.Equal(t, "invalid_scope", s.authorize(t, "bob", url.Values{"client_id": {id}, "scope": {"profile"}}).Get("error"))
}
