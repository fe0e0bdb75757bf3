package mockidp_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ask makes an authorization request without cookies: edits set parameters, or take them out with no value at all.
func (c script) ask(edits url.Values) (status int, told url.Values, body object) {
	c.t.Helper()
	u, err := url.Parse(c.s.authorizationURL("mcp-client", "openid create:todos"))
	require.NoError(c.t, err)
	query := u.Query()
	for name, values := range edits {
		if query[name] = values; values == nil {
			query.Del(name)
		}
	}
	u.RawQuery = query.Encode()
	res, answer := c.send(http.MethodGet, u.String(), nil, "Accept", "text/html")
	location, err := url.Parse(res.Header.Get("Location"))
	require.NoError(c.t, err)
	told = location.Query()
	if location.Fragment != "" {
		told, _ = url.ParseQuery(location.Fragment)
	}
	return res.StatusCode, told, answer
}

func TestWhatIsWrongWithAnAuthorizationRequestIsToldInTheEnginesWordsAndOrder(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	c := newScript(t, s)
	var gone []string
	for name, row := range map[string]struct {
		edits      url.Values
		code, text string
	}{
		"repeated":                {url.Values{"prompt": {"login", "none"}, "scope": {"openid", "email"}}, "invalid_request", "'prompt' parameter must not be provided twice"},
		"request":                 {url.Values{"request": {"x"}}, "request_not_supported", ""},
		"registration":            {url.Values{"registration": {"x"}}, "registration_not_supported", ""},
		"mode":                    {url.Values{"response_mode": {"web_message"}, "response_type": gone}, "unsupported_response_mode", "unsupported response_mode requested"},
		"no type":                 {url.Values{"response_type": gone, "prompt": {"x"}}, "invalid_request", "missing required parameter 'response_type'"},
		"unknown type":            {url.Values{"response_type": {"token"}}, "unsupported_response_type", "unsupported response_type requested"},
		"forbidden type":          {url.Values{"response_type": {"code id_token"}}, "invalid_request", "requested response_type is not allowed for this client"},
		"none":                    {url.Values{"response_type": {"none"}}, "invalid_request", "requested response_type is not allowed for this client"},
		"prompt":                  {url.Values{"prompt": {"create"}, "code_challenge": gone}, "invalid_request", "unsupported prompt value requested"},
		"prompt none and others":  {url.Values{"prompt": {"none login"}}, "invalid_request", "prompt none must only be used alone"},
		"no PKCE":                 {url.Values{"code_challenge": gone, "code_challenge_method": gone, "resource": {"https://unknown.example"}}, "invalid_request", "Authorization Server policy requires PKCE to be used for this request"},
		"a method only":           {url.Values{"code_challenge": gone}, "invalid_request", "code_challenge must be provided with code_challenge_method"},
		"a challenge only":        {url.Values{"code_challenge_method": gone}, "invalid_request", "code_challenge_method must be provided"},
		"plain":                   {url.Values{"code_challenge_method": {"plain"}}, "invalid_request", "not supported value of code_challenge_method"},
		"short":                   {url.Values{"code_challenge": {"x"}}, "invalid_request", "code_challenge must be a string with a minimum length of 43 characters"},
		"long":                    {url.Values{"code_challenge": {strings.Repeat("x", 129)}}, "invalid_request", "code_challenge must be a string with a maximum length of 128 characters"},
		"odd":                     {url.Values{"code_challenge": {strings.Repeat("!", 43)}}, "invalid_request", "code_challenge contains invalid characters"},
		"nonce without openid":    {url.Values{"scope": {"create:todos"}, "nonce": {"n"}}, "invalid_request", "openid scope must be requested when using the nonce parameter"},
		"unknown resource":        {url.Values{"resource": {"https://unknown.example"}, "max_age": {"x"}}, "invalid_target", "resource indicator is missing, or unknown"},
		"a resource's slash":      {url.Values{"resource": {api + "/"}}, "invalid_target", "resource indicator is missing, or unknown"},
		"a resource's fragment":   {url.Values{"resource": {api + "#x"}}, "invalid_target", "resource indicator must not contain a fragment component"},
		"a relative resource":     {url.Values{"resource": {"mcp"}}, "invalid_target", "resource indicator must be an absolute URI"},
		"resources with a comma":  {url.Values{"resource": {api + ",https://unknown.example"}}, "invalid_target", "resource indicator is missing, or unknown"},
		"max_age":                 {url.Values{"max_age": {"x"}}, "invalid_request", "invalid max_age parameter value"},
		"a hint":                  {url.Values{"id_token_hint": {"x"}}, "invalid_request", "could not validate id_token_hint"},
		"nobody":                  {url.Values{"prompt": {"none"}}, "login_required", "End-User authentication is required"},
		"all, and an empty state": {url.Values{"prompt": {"none"}, "state": {""}}, "login_required", "End-User authentication is required"},
	} {
		status, told, body := c.ask(row.edits)
		require.Equal(t, 303, status, "%s: %v", name, body)
		require.Equal(t, []string{row.code, row.text, s.idp.Issuer()}, []string{told.Get("error"), told.Get("error_description"), told.Get("iss")}, name)
		require.Equal(t, row.text != "", told.Has("error_description"), name)
	}
}

func TestWhoCannotBeTrustedWithARedirectHearsOfItAsJSON(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	c := newScript(t, s)
	var gone []string
	for name, row := range map[string]struct {
		edits      url.Values
		code, text string
	}{
		"no client":               {url.Values{"client_id": gone}, "invalid_request", "missing required parameter 'client_id'"},
		"an empty client":         {url.Values{"client_id": {""}}, "invalid_request", "missing required parameter 'client_id'"},
		"an unknown client":       {url.Values{"client_id": {"nope"}, "response_type": gone}, "invalid_client", "invalid client nope"},
		"a URL as client":         {url.Values{"client_id": {"https://client.example/x"}}, "invalid_client", "invalid client https://client.example/x"},
		"two clients":             {url.Values{"client_id": {"a", "b"}}, "invalid_request", "'client_id' parameter must not be provided twice"},
		"two redirects":           {url.Values{"redirect_uri": {redirect, redirect}}, "invalid_request", "'redirect_uri' parameter must not be provided twice"},
		"no redirect":             {url.Values{"redirect_uri": gone}, "invalid_request", "missing required parameter 'redirect_uri'"},
		"a foreign redirect":      {url.Values{"redirect_uri": {"https://evil.example"}}, "invalid_redirect_uri", "redirect_uri did not match any of the client's registered redirect_uris"},
		"the same, and no PKCE":   {url.Values{"redirect_uri": {"https://evil.example"}, "code_challenge": gone, "request": {"x"}}, "invalid_redirect_uri", "redirect_uri did not match any of the client's registered redirect_uris"},
		"a port of the Inspector": {url.Values{"client_id": {"mcp-inspector"}, "redirect_uri": {"http://127.0.0.1:1/oauth/callback"}}, "invalid_redirect_uri", "redirect_uri did not match any of the client's registered redirect_uris"},
	} {
		status, told, body := c.ask(row.edits)
		require.Equal(t, 400, status, name)
		require.Empty(t, told)
		require.Equal(t, []any{row.code, row.text, "s", s.idp.Issuer(), "oidc." + row.code}, []any{body["error"], body["error_description"], body["state"], body["iss"], body["code"]}, name)
	}
}

func TestAFormThatPostsAnErrorIsAnErrorWithLogtoOnly(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"logto": 400, "strict": 200} {
		c := newScript(t, standIn(t, name))
		status, _, _ := c.ask(url.Values{"response_mode": {"form_post"}, "code_challenge": nil})
		require.Equal(t, want, status, name)
	}
}

func TestWhoHasASecretNeedsNoPKCEAndALoneRedirectNeedNotBeNamed(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	c := newScript(t, s)
	status, told, _ := c.ask(url.Values{"client_id": {"todo-web"}, "redirect_uri": {webRedirect}, "code_challenge": nil, "code_challenge_method": nil})
	require.Equal(t, []any{303, "todo-web"}, []any{status, told.Get("app_id")})
	resumption := c.signIn("bob")
	c.redirected(302, c.redirected(303, resumption).String())
	code := c.redirected(303, resumption).Query().Get("code")
	exchange := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {webRedirect}}
	code2 := url.Values{"code_verifier": {s.verifier}}
	for name, values := range exchange {
		code2[name] = values
	}
	status, _ = s.post(t, "token_endpoint", code2, "todo-web", "todo-web-secret")
	require.Equal(t, 400, status, "a verifier that nobody asked for")
	status, body := s.post(t, "token_endpoint", exchange, "todo-web", "todo-web-secret")
	require.Equal(t, 200, status, body)
}
