package mockidp_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/mockidp"
)

func TestPeopleHaveAUUIDWhereTheProviderGivesThemOne(t *testing.T) {
	t.Parallel()
	const uuid = `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`
	subjectOf := func(options mockidp.Options, name string) string {
		idp := mockidp.New(t, options)
		k := realmClient{issuer: idp.Issuer(), http: idp.Client(), id: "mcp-client", verifier: oauth2.GenerateVerifier()}
		_, body := k.redeem(t, k.authorize(t, name, url.Values{"scope": {"openid"}}).Get("code"), nil)
		_, access := decoded(body["access_token"])
		_, id := decoded(body["id_token"])
		require.Equal(t, access["sub"], id["sub"])
		return access["sub"].(string)
	}
	keycloak := mockidp.Options{As: "keycloak"}
	alice, bob := subjectOf(keycloak, "alice"), subjectOf(keycloak, "bob")
	require.Regexp(t, uuid, alice)
	require.Regexp(t, uuid, bob)
	require.NotEqual(t, alice, bob)
	require.Equal(t, alice, subjectOf(keycloak, "alice"), "the same at every start")

	config := mockidp.DefaultConfig()
	config.Users[0].Subject = "given"
	keycloak.Config = &config
	require.Equal(t, "given", subjectOf(keycloak, config.Users[0].Username))

	body := standIn(t, "strict").tokens(t, "alice", "openid")
	_, access := decoded(body["access_token"])
	require.NotRegexp(t, uuid, access["sub"])
}
