package mockidp_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// These are about Logto, and so about its engine: how programs are answered whose requests go wrong, and what ends with what.

const webRedirect = "http://localhost/callback"

// asked makes a request to an endpoint, with headers as names and values in turn.
func (s *stand) asked(t *testing.T, method, endpoint, body string, header ...string) (*http.Response, object) {
	t.Helper()
	location := endpoint
	if !strings.Contains(endpoint, "://") {
		location = s.metadata[endpoint].(string)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, location, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	res, err := s.idp.Client().Do(request)
	require.NoError(t, err)
	defer res.Body.Close()
	var answer object
	_ = json.NewDecoder(res.Body).Decode(&answer)
	return res, answer
}

func TestWhatATokenRequestLacksIsToldInTheEnginesWords(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	const form = "application/x-www-form-urlencoded"
	code := func(more string) string { return "grant_type=authorization_code&client_id=mcp-client" + more }
	for _, c := range []struct {
		kind, body   string
		status       int
		code, text   string
		header       []string
		wantsOfBasic string
	}{
		{form, "client_id=nope&grant_type=nonsense", 400, "invalid_client", "invalid client nope", nil, ""},
		{form, "client_id=mcp-client", 400, "invalid_request", "missing required parameter 'grant_type'", nil, ""},
		{form, "client_id=mcp-client&grant_type=nonsense", 400, "unsupported_grant_type", "unsupported grant_type requested", nil, ""},
		{form, "client_id=mcp-client&grant_type=client_credentials", 400, "invalid_request", "requested grant type is not allowed for this client", nil, ""},
		{form, "client_id=mcp-client&grant_type=urn:ietf:params:oauth:grant-type:device_code", 400, "invalid_request", "requested grant type is not allowed for this client", nil, ""},
		{form, code("&code=1&code=2&nonsense=1&nonsense=2"), 400, "invalid_request", "'code' parameter must not be provided twice", nil, ""},
		{form, code(""), 400, "invalid_request", "missing required parameters 'code' and 'redirect_uri'", nil, ""},
		{form, code("&code=1"), 400, "invalid_request", "missing required parameter 'redirect_uri'", nil, ""},
		{form, code("&code=1&redirect_uri=" + webRedirect), 400, "invalid_grant", "grant request is invalid", nil, ""},
		{form, "client_id=mcp-client&grant_type=refresh_token", 400, "invalid_request", "missing required parameter 'refresh_token'", nil, ""},
		{"", "", 400, "invalid_request", "no client authentication mechanism provided", nil, ""},
		{"text/plain", code(""), 400, "invalid_request", "only application/x-www-form-urlencoded content-type bodies are supported on POST /token", nil, ""},
		{"application/json", `{"client_id":"mcp-client","grant_type":"nonsense"}`, 400, "unsupported_grant_type", "unsupported grant_type requested", nil, ""},
		{form, "client_id=mcp-client&client_secret=x", 401, "invalid_client", "client authentication failed", nil, ""},
		{form, "client_id=todo-web", 401, "invalid_client", "client authentication failed", nil, ""},
		{form, "", 401, "invalid_client", "client authentication failed", []string{"Authorization", "Basic dG9kby13ZWI6d3Jvbmc="}, `error="invalid_client", error_description="client authentication failed"`},
		{form, "", 400, "invalid_request", "client_secret must be provided in the Authorization header", []string{"Authorization", "Basic bWNwLWNsaWVudDo="}, ""},
		{form, "", 400, "invalid_request", "invalid authorization header value format", []string{"Authorization", "Bearer x"}, ""},
		{form, "client_secret=x", 400, "invalid_request", "client authentication must only be provided using one mechanism", []string{"Authorization", "Basic dG9kby13ZWI6d3Jvbmc="}, ""},
		{form, "client_id=other", 400, "invalid_request", "client_id mismatch", []string{"Authorization", "Basic dG9kby13ZWI6d3Jvbmc="}, ""},
		{form, "grant_type=client_credentials&client_id=todo-batch&client_secret=todo-batch-secret", 400, "invalid_target", "both `resource` and `organization_id` are not provided", nil, ""},
		{form, "grant_type=client_credentials&client_id=todo-batch&client_secret=todo-batch-secret&resource=" + api + "&resource=" + api, 400, "invalid_target", "only a single resource indicator value is supported for this grant type", nil, ""},
	} {
		header := c.header
		if c.kind != "" {
			header = append([]string{"Content-Type", c.kind}, header...)
		}
		res, answer := s.asked(t, http.MethodPost, "token_endpoint", c.body, header...)
		require.Equal(t, []any{c.status, c.code, c.text}, []any{res.StatusCode, answer["error"], answer["error_description"]}, c.body)
		require.Equal(t, c.wantsOfBasic != "", res.Header.Get("WWW-Authenticate") != "", "only who came with a header is told a scheme: %s", c.body)
		require.Contains(t, res.Header.Get("WWW-Authenticate"), c.wantsOfBasic)
		require.Equal(t, []string{"no-store", "", "application/json; charset=utf-8"}, []string{res.Header.Get("Cache-Control"), res.Header.Get("Pragma"), res.Header.Get("Content-Type")})
	}
}

func TestAClientGetsForItselfWhatItAsksFor(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	for scope, want := range map[string]any{"create:todos nobody:knows delete:todos": "create:todos", "": nil, "delete:todos": nil} {
		status, body := s.post(t, "token_endpoint", url.Values{"grant_type": {"client_credentials"}, "resource": {api}, "scope": {scope}}, "todo-batch", "todo-batch-secret")
		require.Equal(t, 200, status, body)
		require.Equal(t, want, body["scope"])
		_, claims := decoded(body["access_token"])
		require.Equal(t, want, claims["scope"], "empty is not said")
	}
}

func TestAConfidentialClientSendsItsSecretEitherWayAndKeepsItsRefreshToken(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	answer := s.authorize(t, "alice", url.Values{"client_id": {"todo-web"}, "redirect_uri": {webRedirect}, "scope": {"openid offline_access"}, "prompt": {"consent"}})
	form := url.Values{"grant_type": {"authorization_code"}, "code": {answer.Get("code")}, "redirect_uri": {webRedirect}, "code_verifier": {s.verifier}, "scope": {"nonsense"}}
	maps.Copy(form, url.Values{"client_id": {"todo-web"}, "client_secret": {"todo-web-secret"}})
	status, first := s.post(t, "token_endpoint", form)
	require.Equal(t, 200, status, "by post, with a scope that is not looked at: %v", first)
	refresh := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first["refresh_token"].(string)}}
	for range 2 {
		status, body := s.post(t, "token_endpoint", refresh, "todo-web", "todo-web-secret")
		require.Equal(t, []any{200, first["refresh_token"]}, []any{status, body["refresh_token"]})
	}
}

func TestAUsedRefreshTokenWorksAgainForAWhile(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	tokens := s.tokens(t, "alice", "openid", "offline_access", "create:todos")
	first, second := maps.Clone(tokens), maps.Clone(tokens)
	for _, use := range []object{first, second} {
		status, description := s.refresh(t, use, "mcp-client")
		require.Equal(t, 200, status, description)
	}
	require.NotEqual(t, first["refresh_token"], second["refresh_token"], "each time another one")
	for _, use := range []object{first, second} {
		status, description := s.refresh(t, use, "mcp-client")
		require.Equal(t, 200, status, "and all of them are good: %v", description)
	}
	status, body := s.post(t, "token_endpoint", url.Values{"grant_type": {"refresh_token"}, "client_id": {"mcp-client"}, "refresh_token": {first["refresh_token"].(string)}, "scope": {"create:todos read:nothing read:more"}})
	require.Equal(t, []any{400, "invalid_scope", "refresh token missing requested scopes"}, []any{status, body["error"], body["error_description"]})
}

func TestAWrongTargetUsesUpACode(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	code := s.authorize(t, "alice", url.Values{"resource": {api}, "scope": {"openid create:todos"}}).Get("code")
	for _, wrong := range []string{"https://unknown.example", "relative", api + "#x"} {
		code := s.authorize(t, "alice", url.Values{"resource": {api}, "scope": {"openid create:todos"}}).Get("code")
		status, body := s.redeem(t, code, url.Values{"resource": {wrong}})
		require.Equal(t, []any{400, "invalid_target"}, []any{status, body["error"]})
		status, body = s.redeem(t, code, nil)
		require.Equal(t, []any{400, "invalid_grant"}, []any{status, body["error"]}, wrong)
	}
	status, body := s.redeem(t, code, url.Values{"resource": {api, api}})
	require.Equal(t, 200, status, body)
	_, claims := decoded(body["access_token"])
	require.Nil(t, claims, "with several it is opaque")
}

func TestWhatAClientWasGrantedInASessionEndsTogether(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	inspector := url.Values{"client_id": {"mcp-inspector"}, "redirect_uri": {"http://127.0.0.1:6276/oauth/callback"}}
	offline := url.Values{"scope": {"openid offline_access"}, "prompt": {"consent"}}
	for name, end := range map[string]func(v visit, first object){
		"a code that was used twice": func(v visit, _ object) {
			answer := v.signIn(t, "bob", nil)
			v.issued(t, answer, nil)
			status, _ := v.redeem(t, answer.Get("code"), nil)
			require.Equal(t, 400, status)
		},
		"a revoked access token": func(v visit, first object) {
			status, _ := v.post(t, "revocation_endpoint", url.Values{"client_id": {"mcp-client"}, "token": {first["access_token"].(string)}})
			require.Equal(t, 200, status)
		},
		"a revoked refresh token": func(v visit, first object) {
			status, _ := v.post(t, "revocation_endpoint", url.Values{"client_id": {"mcp-client"}, "token": {first["refresh_token"].(string)}})
			require.Equal(t, 200, status)
		},
	} {
		v := s.visit()
		first := v.issued(t, v.signIn(t, "bob", offline), nil)
		sister := v.issued(t, v.signIn(t, "bob", nil), nil)
		answer := v.signIn(t, "bob", inspector)
		another := v.issued(t, answer, inspector)
		end(v, first)
		for _, token := range []object{first, sister} {
			require.Equal(t, 401, s.userinfo(t, token["access_token"].(string)), name)
		}
		status, _ := s.refresh(t, first, "mcp-client")
		require.Equal(t, 400, status, name)
		require.Equal(t, 200, s.userinfo(t, another["access_token"].(string)), "%s: another client's lives", name)
	}
}

func TestASilentRequestOfANativeApplicationNeedsItsPerson(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	v := s.visit()
	inspector := url.Values{"client_id": {"mcp-inspector"}, "redirect_uri": {"http://127.0.0.1:6276/oauth/callback"}}
	silently := func(client url.Values) url.Values {
		asked := maps.Clone(client)
		if asked == nil {
			asked = url.Values{}
		}
		asked.Set("prompt", "none")
		_, answer := v.open(t, asked)
		return answer
	}
	require.Equal(t, "login_required", silently(inspector).Get("error"))
	v.signIn(t, "bob", nil)
	answer := silently(nil)
	require.Equal(t, []string{"interaction_required", "native clients require End-User interaction"}, []string{answer.Get("error"), answer.Get("error_description")})
	answer = silently(inspector)
	require.Equal(t, []string{"consent_required", "requested scopes not granted"}, []string{answer.Get("error"), answer.Get("error_description")})
	page, _ := v.open(t, inspector)
	require.NotNil(t, page.Callback, "in passing")
	require.NotEmpty(t, silently(inspector).Get("code"))
}

func TestWhatUserinfoIntrospectionAndRevocationRefuse(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	opaque := s.tokens(t, "alice", "openid", "offline_access")
	_, body := s.redeem(t, s.authorize(t, "alice", url.Values{"scope": {"openid offline_access"}, "prompt": {"consent"}}).Get("code"), nil)
	access := body["access_token"].(string)
	const form = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		method, query, body string
		header              []string
		status              int
		code, text          string
	}{
		{"GET", "", "", nil, 401, "invalid_token", "no access token provided"},
		{"GET", "", "", []string{"Authorization", "Bearer x"}, 401, "invalid_token", "invalid token provided"},
		{"GET", "", "", []string{"Authorization", "Bearer " + opaque["id_token"].(string)}, 401, "invalid_token", "invalid token provided"},
		{"GET", "", "", []string{"Authorization", "Basic eDp5"}, 400, "invalid_request", "authorization header scheme must be `Bearer`"},
		{"GET", "?access_token=x", "", nil, 400, "invalid_request", "access tokens must not be provided via query parameter"},
		{"POST", "", "access_token=x", []string{"Authorization", "Bearer x"}, 400, "invalid_request", "access token must only be provided using one mechanism"},
		{"POST", "", "access_token=" + access, nil, 200, "", ""},
	} {
		res, answer := s.asked(t, c.method, s.metadata["userinfo_endpoint"].(string)+c.query, c.body, append([]string{"Content-Type", form}, c.header...)...)
		require.Equal(t, c.status, res.StatusCode, answer)
		if c.status != 200 {
			require.Equal(t, []any{c.code, c.text}, []any{answer["error"], answer["error_description"]})
			require.Contains(t, res.Header.Get("WWW-Authenticate"), `Bearer realm="`+s.idp.Issuer()+`"`)
		}
	}

	status, answer := s.post(t, "introspection_endpoint", url.Values{"token": {access}, "client_id": {"mcp-client"}})
	require.Equal(t, 200, status)
	delete(answer, "sub")
	delete(answer, "iat")
	delete(answer, "exp")
	require.Equal(t, object{"active": true, "client_id": "mcp-client", "iss": s.idp.Issuer(), "scope": "openid offline_access", "token_type": "Bearer"}, answer, "a public client learns about its own")
	_, answer = s.post(t, "introspection_endpoint", url.Values{"token": {access}, "client_id": {"mcp-inspector"}})
	require.Equal(t, object{"active": false}, answer)

	status, _ = s.post(t, "revocation_endpoint", url.Values{"token": {access}, "client_id": {"mcp-inspector"}})
	require.Equal(t, []int{200, 200}, []int{status, s.userinfo(t, access)}, "another public client's revocation does nothing")
	status, answer = s.post(t, "revocation_endpoint", url.Values{"token": {access}}, "todo-mcp", "todo-mcp-secret")
	require.Equal(t, []any{400, "client is not authorized to revoke the presented token"}, []any{status, answer["error_description"]})
	status, answer = s.post(t, "revocation_endpoint", url.Values{}, "todo-mcp", "todo-mcp-secret")
	require.Equal(t, []any{400, "missing required parameter 'token'"}, []any{status, answer["error_description"]})
}

func TestAScriptMayUseAClientOnlyFromItsOrigins(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	const form, body = "application/x-www-form-urlencoded", "client_id=mcp-inspector&grant_type=nonsense"
	for origin, want := range map[string][2]string{
		"http://localhost:6274": {"unsupported_grant_type", "http://localhost:6274"},
		"https://evil.example":  {"invalid_request", ""},
	} {
		res, answer := s.asked(t, http.MethodPost, "token_endpoint", body, "Content-Type", form, "Origin", origin)
		require.Equal(t, []any{400, want[0], want[1]}, []any{res.StatusCode, answer["error"], res.Header.Get("Access-Control-Allow-Origin")})
	}
	_, answer := s.asked(t, http.MethodPost, "token_endpoint", body, "Content-Type", form, "Origin", "https://evil.example")
	require.Equal(t, "origin https://evil.example not allowed for client: mcp-inspector", answer["error_description"])
	res, _ := s.asked(t, http.MethodPost, "token_endpoint", "client_id=nope", "Content-Type", form, "Origin", "https://evil.example")
	require.Equal(t, "https://evil.example", res.Header.Get("Access-Control-Allow-Origin"), "before the client is known, any")
	res, _ = s.asked(t, http.MethodOptions, "token_endpoint", "", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "mcp-protocol-version, x-y")
	require.Equal(t, []any{204, "https://evil.example", "mcp-protocol-version, x-y", "3600"}, []any{res.StatusCode, res.Header.Get("Access-Control-Allow-Origin"), res.Header.Get("Access-Control-Allow-Headers"), res.Header.Get("Access-Control-Max-Age")})
	res, _ = s.asked(t, http.MethodGet, "jwks_uri", "")
	require.Equal(t, []string{"*", "application/jwk-set+json; charset=utf-8", "no-cache, max-age=0, must-revalidate"}, []string{res.Header.Get("Access-Control-Allow-Origin"), res.Header.Get("Content-Type"), res.Header.Get("Cache-Control")})
	res, _ = s.asked(t, http.MethodGet, s.idp.MetadataURL(), "")
	require.Empty(t, res.Header.Get("Cache-Control"))
}
