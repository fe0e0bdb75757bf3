package mockidp_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/mockidp"
)

// TestRefreshTokensOfARealmStayGoodUnlessItRevokesThem is about the switch revokeRefreshToken: off, each refresh gives another one
// beside those that there are.
func TestRefreshTokensOfARealmStayGoodUnlessItRevokesThem(t *testing.T) {
	t.Parallel()
	for file, stay := range map[string]bool{writeRealm(t, mindRealm): true, realmFile: false} {
		idp := mockidp.New(t, mockidp.Options{As: "keycloak", Realm: file})
		k := realmClient{issuer: idp.Issuer(), http: idp.Client(), id: "app", verifier: oauth2.GenerateVerifier()}
		person := "dora"
		if !stay {
			k.id, person = "mcp-client", "alice"
		}
		status, first := k.redeem(t, k.authorize(t, person, url.Values{"scope": {"openid"}}).Get("code"), nil)
		require.Equal(t, 200, status, first)
		refresh := func(token any) (int, object) {
			return k.token(t, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token.(string)}})
		}
		status, second := refresh(first["refresh_token"])
		require.Equal(t, 200, status, second)
		_, was := decoded(first["refresh_token"])
		_, is := decoded(second["refresh_token"])
		require.NotEqual(t, was["jti"], is["jti"])
		require.Equal(t, was["sid"], is["sid"])
		require.Equal(t, !stay, is["reuse_id"] != nil)
		status, third := refresh(first["refresh_token"])
		if !stay {
			heard{400, "invalid_grant", "Maximum allowed refresh token reuse exceeded"}.check(t, status, third)
			continue
		}
		require.Equal(t, 200, status, third)
		status, _ = refresh(second["refresh_token"])
		require.Equal(t, 200, status)
	}
}
