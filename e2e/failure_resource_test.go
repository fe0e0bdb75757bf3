package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/profile"
	"mcpharness/internal/providercheck"
	"mcpharness/mockidp"
)

// Failure 1: the API's App ID URI is api://todo, and MCP clients send the server's URL as the resource.
func TestEntraRefusesAResourceThatDiffersFromTheScopePrefix(t *testing.T) {
	t.Parallel()
	offline(t)
	const appIDURI = "api://todo"
	on := newTarget(t, setup{as: "entra", configure: func(c *mockidp.Config) {
		other := c.Resources[0]
		other.URI = appIDURI
		c.Resources = append(c.Resources, other)
	}})
	v := &visitor{people: []string{"alice"}, registered: true, style: profile.TargetResource}
	client, err := v.client(t.Context(), on)
	require.NoError(t, err)
	right := client.Scopes

	client.Scopes = []string{appIDURI + "/create_todos"}
	_, err = v.codeFlow(t.Context(), on, client)
	require.ErrorContains(t, err, "AADSTS9010010: The resource parameter provided in the request doesn't match with the requested scopes")
	seen := on.diagnosis(t, on.byHand(client.Scopes...))
	require.Equal(t, providercheck.Error, seen[providercheck.ResourceKnown].Level, "check-provider tells before a person meets it")
	require.Contains(t, seen[providercheck.ResourceKnown].Seen, "AADSTS9010010")

	client.Scopes = right // their prefix is the server's URL, as docs/providers.md says
	token, err := v.codeFlow(t.Context(), on, client)
	require.NoError(t, err)
	on.accepted(t, token.AccessToken)
	require.NotContains(t, on.diagnosis(t, on.byHand(right...)), providercheck.ResourceKnown)
}

// Failure 3: a URL library writes a slash behind the server's URL.
func TestASlashBehindTheResourceMakesItAnotherOne(t *testing.T) {
	t.Parallel()
	offline(t)
	for _, as := range []string{"", "logto", "auth0"} {
		t.Run(profileOf(as), func(t *testing.T) {
			t.Parallel()
			on := newTarget(t, setup{as: as})
			alice := &visitor{people: []string{"alice"}, registered: true, style: profile.TargetResource, resource: on.url + "/"}
			_, err := alice.flow(t, on)
			require.ErrorContains(t, err, "invalid_target")

			alice.resource = on.prm(t).Resource
			require.Equal(t, on.url, alice.resource, "the metadata's resource is the server's URL, byte for byte")
			token, err := alice.flow(t, on)
			require.NoError(t, err)
			on.accepted(t, token.AccessToken)
		})
	}
	on := newTarget(t, setup{})
	require.Contains(t, on.refused(t, minted(on, map[string]any{"aud": on.url + "/"})), "audience: this server is "+on.url+"'"[:0])
}

// Failure 3, where it is worst: a server at the root of its host, whose URL has no path to begin with.
func TestAServerAtTheRootOfItsHostNamesItselfAsItWasTold(t *testing.T) {
	t.Parallel()
	offline(t)
	for _, path := range []string{"", "/"} {
		on := newTarget(t, setup{front: func(_ *testing.T, backend string) (public, told string, clients http.RoundTripper) {
			return backend + path, backend + path, setup{}.transport()
		}})
		require.Equal(t, on.url, on.prm(t).Resource)
		on.accepted(t, minted(on, nil))
		other := strings.TrimSuffix(on.url, "/")
		if path == "" {
			other += "/"
		}
		require.Contains(t, on.refused(t, minted(on, map[string]any{"aud": other})), "audience: this server is "+on.url)
	}
}

// Failure 4: Keycloak takes no notice of resource. Without an audience mapper for this server a token is for somebody else, or nobody.
func TestATokenThatKeycloakMadeForAnotherServerIsRefused(t *testing.T) {
	t.Parallel()
	offline(t)
	const another = "http://localhost:3001/mcp"
	on := newTarget(t, setup{as: "keycloak", configure: func(c *mockidp.Config) { c.Resources[0].URI, c.DefaultResource = another, another }})
	token, err := (&visitor{people: []string{"alice"}, registered: true, style: profile.TargetResource}).token(t.Context(), on)
	require.NoError(t, err, "the resource that was asked for is ignored, not refused")

	provider, err := oidc.NewProvider(oidc.ClientContext(t.Context(), on.http), on.issuer)
	require.NoError(t, err)
	careless, err := provider.Verifier(&oidc.Config{SkipClientIDCheck: true}).Verify(t.Context(), token.AccessToken)
	require.NoError(t, err, "a server that looks at signature, issuer and expiry only takes the token of every other server of the realm")
	require.NotContains(t, careless.Audience, on.url)

	require.Contains(t, on.refused(t, token.AccessToken),
		"audience: this server is "+on.url+", the token is for another; let the client ask for it (resource), or the issuer write it into aud")
	for name, aud := range map[string]any{"the default of a realm": "account", "the client, as in an ID token": "mcp-client", "the issuer": on.issuer, "nobody": nil} {
		got := on.refused(t, on.idp.Mint(nil, ofKeycloak(on, aud), nil))
		require.Contains(t, got, "aud", name)
	}
	on.accepted(t, on.idp.Mint(nil, ofKeycloak(on, []string{on.url, "account"}), nil)) // what the realm's mapper adds
}

// ofKeycloak are the claims of a token as Keycloak writes it. No audience leaves aud out.
func ofKeycloak(on *target, aud any) map[string]any {
	c := claims(on, map[string]any{"aud": aud, "azp": "mcp-client", "typ": "Bearer"})
	delete(c, "client_id")
	if aud == nil {
		delete(c, "aud")
	}
	return c
}

// Failure 5: a client says which API it means when it signs in, and no more when it redeems the code or refreshes.
func TestATokenForNoAPIIsOpaqueAndSaidToBeSo(t *testing.T) {
	t.Parallel()
	offline(t)
	on := newTarget(t, setup{as: "logto"})
	alice := &visitor{people: []string{"alice"}, registered: true, style: profile.TargetScope, scopes: []string{"openid", "offline_access", "create:todos"}}
	token, err := alice.flow(t, on, "resource", on.url, "prompt", "consent")
	require.NoError(t, err)
	require.NotContains(t, token.AccessToken, ".")
	require.Contains(t, on.refused(t, token.AccessToken), "got an opaque token; let the client name the API (resource) in every token request", "and not: a malformed JWT")

	alice.style = profile.TargetResource
	token, err = alice.flow(t, on, "prompt", "consent")
	require.NoError(t, err)
	on.accepted(t, token.AccessToken)

	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {on.profile.Clients.Registered.ID}, "refresh_token": {token.RefreshToken}}
	_, body := on.redeem(t, form)
	require.Contains(t, on.refused(t, body["access_token"].(string)), "got an opaque token")
	form["refresh_token"], form["resource"] = []string{body["refresh_token"].(string)}, []string{on.url}
	_, body = on.redeem(t, form)
	on.accepted(t, body["access_token"].(string))

	on = newTarget(t, setup{as: "auth0"})
	token, err = (&visitor{people: []string{"alice"}, registered: true, style: profile.TargetScope}).flow(t, on)
	require.NoError(t, err)
	require.Contains(t, on.refused(t, token.AccessToken), "got an opaque token")
}

// Failure 6: the provider knows the server by another path or port.
func TestAResourceThatTheProviderDoesNotKnowIsNamedInTheRefusal(t *testing.T) {
	t.Parallel()
	offline(t)
	on := newTarget(t, setup{})
	elsewhere := strings.Replace(on.url, "127.0.0.1", "localhost", 1)
	for _, off := range []string{on.url + "/v2", strings.TrimSuffix(on.url, "/mcp"), elsewhere} {
		_, err := (&visitor{people: []string{"alice"}, registered: true, resource: off}).flow(t, on)
		require.ErrorContains(t, err, "invalid_target")
		require.ErrorContains(t, err, off, "the refusal says which resource was not known")

		options := on.byHand("create:todos")
		options.Resource = off
		require.Contains(t, on.diagnosis(t, options), providercheck.ResourceKnown)
	}
	(&visitor{people: []string{"alice"}}).visit(t, on) // a client that takes the resource from the server's metadata
	require.NotContains(t, on.diagnosis(t, on.byHand("create:todos")), providercheck.ResourceKnown)
}
