package mockidp_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/internal/useragent"
	"mcpharness/mockidp"
)

// script is a program that signs somebody in through the API of the sign-in page, as the page's own script would.
type script struct {
	t      *testing.T
	s      *stand
	client *http.Client // keeps cookies, follows no redirect
	origin string
}

func newScript(t *testing.T, s *stand) script {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	u, err := url.Parse(s.idp.Issuer())
	require.NoError(t, err)
	return script{t, s, &http.Client{Transport: s.idp.Client().Transport, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, u.Scheme + "://" + u.Host}
}

func (c script) send(method, location string, body any, header ...string) (*http.Response, object) {
	c.t.Helper()
	if strings.HasPrefix(location, "/") {
		location = c.origin + location
	}
	encoded := []byte{}
	if body != nil {
		encoded, _ = json.Marshal(body)
	}
	request, err := http.NewRequestWithContext(c.t.Context(), method, location, bytes.NewReader(encoded))
	require.NoError(c.t, err)
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	res, err := c.client.Do(request)
	require.NoError(c.t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(c.t, err)
	var answer object
	_ = json.Unmarshal(raw, &answer) // a page is no object
	return res, answer
}

// refused calls a step and wants its refusal.
func (c script) refused(status int, code, method, location string, body any) object {
	c.t.Helper()
	res, answer := c.send(method, location, body)
	require.Equal(c.t, []any{status, code}, []any{res.StatusCode, answer["code"]}, answer)
	require.NotEmpty(c.t, answer["message"])
	return answer
}

// redirected goes to a URL and wants a redirect.
func (c script) redirected(status int, location string) *url.URL {
	c.t.Helper()
	res, answer := c.send(http.MethodGet, location, nil)
	require.Equal(c.t, status, res.StatusCode, answer)
	u, err := res.Location()
	require.NoError(c.t, err)
	return u
}

// begin opens an authorization request.
func (c script) begin(client string) *url.URL {
	c.t.Helper()
	return c.redirected(303, c.s.authorizationURL(client, "openid create:todos"))
}

func (s *stand) authorizationURL(client, scope string) string {
	return s.metadata["authorization_endpoint"].(string) + "?" + url.Values{
		"client_id": {client}, "redirect_uri": {redirect}, "response_type": {"code"}, "state": {"s"}, "scope": {scope}, "resource": {api},
		"code_challenge": {oauth2.S256ChallengeFromVerifier(s.verifier)}, "code_challenge_method": {"S256"},
	}.Encode()
}

func password(kind, name, secret string) object {
	return object{"identifier": object{"type": kind, "value": name}, "password": secret}
}

// signIn does all steps and returns where they lead.
func (c script) signIn(name string) string {
	c.t.Helper()
	res, _ := c.send(http.MethodPut, "/api/experience", object{"interactionEvent": "SignIn"})
	require.Equal(c.t, 204, res.StatusCode)
	res, proof := c.send(http.MethodPost, "/api/experience/verification/password", password("username", name, name))
	require.Equal(c.t, 200, res.StatusCode, proof)
	require.Len(c.t, proof["verificationId"], 21)
	res, _ = c.send(http.MethodPost, "/api/experience/identification", object{"verificationId": proof["verificationId"]})
	require.Equal(c.t, 204, res.StatusCode)
	res, answer := c.send(http.MethodPost, "/api/experience/submit", nil)
	require.Equal(c.t, 200, res.StatusCode, answer)
	return answer["redirectTo"].(string)
}

func TestAPageWhoseScriptCallsAnAPISignsPeopleInStepByStep(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	c := newScript(t, s)
	require.Equal(t, c.origin+"/sign-in?app_id=mcp-client", c.begin("mcp-client").String())
	resumption := c.signIn("bob")
	require.True(t, strings.HasPrefix(resumption, s.idp.Issuer()+"/auth/"), resumption)
	consent := c.redirected(303, resumption)
	require.Equal(t, c.origin+"/consent?app_id=mcp-client", consent.String())
	require.Equal(t, resumption, c.redirected(302, consent.String()).String(), "a client of the house needs nobody's consent")
	answer := c.redirected(303, resumption)
	require.Equal(t, []string{"s", s.idp.Issuer()}, []string{answer.Query().Get("state"), answer.Query().Get("iss")})
	status, body := s.redeem(t, answer.Query().Get("code"), url.Values{"resource": {api}})
	require.Equal(t, []any{200, "create:todos"}, []any{status, strings.TrimPrefix(body["scope"].(string), "openid ")})

	res, gone := c.send(http.MethodGet, resumption, nil)
	require.Equal(t, []any{400, "invalid_request", "authorization request has expired"}, []any{res.StatusCode, gone["error"], gone["error_description"]}, "it is answered once")
}

func TestTheStepsOfASignInAreRefusedInTheProvidersWords(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	c := newScript(t, s)
	const post, experience, proof, who, submit = http.MethodPost, "/api/experience", "/api/experience/verification/password", "/api/experience/identification", "/api/experience/submit"

	lost := c.refused(400, "session.not_found", http.MethodPut, experience, object{"interactionEvent": "SignIn"})
	require.Equal(t, []any{"invalid_request", "interaction session not found"}, []any{lost["error"], lost["error_description"]})
	require.Equal(t, c.origin+"/unknown-session", c.redirected(302, "/sign-in?app_id=mcp-client").String())

	c.begin("mcp-client")
	c.refused(404, "session.interaction_not_found", post, proof, password("username", "bob", "bob"))
	c.refused(400, "guard.invalid_input", http.MethodPut, experience, object{"interactionEvent": "Dance"})
	c.refused(403, "auth.forbidden", http.MethodPut, experience, object{"interactionEvent": "Register"})
	res, _ := c.send(http.MethodPut, experience, object{"interactionEvent": "SignIn"})
	require.Equal(t, 204, res.StatusCode)
	c.refused(404, "session.identifier_not_found", post, submit, nil)

	for _, wrong := range []object{password("username", "bob", "alice"), password("username", "nobody", "nobody"), password("username", "Bob", "bob"), password("username", "", "bob"), password("phone", "1", "bob")} {
		c.refused(422, "session.invalid_credentials", post, proof, wrong)
	}
	for _, malformed := range []any{nil, object{}, object{"identifier": "bob", "password": "bob"}, object{"identifier": nil, "password": "bob"}, password("nickname", "bob", "bob"), password("username", "bob", ""), object{"identifier": object{"type": "username", "value": 1}, "password": "bob"}} {
		answer := c.refused(400, "guard.invalid_input", post, proof, malformed)
		require.NotEmpty(t, answer["details"])
		require.NotEmpty(t, answer["data"].(object)["issues"])
	}
	c.refused(404, "session.verification_session_not_found", post, who, object{"verificationId": "somebody-elses"})
	c.refused(400, "guard.invalid_input", post, who, object{})
	identify := func(kind, name, secret string) object {
		_, answer := c.send(post, proof, password(kind, name, secret))
		return object{"verificationId": answer["verificationId"]}
	}
	res, _ = c.send(post, who, identify("email", "bob@example.com", "bob"))
	require.Equal(t, 204, res.StatusCode)
	c.refused(409, "session.identity_conflict", post, who, identify("username", "alice", "alice"))
	for range 2 {
		res, _ = c.send(post, submit, nil)
		require.Equal(t, 200, res.StatusCode, "it may be repeated")
	}
	c.refused(400, "session.not_found", http.MethodGet, "/api/interaction/consent", nil)
}

func TestAHeaderPicksOneOfSeveralSignInsOfABrowser(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	c := newScript(t, s)
	c.begin("mcp-client")
	other := strings.Replace(s.authorizationURL("todo-web", "openid"), "%3A54321", "", 1) // the port of a native application only is free
	c.redirected(303, other)
	begin := func(header ...string) int {
		res, _ := c.send(http.MethodPost, "/api/experience/submit", nil, header...)
		return res.StatusCode
	}
	res, _ := c.send(http.MethodPut, "/api/experience", object{"interactionEvent": "SignIn"}, "Logto-App-Id", "mcp-client")
	require.Equal(t, 204, res.StatusCode)
	_, first := c.send(http.MethodPost, "/api/experience/submit", nil, "Logto-App-Id", "mcp-client")
	require.Equal(t, "session.identifier_not_found", first["code"], "it has begun")
	_, newest := c.send(http.MethodPost, "/api/experience/submit", nil)
	require.Equal(t, "session.interaction_not_found", newest["code"], "without the header it is the newest, which has not begun")
	require.Equal(t, 400, begin("Logto-App-Id", "todo-batch"))
}

// withThirdParty starts a Logto whose mcp-client is somebody else's application.
func withThirdParty(t *testing.T) *stand {
	t.Helper()
	config := mockidp.DefaultConfig()
	config.Clients = append([]mockidp.Client{}, config.Clients...)
	for i := range config.Clients {
		config.Clients[i].ThirdParty = config.Clients[i].ID == "mcp-client"
	}
	s := &stand{as: "logto", idp: mockidp.New(t, mockidp.Options{As: "logto", Config: &config}), verifier: oauth2.GenerateVerifier()}
	_, s.metadata = s.get(t, s.idp.MetadataURL())
	return s
}

func TestPeopleAreAskedAboutApplicationsOfThirdParties(t *testing.T) {
	t.Parallel()
	s := withThirdParty(t)
	c := newScript(t, s)
	c.begin("mcp-client")
	resumption := c.signIn("alice")
	page := c.redirected(303, resumption)
	res, _ := c.send(http.MethodGet, page.String(), nil)
	require.Equal(t, []any{200, "text/html; charset=utf-8"}, []any{res.StatusCode, res.Header.Get("Content-Type")}, "the page waits")
	_, shown := c.send(http.MethodGet, "/api/interaction/consent", nil)
	require.Equal(t, "mcp-client", shown["application"].(object)["id"])
	require.Equal(t, "alice", shown["user"].(object)["username"])
	require.Equal(t, redirect, shown["redirectUri"])
	require.Empty(t, shown["missingOIDCScope"], "openid is nothing to ask about")
	scopes := shown["missingResourceScopes"].([]any)[0].(object)
	require.Equal(t, api, scopes["resource"].(object)["indicator"])
	require.Equal(t, "create:todos", scopes["scopes"].([]any)[0].(object)["name"])
	_, answer := c.send(http.MethodPost, "/api/interaction/consent", object{})
	require.Equal(t, resumption, answer["redirectTo"])
	require.True(t, c.redirected(303, resumption).Query().Has("code"))

	for deny, want := range map[bool]string{true: "access_denied", false: ""} {
		callback, err := useragent.New(s.idp.Client()).SignIn(t.Context(), s.authorizationURL("mcp-client", "create:todos"), useragent.Person{Username: "bob", Password: "bob", Deny: deny})
		require.NoError(t, err)
		require.Equal(t, want, callback.Query().Get("error"))
		require.Equal(t, want == "", callback.Query().Has("code"))
	}
}

// TestThePageWorksWithoutAScriptToo is about what the mock has beyond the provider: a form that does all steps.
func TestThePageWorksWithoutAScriptToo(t *testing.T) {
	t.Parallel()
	s := withThirdParty(t)
	browser := useragent.New(s.idp.Client())
	page, err := browser.Open(t.Context(), s.authorizationURL("mcp-client", "create:todos"))
	require.NoError(t, err)
	try := func(secret string) {
		form := page.Form("password")
		require.NotNil(t, form)
		require.NoError(t, form.Set("username", "bob"))
		require.NoError(t, form.Set("password", secret))
		page, err = browser.Submit(t.Context(), form, "", "")
		require.NoError(t, err)
	}
	try("alice")
	require.Contains(t, page.URL.Path, "/sign-in", "it asks again")
	try("bob")
	page, err = browser.Submit(t.Context(), page.Form("decision"), "decision", "allow")
	require.NoError(t, err)
	require.True(t, page.Callback.Query().Has("code"))
}

func TestErrorsAreDecoratedUnlessTheClientSaysOtherwise(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	c := newScript(t, s)
	ask := func(method, path string) (int, object) {
		request, err := http.NewRequestWithContext(t.Context(), method, s.idp.Issuer()+path, strings.NewReader("grant_type=authorization_code&client_id=mcp-client&code=x&redirect_uri=x&code_verifier="+strings.Repeat("v", 43)))
		require.NoError(t, err)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := c.client.Do(request)
		require.NoError(t, err)
		defer res.Body.Close()
		var body object
		require.NoError(t, decodeJSON(res.Body, &body))
		return res.StatusCode, body
	}
	status, body := ask(http.MethodPost, "/token")
	require.Equal(t, 400, status)
	require.Equal(t, object{
		"code": "oidc.invalid_grant", "message": "Grant request is invalid.", "error_uri": "https://openid.sh/debug/invalid_grant",
		"error": "invalid_grant", "error_description": "grant request is invalid",
	}, body)
	_, body = ask(http.MethodPost, "/token?parse_error=false")
	require.Equal(t, object{"error": "invalid_grant", "error_description": "grant request is invalid"}, body)
	for _, wrong := range [][2]string{{http.MethodGet, "/token"}, {http.MethodDelete, "/me"}, {http.MethodPost, "/reg"}} {
		status, body = ask(wrong[0], wrong[1])
		require.Equal(t, 404, status, "never 405")
		require.Equal(t, object{
			"code": "oidc.invalid_request", "message": "Request is invalid.", "error": "invalid_request",
			"error_description": "unrecognized route or not allowed method (" + wrong[0] + " on /oidc" + wrong[1] + ")",
		}, body)
	}
	status, body = s.get(t, s.idp.Issuer()+"/me")
	require.Equal(t, []any{401, "oidc.invalid_token"}, []any{status, body["code"]})
}
