package e2e

import (
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/internal/profile"
)

// TestARelyingPartyLearnsWhoSignedIn has a client of OpenID Connect that knows nothing of the provider but its issuer.
func TestARelyingPartyLearnsWhoSignedIn(t *testing.T) {
	t.Parallel()
	onEvery(t, aRelyingPartyLearnsWhoSignedIn)
}

func aRelyingPartyLearnsWhoSignedIn(t *testing.T, on *target) {
	ctx := oidc.ClientContext(t.Context(), on.http)
	provider, err := oidc.NewProvider(ctx, on.issuer)
	require.NoError(t, err)
	subjects := map[string]bool{}
	for _, person := range []string{"alice", "bob", "carol"} {
		v := &visitor{people: []string{person}, registered: true, style: profile.TargetScope, scopes: []string{"openid", "profile", "email"}}
		client, err := v.client(ctx, on)
		require.NoError(t, err)
		token, err := v.codeFlow(ctx, on, client, oidc.Nonce("nonce of "+person))
		require.NoError(t, err)
		raw, _ := token.Extra("id_token").(string)

		id, err := provider.Verifier(&oidc.Config{ClientID: client.ClientID}).Verify(ctx, raw)
		require.NoError(t, err)
		require.Equal(t, "nonce of "+person, id.Nonce)
		_, err = provider.Verifier(&oidc.Config{ClientID: "another-client"}).Verify(ctx, raw)
		require.Error(t, err)
		var claims struct {
			Username string `json:"preferred_username"`
			Email    string `json:"email"`
		}
		require.NoError(t, id.Claims(&claims))
		require.Equal(t, on.person(person).Username, claims.Username)
		require.NotEmpty(t, claims.Email)

		info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if on.profile.HasQuirk("userinfo-elsewhere") {
			require.ErrorContains(t, err, "not supported")
		} else {
			require.NoError(t, err)
			require.Equal(t, id.Subject, info.Subject)
			require.Equal(t, claims.Email, info.Email)
		}
		subjects[id.Subject] = true

		require.Equal(t, 401, on.whoami(t, raw), "an ID token is no access token")
	}
	require.Len(t, subjects, 3)
}
