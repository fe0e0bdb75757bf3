package mockidp_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// enrol registers a client of a document.
func (s *stand) enrol(t *testing.T, document string, header ...string) (int, object) {
	t.Helper()
	status, body, _ := s.program(t, "POST", "registration_endpoint", document, append([]string{"Content-Type", "application/json"}, header...)...)
	return status, body
}

const callbackOnly = `"redirect_uris":["` + redirect + `"]`

func TestWhatAClientMayRegister(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	registered := heard{201, "", ""}
	untrusted := heard{403, "insufficient_scope", "Policy 'Trusted Hosts' rejected request to client-registration service. Details: URI doesn't match any trusted host or trusted domain"}
	scope := heard{403, "insufficient_scope", "Policy 'Allowed Client Scopes' rejected request to client-registration service. Details: Not permitted to use specified clientScope"}
	metadata := heard{400, "invalid_client_metadata", "Client metadata invalid"}
	crash := heard{500, "unknown_error", "For more on this error consult the server log."}
	for document, want := range map[string]heard{
		`{}`: registered,
		`{"redirect_uris":["https://localhost/callback","http://127.0.0.1:1/x?y=z","/callback","http://localhost:7777/*"]}`: registered,
		`{"redirect_uris":["https://client.example/callback"]}`:                                                             untrusted,
		`{"redirect_uris":["` + redirect + `","https://localhost.client.example/callback"]}`:                                untrusted,
		`{"redirect_uris":["http://[::1]/callback"]}`:                                                                       untrusted,
		`{"redirect_uris":["javascript://localhost/%0aalert(1)"]}`:                                                          untrusted,
		`{"redirect_uris":["com.example.app:/callback"]}`:                                                                   crash,
		`{"redirect_uris":["` + redirect + `#x"]}`:                                                                          {400, "invalid_redirect_uri", "A redirect URI must not contain an URL fragment"},
		`{` + callbackOnly + `,"client_uri":"https://client.example"}`:                                                      {403, "insufficient_scope", "Policy 'Trusted Hosts' rejected request to client-registration service. Details: URL doesn't match any trusted host or trusted domain"},
		`{` + callbackOnly + `,"logo_uri":"https://client.example/logo.png"}`:                                               registered,
		`{"redirect_uris":["https://client.example/"],"scope":"openid"}`:                                                    scope,
		`{"redirect_uris":["https://client.example/"],"client_uri":"https://client.example"}`:                               {403, "insufficient_scope", "Policy 'Trusted Hosts' rejected request to client-registration service. Details: URL doesn't match any trusted host or trusted domain"},
		`{` + callbackOnly + `,"sector_identifier_uri":"https://localhost/sector"}`:                                         {400, "invalid_client_metadata", "Failed to get redirect URIs from the Sector Identifier URI."},
		`{` + callbackOnly + `,"sector_identifier_uri":""}`:                                                                 registered,
		`{` + callbackOnly + `,"scope":"openid create:todos"}`:                                                              scope,
		`{` + callbackOnly + `,"scope":"nobody:knows"}`:                                                                     scope,
		`{` + callbackOnly + `,"scope":"create:todos  read:todos"}`:                                                         scope,
		`{` + callbackOnly + `,"scope":"create:todos offline_access"}`:                                                      registered,
		`{` + callbackOnly + `,"token_endpoint_auth_method":"nobody-knows"}`:                                                metadata,
		`{` + callbackOnly + `,"token_endpoint_auth_method":"private_key_jwt"}`:                                             metadata,
		`{` + callbackOnly + `,"response_types":["nobody-knows"]}`:                                                          metadata,
		`{` + callbackOnly + `,"grant_types":["nobody-knows"]}`:                                                             registered,
		`{` + callbackOnly + `,"client_id":"mine"}`:                                                                         {400, "invalid_client_metadata", "Client Identifier included"},
		`{` + callbackOnly + `,"client_name":{}}`:                                                                           {400, "unknown_error", "Cannot parse the JSON"},
		`{"redirect_uris":"` + redirect + `"}`:                                                                              {400, "unknown_error", "Cannot parse the JSON"},
		`[]`:                                                                                                                {400, "unknown_error", "Cannot parse the JSON"},
		`{`:                                                                                                                 {400, "invalid_request", "Cannot parse the JSON"},
		`{"resource":"x"}`:                                                                                                  {400, `Invalid json representation for OIDCClientRepresentation. Unrecognized field "resource" at line 1 column 14.`, ""},
		"{\n \"a\":12345}":                                                                                                  {400, `Invalid json representation for OIDCClientRepresentation. Unrecognized field "a" at line 2 column 11.`, ""},
	} {
		t.Log(document)
		status, body := s.enrol(t, document)
		want.check(t, status, body)
	}
	status, body, _ := s.program(t, "POST", "registration_endpoint", "{}", "Content-Type", "text/plain")
	heard{415, "The content-type header value did not match the value in @Consumes", ""}.check(t, status, body)
}

func TestABearerTokenIsJudgedWhereRegistrationNeedsNone(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	answer := s.tokens(t, "alice", "openid")
	for token, want := range map[string]heard{
		"Bearer x": {401, "invalid_token", "Failed decode token"}, "Bearer ": {201, "", ""}, "Basic eDp5": {201, "", ""},
		"Bearer " + answer["access_token"].(string): {403, "insufficient_scope", "Forbidden"},
		"Bearer " + answer["id_token"].(string):     {401, "invalid_token", "Invalid type of token"},
	} {
		status, body := s.enrol(t, "{"+callbackOnly+"}", "Authorization", token)
		want.check(t, status, body)
	}
	status, _ := standIn(t, "strict").enrol(t, "{"+callbackOnly+"}", "Authorization", "Bearer x")
	require.Equal(t, 201, status)
}

// TestWhatARegistrationAnswers holds the whole answer.
func TestWhatARegistrationAnswers(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	const optional = "create:todos delete:todos offline_access read:todos"
	code, both := []any{"authorization_code"}, []any{"authorization_code", "refresh_token"}
	for document, changed := range map[string]object{
		`{}`: {"redirect_uris": []any{}, "post_logout_redirect_uris": []any{}},
		`{` + callbackOnly + `,"client_secret":"mine","application_type":"web","contacts":["a@b.example"],"software_id":"x"}`: {},
		`{` + callbackOnly + `,"token_endpoint_auth_method":"none","client_name":"A client","client_uri":"http://localhost"}`: {"token_endpoint_auth_method": "none", "client_name": "A client", "client_uri": "http://localhost"},
		`{` + callbackOnly + `,"grant_types":["authorization_code","nobody-knows"]}`:                                          {"grant_types": code},
		`{` + callbackOnly + `,"grant_types":[]}`:                                                                             {"grant_types": code},
		`{` + callbackOnly + `,"grant_types":["authorization_code","urn:ietf:params:oauth:grant-type:device_code"]}`:          {"grant_types": append(code, "urn:ietf:params:oauth:grant-type:device_code")},
		`{` + callbackOnly + `,"grant_types":["refresh_token"]}`:                                                              {"grant_types": both[1:], "response_types": []any{}},
		`{` + callbackOnly + `,"scope":"read:todos create:todos","post_logout_redirect_uris":["http://localhost/out"]}`:       {"scope": "create:todos read:todos", "post_logout_redirect_uris": []any{"http://localhost/out"}},
	} {
		want := object{
			"redirect_uris": []any{redirect}, "token_endpoint_auth_method": "client_secret_basic", "grant_types": both, "response_types": []any{"code", "none"}, "scope": optional,
			"subject_type": "public", "request_uris": []any{}, "tls_client_certificate_bound_access_tokens": false, "dpop_bound_access_tokens": false,
			"post_logout_redirect_uris": []any{redirect}, "client_secret_expires_at": 0.0,
			"backchannel_logout_session_required": false, "require_pushed_authorization_requests": false, "frontchannel_logout_session_required": false,
		}
		for name, value := range changed {
			want[name] = value
		}
		if changed["token_endpoint_auth_method"] == "none" {
			delete(want, "client_secret_expires_at")
		}
		status, body := s.enrol(t, document)
		require.Equal(t, 201, status, body)
		require.Regexp(t, uuid, body["client_id"])
		require.Equal(t, s.metadata["registration_endpoint"].(string)+"/"+body["client_id"].(string), body["registration_client_uri"])
		header, claims := decoded(body["registration_access_token"])
		require.Equal(t, []any{"HS512", "RegistrationAccessToken", 0.0}, []any{header["alg"], claims["typ"], claims["exp"]})
		require.Equal(t, want["token_endpoint_auth_method"] != "none", body["client_secret"] != nil)
		require.NotEqual(t, "mine", body["client_secret"])
		for _, once := range []string{"client_id", "client_id_issued_at", "client_secret", "registration_client_uri", "registration_access_token"} {
			delete(body, once)
		}
		require.Equal(t, want, body, document)
	}
}

// TestAClientThatNamesItsScopesHasNoDefaultOnes is why such a client's tokens lack names and roles.
func TestAClientThatNamesItsScopesHasNoDefaultOnes(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	public := callbackOnly + `,"token_endpoint_auth_method":"none"`
	_, named := s.enrol(t, `{`+public+`,"scope":"create:todos"}`)
	_, unnamed := s.enrol(t, `{`+public+`}`)
	scopes := func(client object, scope string) (string, object) {
		id := client["client_id"].(string)
		answer := s.authorize(t, "alice", url.Values{"client_id": {id}, "scope": {scope}})
		if answer.Get("error") != "" {
			return answer.Get("error"), nil
		}
		status, body := s.redeem(t, answer.Get("code"), url.Values{"client_id": {id}})
		require.Equal(t, 200, status, body)
		_, claims := decoded(body["access_token"])
		return claims["scope"].(string), claims
	}
	scope, claims := scopes(named, "openid create:todos")
	require.Equal(t, "openid create:todos", scope)
	for _, name := range []string{"preferred_username", "email", "realm_access", "acr", "allowed-origins"} {
		require.NotContains(t, claims, name)
	}
	for _, other := range []string{"profile", "read:todos", "offline_access"} {
		scope, _ = scopes(named, other)
		require.Equal(t, "invalid_scope", scope, other)
	}
	scope, claims = scopes(unnamed, "openid read:todos")
	require.Equal(t, "openid read:todos profile email", scope)
	for _, name := range []string{"preferred_username", "email", "realm_access", "acr", "allowed-origins"} {
		require.Contains(t, claims, name)
	}
}

// TestAClientManagesItsRegistration is RFC 7592 with the provider's own rules: reading keeps the token and tells the secret, an update
// replaces the token, and keeps what it does not name.
func TestAClientManagesItsRegistration(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	_, client := s.enrol(t, `{`+callbackOnly+`,"client_name":"A client","scope":"create:todos"}`)
	_, other := s.enrol(t, `{`+callbackOnly+`}`)
	id, location, token := client["client_id"].(string), client["registration_client_uri"].(string), client["registration_access_token"].(string)
	ask := func(method, token, document string) (int, object) {
		header := []string{"Content-Type", "application/json"}
		if token != "" {
			header = append(header, "Authorization", "Bearer "+token)
		}
		status, body, got := s.program(t, method, location, document, header...)
		require.Empty(t, got.Get("WWW-Authenticate"))
		return status, body
	}
	view := heard{401, "invalid_token", "Not authorized to view client. Not valid token or client credentials provided."}
	change := heard{401, "invalid_token", "Not authorized to update client. Maybe missing token or bad token type."}
	for _, who := range []string{"", other["registration_access_token"].(string)} {
		status, body := ask("GET", who, "")
		view.check(t, status, body)
		status, body = ask("PUT", who, `{"client_id":"`+id+`"}`)
		change.check(t, status, body)
		status, body = ask("DELETE", who, "")
		change.check(t, status, body)
	}
	status, body := ask("GET", "x", "")
	heard{401, "invalid_token", "Failed decode token"}.check(t, status, body)

	status, body = ask("GET", token, "")
	require.Equal(t, []any{200, client["client_secret"], token}, []any{status, body["client_secret"], body["registration_access_token"]})
	require.NotContains(t, body, "client_id_issued_at")

	for _, document := range []string{`{` + callbackOnly + `}`, `{"client_id":"another"}`} {
		status, body = ask("PUT", token, document)
		heard{400, "invalid_client_metadata", "Client Identifier modified"}.check(t, status, body)
	}
	status, body = ask("PUT", token, `{"client_id":"`+id+`","redirect_uris":["https://client.example/"]}`)
	require.Equal(t, 403, status, body)
	status, body = ask("PUT", token, `{"client_id":"`+id+`","redirect_uris":["http://localhost/new"],"client_secret":"mine","registration_access_token":"mine"}`)
	require.Equal(t, 200, status, body)
	require.Equal(t, []any{[]any{"http://localhost/new"}, "A client", "create:todos", client["client_secret"]}, []any{body["redirect_uris"], body["client_name"], body["scope"], body["client_secret"]})
	renewed := body["registration_access_token"].(string)
	require.NotEqual(t, token, renewed)

	status, body = ask("GET", token, "")
	view.check(t, status, body)
	status, _ = ask("DELETE", renewed, "")
	require.Equal(t, http.StatusNoContent, status)
	status, body = ask("GET", renewed, "")
	view.check(t, status, body)
}
