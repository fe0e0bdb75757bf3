package e2e

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
)

// TestARefreshTokenIsGoodForOneUse holds for public clients (OAuth 2.1 section 4.3.1).
func TestARefreshTokenIsGoodForOneUse(t *testing.T) {
	t.Parallel()
	onEvery(t, aRefreshTokenIsGoodForOneUse)
}

func aRefreshTokenIsGoodForOneUse(t *testing.T, on *target) {
	bob := &visitor{people: []string{"bob"}, registered: true, carried: true, scopes: ofUser}
	bob.settle(on)
	client, err := bob.client(t.Context(), on)
	require.NoError(t, err)
	first, err := bob.codeFlow(t.Context(), on, client)
	require.NoError(t, err)
	for _, needs := range on.refreshNeeds() {
		require.Empty(t, first.RefreshToken, "without what the provider wants to see")
		client.Scopes = append(slices.Clone(client.Scopes), needs.scopes...)
		first, err = bob.codeFlow(t.Context(), on, client, needs.options...)
		require.NoError(t, err)
	}
	require.NotEmpty(t, first.RefreshToken)
	require.Equal(t, 401, on.whoami(t, first.RefreshToken), "a refresh token is no access token")

	refresh := func() (*oauth2.Token, error) {
		return client.TokenSource(on.context(t.Context()), &oauth2.Token{RefreshToken: first.RefreshToken}).Token()
	}
	second, err := refresh()
	require.NoError(t, err)
	require.NotEqual(t, first.AccessToken, second.AccessToken)
	require.Equal(t, 200, on.whoami(t, second.AccessToken))

	third, err := refresh()
	if on.profile.HasQuirk("reusable-refresh-tokens") {
		require.NoError(t, err)
		require.Equal(t, 200, on.whoami(t, third.AccessToken))
		return
	}
	require.NotEqual(t, first.RefreshToken, second.RefreshToken)
	if on.profile.HasQuirk("refresh-grace") { // at once: how long it lasts is for the provider's own clock
		require.NoError(t, err)
		require.NotEqual(t, second.RefreshToken, third.RefreshToken, "each use leads to a token of its own")
		return
	}
	var refused *oauth2.RetrieveError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "invalid_grant", refused.ErrorCode)
}

// refreshNeed is what a request must have, one after the other, until a refresh token comes.
type refreshNeed struct {
	scopes  []string
	options []oauth2.AuthCodeOption
}

func (on *target) refreshNeeds() []refreshNeed {
	offline := refreshNeed{scopes: []string{"offline_access"}}
	consent := refreshNeed{options: []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("prompt", "consent")}}
	switch {
	case on.profile.HasQuirk("refresh-needs-consent"):
		return []refreshNeed{offline, consent}
	case on.profile.HasQuirk("refresh-needs-offline-access"):
		return []refreshNeed{offline}
	}
	return nil
}
