package e2e

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/profile"
	"mcpharness/internal/testnet"
	"mcpharness/mockidp"
)

// inABubble runs a flow whose clock moves only when everybody waits, over a network in memory.
func inABubble(t *testing.T, lifetimes mockidp.Lifetimes, flow func(t *testing.T, on *target)) {
	t.Helper()
	if live != "" {
		lacks(t, ownClock)
	}
	synctest.Test(t, func(t *testing.T) {
		network := testnet.New()
		t.Cleanup(func() { _ = network.Close() })
		flow(t, newTarget(t, setup{network: network, configure: func(c *mockidp.Config) { c.Lifetimes = lifetimes }}))
	})
}

var fiveMinuteTokens = mockidp.Lifetimes{Code: time.Minute, AccessToken: 5 * time.Minute, IDToken: 5 * time.Minute, RefreshToken: 30 * 24 * time.Hour}

func TestAClientRefreshesWhatExpires(t *testing.T) {
	t.Parallel()
	inABubble(t, fiveMinuteTokens, func(t *testing.T, on *target) {
		bob := &visitor{people: []string{"bob"}, refresh: true}
		session := bob.visit(t, on)
		create(t, session, "at once")

		time.Sleep(4 * time.Minute)
		create(t, session, "while the token lives")
		require.Zero(t, on.wire.grants("refresh_token"))

		time.Sleep(2 * time.Minute)
		create(t, session, "after it expired")
		require.Equal(t, 1, on.wire.grants("refresh_token"))

		time.Sleep(24 * time.Hour)
		create(t, session, "a day later, with the rotated refresh token")
		require.Equal(t, 2, on.wire.grants("refresh_token"))
		require.Equal(t, 1, bob.signed(), "nobody signs in again")
		require.Len(t, list(t, session), 4)
	})
}

func TestAnExpiredTokenIsRefusedAndSaidToBeExpired(t *testing.T) {
	t.Parallel()
	inABubble(t, fiveMinuteTokens, func(t *testing.T, on *target) {
		bob := &visitor{people: []string{"bob"}, registered: true, style: profile.TargetScope} // its client cannot get another token
		session := bob.visit(t, on)
		create(t, session, "before")
		time.Sleep(5 * time.Minute)
		_, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "whoami", Arguments: map[string]any{}})
		require.ErrorContains(t, err, `error="invalid_token"`)
		require.ErrorContains(t, err, "expired")
	})
}

func TestAnExpiredRefreshTokenSendsTheClientToSignInAgain(t *testing.T) {
	t.Parallel()
	lifetimes := fiveMinuteTokens
	lifetimes.RefreshToken = time.Hour
	inABubble(t, lifetimes, func(t *testing.T, on *target) {
		bob := &visitor{people: []string{"bob"}, refresh: true}
		session := bob.visit(t, on)
		time.Sleep(2 * time.Hour)
		create(t, session, "after both expired")
		require.Equal(t, 2, bob.signed())
	})
}

func TestATokenOfOneSecondExpiresAfterIt(t *testing.T) {
	t.Parallel()
	lifetimes := fiveMinuteTokens
	lifetimes.AccessToken = time.Second
	inABubble(t, lifetimes, func(t *testing.T, on *target) {
		token, err := (&visitor{people: []string{"bob"}, registered: true}).token(t.Context(), on)
		require.NoError(t, err)
		require.Equal(t, 200, on.whoami(t, token.AccessToken))
		time.Sleep(time.Second)
		require.Equal(t, 401, on.whoami(t, token.AccessToken))
	})
}
