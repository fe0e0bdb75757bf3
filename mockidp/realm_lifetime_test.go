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

// sessionsRealm has clients whose part in a session is shorter than the session, by the realm's settings or their own.
const sessionsRealm = `{"realm": "parts", "enabled": true, "clientSessionIdleTimeout": 40, "clientSessionMaxLifespan": 60,
	"users": [{"username": "alice", "enabled": true, "email": "a@example.com", "firstName": "A", "lastName": "B", "credentials": [{"type": "password", "value": "alice"}], "realmRoles": ["offline_access"]}],
	"clients": [
		{"clientId": "mcp-client", "publicClient": true, "redirectUris": ["http://localhost/callback"]},
		{"clientId": "tall", "publicClient": true, "redirectUris": ["http://localhost/callback"], "attributes": {"client.session.idle.timeout": "90", "client.session.max.lifespan": "200", "access.token.lifespan": "5000"}},
		{"clientId": "small", "publicClient": true, "redirectUris": ["http://localhost/callback"], "attributes": {"client.offline.session.idle.timeout": "25", "client.offline.session.max.lifespan": "35"}}]`

// TestAClientsPartInASessionMayBeShorter: each measured.
func TestAClientsPartInASessionMayBeShorter(t *testing.T) {
	t.Parallel()
	const ends = `, "offlineSessionMaxLifespanEnabled": true, "offlineSessionMaxLifespan": 77`
	for name, c := range map[string]struct {
		more, client, scope string
		access, refresh     float64 // of which the clients hear; zero: nothing
	}{
		"the realm's":                        {"", "mcp-client", "openid", 60, 40},
		"the client's own":                   {"", "tall", "openid", 200, 90},
		"offline access is apart":            {"", "mcp-client", "openid offline_access", 300, 0},
		"the client's own, offline":          {"", "small", "openid offline_access", 35, 0},
		"with an end to offline access":      {ends, "mcp-client", "openid offline_access", 77, 77},
		"with it, the client's own":          {ends, "small", "openid offline_access", 35, 25},
		"with it, the realm's for clients":   {ends + `, "clientOfflineSessionIdleTimeout": 40, "clientOfflineSessionMaxLifespan": 55`, "mcp-client", "openid offline_access", 55, 40},
		"without it, the realm's counts not": {`, "clientOfflineSessionMaxLifespan": 55`, "mcp-client", "openid offline_access", 300, 0},
		"said by an export":                  {`, "attributes": {"clientSessionIdleTimeout": "40"}`, "mcp-client", "openid", 60, 40},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inTime(t, writeRealm(t, sessionsRealm+c.more+"}"), func(t *testing.T, k realmClient) {
				k.id = c.client
				body := k.signedIn(t, c.scope)
				_, access := decoded(body["access_token"])
				_, id := decoded(body["id_token"])
				_, refresh := decoded(body["refresh_token"])
				lives := func(claims object) float64 { return claims["exp"].(float64) - claims["iat"].(float64) }
				require.Equal(t, []any{c.access, c.access, c.access, c.refresh}, []any{body["expires_in"], lives(access), lives(id), body["refresh_expires_in"]})
				if c.refresh == 0 {
					require.NotContains(t, refresh, "exp")
					return
				}
				require.Equal(t, c.refresh, lives(refresh))
				time.Sleep(time.Duration(c.refresh+1) * time.Second)
				status, refused := k.refresh(t, body)
				require.Equal(t, []any{400, "invalid_grant"}, []any{status, refused["error"]})
			})
		})
	}
}

func TestUseDoesNotProlongAClientsPartInASession(t *testing.T) {
	t.Parallel()
	inTime(t, writeRealm(t, sessionsRealm+"}"), func(t *testing.T, k realmClient) { // idle after 40 seconds, over after 60
		body := k.signedIn(t, "openid")
		time.Sleep(35 * time.Second)
		status, refreshed := k.refresh(t, body)
		require.Equal(t, []any{200, 25.0, 25.0}, []any{status, refreshed["expires_in"], refreshed["refresh_expires_in"]})
		time.Sleep(26 * time.Second)
		status, _ = k.refresh(t, refreshed)
		require.Equal(t, 400, status)
	})
}
