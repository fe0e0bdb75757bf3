package mockidp_test

import (
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/internal/testnet"
	"mcpharness/mockidp"
)

// inTime runs a flow at a realm whose clock moves only when everybody waits.
func inTime(t *testing.T, file string, flow func(t *testing.T, k realmClient)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := testnet.New()
		defer network.Close()
		l, err := network.Listen("127.0.0.1:0")
		require.NoError(t, err)
		idp, err := mockidp.Start(mockidp.Options{As: "keycloak", Realm: file}, l)
		require.NoError(t, err)
		defer idp.Close()
		client := network.Client()
		defer client.CloseIdleConnections()
		flow(t, realmClient{issuer: idp.Issuer(), http: client, id: "mcp-client", introspects: "todo-mcp", verifier: oauth2.GenerateVerifier()})
	})
}

func (k realmClient) refresh(t *testing.T, body object) (int, object) {
	t.Helper()
	return k.token(t, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {body["refresh_token"].(string)}})
}

// signedIn are the tokens that alice gets.
func (k realmClient) signedIn(t *testing.T, scope string) object {
	t.Helper()
	status, body := k.redeem(t, k.authorize(t, "alice", url.Values{"scope": {scope}}).Get("code"), nil)
	require.Equal(t, 200, status, body)
	return body
}

func TestASessionOfARealmEndsWhenNobodyUsesItOrItIsOld(t *testing.T) {
	t.Parallel()
	inTime(t, realmFile, func(t *testing.T, k realmClient) { // idle after 30 minutes, over after 10 hours
		body := k.signedIn(t, "openid")
		for range 5 {
			time.Sleep(29 * time.Minute)
			status, refreshed := k.refresh(t, body)
			require.Equal(t, 200, status, refreshed)
			body = refreshed
		}
		time.Sleep(31 * time.Minute)
		status, refused := k.refresh(t, body)
		require.Equal(t, []any{400, "invalid_grant", "Token is not active"}, []any{status, refused["error"], refused["error_description"]}, "nobody used it")

		body = k.signedIn(t, "openid")
		var lasted time.Duration
		for status := 200; status == 200; lasted += 20 * time.Minute {
			time.Sleep(20 * time.Minute)
			var refreshed object
			if status, refreshed = k.refresh(t, body); status == 200 {
				body = refreshed
			}
		}
		require.Equal(t, 10*time.Hour, lasted)
	})
}

func TestAnOfflineTokenOutlivesItsSession(t *testing.T) {
	t.Parallel()
	inTime(t, realmFile, func(t *testing.T, k realmClient) { // 30 days idle
		body := k.signedIn(t, "openid offline_access")
		time.Sleep(29 * 24 * time.Hour)
		status, refreshed := k.refresh(t, body)
		require.Equal(t, 200, status, refreshed)
		time.Sleep(31 * 24 * time.Hour)
		status, _ = k.refresh(t, refreshed)
		require.Equal(t, 400, status)
	})
}

// TestRefreshTokensOfARealmStayGoodByDefault: measured, without revokeRefreshToken.
func TestRefreshTokensOfARealmStayGoodByDefault(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(realmFile)
	require.NoError(t, err)
	file := writeRealm(t, strings.Replace(string(data), `"revokeRefreshToken": true`, `"revokeRefreshToken": false`, 1))
	inTime(t, file, func(t *testing.T, k realmClient) {
		first := k.signedIn(t, "openid")
		latest := first
		for range 4 {
			time.Sleep(20 * time.Minute)
			for _, body := range []object{first, latest} {
				status, refreshed := k.refresh(t, body)
				require.Equal(t, 200, status, refreshed)
				latest = refreshed
			}
			first = latest
		}
		require.EqualValues(t, 1800, latest["refresh_expires_in"])
	})
}

// TestNoTokenOutlivesTheSessionOfARealm: measured, but for offline_access.
func TestNoTokenOutlivesTheSessionOfARealm(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(realmFile)
	require.NoError(t, err)
	file := writeRealm(t, strings.Replace(string(data), `"ssoSessionMaxLifespan": 36000`, `"ssoSessionMaxLifespan": 100`, 1))
	inTime(t, file, func(t *testing.T, k realmClient) {
		live := func(body object, want float64) {
			t.Helper()
			for _, token := range []string{"access_token", "id_token"} {
				_, claims := decoded(body[token])
				require.Equal(t, []any{want, want}, []any{body["expires_in"], claims["exp"].(float64) - claims["iat"].(float64)}, token)
			}
		}
		body := k.signedIn(t, "openid")
		live(body, 100)
		time.Sleep(40 * time.Second)
		status, refreshed := k.refresh(t, body)
		require.Equal(t, 200, status, refreshed)
		live(refreshed, 60)
		live(k.signedIn(t, "openid offline_access"), 300)
	})
}
