package profile_test

import (
	"maps"
	"strings"

	"mcpharness/internal/guard"
	"mcpharness/internal/todo"
)

// environment has every variable that an embedded profile needs.
var environment = variables(map[string]string{
	"AUTH0_DOMAIN": "tenant.auth0.test", "ENTRA_TENANT_ID": "11111111-2222-3333-4444-555555555555", "ENTRA_API_CLIENT_ID": "api-guid",
	"OKTA_ISSUER": "https://org.okta.test/oauth2/todo", "COGNITO_ISSUER": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool",
	"ASGARDEO_ORG": "org", "ASGARDEO_CLIENT_ID": "inspector", "OIDC_ISSUER": "https://op.test", "OAUTH2_ISSUER": "https://as.test/tenant",
	"OAUTH2_RS_CLIENT_SECRET": "rs secret/+:%",
})

const mcpURL = "http://localhost:3001/mcp"

type object = map[string]any

// person signs in through the client "inspector" and asks for everything.
type person struct {
	name, role string
	granted    []string // what is left of the scopes where the provider looks at roles
}

var (
	alice = person{"alice", "Admin", todo.Scopes()}
	bob   = person{"bob", "User", []string{todo.ScopeCreate}}
	carol = person{"carol", "", nil}
)

// dialect is how one provider writes tokens, from its documentation or as it was seen on the wire.
type dialect struct {
	profile  string                // embedded; empty: settings alone
	settings func(*guard.Settings) // on top of the profile
	alg, typ string
	access   func(person) object // an honest access token or introspection answer
	id       object              // what the ID token has beside the claims that all have, and aud the client
	idType   string
	opaque   bool                                  // the access token is opaque, access is the issuer's answer
	wire     func(canonical string) (asked string) // nil: the same
	unbound  bool                                  // a token without any of our scopes is nobody's: 401
}

func words(scopes ...string) string { return strings.Join(scopes, " ") }

func prefixed(prefix string, scopes []string) (list []string) {
	for _, scope := range scopes {
		list = append(list, prefix+scope)
	}
	return list
}

func underscored(scopes []string) (list []string) {
	for _, scope := range scopes {
		list = append(list, strings.ReplaceAll(scope, ":", "_"))
	}
	return list
}

var keycloakID = object{"typ": "ID", "azp": "inspector", "sid": "s", "acr": "1", "auth_time": 1, "preferred_username": "alice", "email_verified": true}

var dialects = map[string]dialect{
	"mock": {profile: "mock", alg: "ES256", typ: "at+jwt", idType: "JWT", access: func(p person) object {
		return object{"aud": mcpURL, "client_id": "inspector", "scope": words(p.granted...), "roles": []string{p.role}, "jti": "1"}
	}},
	"Logto": {profile: "logto", alg: "ES384", typ: "at+jwt", id: object{"roles": []string{"Admin"}, "auth_time": 1}, access: func(p person) object {
		return object{"jti": "1", "scope": words(p.granted...), "client_id": "inspector", "aud": mcpURL}
	}},
	"Keycloak": {profile: "keycloak", alg: "RS256", typ: "JWT", id: keycloakID, idType: "JWT", access: keycloakAccess},
	"Keycloak, RFC 9068": {profile: "keycloak", alg: "RS256", typ: "at+jwt", id: keycloakID, idType: "JWT", access: func(p person) object {
		c := keycloakAccess(p)
		c["aud"] = mcpURL // with the feature resource-indicators
		return c
	}},
	"Auth0": {profile: "auth0", alg: "RS256", typ: "JWT", id: object{"sid": "s", "nickname": "alice"}, idType: "JWT", access: func(p person) object {
		return object{"aud": []string{mcpURL, "https://tenant.auth0.test/userinfo"}, "azp": "inspector", "scope": words(append([]string{"openid"}, p.granted...)...)}
	}},
	"Auth0, authz": {profile: "auth0", alg: "RS256", typ: "at+jwt", id: object{"sid": "s"}, idType: "JWT", access: func(p person) object {
		return object{"aud": mcpURL, "client_id": "inspector", "jti": "1", "scope": words(p.granted...), "permissions": p.granted}
	}},
	"Entra v2": {profile: "entra", alg: "RS256", typ: "JWT", wire: entraWire, idType: "JWT",
		id: object{"oid": "o", "tid": "t", "ver": "2.0", "preferred_username": "alice@x", "roles": []string{"Admin"}, "aio": "x", "rh": "y", "uti": "z"},
		access: func(p person) object {
			return object{"aud": "api-guid", "azp": "inspector", "azpacr": "0", "scp": entraScopes(p), "roles": roleOf(p), "oid": "o", "tid": "t", "ver": "2.0", "uti": "z"}
		}},
	"Entra v1": {profile: "entra", alg: "RS256", typ: "JWT", wire: entraWire, idType: "JWT", id: object{"ver": "1.0", "roles": []string{"Admin"}},
		access: func(p person) object {
			return object{"iss": "https://sts.windows.net/11111111-2222-3333-4444-555555555555/", "aud": mcpURL, "appid": "inspector", "appidacr": "0",
				"scp": entraScopes(p), "roles": roleOf(p), "oid": "o", "ver": "1.0"}
		}},
	"Okta": {profile: "okta", alg: "RS256", id: object{"ver": 1, "amr": []string{"pwd"}, "idp": "i", "auth_time": 1, "jti": "ID.1"}, access: func(p person) object {
		return object{"ver": 1, "jti": "AT.1", "aud": mcpURL, "cid": "inspector", "uid": "u", "scp": append([]string{"openid"}, p.granted...), "groups": roleOf(p)}
	}},
	"Cognito": {profile: "cognito", alg: "RS256", unbound: true, wire: func(s string) string { return mcpURL + "/" + s },
		id: object{"token_use": "id", "cognito:username": "alice", "cognito:groups": []string{"Admin"}, "auth_time": 1},
		access: func(p person) object {
			scopes := prefixed(mcpURL+"/", todo.Scopes())
			if p.role == "" {
				scopes = nil
			}
			return object{"client_id": "inspector", "token_use": "access", "scope": words(append([]string{"openid"}, scopes...)...), "username": p.name,
				"cognito:groups": roleOf(p), "auth_time": 1, "version": 2, "event_id": "e", "origin_jti": "o", "jti": "j"}
		}},
	"Asgardeo": {profile: "asgardeo", alg: "RS256", typ: "at+jwt", id: object{"azp": "inspector", "isk": "k", "sid": "s", "amr": []string{"BasicAuthenticator"}}, access: func(p person) object {
		return object{"aut": "APPLICATION_USER", "aud": "inspector", "azp": "inspector", "client_id": "inspector", "org_id": "o", "scope": words(append([]string{"openid"}, p.granted...)...), "jti": "1"}
	}},
	"Asgardeo, scope as array": {profile: "asgardeo", alg: "RS256", typ: "JWT", id: object{"azp": "inspector"}, idType: "JWT", access: func(p person) object {
		return object{"aud": []string{"inspector"}, "azp": "inspector", "scope": append([]string{"openid"}, p.granted...)}
	}},
	"OpenID Connect": {profile: "oidc", alg: "ES256", id: object{"azp": "inspector", "auth_time": 1}, access: func(p person) object {
		return object{"aud": []string{"account", mcpURL}, "azp": "inspector", "scope": words(p.granted...)}
	}},
	"OAuth 2.0, JWT": {profile: "oauth2", alg: "ES256", typ: "application/at+jwt", idType: "JWT", access: func(p person) object {
		return object{"aud": mcpURL, "client_id": "inspector", "scope": words(p.granted...), "jti": "1"}
	}},
	"OAuth 2.0, opaque": {profile: "oauth2", opaque: true, idType: "JWT", access: func(p person) object {
		return object{"active": true, "token_type": "Bearer", "aud": mcpURL, "client_id": "inspector", "scope": words(p.granted...), "username": "not " + p.name}
	}},
	"Google": {profile: "google", opaque: true, idType: "JWT", wire: func(string) string { return "openid" }, id: object{"azp": "inspector", "at_hash": "h", "hd": "admins.test"},
		settings: func(s *guard.Settings) { // everybody may create by the profile; the domain makes alice an admin
			s.RolesToScopes = map[string][]string{"admins.test": {todo.ScopeRead, todo.ScopeDelete}}
		},
		access: func(p person) object {
			answer := object{"email": p.name + "@x.test", "email_verified": true, "iss": nil}
			if p.role == "Admin" {
				answer["hd"] = "admins.test"
			}
			return answer
		}},
	"ZITADEL, opaque": {opaque: true, idType: "JWT", id: object{"azp": "inspector", "at_hash": "h"},
		settings: func(s *guard.Settings) {
			s.Issuer, s.Verify = "https://zitadel.test", guard.VerifyIntrospection
			s.Introspection = guard.Introspection{Auth: guard.AuthPost, ClientID: "todo-mcp", Secret: "rs secret/+:%"}
			s.Audience = "project"
			s.RolesClaim, s.RolesAreKeys = []string{"urn:zitadel:iam:org:project:roles"}, true
			s.RolesToScopes = map[string][]string{"Admin": todo.Scopes(), "User": {todo.ScopeCreate}}
		},
		access: func(p person) object {
			roles := object{}
			for _, role := range roleOf(p) {
				roles[role] = object{"org": "org.zitadel.test"}
			}
			return object{"active": true, "token_type": "Bearer", "aud": []string{"inspector", "project"}, "client_id": "inspector", "scope": "openid profile",
				"username": p.name, "jti": "1", "urn:zitadel:iam:org:project:roles": roles}
		}},
	"Hydra, scp": {alg: "RS256", typ: "JWT", idType: "JWT", id: object{"auth_time": 1, "rat": 1},
		settings: func(s *guard.Settings) {
			s.Issuer, s.Algorithms, s.TokenTypes, s.ScopeClaims = "https://hydra.test/", []string{"RS256"}, []string{"jwt"}, []string{"scp"}
			s.RolesClaim = []string{"ext", "roles"}
		},
		access: func(p person) object {
			return object{"aud": []string{mcpURL}, "client_id": "inspector", "scp": p.scopes(), "ext": object{"roles": p.role}, "jti": "1"}
		}},
	"permissions": {alg: "RS256", typ: "JWT", idType: "JWT",
		settings: func(s *guard.Settings) {
			s.Issuer, s.Algorithms, s.TokenTypes, s.ScopeClaims = "https://workos.test", []string{"RS256"}, []string{"jwt"}, []string{"permissions"}
			s.ClientClaims = []string{"sid"} // there may be no client
		},
		access: func(p person) object {
			return object{"aud": mcpURL, "permissions": p.scopes(), "role": p.role, "sid": "session"}
		}},
}

// scopes is never null.
func (p person) scopes() []string { return append([]string{}, p.granted...) }

func roleOf(p person) []string {
	if p.role == "" {
		return []string{}
	}
	return []string{p.role}
}

func keycloakAccess(p person) object {
	return object{"aud": []string{"todo-mcp", mcpURL}, "typ": "Bearer", "azp": "inspector", "sid": "s", "acr": "1", "auth_time": 1, "jti": "onrtac:1",
		"allowed-origins": []string{"http://localhost:6274"}, "realm_access": object{"roles": []string{strings.ToLower(p.role)}},
		"resource_access": object{"account": object{"roles": []string{"view-profile"}}},
		"scope":           words(append([]string{"profile", "email"}, p.granted...)...), "preferred_username": p.name, "email_verified": true}
}

// entraScopes are those that the client has consent for, whatever the role.
func entraScopes(p person) string {
	if p.role == "" {
		return "User.Read"
	}
	return words(underscored(todo.Scopes())...)
}

func entraWire(scope string) string { return mcpURL + "/" + strings.ReplaceAll(scope, ":", "_") }

// with is a copy of claims with others on top; nil takes a claim away.
func with(claims ...object) object {
	all := object{}
	for _, c := range claims {
		maps.Copy(all, c)
	}
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}
