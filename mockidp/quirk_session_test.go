package mockidp_test

import (
	"maps"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/internal/useragent"
)

// visit is one browser at a stand.
type visit struct {
	*stand
	browser *useragent.Browser
}

func (s *stand) visit() visit { return visit{s, useragent.New(s.idp.Client())} }

// request is the URL of a good authorization request, and the parameters on top of it.
func (s *stand) request(parameters url.Values) string {
	query := url.Values{
		"client_id": {"mcp-client"}, "redirect_uri": {redirect}, "response_type": {"code"}, "state": {"s"}, "scope": {"openid create:todos"},
		"code_challenge": {oauth2.S256ChallengeFromVerifier(s.verifier)}, "code_challenge_method": {"S256"},
	}
	maps.Copy(query, parameters)
	return s.metadata["authorization_endpoint"].(string) + "?" + query.Encode()
}

// open is what the browser shows of a request: a page, or what the client is told.
func (v visit) open(t *testing.T, parameters url.Values) (*useragent.Page, url.Values) {
	t.Helper()
	page, err := v.browser.Open(t.Context(), v.request(parameters))
	require.NoError(t, err)
	if page.Callback == nil {
		return page, nil
	}
	return page, page.Callback.Query()
}

// signIn answers the pages of a request as a person.
func (v visit) signIn(t *testing.T, person string, parameters url.Values) url.Values {
	t.Helper()
	callback, err := v.browser.SignIn(t.Context(), v.request(parameters), useragent.Person{Username: person, Password: person})
	require.NoError(t, err)
	return callback.Query()
}

// issued is the token response for what the client was told.
func (v visit) issued(t *testing.T, answer, parameters url.Values) object {
	t.Helper()
	status, body := v.redeem(t, answer.Get("code"), parameters)
	require.Equal(t, 200, status, body)
	return body
}

func (s *stand) refresh(t *testing.T, tokens object, client string) (status int, description any) {
	t.Helper()
	status, body := s.post(t, "token_endpoint", url.Values{"grant_type": {"refresh_token"}, "client_id": {client}, "refresh_token": {tokens["refresh_token"].(string)}})
	if status == 200 {
		maps.Copy(tokens, body)
	}
	return status, body["error_description"]
}

func TestPeopleStaySignedInWhereTheProviderLetsThem(t *testing.T) {
	t.Parallel()
	type row struct{ stays, named bool }
	everywhere(t, map[string]row{
		"keycloak": {true, true}, "logto": {true, false},
		"strict": {}, "opaque": {}, "auth0": {}, "okta": {}, "entra": {}, "cognito": {},
	}, func(t *testing.T, s *stand, want row) {
		v := s.visit()
		named := url.Values{"scope": {s.names("create:todos")}, "resource": {api}}
		first := v.signIn(t, "alice", named)
		require.NotEmpty(t, first.Get("code"), first)
		page, second := v.open(t, named)
		require.Equal(t, want.stays, page.Callback != nil)
		if !want.stays {
			require.False(t, first.Has("session_state"))
			return
		}
		require.NotEmpty(t, second.Get("code"))
		require.Equal(t, want.named, first.Has("session_state"))
		if !want.named {
			return
		}
		require.Regexp(t, `^[A-Za-z0-9_-]{24}$`, first.Get("session_state"))
		require.Equal(t, first.Get("session_state"), second.Get("session_state"))
		_, silent := v.open(t, url.Values{"prompt": {"none"}})
		require.NotEmpty(t, silent.Get("code"))
		_, stranger := s.visit().open(t, url.Values{"prompt": {"none"}})
		require.Equal(t, "login_required", stranger.Get("error"))
		require.False(t, stranger.Has("session_state"))
	})
}

func TestTheSessionOpensWhenConsentIsGiven(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	stranger := url.Values{"client_id": {s.register(t)}}
	silently := url.Values{"client_id": stranger["client_id"], "prompt": {"none"}}
	v := s.visit()
	page, _ := v.open(t, stranger)
	form := page.Form("password")
	require.NoError(t, form.Set("username", "bob"))
	require.NoError(t, form.Set("password", "bob"))
	page, err := v.browser.Submit(t.Context(), form, "login", "Sign In")
	require.NoError(t, err)
	require.NotNil(t, page.Form("accept"))
	_, answer := v.open(t, silently)
	require.Equal(t, "login_required", answer.Get("error"), "bob has not allowed anything yet")
	page, err = v.browser.Submit(t.Context(), page.Form("accept"), "accept", "Yes")
	require.NoError(t, err)
	require.NotEmpty(t, page.Callback.Query().Get("session_state"))
	_, answer = v.open(t, silently)
	require.NotEmpty(t, answer.Get("code"))
}

// TestASignInForOfflineAccessLeavesNobodySignedIn: Keycloak keeps no session that was opened for offline_access.
func TestASignInForOfflineAccessLeavesNobodySignedIn(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	offline, none := url.Values{"scope": {"openid offline_access create:todos"}}, url.Values{"prompt": {"none"}}
	v := s.visit()
	code := v.signIn(t, "alice", offline)
	_, answer := v.open(t, none)
	require.NotEmpty(t, answer.Get("code"), "as long as the client has no tokens; but this is one more grant of it")
	v.issued(t, code, nil)
	_, answer = v.open(t, none)
	require.NotEmpty(t, answer.Get("code"), "so the session stays")

	v = s.visit()
	tokens := v.issued(t, v.signIn(t, "alice", offline), nil)
	_, answer = v.open(t, none)
	require.Equal(t, "login_required", answer.Get("error"))
	require.Equal(t, 200, s.userinfo(t, tokens["access_token"].(string)))
	status, _ := s.refresh(t, tokens, "mcp-client")
	require.Equal(t, 200, status)

	v = s.visit()
	online := v.issued(t, v.signIn(t, "alice", nil), nil)
	v.issued(t, v.signIn(t, "alice", offline), nil)
	_, answer = v.open(t, none)
	require.NotEmpty(t, answer.Get("code"), "it was opened for something else")
	status, _ = s.refresh(t, online, "mcp-client")
	require.Equal(t, 200, status)
}

func TestTokensEndWithTheirSession(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	v := s.visit()
	online := v.issued(t, v.signIn(t, "alice", nil), nil)
	offline := v.issued(t, v.signIn(t, "alice", url.Values{"scope": {"openid offline_access create:todos"}}), nil)
	elsewhere := s.visit()
	other := s.visit().issued(t, elsewhere.signIn(t, "alice", nil), nil)
	require.Equal(t, 200, s.userinfo(t, online["access_token"].(string)))

	_, err := v.browser.Open(t.Context(), s.metadata["end_session_endpoint"].(string)+"?"+url.Values{"id_token_hint": {online["id_token"].(string)}}.Encode())
	require.NoError(t, err)
	_, answer := v.open(t, url.Values{"prompt": {"none"}})
	require.Equal(t, "login_required", answer.Get("error"))
	require.Equal(t, 401, s.userinfo(t, online["access_token"].(string)))
	status, description := s.refresh(t, online, "mcp-client")
	require.Equal(t, []any{400, "Session not active"}, []any{status, description})

	require.Equal(t, 200, s.userinfo(t, offline["access_token"].(string)), "offline_access outlives it")
	status, _ = s.refresh(t, offline, "mcp-client")
	require.Equal(t, 200, status)
	require.Equal(t, 200, s.userinfo(t, other["access_token"].(string)), "another browser's")
}

func TestAReplayEndsWhatTheClientHasInTheSession(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	const another = "http://127.0.0.1:6276/oauth/callback"
	for name, replay := range map[string]func(v visit, tokens object){
		"of a code": func(v visit, _ object) {
			answer := v.signIn(t, "bob", nil)
			v.issued(t, answer, nil)
			status, body := v.redeem(t, answer.Get("code"), nil)
			require.Equal(t, []any{400, "Code not valid"}, []any{status, body["error_description"]})
		},
		"of a burnt code": func(v visit, tokens object) {
			answer := v.signIn(t, "bob", nil)
			status, _ := v.redeem(t, answer.Get("code"), url.Values{"code_verifier": {oauth2.GenerateVerifier()}})
			require.Equal(t, 400, status)
			require.Equal(t, 200, s.userinfo(t, tokens["access_token"].(string)), "only the code is burnt")
			status, _ = v.redeem(t, answer.Get("code"), nil)
			require.Equal(t, 400, status)
		},
		"of a refresh token": func(v visit, _ object) {
			tokens := v.issued(t, v.signIn(t, "bob", nil), nil)
			used := maps.Clone(tokens)
			status, _ := v.refresh(t, tokens, "mcp-client")
			require.Equal(t, 200, status)
			status, description := v.refresh(t, used, "mcp-client")
			require.Equal(t, []any{400, "Maximum allowed refresh token reuse exceeded"}, []any{status, description})
		},
	} {
		v := s.visit()
		tokens := v.issued(t, v.signIn(t, "bob", nil), nil)
		ofAnother := v.issued(t, v.signIn(t, "bob", url.Values{"client_id": {"mcp-inspector"}, "redirect_uri": {another}}), url.Values{"client_id": {"mcp-inspector"}, "redirect_uri": {another}})
		replay(v, tokens)
		require.Equal(t, 401, s.userinfo(t, tokens["access_token"].(string)), name)
		status, description := s.refresh(t, tokens, "mcp-client")
		require.Equal(t, []any{400, "Session doesn't have required client"}, []any{status, description}, name)
		status, _ = s.refresh(t, ofAnother, "mcp-inspector")
		require.Equal(t, 200, status, name)

		_, answer := v.open(t, url.Values{"prompt": {"none"}})
		again := v.issued(t, answer, nil)
		require.Equal(t, 200, s.userinfo(t, again["access_token"].(string)), "%s: the person is still signed in", name)
		status, description = s.refresh(t, tokens, "mcp-client")
		require.Equal(t, []any{400, "refresh token issued before the client session started"}, []any{status, description}, name)
	}
}

func TestARevocationEndsTheSessionThatNoOtherClientIsIn(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	const another = "http://127.0.0.1:6276/oauth/callback"
	revoke := func(tokens object, client string) {
		status, _ := s.post(t, "revocation_endpoint", url.Values{"client_id": {client}, "token": {tokens["refresh_token"].(string)}})
		require.Equal(t, 200, status)
	}
	v := s.visit()
	tokens := v.issued(t, v.signIn(t, "bob", nil), nil)
	sister := v.issued(t, v.signIn(t, "bob", nil), nil)
	ofAnother := v.issued(t, v.signIn(t, "bob", url.Values{"client_id": {"mcp-inspector"}, "redirect_uri": {another}}), url.Values{"client_id": {"mcp-inspector"}, "redirect_uri": {another}})
	revoke(tokens, "mcp-client")
	status, description := s.refresh(t, sister, "mcp-client")
	require.Equal(t, []any{400, "Session doesn't have required client"}, []any{status, description})
	require.Equal(t, 200, s.userinfo(t, ofAnother["access_token"].(string)))
	_, answer := v.open(t, url.Values{"prompt": {"none"}, "client_id": {"mcp-inspector"}, "redirect_uri": {another}})
	require.NotEmpty(t, answer.Get("code"))

	revoke(ofAnother, "mcp-inspector")
	status, description = s.refresh(t, ofAnother, "mcp-inspector")
	require.Equal(t, []any{400, "Session not active"}, []any{status, description})
	_, answer = v.open(t, url.Values{"prompt": {"none"}})
	require.Equal(t, "login_required", answer.Get("error"))
}

// TestTheLevelSaysWhetherAnybodySignedInForIt: measured on Keycloak 26.7.4, also after a refresh and at introspection.
func TestTheLevelSaysWhetherAnybodySignedInForIt(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	v := s.visit()
	for _, row := range []struct {
		parameters url.Values
		want       string
	}{{nil, "1"}, {nil, "0"}, {url.Values{"prompt": {"login"}}, "1"}} {
		tokens := v.issued(t, v.signIn(t, "alice", row.parameters), nil)
		_, access := decoded(tokens["access_token"])
		_, id := decoded(tokens["id_token"])
		_, told := s.post(t, "introspection_endpoint", url.Values{"token": {tokens["access_token"].(string)}}, "todo-mcp", "todo-mcp-secret")
		require.Equal(t, []any{row.want, row.want, row.want}, []any{access["acr"], id["acr"], told["acr"]})
	}
}
