package mockidp_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/mockidp"
)

// ofRealm stands in for a Keycloak with a realm of its own.
func ofRealm(t *testing.T, realm string, autoLogin bool) *stand {
	t.Helper()
	file := filepath.Join(t.TempDir(), "realm.json")
	require.NoError(t, os.WriteFile(file, []byte(realm), 0o600))
	s := &stand{as: "keycloak", idp: mockidp.New(t, mockidp.Options{As: "keycloak", Realm: file, AutoLogin: autoLogin}), verifier: oauth2.GenerateVerifier()}
	_, s.metadata = s.get(t, s.idp.MetadataURL())
	return s
}

const smallRealm = `{"realm":"small","enabled":true,
	"users":[
		{"username":"alice","enabled":true,"credentials":[{"type":"password","value":"secret"}]},
		{"username":"bob","enabled":true,"credentials":[{"type":"password","value":"secret"}]},
		{"username":"dora","enabled":false,"credentials":[{"type":"password","value":"secret"}]}],
	"clients":[{"clientId":"mcp-client","enabled":true,"publicClient":true,"standardFlowEnabled":true,"redirectUris":["http://localhost:54321/*"]}]}`

func TestADisabledPersonIsToldSoAfterTheRightPassword(t *testing.T) {
	t.Parallel()
	s := ofRealm(t, smallRealm, false)
	p, form := s.begin(t, url.Values{"scope": {"openid"}})
	_, page := p.send(t, http.MethodPost, form, url.Values{"username": {"dora"}, "password": {"wrong"}})
	require.Contains(t, page, "Invalid username or password.")
	res, page := p.send(t, http.MethodPost, action(t, page), url.Values{"username": {"dora"}, "password": {"secret"}})
	require.Equal(t, 200, res.StatusCode)
	require.Contains(t, page, "Account is disabled, contact your administrator.")
	res, _ = p.send(t, http.MethodPost, action(t, page), url.Values{"username": {" ALICE "}, "password": {"secret"}})
	require.Equal(t, 302, res.StatusCode)
}

func TestARedirectURIWithAnAsteriskStandsForWhatBeginsSo(t *testing.T) {
	t.Parallel()
	s := ofRealm(t, smallRealm, false)
	for uri, want := range map[string]bool{
		"http://localhost:54321/x": true, "http://localhost:54321/x/y?z=1": true, "http://localhost:54321": true, "http://localhost:54321/": true,
		"http://localhost:54322/x": false, "http://localhost:54321.evil.example/x": false, "http://localhost:54321/x/../y": false,
		"http://localhost:54321/x#y": false, "http://localhost/x": false,
	} {
		told := s.told(t, url.Values{"redirect_uri": {uri}, "scope": {"openid"}})
		require.Equal(t, want, told == "form", "%s: %s", uri, told)
	}
}

// TestAutoLoginSignsOnePersonInAfterAnother has one browser, whose first person's tokens stay good.
func TestAutoLoginSignsOnePersonInAfterAnother(t *testing.T) {
	t.Parallel()
	s := ofRealm(t, smallRealm, true)
	v := s.visit()
	var all []object
	for _, person := range []string{"alice", "bob"} {
		page, answer := v.open(t, url.Values{"scope": {"openid"}, "login_hint": {person}})
		require.NotNil(t, page.Callback, person)
		all = append(all, v.issued(t, answer, nil))
	}
	for _, tokens := range all {
		require.Equal(t, 200, s.userinfo(t, tokens["access_token"].(string)))
	}
}
