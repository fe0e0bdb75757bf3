package mockidp_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/useragent"
)

// register registers a client, which says what it will ask for or does not.
func (s *stand) register(t *testing.T, scopes ...string) (id string) {
	t.Helper()
	document := `{"redirect_uris":["http://localhost/callback"],"token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token"]`
	if scopes != nil {
		document += `,"scope":"` + strings.Join(scopes, " ") + `"`
	}
	document += "}"
	res, err := s.idp.Client().Post(s.metadata["registration_endpoint"].(string), "application/json", strings.NewReader(document))
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, 201, res.StatusCode)
	var body struct {
		ID string `json:"client_id"`
	}
	require.NoError(t, decodeJSON(res.Body, &body))
	return body.ID
}

func (s *stand) userinfo(t *testing.T, token string) (status int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.metadata["userinfo_endpoint"].(string), nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	res, err := s.idp.Client().Do(request)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res.StatusCode
}

// TestUnknownDeniedAndMissingScopes has bob, of the role User, ask. What is wanted is the error, or the scopes of the answer.
func TestUnknownDeniedAndMissingScopes(t *testing.T) {
	t.Parallel()
	type row struct{ unknown, denied, nothing, none string }
	const create = "create:todos"
	everywhere(t, map[string]row{
		"strict":   {"invalid_scope", create, "", create},
		"opaque":   {"invalid_scope", create, "", create},
		"logto":    {create, create, "access_denied", "access_denied"},
		"keycloak": {"invalid_scope", create + " profile email", "profile email", "profile email"},
		"auth0":    {create, create, "", ""},
		"okta":     {"invalid_scope", "access_denied", "access_denied", ""},
		"entra":    {"invalid_scope", "create:todos read:todos", "read:todos", ""},
		"cognito":  {"invalid_scope", "create:todos read:todos", "read:todos", ""},
	}, func(t *testing.T, s *stand, want row) {
		check := func(want string, scope url.Values) {
			t.Helper()
			scope.Set("resource", api)
			if (s.as == "entra" || s.as == "cognito") && !scope.Has("scope") {
				scope.Del("resource") // nothing says which API
			}
			answer := s.authorize(t, "bob", scope)
			if strings.Contains(want, "_") {
				require.Equal(t, want, answer.Get("error"))
				return
			}
			require.Empty(t, answer.Get("error"), answer)
			named := url.Values{}
			if scope.Has("resource") {
				named.Set("resource", api)
			}
			status, body := s.redeem(t, answer.Get("code"), named)
			require.Equal(t, 200, status, body)
			require.Equal(t, s.names(strings.Fields(want)...), body["scope"])
		}
		check(want.unknown, url.Values{"scope": {s.names(create) + " nobody:knows"}})
		check(want.denied, url.Values{"scope": {s.names(create, "read:todos")}})
		check(want.nothing, url.Values{"scope": {s.names("read:todos")}})
		check(want.none, url.Values{})
	})
}

func TestWhatAnUnknownOrMalformedResourceGets(t *testing.T) {
	t.Parallel()
	type row struct{ unknown, malformed string } // the error
	const target = "invalid_target"
	everywhere(t, map[string]row{
		"strict": {target, target}, "opaque": {target, target}, "logto": {target, target}, "keycloak": {"", target},
		"auth0": {target, target}, "okta": {"", ""}, "entra": {target, target}, "cognito": {"", ""},
	}, func(t *testing.T, s *stand, want row) {
		for resource, code := range map[string]string{"https://another.example/mcp": want.unknown, "relative": want.malformed} {
			answer := s.authorize(t, "bob", url.Values{"resource": {resource}, "scope": {s.names("create:todos")}})
			require.Equal(t, code, answer.Get("error"), resource)
			require.Equal(t, code == "", answer.Has("code"))
			if s.as == "entra" {
				require.Contains(t, answer.Get("error_description"), "AADSTS9010010")
			}
		}
	})
}

func TestScopesOfTwoAPIsGetNoToken(t *testing.T) {
	t.Parallel()
	for _, as := range []string{"entra", "cognito"} {
		s := standIn(t, as)
		mixed := s.names("create:todos") + " " + strings.ReplaceAll(s.names("create:todos"), api, "https://todo.mcp-server.app")
		require.Equal(t, "invalid_scope", s.authorize(t, "bob", url.Values{"scope": {mixed}}).Get("error"), as)
	}
}

func TestTheAudienceParameterNamesTheAPI(t *testing.T) {
	t.Parallel()
	s := standIn(t, "auth0")
	answer := s.authorize(t, "alice", url.Values{"audience": {api}, "resource": {"https://another.example"}, "scope": {"create:todos"}})
	_, body := s.redeem(t, answer.Get("code"), nil)
	_, claims := decoded(body["access_token"])
	require.Equal(t, api, claims["aud"], "resource does not count beside it, and without openid nobody is in aud but the API")
}

// TestWhoMayAskAboutATokenAndWhichOne has the resource server's client, another confidential one, and a public one ask.
func TestWhoMayAskAboutATokenAndWhichOne(t *testing.T) {
	t.Parallel()
	type answered struct {
		status int
		active any
	}
	type row struct{ server, other, public answered }
	yes, no := answered{200, true}, answered{200, false}
	for as, want := range map[string]row{
		"strict":   {yes, yes, answered{401, nil}},
		"opaque":   {yes, yes, answered{401, nil}},
		"keycloak": {yes, no, answered{403, nil}},
		"logto":    {answered{400, nil}, answered{400, nil}, answered{400, nil}},
		"okta":     {yes, yes, answered{401, nil}},
	} {
		t.Run(as, func(t *testing.T) {
			t.Parallel()
			s := standIn(t, as)
			form := url.Values{"token": {s.tokens(t, "alice", "create:todos")["access_token"].(string)}}
			ask := func(want answered, form url.Values, client ...string) object {
				status, body := s.post(t, "introspection_endpoint", form, client...)
				require.Equal(t, want, answered{status, body["active"]}, body)
				return body
			}
			body := ask(want.server, form, "todo-mcp", "todo-mcp-secret")
			if as == "logto" {
				require.Equal(t, "unsupported_token_type", body["error"])
			}
			ask(want.other, form, "todo-batch", "todo-batch-secret")
			ask(want.public, url.Values{"token": form["token"], "client_id": {"mcp-client"}})
		})
	}
	s := standIn(t, "logto")
	_, body := s.redeem(t, s.authorize(t, "alice", url.Values{"scope": {"openid"}}).Get("code"), nil)
	_, answer := s.post(t, "introspection_endpoint", url.Values{"token": {body["access_token"].(string)}}, "todo-mcp", "todo-mcp-secret")
	require.Equal(t, true, answer["active"], "opaque tokens are told about")
}

func TestAFailedExchangeBurnsTheCodeOrNot(t *testing.T) {
	t.Parallel()
	for as, want := range map[string]int{"strict": 400, "keycloak": 400, "logto": 200} {
		s := standIn(t, as)
		code := s.authorize(t, "alice", url.Values{"resource": {api}, "scope": {"create:todos"}}).Get("code")
		status, _ := s.redeem(t, code, url.Values{"code_verifier": {strings.Repeat("w", 43)}})
		require.Equal(t, 400, status)
		status, _ = s.redeem(t, code, nil)
		require.Equal(t, want, status, as)
	}
}

func TestAWiderScopeAtRefreshIsRefusedOrLeftOut(t *testing.T) {
	t.Parallel()
	for as, want := range map[string]int{"strict": 400, "logto": 400, "keycloak": 200} {
		s := standIn(t, as)
		asked := []string{"create:todos"}
		if as == "logto" {
			asked = append(asked, "offline_access") // or there is nothing to refresh
		}
		refresh := s.tokens(t, "alice", asked...)["refresh_token"].(string)
		form := url.Values{"grant_type": {"refresh_token"}, "client_id": {"mcp-client"}, "refresh_token": {refresh}, "scope": {"create:todos delete:todos"}}
		status, body := s.post(t, "token_endpoint", form)
		require.Equal(t, want, status, as)
		if want == 200 {
			require.Equal(t, "create:todos profile email", body["scope"], "the default scopes are always granted")
		} else {
			require.Equal(t, "invalid_scope", body["error"])
		}
	}
}

// TestErrorsHaveTheProvidersWords is about what a client reads: status, code, and the text where it is known.
func TestErrorsHaveTheProvidersWords(t *testing.T) {
	t.Parallel()
	type answer struct {
		status     int
		code, text string
	}
	type row struct {
		unknownClient, wrongSecret, badCode, wrongVerifier, wrongRedirect, badRefresh, noGrant answer
		noPKCE, plain                                                                          string
	}
	const grant, client = "grant request is invalid", "Invalid client or Invalid client credentials"
	for as, want := range map[string]row{
		"logto": {
			answer{400, "invalid_client", "invalid client nope"}, answer{401, "invalid_client", "client authentication failed"},
			answer{400, "invalid_grant", grant}, answer{400, "invalid_grant", grant}, answer{400, "invalid_grant", grant}, answer{400, "invalid_grant", grant},
			answer{400, "invalid_request", ""},
			"Authorization Server policy requires PKCE to be used for this request", "not supported value of code_challenge_method",
		},
		"keycloak": {
			answer{401, "invalid_client", client}, answer{401, "unauthorized_client", client},
			answer{400, "invalid_grant", "Code not valid"}, answer{400, "invalid_grant", "PKCE verification failed: Code mismatch"},
			answer{400, "invalid_grant", "Incorrect redirect_uri"}, answer{400, "invalid_grant", "Invalid refresh token"},
			answer{400, "invalid_request", "Missing form parameter: grant_type"},
			"Missing parameter: code_challenge_method", "Invalid parameter: code challenge method is not matching the configured one",
		},
	} {
		t.Run(as, func(t *testing.T) {
			t.Parallel()
			s := standIn(t, as)
			check := func(want answer, status int, body object) {
				t.Helper()
				require.Equal(t, []any{want.status, want.code}, []any{status, body["error"]}, body)
				if want.text != "" {
					require.Equal(t, want.text, body["error_description"])
				}
			}
			fresh := func() string {
				return s.authorize(t, "alice", url.Values{"resource": {api}, "scope": {"create:todos"}}).Get("code")
			}
			for _, try := range []struct {
				want answer
				code string
				with url.Values
			}{
				{want.unknownClient, "x", url.Values{"client_id": {"nope"}}},
				{want.badCode, "x", nil},
				{want.wrongVerifier, fresh(), url.Values{"code_verifier": {strings.Repeat("w", 43)}}},
				{want.wrongRedirect, fresh(), url.Values{"redirect_uri": {"http://localhost:1/other"}}},
				{want.badRefresh, "", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}}},
				{want.noGrant, "x", url.Values{"grant_type": nil}},
			} {
				status, body := s.redeem(t, try.code, try.with)
				check(try.want, status, body)
			}
			for want, with := range map[string]url.Values{
				want.noPKCE: {"code_challenge": nil, "code_challenge_method": nil}, want.plain: {"code_challenge_method": {"plain"}},
			} {
				answer := s.authorize(t, "alice", with)
				require.Equal(t, []string{"invalid_request", want}, []string{answer.Get("error"), answer.Get("error_description")})
			}
			status, body := s.post(t, "token_endpoint", url.Values{"grant_type": {"client_credentials"}}, "todo-batch", "wrong")
			check(want.wrongSecret, status, body)
		})
	}
}

func TestASignInFormAsksForNameAndPassword(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	location := s.metadata["authorization_endpoint"].(string) + "?" + url.Values{
		"client_id": {"mcp-client"}, "redirect_uri": {redirect}, "response_type": {"code"}, "scope": {"create:todos"}, "login_hint": {"bob"},
		"code_challenge": {strings.Repeat("c", 43)}, "code_challenge_method": {"S256"},
	}.Encode()
	browser := useragent.New(s.idp.Client())
	page, err := browser.Open(t.Context(), location)
	require.NoError(t, err)
	require.Equal(t, []any{200, location}, []any{page.Status, page.URL.String()}, "the form comes without a redirect")
	submit := func(username, password string) *useragent.Page {
		form := page.Form("password")
		require.NotNil(t, form)
		require.NotNil(t, page.Form("credentialId"))
		require.NoError(t, form.Set("username", username))
		require.NoError(t, form.Set("password", password))
		page, err := browser.Submit(t.Context(), form, "login", "Sign In")
		require.NoError(t, err)
		return page
	}
	page = submit("bob", "wrong")
	require.Equal(t, 200, page.Status)
	page = submit("nobody", "nobody")
	require.Equal(t, 200, page.Status, "who does not exist hears the same")
	page = submit("BOB@example.com", "bob")
	require.NotNil(t, page.Callback, "an email address in any case, and no consent for a client that the realm knows")
	require.NotEmpty(t, page.Callback.Query().Get("code"))
}

func TestOnlyClientsThatRegisteredThemselvesAreAskedForConsent(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	id := s.register(t)
	person := useragent.Person{Username: "bob", Password: "bob", Deny: true}
	for client, want := range map[string]string{id: "access_denied", "mcp-client": ""} {
		location := s.metadata["authorization_endpoint"].(string) + "?" + url.Values{
			"client_id": {client}, "redirect_uri": {redirect}, "response_type": {"code"}, "scope": {"create:todos"},
			"code_challenge": {strings.Repeat("c", 43)}, "code_challenge_method": {"S256"},
		}.Encode()
		callback, err := useragent.New(s.idp.Client()).SignIn(t.Context(), location, person)
		require.NoError(t, err)
		require.Equal(t, want, callback.Query().Get("error"))
	}
}
