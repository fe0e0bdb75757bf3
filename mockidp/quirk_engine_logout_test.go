package mockidp_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/internal/useragent"
	"mcpharness/mockidp"
)

// withLogout starts a Logto whose mcp-client may be answered after a sign-out.
func withLogout(t *testing.T) *stand {
	t.Helper()
	config := mockidp.DefaultConfig()
	config.Clients = append([]mockidp.Client{}, config.Clients...)
	for i := range config.Clients {
		config.Clients[i].LogoutURIs = []string{"https://app.example/bye"}
	}
	s := &stand{as: "logto", idp: mockidp.New(t, mockidp.Options{As: "logto", Config: &config}), verifier: oauth2.GenerateVerifier()}
	_, s.metadata = s.get(t, s.idp.MetadataURL())
	return s
}

func TestASignOutIsConfirmedByAPageThatPostsItself(t *testing.T) {
	t.Parallel()
	s := withLogout(t)
	offline := url.Values{"scope": {"openid offline_access"}, "prompt": {"consent"}}
	inspector := url.Values{"client_id": {"mcp-inspector"}, "redirect_uri": {"http://127.0.0.1:6276/oauth/callback"}}
	v := s.visit()
	online := v.issued(t, v.signIn(t, "alice", nil), nil)
	kept := v.issued(t, v.signIn(t, "alice", offline), nil)
	others := v.issued(t, v.signIn(t, "alice", inspector), inspector)
	end := s.metadata["end_session_endpoint"].(string)
	leave := func(v visit, query url.Values, values ...string) *useragent.Page {
		page, err := v.browser.Open(t.Context(), end+"?redirect_uri=https://app.example/bye&"+query.Encode())
		require.NoError(t, err)
		require.Equal(t, 200, page.Status)
		form := page.Form("xsrf")
		require.NotNil(t, form)
		page, err = v.browser.Submit(t.Context(), form, "", "")
		require.NoError(t, err)
		return page
	}
	require.Equal(t, 200, s.userinfo(t, online["access_token"].(string)))
	page := leave(v, url.Values{"client_id": {"mcp-client"}, "post_logout_redirect_uri": {"https://app.example/bye"}, "state": {"x"}})
	require.Equal(t, "https://app.example/bye?state=x", page.Callback.String(), "no hint is needed")
	for _, gone := range []object{online, others} {
		require.Equal(t, 401, s.userinfo(t, gone["access_token"].(string)))
	}
	require.Equal(t, 200, s.userinfo(t, kept["access_token"].(string)), "offline_access outlives it")
	status, _ := s.refresh(t, kept, "mcp-client")
	require.Equal(t, 200, status)
	_, answer := v.open(t, url.Values{"prompt": {"none"}})
	require.Equal(t, "login_required", answer.Get("error"))

	page = leave(v, url.Values{"post_logout_redirect_uri": {"https://app.example/bye"}})
	require.Equal(t, end+"/success", page.URL.String(), "a redirect alone is ignored, and nobody need be signed in")
}

func TestASignOutWithoutTheWordEndsOnlyWhatTheClientHas(t *testing.T) {
	t.Parallel()
	s := withLogout(t)
	c := newScript(t, s)
	c.begin("mcp-client")
	resumption := c.signIn("bob")
	c.redirected(302, c.redirected(303, resumption).String())
	_, body := s.redeem(t, c.redirected(303, resumption).Query().Get("code"), nil)
	access := body["access_token"].(string)
	require.Equal(t, 200, s.userinfo(t, access))
	confirm := s.metadata["end_session_endpoint"].(string) + "/confirm"
	post := func(form url.Values) (*http.Response, object) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, confirm, strings.NewReader(form.Encode()))
		require.NoError(t, err)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := c.client.Do(request)
		require.NoError(t, err)
		defer res.Body.Close()
		var answer object
		_ = decodeJSON(res.Body, &answer)
		return res, answer
	}
	_, answer := post(url.Values{"xsrf": {"forged"}, "logout": {"yes"}})
	require.Equal(t, "xsrf token invalid", answer["error_description"])

	page, err := c.client.Get(s.metadata["end_session_endpoint"].(string) + "?client_id=mcp-client")
	require.NoError(t, err)
	defer page.Body.Close()
	shown, err := io.ReadAll(page.Body)
	require.NoError(t, err)
	xsrf := regexp.MustCompile(`name="xsrf" value="([^"]+)"`).FindSubmatch(shown)
	require.NotNil(t, xsrf)
	res, _ := post(url.Values{"xsrf": {string(xsrf[1])}})
	require.Equal(t, 303, res.StatusCode)
	require.Equal(t, 401, s.userinfo(t, access))
	require.Equal(t, "/consent", c.redirected(303, s.authorizationURL("mcp-client", "openid")).Path, "bob is still signed in")
}

func TestWhatIsWrongWithASignOut(t *testing.T) {
	t.Parallel()
	s := withLogout(t)
	tokens := s.tokens(t, "alice", "openid")
	for _, row := range []struct {
		query      url.Values
		code, text string
	}{
		{url.Values{"client_id": {"nope"}}, "invalid_client", "invalid client nope"},
		{url.Values{"client_id": {"mcp-client"}, "post_logout_redirect_uri": {"https://evil.example"}}, "invalid_request", "post_logout_redirect_uri not registered"},
		{url.Values{"id_token_hint": {"garbage"}}, "invalid_request", "could not decode id_token_hint"},
		{url.Values{"id_token_hint": {tokens["id_token"].(string) + "x"}}, "invalid_request", "could not validate id_token_hint"},
		{url.Values{"id_token_hint": {tokens["id_token"].(string)}, "client_id": {"mcp-inspector"}}, "invalid_request", "client_id does not match the provided id_token_hint"},
	} {
		res, answer := s.asked(t, http.MethodGet, s.metadata["end_session_endpoint"].(string)+"?"+row.query.Encode(), "", "Accept", "text/html")
		require.Equal(t, []any{400, row.code, row.text}, []any{res.StatusCode, answer["error"], answer["error_description"]})
	}
}

func TestIDTokensAndUserinfoTellAboutPeopleAsTheProviderDoes(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	_, claims := decoded(s.tokens(t, "alice", "openid", "profile", "email")["id_token"])
	require.NotContains(t, claims, "auth_time")
	require.Equal(t, []any{"Alice", "alice", "alice", nil, "alice@example.com", true},
		[]any{claims["name"], claims["username"], claims["preferred_username"], claims["picture"], claims["email"], claims["email_verified"]})
	require.Contains(t, claims, "picture")
	for _, name := range []string{"created_at", "updated_at"} {
		require.WithinDuration(t, time.Now(), time.UnixMilli(int64(claims[name].(float64))), time.Hour, "milliseconds")
	}
	_, body := s.redeem(t, s.authorize(t, "alice", url.Values{"scope": {"openid"}, "max_age": {"100"}}).Get("code"), nil)
	_, claims = decoded(body["id_token"])
	require.Contains(t, claims, "auth_time", "as it was asked for")
}

func TestAPushedRequestIsOpenToPublicClientsForAMinute(t *testing.T) {
	t.Parallel()
	s := standIn(t, "logto")
	u, err := url.Parse(s.authorizationURL("mcp-client", "openid"))
	require.NoError(t, err)
	status, answer := s.post(t, "pushed_authorization_request_endpoint", u.Query())
	require.Equal(t, []any{201, 60.0}, []any{status, answer["expires_in"]}, answer)
	foreign := u.Query()
	foreign.Set("redirect_uri", "https://evil.example")
	status, refusal := s.post(t, "pushed_authorization_request_endpoint", foreign)
	require.Equal(t, []any{400, "invalid_request"}, []any{status, refusal["error"]})
	named := url.Values{"client_id": {"mcp-client"}, "request_uri": {answer["request_uri"].(string)}, "redirect_uri": {redirect}}
	location := s.metadata["authorization_endpoint"].(string) + "?" + named.Encode()
	callback, err := useragent.New(s.idp.Client()).SignIn(t.Context(), location, useragent.Person{Username: "bob", Password: "bob"})
	require.NoError(t, err)
	require.NotEmpty(t, callback.Query().Get("code"))
	res, refused := s.asked(t, http.MethodGet, location, "")
	require.Equal(t, []any{400, "invalid_request_uri", "request_uri is invalid, expired, or was already used"}, []any{res.StatusCode, refused["error"], refused["error_description"]})
}
