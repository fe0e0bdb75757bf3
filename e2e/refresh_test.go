package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/internal/profile"
)

// TestARefreshTokenIsGoodForOneUse holds for public clients (OAuth 2.1 section 4.3.1).
func TestARefreshTokenIsGoodForOneUse(t *testing.T) {
	t.Parallel()
	on := newTarget(t, setup{})
	bob := &visitor{people: []string{"bob"}, registered: true, style: profile.TargetScope}
	client, err := bob.client(t.Context(), on)
	require.NoError(t, err)
	first, err := bob.codeFlow(t.Context(), on, client)
	require.NoError(t, err)
	require.NotEmpty(t, first.RefreshToken)
	require.Equal(t, 401, on.whoami(t, first.RefreshToken), "a refresh token is no access token")

	refresh := func() (*oauth2.Token, error) {
		return client.TokenSource(on.context(t.Context()), &oauth2.Token{RefreshToken: first.RefreshToken}).Token()
	}
	second, err := refresh()
	require.NoError(t, err)
	require.NotEqual(t, first.AccessToken, second.AccessToken)
	require.NotEqual(t, first.RefreshToken, second.RefreshToken)
	require.Equal(t, 200, on.whoami(t, second.AccessToken))

	_, err = refresh()
	var refused *oauth2.RetrieveError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "invalid_grant", refused.ErrorCode)
}
