package mockidp_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/mockidp"
)

// told is what somebody without a session is told of an authorization request: "page: ..." for what a program gets who asks for JSON, the
// parameters of a redirect without iss and state, or "form".
func (s *stand) told(t *testing.T, parameters url.Values) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.request(parameters), nil)
	require.NoError(t, err)
	request.Header.Set("Accept", "application/json, text/html")
	res, err := s.idp.Client().Transport.RoundTrip(request)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	switch {
	case res.StatusCode == 200:
		require.Contains(t, string(body), `name="password"`)
		return "form"
	case res.StatusCode == 400:
		var problem struct{ Error string }
		require.NoError(t, json.Unmarshal(body, &problem), "%s", body)
		return "page: " + problem.Error
	}
	require.Equal(t, 302, res.StatusCode, "%s", body)
	to, err := res.Location()
	require.NoError(t, err)
	answer, place := to.Query(), ""
	if to.RawQuery == "" {
		answer, err = url.ParseQuery(to.Fragment)
		require.NoError(t, err)
		place = "#"
	}
	require.Equal(t, s.idp.Issuer(), answer.Get("iss"))
	if !answer.Has("error_description") {
		return place + answer.Get("error")
	}
	return place + answer.Get("error") + ": " + answer.Get("error_description")
}

// TestEachFaultOfAnAuthorizationRequestHasItsAnswer has the measured answers of Keycloak, one fault in a request.
func TestEachFaultOfAnAuthorizationRequestHasItsAnswer(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	const scopes, target = "invalid_scope: Invalid scopes: ", "invalid_target: The requested resource is invalid, missing, unknown, or malformed."
	const repeated, badRedirect, badRequest = "invalid_request: duplicated parameter", "page: Invalid parameter: redirect_uri", "page: Invalid Request"
	const implicit = "#unauthorized_client: Client is not allowed to initiate browser login with given response_type. Implicit flow is disabled for the client."
	one := func(name, value string) url.Values { return url.Values{name: {value}} }
	for _, row := range []struct {
		with url.Values
		want string
	}{
		{nil, "form"},
		{one("client_id", "nope"), "page: Client not found."},
		{one("client_id", ""), "page: Client not found."},
		{url.Values{"client_id": nil}, badRequest},
		{url.Values{"client_id": {"mcp-client", "mcp-client"}}, badRequest},
		{one("redirect_uri", "http://localhost:54321/other"), badRedirect},
		{one("redirect_uri", ""), badRedirect},
		{url.Values{"redirect_uri": nil}, badRedirect},
		{url.Values{"redirect_uri": {redirect, "https://evil.example"}}, repeated},
		{url.Values{"response_type": nil}, "invalid_request: Missing parameter: response_type"},
		{one("response_type", ""), "unsupported_response_type"},
		{one("response_type", "CODE"), "unsupported_response_type"},
		{one("response_type", "none code"), "unsupported_response_type"},
		{one("response_type", " code code"), "form"},
		{one("response_type", "code  code"), "unsupported_response_type"},
		{one("response_type", "none"), "form"},
		{one("response_type", "token"), implicit},
		{one("response_type", "code id_token"), implicit},
		{one("response_mode", "nope"), "invalid_request: Invalid parameter: response_mode"},
		{one("response_mode", ""), "invalid_request: Invalid parameter: response_mode"},
		{url.Values{"response_mode": {"fragment"}, "scope": {"nope"}}, "#" + scopes + "nope"},
		{url.Values{"state": {"a", "b"}}, repeated},
		{url.Values{"x": {"", ""}}, repeated},
		{url.Values{"resource": {api, api}}, repeated},
		{one("scope", "openid nope"), scopes + "openid nope"},
		{one("scope", " openid"), scopes + " openid"},
		{one("scope", "openid  email"), scopes + "openid  email"},
		{one("scope", ""), "invalid_scope: Invalid scopes: "},
		{url.Values{"scope": nil}, "form"},
		{one("scope", "no\tpe"), scopes + "nope"},
		{one("scope", "openid openid"), "form"},
		{one("resource", "relative"), target},
		{one("resource", ""), target},
		{one("resource", "http:"), target},
		{one("resource", api+"?x"), target},
		{one("resource", "https://another.example/mcp"), "form"},
		{url.Values{"code_challenge": nil, "code_challenge_method": nil}, "invalid_request: Missing parameter: code_challenge_method"},
		{url.Values{"code_challenge_method": nil}, "invalid_request: Missing parameter: code_challenge_method"},
		{url.Values{"code_challenge": nil}, "invalid_request: Missing parameter: code_challenge"},
		{one("code_challenge_method", "plain"), "invalid_request: Invalid parameter: code challenge method is not matching the configured one"},
		{one("code_challenge_method", ""), "invalid_request: Invalid parameter: code challenge method is not matching the configured one"},
		{one("code_challenge", "short"), "invalid_request: Invalid parameter: code_challenge"},
		{one("code_challenge", strings.Repeat("x", 128)), "form"},
		{one("code_challenge", strings.Repeat("x", 129)), "invalid_request: Invalid parameter: code_challenge"},
		{one("prompt", "none"), "login_required"},
		{one("prompt", "none login"), "login_required"},
		{one("prompt", "nope select_account"), "form"},
		{one("prompt", "create"), "page: Registration not allowed"},
		{one("prompt", "none create"), "login_required"},
		{one("max_age", "x"), badRequest},
		{one("max_age", ""), badRequest},
		{one("max_age", "99999999999"), badRequest},
		{one("max_age", "-1"), "form"},
		{one("request", "x"), badRequest},
		{one("request_uri", "https://example.com/request"), badRequest},
		{one("request_uri", "urn:ietf:params:oauth:request_uri:nope"), badRequest},
		{one("id_token_hint", "garbage"), "form"},
		{one("registration", "{}"), "form"},
	} {
		require.Equal(t, row.want, s.told(t, row.with), row.with)
	}
	require.Contains(t, raw(t, s.idp, s.request(nil)+"&x=%zz", "text/html"), "Invalid parameter: redirect_uri", "what cannot be decoded is not")
}

func TestOfTwoFaultsTheOneIsToldThatTheProviderSeesFirst(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	// Each beats all that follow it.
	order := []url.Values{
		{"client_id": {"nope"}}, {"max_age": {"x"}}, {"redirect_uri": {"https://evil.example"}}, {"response_type": nil}, {"response_mode": {"nope"}},
		{"x": {"1", "2"}}, {"scope": {"nope"}}, {"resource": {"relative"}}, {"code_challenge_method": {"plain"}}, {"code_challenge": {"short"}}, {"prompt": {"create"}},
	}
	for i, first := range order {
		for _, second := range order[i+1:] {
			both := maps.Clone(first)
			maps.Copy(both, second)
			require.Equal(t, s.told(t, first), s.told(t, both), both)
		}
	}
	require.Equal(t, "page: Invalid Request", s.told(t, url.Values{"request": {"x"}, "scope": {"nope"}}))
	require.Equal(t, "invalid_request: duplicated parameter", s.told(t, url.Values{"request": {"x"}, "x": {"1", "2"}}), "this beats an unreadable request object")
	require.Equal(t, "invalid_request: Missing parameter: response_type", s.told(t, url.Values{"request": {"x"}, "response_type": nil}), "and this")
}

func TestAPostedRequestIsReadFromItsBodyAlone(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	good, err := url.Parse(s.request(nil))
	require.NoError(t, err)
	post := func(location, body string) int {
		res, err := s.idp.Client().Post(location, "application/x-www-form-urlencoded", strings.NewReader(body))
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		return res.StatusCode
	}
	endpoint := s.metadata["authorization_endpoint"].(string)
	require.Equal(t, 200, post(endpoint, good.RawQuery))
	require.Equal(t, 200, post(endpoint+"?client_id=nope", good.RawQuery))
	require.Equal(t, 400, post(good.String(), ""))
}

// TestParametersOfAResponseStandInTheProvidersOrder is for programs that cut a redirect with a pattern.
func TestParametersOfAResponseStandInTheProvidersOrder(t *testing.T) {
	t.Parallel()
	names := func(location string) (names []string) {
		_, query, _ := strings.Cut(location, "?")
		for pair := range strings.SplitSeq(query, "&") {
			name, _, _ := strings.Cut(pair, "=")
			names = append(names, name)
		}
		return names
	}
	for as, want := range map[string][]string{"keycloak": {"state", "session_state", "iss", "code"}, "strict": {"code", "iss", "state"}} {
		s := standIn(t, as)
		v := s.visit()
		_ = v.signIn(t, "alice", nil)
		page, err := v.browser.Open(t.Context(), s.request(url.Values{"scope": {"nope"}}))
		require.NoError(t, err)
		refusal := []string{"error", "error_description", "state", "iss"}
		if as == "strict" {
			slices.Sort(refusal)
		}
		require.Equal(t, refusal, names(page.Callback.String()))
		require.Equal(t, map[string]int{"keycloak": 302, "strict": 303}[as], page.Status)
		if page, _ = v.open(t, nil); page.Callback != nil {
			require.Equal(t, want, names(page.Callback.String()))
		}
	}
}

func TestResponsesTravelInTheFragmentAndWithoutACode(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	v := s.visit()
	_ = v.signIn(t, "alice", nil)
	page, query := v.open(t, url.Values{"response_mode": {"fragment"}})
	require.Empty(t, query)
	require.Contains(t, page.Callback.Fragment, "code=")
	_, query = v.open(t, url.Values{"response_type": {"none"}})
	require.False(t, query.Has("code"))
	require.NotEmpty(t, query.Get("session_state"))

	for mode, place := range map[string]string{"jwt": "query", "query.jwt": "query", "fragment.jwt": "fragment"} {
		page, query = v.open(t, url.Values{"response_mode": {mode}})
		if place == "fragment" {
			var err error
			query, err = url.ParseQuery(page.Callback.Fragment)
			require.NoError(t, err)
		}
		require.Len(t, query, 1, mode)
		_, claims := decoded(query.Get("response"))
		require.Equal(t, []any{s.idp.Issuer(), "mcp-client", "s"}, []any{claims["iss"], claims["aud"], claims["state"]}, mode)
		require.Regexp(t, `^[0-9a-f-]{36}\.[A-Za-z0-9_-]{24}\.[0-9a-f-]{36}$`, claims["code"])
		status, _ := s.redeem(t, claims["code"].(string), nil)
		require.Equal(t, 200, status)
	}
}

func TestParametersOfAnUnsignedRequestObjectCount(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	object := func(header, claims string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + "."
	}
	const none, unreadable = `{"alg":"none"}`, "page: Invalid Request"
	for _, row := range []struct{ header, claims, want string }{
		{none, `{"client_id":"mcp-client"}`, "form"},
		{none, `{"scope":"nope"}`, "invalid_scope: Invalid scopes: nope"},
		{none, `{"scope":["nope"]}`, `invalid_scope: Invalid scopes: ['nope']`},
		{none, `{"prompt":"none"}`, "login_required"},
		{none, `{"redirect_uri":"https://evil.example"}`, "page: Invalid parameter: redirect_uri"},
		{none, `{"code_challenge_method":"plain"}`, "invalid_request: Invalid parameter: code challenge method is not matching the configured one"},
		{none, `{"max_age":"x"}`, unreadable},
		{none, `{"max_age":0,"request":"x"}`, "form"},
		{none, `{"client_id":"mcp-inspector"}`, unreadable},
		{none, `{"request_uri":"https://example.com"}`, unreadable},
		{none, `[1]`, "form"},
		{none, `x`, unreadable},
		{`{"alg":"None"}`, `{}`, unreadable},
		{`{"alg":"RS256"}`, `{}`, unreadable},
	} {
		require.Equal(t, row.want, s.told(t, url.Values{"request": {object(row.header, row.claims)}}), row.claims)
	}
	only := url.Values{"request": {object(none, `{"response_type":"code"}`)}, "response_type": nil}
	require.Equal(t, "invalid_request: Missing parameter: response_type", s.told(t, only), "the query has to have it, too")
	strict := standIn(t, "strict")
	page, answer := strict.visit().open(t, url.Values{"request": {object(none, `{}`)}})
	require.NotNil(t, page.Callback)
	require.Equal(t, "request_not_supported", answer.Get("error"))
}

// TestWhichRedirectURIsARegisteredOneStandsFor is about the portless ones of mcp-client, and one with a port of mcp-inspector.
func TestWhichRedirectURIsARegisteredOneStandsFor(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	for uri, want := range map[string]string{
		"http://127.0.0.1/callback": "form", "http://127.0.0.1:1/callback": "form", "http://127.0.0.1:0/callback": "form", "http://127.0.0.1:99999/callback": "form",
		"http://localhost:1/callback": "form", "http://LOCALHOST:1/callback": "", "http://[::1]:1/callback": "", "http://127.0.0.2:1/callback": "",
		"http://127.0.0.1:1/callback/": "", "http://127.0.0.1:1/callback?x=1": "", "http://127.0.0.1:1/x/../callback": "", "http://127.0.0.1:1/call%62ack": "",
		"HTTP://127.0.0.1:1/callback": "", "http://u@127.0.0.1:1/callback": "", "http://127.0.0.1:1/callback#x": "", "http://127.0.0.1:x/callback": "",
	} {
		told := s.told(t, url.Values{"redirect_uri": {uri}})
		require.Equal(t, want == "form", told == "form", "%s: %s", uri, told)
	}
	require.NotEqual(t, "form", s.told(t, url.Values{"client_id": {"mcp-inspector"}, "redirect_uri": {"http://localhost:1/oauth/callback"}}), "a port that is registered is not free")
	require.Equal(t, "form", s.told(t, url.Values{"client_id": {"mcp-inspector"}, "redirect_uri": {"http://localhost:6274/oauth/callback"}}))
}

// TestAClientThatRegisteredItselfNeedsNoPKCE redeems what such a client gets without it, and with plain.
func TestAClientThatRegisteredItselfNeedsNoPKCE(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	id := s.register(t)
	verifier := oauth2.GenerateVerifier()
	for name, row := range map[string]struct {
		challenge, method, verifier []string
		want                        int
	}{
		"nothing":                   {nil, nil, nil, 200},
		"a verifier for nothing":    {nil, nil, []string{verifier}, 400},
		"plain":                     {[]string{verifier}, []string{"plain"}, []string{verifier}, 200},
		"plain unsaid":              {[]string{verifier}, nil, []string{verifier}, 200},
		"plain and a wrong one":     {[]string{verifier}, []string{"plain"}, []string{oauth2.GenerateVerifier()}, 400},
		"plain and none":            {[]string{verifier}, []string{"plain"}, nil, 400},
		"S256":                      {[]string{oauth2.S256ChallengeFromVerifier(verifier)}, []string{"S256"}, []string{verifier}, 200},
		"S256 and its challenge":    {[]string{oauth2.S256ChallengeFromVerifier(verifier)}, []string{"S256"}, []string{oauth2.S256ChallengeFromVerifier(verifier)}, 400},
		"S256, taken as plain said": {[]string{oauth2.S256ChallengeFromVerifier(verifier)}, nil, []string{verifier}, 400},
	} {
		answer := s.visit().signIn(t, "bob", url.Values{"client_id": {id}, "code_challenge": row.challenge, "code_challenge_method": row.method})
		require.NotEmpty(t, answer.Get("code"), "%s: %s", name, answer)
		status, body := s.redeem(t, answer.Get("code"), url.Values{"client_id": {id}, "code_verifier": row.verifier})
		require.Equal(t, row.want, status, "%s: %s", name, body["error_description"])
	}
	for method, want := range map[string]string{"x": "code_challenge_method", "": "code_challenge_method"} {
		require.Equal(t, "invalid_request: Invalid parameter: "+want, s.told(t, url.Values{"client_id": {id}, "code_challenge_method": {method}}))
	}
	require.Equal(t, "invalid_request: Missing parameter: code_challenge", s.told(t, url.Values{"client_id": {id}, "code_challenge": nil}))
}

// TestAnErrorPageShowsTheProvidersWordsBesideItsOwn has the page itself, and JSON for who asks for it.
func TestAnErrorPageShowsTheProvidersWordsBesideItsOwn(t *testing.T) {
	t.Parallel()
	unknown := url.Values{"client_id": {"nope"}}
	s := standIn(t, "keycloak")
	page, _ := s.visit().open(t, unknown)
	require.Equal(t, 400, page.Status)
	require.Contains(t, page.Problem, "This client is not known here")
	require.Contains(t, raw(t, s.idp, s.request(unknown), "text/html"), "Client not found.")
	require.JSONEq(t, `{"error":"Client not found."}`, raw(t, s.idp, s.request(unknown), "text/html, application/json"))
	strict := standIn(t, "strict")
	require.Contains(t, raw(t, strict.idp, strict.request(unknown), "application/json"), "<!doctype html>")
}

func raw(t *testing.T, idp *mockidp.Server, location, accept string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, location, nil)
	require.NoError(t, err)
	request.Header.Set("Accept", accept)
	res, err := idp.Client().Do(request)
	require.NoError(t, err)
	defer res.Body.Close()
	return readAll(t, res)
}

func readAll(t *testing.T, res *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(body)
}
