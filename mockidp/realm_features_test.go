package mockidp_test

import (
	"maps"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/mockidp"
)

// todoRealm is a client of a mock with the realm of realmFile and features of Keycloak.
func todoRealm(t *testing.T, features ...string) realmClient {
	t.Helper()
	idp := mockidp.New(t, mockidp.Options{As: "keycloak", Realm: realmFile, Features: features})
	return realmClient{issuer: idp.Issuer(), http: idp.Client(), id: "mcp-client", introspects: "todo-mcp", verifier: oauth2.GenerateVerifier()}
}

func (k realmClient) redeem(t *testing.T, code string, more url.Values) (int, object) {
	t.Helper()
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {k.verifier}}
	maps.Copy(form, more)
	return k.token(t, form)
}

// TestResourceIndicatorsFilterWhatTheMappersWrite: each row was measured on Keycloak 26.7.4 with the feature and the realm of this
// repository.
func TestResourceIndicatorsFilterWhatTheMappersWrite(t *testing.T) {
	t.Parallel()
	k := todoRealm(t, "resource-indicators")
	const unfit, other = "The requested resource is invalid, missing, unknown, or malformed.", "The requested resource is not matching the original request."
	both := []any{api, "todo-mcp"}
	none := url.Values{}
	of := func(resource string) url.Values { return url.Values{"resource": {resource}} }
	for name, row := range map[string]struct {
		authorize, token url.Values
		aud              any
		refused          string
		introspects      bool
	}{
		"no resource":                 {none, none, both, "", true},
		"at the authorization only":   {of(api), none, api, "", false},
		"at both":                     {of(api), of(api), api, "", false},
		"by the name of the client":   {of("urn:client:todo-mcp"), none, "todo-mcp", "", true},
		"first at the token endpoint": {none, of(api), nil, other, false},
		"another one":                 {of(api), of("http://other.example"), nil, other, false},
		"foreign":                     {of("http://other.example"), none, nil, unfit, false},
		"with a slash more":           {of(api + "/"), none, nil, unfit, false},
		"a client that is no target":  {of("urn:client:mcp-inspector"), none, nil, unfit, false},
		"empty at the token endpoint": {of(api), of(""), nil, unfit, false},
	} {
		t.Run(name, func(t *testing.T) {
			request := url.Values{"scope": {"openid create:todos"}}
			maps.Copy(request, row.authorize)
			code := k.authorize(t, "alice", request).Get("code")
			require.NotEmpty(t, code)
			status, body := k.redeem(t, code, row.token)
			if row.refused != "" {
				require.Equal(t, []any{400, "invalid_target", row.refused}, []any{status, body["error"], body["error_description"]})
				_, body = k.redeem(t, code, nil)
				require.Equal(t, "Code not valid", body["error_description"], "the code is burnt")
				return
			}
			require.Equal(t, 200, status, body)
			_, claims := decoded(body["access_token"])
			_, id := decoded(body["id_token"])
			require.Equal(t, []any{row.aud, "mcp-client"}, []any{claims["aud"], id["aud"]})
			require.Equal(t, row.introspects, k.introspect(t, body["access_token"].(string))["active"])
		})
	}
	for name, resource := range map[string]string{"a query": api + "?x", "relative": "todo-mcp", "a fragment": api + "#x"} {
		answer := k.authorize(t, "alice", url.Values{"scope": {"openid"}, "resource": {resource}})
		require.Equal(t, []string{"invalid_target", unfit}, []string{answer.Get("error"), answer.Get("error_description")}, name)
	}
}

func TestARefreshKeepsTheFilter(t *testing.T) {
	t.Parallel()
	k := todoRealm(t, "resource-indicators")
	_, body := k.redeem(t, k.authorize(t, "alice", url.Values{"scope": {"create:todos"}, "resource": {api}}).Get("code"), nil)
	refresh := func(more url.Values) (int, object) {
		more.Set("grant_type", "refresh_token")
		more.Set("refresh_token", body["refresh_token"].(string))
		return k.token(t, more)
	}
	for _, more := range []url.Values{{}, {"resource": {api}}} {
		status, refreshed := refresh(more)
		require.Equal(t, 200, status, refreshed)
		_, claims := decoded(refreshed["access_token"])
		require.Equal(t, api, claims["aud"])
		body = refreshed
	}
	status, refused := refresh(url.Values{"resource": {api + "/"}})
	require.Equal(t, []any{400, "The requested resource is not matching the original request."}, []any{status, refused["error_description"]})
	_, refused = refresh(url.Values{})
	require.Equal(t, "Maximum allowed refresh token reuse exceeded", refused["error_description"], "the refused request used it up")
}

func TestAnUnknownFeatureIsToldWithThoseThatThereAre(t *testing.T) {
	t.Parallel()
	for as, want := range map[string]string{
		"keycloak": `keycloak has no feature "resources"; want one of resource-indicators, cimd`,
		"logto":    `logto has no feature "resources"; it has none that can be turned on`,
	} {
		_, err := mockidp.Start(mockidp.Options{As: as, Features: []string{"resources"}})
		require.EqualError(t, err, want)
	}
}
