package mockidp_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

const afterLogout = "http://127.0.0.1:7/callback" // one of mcp-client's redirect URIs

// out sends a logout request of a browser.
func (p *program) out(t *testing.T, s *stand, request url.Values) (*http.Response, string) {
	t.Helper()
	return p.send(t, http.MethodGet, s.metadata["end_session_endpoint"].(string)+"?"+request.Encode(), nil)
}

// signedIn is a browser whose person has just signed in, and what the client got.
func (s *stand) signedIn(t *testing.T, person string) (*program, object) {
	t.Helper()
	p, form := s.begin(t, nil)
	res, _ := p.send(t, http.MethodPost, form, url.Values{"username": {person}, "password": {person}})
	to, err := res.Location()
	require.NoError(t, err)
	status, tokens := s.redeem(t, to.Query().Get("code"), nil)
	require.Equal(t, 200, status, tokens)
	return p, tokens
}

// isSignedIn asks silently.
func (p *program) isSignedIn(t *testing.T, s *stand) bool {
	t.Helper()
	res, _ := p.send(t, http.MethodGet, s.request(url.Values{"prompt": {"none"}}), nil)
	to, err := res.Location()
	require.NoError(t, err)
	return to.Query().Has("code")
}

func TestAClientIsAnsweredAtARedirectURIAfterALogout(t *testing.T) {
	t.Parallel()
	for as, want := range map[string]int{"keycloak": 302, "strict": 400} {
		s := standIn(t, as)
		v := s.visit()
		tokens := v.issued(t, v.signIn(t, "alice", nil), nil)
		p := &program{s.idp, map[string]string{}}
		res, _ := p.out(t, s, url.Values{"id_token_hint": {tokens["id_token"].(string)}, "post_logout_redirect_uri": {afterLogout}, "state": {"x"}})
		require.Equal(t, want, res.StatusCode, as)
		if want == 302 {
			require.Equal(t, afterLogout+"?state=x", res.Header.Get("Location"))
		}
	}
}

func TestALogoutRequestEndsTheSessionThatItsTokenNamesOrAsks(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	hint := func(tokens object) []string { return []string{tokens["id_token"].(string)} }
	ended := func(tokens object) bool {
		return s.userinfo(t, tokens["access_token"].(string)) == 401
	}
	const asks = `name="confirmLogout"`

	p, tokens := s.signedIn(t, "alice")
	res, page := p.out(t, s, url.Values{"id_token_hint": hint(tokens)})
	require.Equal(t, 200, res.StatusCode)
	require.NotContains(t, page, asks)
	require.Contains(t, page, "end with the session")
	require.True(t, ended(tokens))
	require.False(t, p.isSignedIn(t, s))
	res, _ = p.out(t, s, url.Values{"id_token_hint": hint(tokens), "post_logout_redirect_uri": {afterLogout}})
	require.Equal(t, 302, res.StatusCode, "again")

	_, tokens = s.signedIn(t, "alice")
	other, othersTokens := s.signedIn(t, "bob")
	for _, request := range []url.Values{nil, {"client_id": {"mcp-client"}}, {"client_id": {"nope"}}, {"id_token_hint": {""}}, {"id_token_hint": hint(tokens)}} {
		res, page = other.out(t, s, request)
		require.Equal(t, 200, res.StatusCode)
		require.Contains(t, page, asks, request)
	}
	require.True(t, other.isSignedIn(t, s))
	require.False(t, ended(tokens), "bob was asked first")

	nobody := &program{s.idp, map[string]string{}}
	res, page = nobody.out(t, s, url.Values{"client_id": {"mcp-client"}, "post_logout_redirect_uri": {afterLogout}})
	require.Equal(t, 302, res.StatusCode, "nobody need be asked")
	require.NotContains(t, page, asks)
	_, page = nobody.out(t, s, nil)
	require.Contains(t, page, asks)
	res, _ = nobody.out(t, s, url.Values{"id_token_hint": hint(tokens)})
	require.Equal(t, 200, res.StatusCode)
	require.True(t, ended(tokens), "a session of another browser")
	require.False(t, ended(othersTokens))
}

func TestTheAnswerToALogoutQuestionIsGoodOnceAndAtItsBrowser(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	p, tokens := s.signedIn(t, "alice")
	_, page := p.out(t, s, url.Values{"client_id": {"mcp-client"}, "post_logout_redirect_uri": {afterLogout}, "state": {"x"}})
	code := regexp.MustCompile(`name="session_code" value="([^"]*)"`).FindStringSubmatch(page)
	require.NotNil(t, code)
	confirm := url.Values{"session_code": {code[1]}, "confirmLogout": {"Logout"}}
	stranger := &program{s.idp, map[string]string{}}
	res, page2 := stranger.send(t, http.MethodPost, action(t, page), confirm)
	require.Equal(t, 400, res.StatusCode)
	require.Contains(t, page2, "Logout failed")
	login := changed(t, s.metadata["issuer"].(string)+"/login-actions/authenticate", url.Values{"client_id": {"mcp-client"}, "session_code": {code[1]}, "tab_id": regexp.MustCompile(`tab_id=([A-Z0-9]+)`).FindStringSubmatch(page)[1:]})
	res, _ = p.send(t, http.MethodPost, login, bobs)
	require.NotContains(t, res.Header.Get("Location"), "code=", "it is no sign-in")

	res, _ = p.send(t, http.MethodPost, action(t, page), confirm)
	require.Equal(t, afterLogout+"?state=x", res.Header.Get("Location"))
	require.False(t, p.isSignedIn(t, s))
	require.Equal(t, 401, s.userinfo(t, tokens["access_token"].(string)))
	res, _ = p.send(t, http.MethodPost, action(t, page), confirm)
	require.Equal(t, 400, res.StatusCode)
}

func TestWhatIsWrongWithALogoutRequestIsToldInTheProvidersWords(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	p, tokens := s.signedIn(t, "alice")
	id, access := tokens["id_token"].(string), tokens["access_token"].(string)
	const hint, redirect, clientless = "Invalid parameter: id_token_hint", "Invalid redirect uri", "Missing parameters: id_token_hint"
	for want, requests := range map[string][]url.Values{
		hint: {
			{"id_token_hint": {"x"}}, {"id_token_hint": {access}}, {"id_token_hint": {id[:len(id)-4] + "AAAA"}},
			{"id_token_hint": {id}, "client_id": {"mcp-inspector"}}, {"id_token_hint": {id}, "client_id": {"nope"}},
		},
		redirect: {
			{"id_token_hint": {id}, "post_logout_redirect_uri": {"https://evil.example"}}, {"client_id": {"nope"}, "post_logout_redirect_uri": {afterLogout}},
		},
		clientless: {{"post_logout_redirect_uri": {afterLogout}}},
	} {
		for _, request := range requests {
			res, page := p.out(t, s, request)
			require.Equal(t, 400, res.StatusCode, request)
			require.Contains(t, page, want, request)
		}
	}
	require.True(t, p.isSignedIn(t, s))
}

func TestAClientEndsASessionByItsRefreshToken(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	p, tokens := s.signedIn(t, "alice")
	end := func(client, token string) (int, any) {
		status, body := s.post(t, "end_session_endpoint", url.Values{"client_id": {client}, "refresh_token": {token}})
		return status, body["error_description"]
	}
	refresh := tokens["refresh_token"].(string)
	for _, row := range []struct {
		client, token string
		status        int
		want          any
	}{
		{"", refresh, 401, "Invalid client or Invalid client credentials"},
		{"mcp-inspector", refresh, 400, "Invalid refresh token. Token client and authorized client don't match"},
		{"mcp-client", "x", 400, "Invalid refresh token"},
		{"mcp-client", tokens["access_token"].(string), 400, "Invalid refresh token"},
	} {
		status, said := end(row.client, row.token)
		require.Equal(t, []any{row.status, row.want}, []any{status, said})
	}
	require.True(t, p.isSignedIn(t, s))
	for range 2 {
		status, _ := end("mcp-client", refresh)
		require.Equal(t, 204, status)
	}
	require.False(t, p.isSignedIn(t, s))
	v := s.visit()
	offline := v.issued(t, v.signIn(t, "alice", offlineAsked), nil)
	for range 2 {
		status, _ := end("mcp-client", offline["refresh_token"].(string))
		require.Equal(t, 204, status)
	}
	_, gone := s.refresh(t, offline, "mcp-client")
	require.Equal(t, "Offline user session not found", gone)
	status, said := s.refresh(t, tokens, "mcp-client")
	require.Equal(t, []any{400, "Session not active"}, []any{status, said})
}
