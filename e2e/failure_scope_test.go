package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/profile"
	"mcpharness/mockidp"
)

// Failure 12: a client asks for all that the authorization server lists, and not for what the resource server names.
func TestAClientAsksForTheScopesOfTheServerThatItWants(t *testing.T) {
	t.Parallel()
	offline(t)
	for as, row := range map[string]struct{ all, more string }{
		"":         {"invalid_scope", "openid"}, // this client may have the API's scopes only
		"okta":     {"access_denied", ""},       // by policy
		"keycloak": {"", "profile"},             // cut in silence, and with the defaults of the client
	} {
		t.Run(profileOf(as), func(t *testing.T) {
			t.Parallel()
			on := newTarget(t, setup{as: as, configure: func(c *mockidp.Config) {
				at := slices.IndexFunc(c.Clients, func(client mockidp.Client) bool { return client.ID == "mcp-client" })
				if as == "" {
					c.Clients[at].Scopes = todoScopes
				}
			}})
			metadata, err := on.metadata(t.Context())
			require.NoError(t, err)
			bob := &visitor{people: []string{"bob"}, registered: true}
			bob.settle(on)
			client, err := bob.client(t.Context(), on)
			require.NoError(t, err)
			client.Scopes = metadata.ScopesSupported
			token, err := bob.codeFlow(t.Context(), on, client)
			if row.all != "" {
				require.ErrorContains(t, err, row.all)
			} else {
				require.NoError(t, err)
				granted := strings.Fields(token.Extra("scope").(string))
				require.NotContains(t, granted, "delete:todos")
				require.Contains(t, granted, row.more, "the answer's scope is what counts")
			}

			prm := on.prm(t)
			require.Equal(t, todoScopes, prm.ScopesSupported)
			challenges, err := oauthex.ParseWWWAuthenticate(on.ask(t, "").header.Values("WWW-Authenticate"))
			require.NoError(t, err)
			require.Equal(t, strings.Join(todoScopes, " "), challenges[0].Params["scope"], "both say the same, and no offline_access")
			(&visitor{people: []string{"bob"}, registered: true, scopes: on.grantable(ofUser)}).visit(t, on)
		})
	}
}

// Failure 13: scopes stand in scope, in scp, as a string or as an array, in short or with a prefix.
func TestScopesAreReadInEveryDialect(t *testing.T) {
	t.Parallel()
	offline(t)
	unread := map[string]bool{}
	for _, as := range []string{"", "auth0", "okta", "entra", "cognito"} {
		on := newTarget(t, setup{as: as})
		token, err := (&visitor{people: []string{"alice"}, registered: true, carried: true}).token(t.Context(), on)
		require.NoError(t, err)
		provider, err := oidc.NewProvider(oidc.ClientContext(t.Context(), on.http), on.issuer)
		require.NoError(t, err)
		verified, err := provider.Verifier(&oidc.Config{SkipClientIDCheck: true}).Verify(t.Context(), token.AccessToken)
		require.NoError(t, err)
		var naive struct {
			Scope string `json:"scope"`
		}
		require.NoError(t, verified.Claims(&naive))
		unread[profileOf(as)] = !slices.Contains(strings.Fields(naive.Scope), "delete:todos")

		session := (&visitor{people: []string{"alice"}, registered: true, carried: true}).visit(t, on)
		require.ElementsMatch(t, todoScopes, on.granted(identityOf(t, session).Scopes), as)
	}
	require.Equal(t, map[string]bool{"mock": false, "auth0": false, "okta": true, "entra": true, "cognito": true}, unread,
		"who reads the claim scope, a string, by the names that were asked for, finds nothing at these")
}

// Failure 14: the challenge asks for a scope that the role does not allow, and the provider leaves it out in silence, again and again.
func TestAStepUpEndsWhereTheProviderGrantsNoMore(t *testing.T) {
	t.Parallel()
	offline(t)
	for _, as := range []string{"", "logto", "keycloak"} {
		t.Run(profileOf(as), func(t *testing.T) {
			t.Parallel()
			on := newTarget(t, setup{as: as})
			foreign := create(t, (&visitor{people: []string{"carol"}}).visit(t, on), "carol's")
			message := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete-todo","arguments":{"id":"` + foreign.ID + `"}}}`

			bob := &visitor{people: []string{"bob"}, registered: true, style: profile.TargetResource}
			var first string
			for attempt := range 4 { // a client that signs in as often as it is challenged would go on for ever
				token, err := bob.token(t.Context(), on)
				require.NoError(t, err)
				status, answer := on.post(t, token.AccessToken, message, nil)
				require.Equal(t, 403, status, answer)
				if attempt == 0 {
					first = answer
				}
				require.Equal(t, first, answer, "the refusal is the same each time")
				granted := strings.Fields(token.Extra("scope").(string))
				require.NotContains(t, granted, "delete:todos", "the answer tells a client that another round is of no use")
			}

			sdk := &visitor{people: []string{"bob"}, registered: true}
			session := sdk.visit(t, on)
			require.ErrorContains(t, remove(t, session, foreign.ID), "delete:todos")
			require.Equal(t, 2, sdk.signed(), "go-sdk tries once")
			create(t, session, "and goes on")
		})
	}
}

// TestTokensOfVersion1OfEntraAreTaken is a near miss: their issuer, audience and client are written otherwise than in the metadata.
func TestTokensOfVersion1OfEntraAreTaken(t *testing.T) {
	t.Parallel()
	offline(t)
	on := newTarget(t, setup{as: "entra"})
	tenant := strings.Split(on.issuer, "/")[3]
	c := claims(on, map[string]any{"iss": "https://sts.windows.net/" + tenant + "/", "aud": on.url, "appid": "mcp-client", "scp": "create_todos", "roles": []string{"User"}, "ver": "1.0"})
	delete(c, "client_id")
	delete(c, "scope")
	version1 := map[string]any{"typ": "JWT"}
	on.accepted(t, on.idp.Mint(version1, c, nil))
	c["iss"] = "https://sts.windows.net/another-tenant/"
	require.Contains(t, on.refused(t, on.idp.Mint(version1, c, nil)), "iss: this server trusts "+on.issuer)
}
