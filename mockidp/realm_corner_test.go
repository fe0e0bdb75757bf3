package mockidp_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/mockidp"
)

// cornerRealm has what few realms have. What is required of it was measured on Keycloak 26.7.4.
const cornerRealm = `{"realm": "corner", "enabled": true, "defaultSignatureAlgorithm": "ES256",
	"users": [{"username": "alice", "enabled": true, "email": "a@example.com", "firstName": "A", "lastName": "B", "credentials": [{"type": "password", "value": "alice"}], "realmRoles": ["offline_access"]}],
	"clients": [
		{"clientId": "app", "publicClient": true, "redirectUris": ["http://localhost/callback"]},
		{"clientId": "plain", "publicClient": true, "redirectUris": ["http://localhost/callback"], "attributes": {"pkce.code.challenge.method": "plain"}},
		{"clientId": "once", "publicClient": true, "redirectUris": ["http://localhost/callback"], "attributes": {"use.refresh.tokens": "false"}},
		{"clientId": "api", "bearerOnly": true, "secret": "s"},
		{"clientId": "off", "publicClient": true, "enabled": false, "redirectUris": ["http://localhost/callback"]}]}`

func corner(t *testing.T, id string) realmClient {
	t.Helper()
	idp := mockidp.New(t, mockidp.Options{As: "keycloak", Realm: writeRealm(t, cornerRealm)})
	return realmClient{issuer: idp.Issuer(), http: idp.Client(), id: id, verifier: oauth2.GenerateVerifier()}
}

// send makes a request below the endpoints, and follows no redirect. Headers are name and value.
func (k realmClient) send(t *testing.T, method, path string, form url.Values, headers ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, k.issuer+"/protocol/openid-connect"+path, strings.NewReader(form.Encode()))
	require.NoError(t, err)
	if form != nil {
		request.Header.Set("Content-Type", formType)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	still := *k.http
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := still.Do(request)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res, string(body)
}

func TestAClientOfARealmMayBeHeldToPlainChallenges(t *testing.T) {
	t.Parallel()
	k := corner(t, "plain")
	plain := url.Values{"scope": {"openid"}, "code_challenge": {k.verifier}, "code_challenge_method": {"plain"}}
	status, body := k.redeem(t, k.authorize(t, "alice", plain).Get("code"), nil)
	require.Equal(t, 200, status, body)
	for name, c := range map[string]struct{ method, told string }{
		"another method": {"S256", "Invalid parameter: code challenge method is not matching the configured one"},
		"none":           {"", "Missing parameter: code_challenge_method"},
	} {
		query := url.Values{"client_id": {"plain"}, "redirect_uri": {redirect}, "response_type": {"code"}, "scope": {"openid"}, "code_challenge": {oauth2.S256ChallengeFromVerifier(k.verifier)}}
		if c.method != "" {
			query.Set("code_challenge_method", c.method)
		}
		res, _ := k.send(t, http.MethodGet, "/auth?"+query.Encode(), nil)
		location, err := res.Location()
		require.NoError(t, err, name)
		require.Equal(t, []string{"invalid_request", c.told}, []string{location.Query().Get("error"), location.Query().Get("error_description")}, name)
	}
}

func TestTheKeySetOfARealmWithAnotherAlgorithmHasAnRSAKeyToo(t *testing.T) {
	t.Parallel()
	k := corner(t, "app")
	res, err := k.http.Get(k.issuer + "/protocol/openid-connect/certs")
	require.NoError(t, err)
	defer res.Body.Close()
	var set struct {
		Keys []struct {
			Alg, Use string
			X5c      []string
		}
	}
	require.NoError(t, json.NewDecoder(res.Body).Decode(&set))
	var found []any
	for _, key := range set.Keys {
		found = append(found, []any{key.Alg, key.Use, len(key.X5c)})
	}
	require.ElementsMatch(t, []any{[]any{"ES256", "sig", 0}, []any{"RS256", "sig", 1}, []any{"RSA-OAEP", "enc", 1}}, found)
}

func TestTheTypeOfTheKeySetIsWhatIsAskedForAlone(t *testing.T) {
	t.Parallel()
	k := corner(t, "app")
	for accept, want := range map[string]string{
		"application/jwk-set+json": "application/jwk-set+json", "application/jwk-set+json, application/json": "application/json", "*/*": "application/json", "text/html": "application/json",
	} {
		res, _ := k.send(t, http.MethodGet, "/certs", nil, "Accept", accept)
		require.Equal(t, want, res.Header.Get("Content-Type"), accept)
	}
	res, body := k.send(t, http.MethodGet, "/certs;x=1", nil)
	require.Equal(t, 400, res.StatusCode)
	require.JSONEq(t, `{"error": "invalidCharacter", "error_description": "Request path contains invalid character ';'"}`, body)
}

func TestAScriptHearsOfItsOriginBeforeAnAPIHearsThatItGetsNoTokens(t *testing.T) {
	t.Parallel()
	k := corner(t, "api")
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"api"}, "client_secret": {"s"}}
	res, body := k.send(t, http.MethodPost, "/token", form, "Origin", "http://foreign.example")
	require.Equal(t, 403, res.StatusCode)
	require.JSONEq(t, `{"error": "Invalid origin"}`, body)
	res, body = k.send(t, http.MethodPost, "/token", form)
	require.Equal(t, 400, res.StatusCode)
	require.Contains(t, body, "Bearer-only not allowed")
	form.Set("client_secret", "x")
	res, _ = k.send(t, http.MethodPost, "/token", form, "Origin", "http://foreign.example")
	require.Equal(t, 401, res.StatusCode, "but the secret is looked at before")
}

func TestALogoutLeadsToARedirectURIOfADisabledClient(t *testing.T) {
	t.Parallel()
	k := corner(t, "off")
	res, _ := k.send(t, http.MethodGet, "/logout?"+url.Values{"client_id": {"off"}, "post_logout_redirect_uri": {redirect}}.Encode(), nil)
	require.Equal(t, []any{302, redirect}, []any{res.StatusCode, res.Header.Get("Location")})
	res, _ = k.send(t, http.MethodGet, "/logout?"+url.Values{"client_id": {"off"}, "post_logout_redirect_uri": {"http://foreign.example/"}}.Encode(), nil)
	require.Equal(t, 400, res.StatusCode)
}

func TestWithoutARefreshTokenOfflineAccessEndsWithTheExchange(t *testing.T) {
	t.Parallel()
	k := corner(t, "once")
	body := k.signedIn(t, "openid offline_access")
	require.NotContains(t, body, "refresh_token")
	res, _ := k.send(t, http.MethodGet, "/userinfo", nil, "Authorization", "Bearer "+body["access_token"].(string))
	require.Equal(t, 401, res.StatusCode)
	require.Contains(t, res.Header.Get("WWW-Authenticate"), "user_session_not_found")

	res, _ = k.send(t, http.MethodGet, "/userinfo", nil, "Authorization", "Bearer "+k.signedIn(t, "openid")["access_token"].(string))
	require.Equal(t, 200, res.StatusCode)
}

func TestABearerTokenStandsInAFormOnce(t *testing.T) {
	t.Parallel()
	k := corner(t, "app")
	token := k.signedIn(t, "openid")["access_token"].(string)
	res, _ := k.send(t, http.MethodPost, "/userinfo", url.Values{"access_token": {token, token}})
	require.Equal(t, 400, res.StatusCode)
	require.Equal(t, `Bearer realm="corner", error="invalid_request", error_description="Duplicate parameter"`, res.Header.Get("WWW-Authenticate"))
	res, _ = k.send(t, http.MethodPost, "/userinfo", url.Values{"access_token": {token}, "x": {"1", "2"}})
	require.Equal(t, 200, res.StatusCode)
}

func TestTheScopeOfOrganizationsIsLeftOutInSilence(t *testing.T) {
	t.Parallel()
	idp := mockidp.New(t, mockidp.Options{As: "keycloak", Realm: writeRealm(t, cornerRealm)})
	for _, scope := range idp.Scopes() {
		require.NotEqual(t, "organization", scope.Name, "nobody gets it")
	}
	k := realmClient{issuer: idp.Issuer(), http: idp.Client(), id: "app", verifier: oauth2.GenerateVerifier()}
	body := k.signedIn(t, "openid organization")
	_, access := decoded(body["access_token"])
	for _, scope := range []any{body["scope"], access["scope"]} {
		require.Equal(t, "email openid profile", inOrder(scope))
	}
}
