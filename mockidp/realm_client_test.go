package mockidp_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/mockidp"
)

// fairRealm has clients with settings that people write in a hurry, a group whose attributes its members have, and mappers that write
// where others do. What is required of it was measured on Keycloak 26.7.4.
const fairRealm = `{"realm": "fair", "enabled": true,
	"roles": {"realm": [{"name": "Seller"}, {"name": "Buyer"}]},
	"groups": [{"name": "hall", "attributes": {"hall": ["7"], "row": ["a"]}, "subGroups": [{"name": "stand", "attributes": {"row": ["b"]}}]}],
	"users": [
		{"username": "ida", "enabled": true, "email": "i@example.com", "firstName": "I", "lastName": "X", "credentials": [{"type": "password", "value": "ida"}], "realmRoles": ["Seller"], "groups": ["/hall/stand"], "attributes": {"desk": ["1"]}},
		{"username": "off", "enabled": false, "email": "f@example.com", "firstName": "F", "lastName": "X", "credentials": [{"type": "password", "value": "off"}]},
		{"username": "ole", "enabled": true, "email": "o@example.com", "firstName": "O", "lastName": "X", "credentials": [{"type": "password", "value": "ole"}], "realmRoles": ["offline_access"], "groups": ["/hall"], "attributes": {"row": ["own"]}},
		{"username": "service-account-till", "enabled": true, "serviceAccountClientId": "till", "realmRoles": ["Seller"]}],
	"clients": [
		{"clientId": "app", "publicClient": true, "directAccessGrantsEnabled": true, "redirectUris": ["http://localhost/callback"], "webOrigins": ["*"], "attributes": {"access.token.lifespan": "77"},
			"protocolMappers": [
				{"name": "hall", "protocolMapper": "oidc-usermodel-attribute-mapper", "config": {"user.attribute": "hall", "claim.name": "hall", "jsonType.label": "String", "access.token.claim": "true"}},
				{"name": "row", "protocolMapper": "oidc-usermodel-attribute-mapper", "config": {"user.attribute": "row", "claim.name": "row", "jsonType.label": "String", "access.token.claim": "true"}},
				{"name": "odd", "protocolMapper": "oidc-usermodel-attribute-mapper", "config": {"user.attribute": "row", "claim.name": "odd", "jsonType.label": "boolean", "access.token.claim": "true"}},
				{"name": "role", "protocolMapper": "oidc-usermodel-realm-role-mapper", "config": {"claim.name": "role", "jsonType.label": "String", "access.token.claim": "true"}},
				{"name": "iss", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {"claim.name": "iss", "claim.value": "X", "access.token.claim": "true", "id.token.claim": "true"}},
				{"name": "exp", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {"claim.name": "exp", "claim.value": "5", "jsonType.label": "long", "access.token.claim": "true", "id.token.claim": "true"}},
				{"name": "typ", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {"claim.name": "typ", "claim.value": "X", "access.token.claim": "true", "id.token.claim": "true"}},
				{"name": "scope", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {"claim.name": "scope", "claim.value": "X", "access.token.claim": "true", "id.token.claim": "true"}},
				{"name": "aud", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {"claim.name": "aud", "claim.value": "X", "access.token.claim": "true"}},
				{"name": "email", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {"claim.name": "email", "claim.value": "X", "access.token.claim": "true", "id.token.claim": "true"}}]},
		{"clientId": "desk", "secret": "s", "standardFlowEnabled": false, "directAccessGrantsEnabled": true},
		{"clientId": "asks", "publicClient": true, "consentRequired": true, "directAccessGrantsEnabled": true, "redirectUris": ["http://localhost/callback"]},
		{"clientId": "off", "enabled": false, "secret": "s", "redirectUris": ["http://localhost/callback"]},
		{"clientId": "api", "bearerOnly": true, "secret": "s", "redirectUris": ["http://localhost/callback"]},
		{"clientId": "page", "publicClient": true, "redirectUris": ["*"]},
		{"clientId": "below", "publicClient": true, "rootUrl": "http://localhost", "redirectUris": ["/callback"]},
		{"clientId": "till", "secret": "s", "serviceAccountsEnabled": true, "standardFlowEnabled": false}]}`

func fair(t *testing.T) (k realmClient, claims func(person, scope string) (access, id object)) {
	t.Helper()
	idp := mockidp.New(t, mockidp.Options{As: "keycloak", Realm: writeRealm(t, fairRealm)})
	k = realmClient{issuer: idp.Issuer(), http: idp.Client(), id: "app", verifier: oauth2.GenerateVerifier()}
	return k, func(person, scope string) (access, id object) {
		status, body := k.redeem(t, k.authorize(t, person, url.Values{"scope": {scope}}).Get("code"), nil)
		require.Equal(t, 200, status, body)
		_, access = decoded(body["access_token"])
		_, id = decoded(body["id_token"])
		return access, id
	}
}

func TestMappersWriteNothingThatMakesATokenWhatItIs(t *testing.T) {
	t.Parallel()
	k, claims := fair(t)
	access, id := claims("ida", "openid")
	for _, token := range []object{access, id} {
		require.Equal(t, []any{k.issuer, 77.0, "X"}, []any{token["iss"], token["exp"].(float64) - token["iat"].(float64), token["email"]}, "the client's mapper comes last, and ID tokens live as long as its access tokens")
	}
	require.Equal(t, []any{"Bearer", "email openid profile", "X"}, []any{access["typ"], inOrder(access["scope"]), access["aud"]})
	require.Equal(t, []any{"ID", nil}, []any{id["typ"], id["scope"]})
	require.Equal(t, []any{"Seller", false, []any{"*"}}, []any{access["role"], access["odd"], access["allowed-origins"]}, "one role where there may be one, and no truth value is false")
}

func TestPeopleHaveTheAttributesOfTheirGroups(t *testing.T) {
	t.Parallel()
	_, claims := fair(t)
	access, _ := claims("ida", "openid")
	require.Equal(t, []any{"7", "b"}, []any{access["hall"], access["row"]}, "the nearest group's")
	access, _ = claims("ole", "openid")
	require.Equal(t, []any{"7", "own"}, []any{access["hall"], access["row"]}, "but their own first")
}

func TestOfflineAccessNeedsTheRoleOfThatName(t *testing.T) {
	t.Parallel()
	k, claims := fair(t)
	access, _ := claims("ole", "openid offline_access")
	require.Equal(t, "email offline_access openid profile", inOrder(access["scope"]))

	code := k.authorize(t, "ida", url.Values{"scope": {"openid offline_access"}}).Get("code")
	status, body := k.redeem(t, code, nil)
	heard{400, "not_allowed", "Offline tokens not allowed for the user or client"}.check(t, status, body)
	status, body = k.redeem(t, code, nil)
	heard{400, "invalid_grant", "Code not valid"}.check(t, status, body)
}

func TestANarrowerOfflineRefreshIsForThatAccessTokenAlone(t *testing.T) {
	t.Parallel()
	k, _ := fair(t)
	status, body := k.redeem(t, k.authorize(t, "ole", url.Values{"scope": {"openid offline_access phone"}}).Get("code"), nil)
	require.Equal(t, 200, status, body)
	for _, c := range []struct{ asked, got string }{{"openid phone", "email openid phone profile"}, {"", "email offline_access openid phone profile"}} {
		form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {body["refresh_token"].(string)}}
		if c.asked != "" {
			form.Set("scope", c.asked)
		}
		status, body = k.token(t, form)
		require.Equal(t, 200, status, body)
		_, access := decoded(body["access_token"])
		require.Equal(t, c.got, inOrder(access["scope"]))
		require.Equal(t, "email offline_access openid phone profile", inOrder(body["scope"]), "the answer tells of all")
	}
}

func TestWhereTheScriptsAndRedirectsOfARealmsClientsLead(t *testing.T) {
	t.Parallel()
	k, _ := fair(t)
	form := url.Values{"grant_type": {"authorization_code"}, "code": {"x"}, "client_id": {"app"}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, k.issuer+"/protocol/openid-connect/token", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", formType)
	request.Header.Set("Origin", "https://anywhere.example")
	res, err := k.http.Do(request)
	require.NoError(t, err)
	res.Body.Close()
	require.Equal(t, []any{400, "https://anywhere.example"}, []any{res.StatusCode, res.Header.Get("Access-Control-Allow-Origin")}, "webOrigins *")

	for redirect, want := range map[string]int{
		"https://anywhere.example/x?y=1&z=%C3%A9": 200, "https://anywhere.example/x?y=code=1": 200, "https://anywhere.example/?scope=x": 200,
		"https://anywhere.example/?y=1&code=x": 400, "https://anywhere.example/?%63ode=x": 400, "https://anywhere.example/?STATE": 400, "https://anywhere.example/?iss=x": 400,
		"https://anywhere.example/a b": 400, "https://anywhere.example/a|b": 400, "https://anywhere.example/?x=%zz": 400,
		"https://anywhere.example/x": 200, "http://localhost:1/": 200, "javascript:alert(1)": 400, "app://x": 400, "ftp://x/": 400} {
		res, err := k.http.Get(k.issuer + "/protocol/openid-connect/auth?" + url.Values{"client_id": {"page"}, "response_type": {"code"}, "redirect_uri": {redirect}}.Encode())
		require.NoError(t, err)
		res.Body.Close()
		require.Equal(t, want, res.StatusCode, redirect)
	}

	k.id = "below"
	_, body := k.redeem(t, k.authorize(t, "ida", url.Values{"scope": {"openid"}}).Get("code"), nil)
	_, access := decoded(body["access_token"])
	require.NotContains(t, access, "allowed-origins", "of redirect URIs below the root URL none follow")
}

func TestAnAccountOfTheFileBringsNoScopeOfItsOwn(t *testing.T) {
	t.Parallel()
	k, _ := fair(t)
	k.id = "till"
	status, body := k.token(t, url.Values{"grant_type": {"client_credentials"}}, "s")
	require.Equal(t, 200, status, body)
	_, access := decoded(body["access_token"])
	require.Equal(t, object{"roles": []any{"Seller"}}, access["realm_access"])
	for _, none := range []string{"client_id", "clientHost", "clientAddress"} {
		require.NotContains(t, access, none)
	}
}

// TestAClientOfARealmMaySendAPassword: Keycloak's direct access grants (RFC 6749 §4.3).
func TestAClientOfARealmMaySendAPassword(t *testing.T) {
	t.Parallel()
	k, _ := fair(t)
	ask := func(client, name, password string, more ...string) (status int, body object) {
		form := url.Values{"grant_type": {"password"}, "username": {name}, "password": {password}}
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		k.id = client
		return k.token(t, form)
	}
	status, body := ask("app", "ole", "ole", "scope", "openid offline_access")
	require.Equal(t, 200, status, body)
	require.Equal(t, []any{"email offline_access openid profile", 0.0}, []any{inOrder(body["scope"]), body["refresh_expires_in"]})
	_, access := decoded(body["access_token"])
	require.Equal(t, []any{"ofrtro", "1", "ole", nil}, []any{steady(access)["jti"], access["acr"], access["preferred_username"], access["auth_time"]})

	status, body = ask("app", "I@example.com", "ida")
	require.Equal(t, 200, status, body)
	require.NotContains(t, body, "id_token")
	_, access = decoded(body["access_token"])
	require.Equal(t, body["session_state"], access["sid"])
	status, body = k.token(t, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {body["refresh_token"].(string)}})
	require.Equal(t, 200, status, body)
	_, next := decoded(body["access_token"])
	require.Equal(t, []any{access["sid"], nil}, []any{next["sid"], next["auth_time"]})
	status, _ = k.post(t, "/revoke", url.Values{"client_id": {"app"}, "token": {body["refresh_token"].(string)}})
	require.Equal(t, 200, status)
	status, body = k.token(t, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {body["refresh_token"].(string)}})
	heard{400, "invalid_grant", "Session not active"}.check(t, status, body)

	status, body = ask("desk", "ida", "ida", "client_secret", "s")
	require.Equal(t, 200, status, "also where people cannot sign in at a page: %v", body)

	for name, c := range map[string]struct {
		asked [3]string
		more  []string
		want  heard
	}{
		"another password":       {[3]string{"app", "ida", "x"}, nil, heard{400, "invalid_grant", "Invalid user credentials"}},
		"nobody":                 {[3]string{"app", "nobody", "x"}, nil, heard{400, "invalid_grant", "Invalid user credentials"}},
		"spaces around":          {[3]string{"app", " ida ", "ida"}, nil, heard{400, "invalid_grant", "Invalid user credentials"}},
		"a client's account":     {[3]string{"app", "service-account-till", ""}, nil, heard{400, "invalid_grant", "Invalid user credentials"}},
		"disabled":               {[3]string{"app", "off", "off"}, nil, heard{400, "invalid_grant", "Account disabled"}},
		"disabled, and wrong":    {[3]string{"app", "off", "x"}, nil, heard{400, "invalid_grant", "Invalid user credentials"}},
		"an unknown scope first": {[3]string{"app", "ida", "x"}, []string{"scope", "nope"}, heard{400, "invalid_scope", "Invalid scopes: nope"}},
		"offline without role":   {[3]string{"app", "ida", "ida"}, []string{"scope", "openid offline_access"}, heard{400, "not_allowed", "Offline tokens not allowed for the user or client"}},
		"a wrong secret":         {[3]string{"desk", "ida", "ida"}, []string{"client_secret", "x"}, heard{401, "unauthorized_client", "Invalid client or Invalid client credentials"}},
		"people are asked":       {[3]string{"asks", "ida", "ida"}, nil, heard{400, "invalid_client", "Client requires user consent"}},
		"not this client":        {[3]string{"below", "ida", "ida"}, nil, heard{400, "unauthorized_client", "Client not allowed for direct access grants"}},
	} {
		status, body := ask(c.asked[0], c.asked[1], c.asked[2], c.more...)
		t.Log(name)
		c.want.check(t, status, body)
	}
	k.id = "app"
	status, body = k.token(t, url.Values{"grant_type": {"password"}, "password": {"ida"}})
	heard{401, "invalid_request", "Missing parameter: username"}.check(t, status, body)
}

func TestAClientThatGetsNoTokensIsToldWhy(t *testing.T) {
	t.Parallel()
	k, _ := fair(t)
	for id, want := range map[string]struct {
		page, token int
		says        string
		code, about any
	}{
		"off": {400, 401, "Client disabled.", "invalid_client", "Invalid client or Invalid client credentials"},
		"api": {403, 400, "Bearer-only applications are not allowed to initiate browser login", "invalid_client", "Bearer-only not allowed"},
	} {
		k.id = id
		status, says := k.told(t, id)
		require.Equal(t, []any{want.page, want.says}, []any{status, says})
		status, body := k.token(t, url.Values{"grant_type": {"client_credentials"}}, "s")
		require.Equal(t, []any{want.token, want.code, want.about}, []any{status, body["error"], body["error_description"]})
	}
}
