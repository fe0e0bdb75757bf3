package mockidp_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"
)

// places is what is served where: issuer and endpoints behind the host, and the placements of metadata in the order of
// oauth inserted, oauth appended, oidc inserted, oidc appended.
type places struct {
	issuer, authorize, token, jwks string
	documents                      [4]bool
	register                       string
	lacks                          []string // of the metadata
}

const entraTenant = "/8f2e6c1a-0b57-4d3e-9a41-d2c5b7f03e96"

var wherever = map[string]places{
	"strict": {"", "/authorize", "/token", "/jwks", [4]bool{true, true, true, true}, "/register", nil},
	"opaque": {"", "/authorize", "/token", "/jwks", [4]bool{true, true, true, true}, "/register", nil},
	"logto":  {"/oidc", "/oidc/auth", "/oidc/token", "/oidc/jwks", [4]bool{false, true, false, true}, "", []string{"registration_endpoint"}},
	"keycloak": {"/realms/todo", "/realms/todo/protocol/openid-connect/auth", "/realms/todo/protocol/openid-connect/token", "/realms/todo/protocol/openid-connect/certs",
		[4]bool{true, true, false, true}, "/realms/todo/clients-registrations/openid-connect", nil},
	"auth0": {"/", "/authorize", "/oauth/token", "/.well-known/jwks.json", [4]bool{true, true, true, true}, "", []string{"registration_endpoint", "introspection_endpoint"}},
	"okta":  {"/oauth2/default", "/oauth2/default/v1/authorize", "/oauth2/default/v1/token", "/oauth2/default/v1/keys", [4]bool{true, true, false, true}, "", []string{"registration_endpoint"}},
	"entra": {entraTenant + "/v2.0", entraTenant + "/oauth2/v2.0/authorize", entraTenant + "/oauth2/v2.0/token", entraTenant + "/discovery/v2.0/keys",
		[4]bool{false, false, false, true}, "", []string{"code_challenge_methods_supported", "userinfo_endpoint", "introspection_endpoint", "revocation_endpoint", "registration_endpoint"}},
	"cognito": {"/eu-west-1_todo", "/oauth2/authorize", "/oauth2/token", "/eu-west-1_todo/.well-known/jwks.json",
		[4]bool{false, false, false, true}, "", []string{"code_challenge_methods_supported", "introspection_endpoint", "registration_endpoint"}},
}

func TestIssuerEndpointsAndDocumentsAreWhereTheProviderHasThem(t *testing.T) {
	t.Parallel()
	everywhere(t, wherever, func(t *testing.T, s *stand, row places) {
		u, err := url.Parse(s.idp.Issuer())
		require.NoError(t, err)
		origin := "http://" + u.Host
		require.Equal(t, origin+row.issuer, s.idp.Issuer())
		require.Equal(t, s.idp.Issuer(), s.metadata["issuer"])
		require.Equal(t, origin+row.authorize, s.metadata["authorization_endpoint"])
		require.Equal(t, origin+row.token, s.metadata["token_endpoint"])
		require.Equal(t, origin+row.jwks, s.metadata["jwks_uri"])
		if row.register != "" {
			require.Equal(t, origin+row.register, s.metadata["registration_endpoint"])
		}
		for _, member := range row.lacks {
			require.NotContains(t, s.metadata, member)
		}
		path := strings.TrimSuffix(row.issuer, "/")
		const oauth, oidc = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"
		for i, place := range []string{oauth + path, path + oauth, oidc + path, path + oidc} {
			status, document := s.get(t, origin+place)
			if row.documents[i] {
				require.Equal(t, s.metadata, document, place)
			} else {
				require.Equal(t, 404, status, place)
			}
		}
	})
}

func TestMetadataSayAndLeaveOutWhatTheProvidersDo(t *testing.T) {
	t.Parallel()
	type row struct{ iss, documents, public, apiScopes bool }
	everywhere(t, map[string]row{
		"strict": {true, true, true, true}, "opaque": {true, true, true, true},
		"logto": {true, false, true, false}, "keycloak": {true, false, false, true},
		"auth0": {false, false, true, false}, "okta": {false, false, true, true},
		"entra": {false, false, true, false}, "cognito": {false, false, true, false},
	}, func(t *testing.T, s *stand, want row) {
		require.Equal(t, want.iss, s.metadata["authorization_response_iss_parameter_supported"])
		require.Equal(t, want.documents, s.metadata["client_id_metadata_document_supported"] == true)
		methods, scopes := s.metadata["token_endpoint_auth_methods_supported"].([]any), s.metadata["scopes_supported"].([]any)
		require.Equal(t, want.public, contains(methods, "none"))
		require.Equal(t, want.apiScopes, contains(scopes, "create:todos"))
		answer := s.authorize(t, "alice", url.Values{"resource": {api}, "scope": {s.names("create:todos")}})
		require.Equal(t, want.iss, answer.Has("iss"))
		require.NotEmpty(t, answer.Get("code"), "a public client with PKCE gets in, whatever the metadata leave out")
	})
}

func contains(list []any, word string) bool {
	for _, one := range list {
		if one == word {
			return true
		}
	}
	return false
}

func TestKeysAreOfTheProvidersKind(t *testing.T) {
	t.Parallel()
	type row struct {
		algorithm string
		decoys    int
	}
	everywhere(t, map[string]row{
		"strict": {"ES256", 0}, "opaque": {"ES256", 0}, "logto": {"ES384", 0}, "keycloak": {"RS256", 1},
		"auth0": {"RS256", 0}, "okta": {"RS256", 0}, "entra": {"RS256", 0}, "cognito": {"RS256", 0},
	}, func(t *testing.T, s *stand, want row) {
		res, err := s.idp.Client().Get(s.metadata["jwks_uri"].(string))
		require.NoError(t, err)
		defer res.Body.Close()
		var set jose.JSONWebKeySet
		require.NoError(t, json.NewDecoder(res.Body).Decode(&set))
		decoys := 0
		for _, key := range set.Keys {
			require.True(t, key.IsPublic())
			if key.Use == "enc" {
				decoys++
				require.Equal(t, "RSA-OAEP", key.Algorithm)
				continue
			}
			require.Equal(t, want.algorithm, key.Algorithm)
		}
		require.Equal(t, want.decoys, decoys)
	})
}

func TestTheMetadataOfLogtoNameWhatLogtoNames(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	for _, absent := range []string{"prompt_values_supported", "client_id_metadata_document_supported", "protected_resources", "introspection_endpoint_auth_methods_supported"} {
		require.NotContains(t, s.metadata, absent)
	}
	require.Equal(t, []any{"code id_token", "code", "id_token", "none"}, s.metadata["response_types_supported"])
	require.Contains(t, s.metadata["scopes_supported"], "urn:logto:scope:organizations")
	require.Contains(t, s.metadata["claims_supported"], "created_at")
}
