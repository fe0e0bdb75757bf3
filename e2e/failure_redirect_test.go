package e2e

import (
	"testing"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/providercheck"
)

// Failure 18: redirect URIs are compared letter by letter, but for the port of a loopback address.
func TestALoopbackRedirectMayHaveAnyPortAndNoOtherName(t *testing.T) {
	t.Parallel()
	onEvery(t, aLoopbackRedirectMayHaveAnyPortAndNoOtherName)
}

func aLoopbackRedirectMayHaveAnyPortAndNoOtherName(t *testing.T, on *target) {
	if !on.registers {
		require.True(t, on.profile.HasQuirk("no-registration"), "clients cannot register themselves, and the profile does not say so")
		return
	}
	status, answer := on.enrol(t, nativeClient("redirect_uris", []string{"http://127.0.0.1/callback"}), "")
	require.Equal(t, 201, status, answer)
	bob := &visitor{people: []string{"bob"}, registered: true}
	bob.settle(on)
	client, err := bob.client(t.Context(), on)
	require.NoError(t, err)
	client.ClientID = answer["client_id"].(string)
	for redirect, fine := range map[string]bool{
		"http://127.0.0.1:54321/callback": true, "http://127.0.0.1:1024/callback": true, "http://127.0.0.1/callback": true,
		"http://localhost:54321/callback": false, "http://127.0.0.1:54321/callback/": false, "https://127.0.0.1:54321/callback": false,
	} {
		client.RedirectURL = redirect
		token, err := bob.codeFlow(t.Context(), on, client)
		if fine {
			require.NoError(t, err, redirect)
			on.accepted(t, token.AccessToken)
			continue
		}
		require.Error(t, err, redirect)
		require.NotContains(t, err.Error(), "authorization response", "nothing is sent where the client did not register")
	}
}

// Failure 18, where ports count, as they do at some providers and for some kinds of client.
func TestWherePortsCountAClientRegistersTheOneThatItHas(t *testing.T) {
	t.Parallel()
	offline(t)
	on := newTarget(t, setup{faults: []string{"redirect-exact"}})
	_, err := (&visitor{people: []string{"bob"}, registered: true}).connect(t, on)
	require.ErrorContains(t, err, "redirect_uri_mismatch", "the client of the configuration has a redirect URI without a port")
	(&visitor{people: []string{"bob"}}).visit(t, on) // a client that registers when it knows its port
	seen := on.diagnosis(t, on.byHand("create:todos"))
	require.Contains(t, seen, providercheck.AuthorizationRequest)
}

// Failure 18 as well: a client names itself by a URL where the provider knows no such clients.
func TestAClientNamesItselfByAURLOnlyWhereThatIsAdvertised(t *testing.T) {
	t.Parallel()
	offline(t)
	const document = "https://client.example/metadata.json"
	on := newTarget(t, setup{as: "logto"})
	bob := &visitor{people: []string{"bob"}, registered: true, scopes: ofUser}
	bob.settle(on)
	client, err := bob.client(t.Context(), on)
	require.NoError(t, err)
	registered := client.ClientID
	client.ClientID = document
	_, err = bob.codeFlow(t.Context(), on, client)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "authorization response")
	require.Contains(t, on.diagnosis(t, providercheck.Options{}), providercheck.ClientDocuments)

	handler, err := auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		ClientIDMetadataDocumentConfig: &auth.ClientIDMetadataDocumentConfig{URL: document},
		PreregisteredClient:            &oauthex.ClientCredentials{ClientID: registered, Issuer: on.issuer},
		RedirectURL:                    registeredRedirect, Client: on.http, AuthorizationCodeFetcher: bob.fetcher(on),
	})
	require.NoError(t, err)
	session, err := on.dial(t, handler, modern)
	require.NoError(t, err, "a client that reads the metadata takes its other identifier")
	create(t, session, "bob's")
}
