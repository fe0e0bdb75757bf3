package mockidp_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// heard is what a program is told: status, error, and the text where the test is about it.
type heard struct {
	status     int
	code, text string
}

func (h heard) check(t *testing.T, status int, body object) {
	t.Helper()
	require.Equal(t, h.status, status, body)
	if h.code != "" {
		require.Equal(t, h.code, body["error"], body)
	}
	if h.text != "" {
		require.Equal(t, h.text, body["error_description"], body)
	}
}

// program sends a request of any kind to an endpoint. Header is name, value, name, value.
func (s *stand) program(t *testing.T, method, location, body string, header ...string) (int, object, http.Header) {
	t.Helper()
	if named, ok := s.metadata[location].(string); ok {
		location = named
	}
	request, err := http.NewRequestWithContext(t.Context(), method, location, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	res, err := s.idp.Client().Do(request)
	require.NoError(t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	var answer object
	_ = decodeJSON(strings.NewReader(string(raw)), &answer)
	return res.StatusCode, answer, res.Header
}

const formType = "application/x-www-form-urlencoded"

func basicHeader(credentials string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(credentials))
}

// TestInWhichOrderATokenRequestIsJudged sends requests with two faults, and wants the one that is told.
func TestInWhichOrderATokenRequestIsJudged(t *testing.T) {
	t.Parallel()
	for as, wants := range map[string]map[string]heard{
		"strict": {
			"grant_type=nope&client_id=nope":                                            {400, "unsupported_grant_type", ""},
			"grant_type=authorization_code&client_id=nope&code=a&code=b":                {400, "invalid_request", ""},
			"grant_type=&client_id=nope":                                                {400, "invalid_request", ""},
			"grant_type=authorization_code&client_id=mcp-client&code=x&code_verifier=x": {400, "invalid_grant", ""},
			"grant_type=authorization_code&client_id=mcp-client&code=x":                 {400, "invalid_request", ""},
		},
		"keycloak": {
			"client_id=nope":                                                                        {400, "invalid_request", "Missing form parameter: grant_type"},
			"grant_type=&client_id=nope":                                                            {400, "unsupported_grant_type", "Unsupported grant_type"},
			"grant_type=nope&client_id=nope":                                                        {400, "unsupported_grant_type", "Unsupported grant_type"},
			"grant_type=authorization_code&client_id=nope&code=a&code=b":                            {401, "invalid_client", "Invalid client or Invalid client credentials"},
			"grant_type=authorization_code&client_id=mcp-client&x=a&x=b":                            {400, "invalid_request", "duplicated parameter"},
			"grant_type=authorization_code&client_id=mcp-client&resource=http://a&resource=b":       {400, "invalid_request", "duplicated parameter"},
			"grant_type=authorization_code&client_id=mcp-client":                                    {400, "invalid_request", "Missing parameter: code"},
			"grant_type=authorization_code&client_id=mcp-client&code=":                              {400, "invalid_grant", "Code not valid"},
			"grant_type=authorization_code&client_id=mcp-client&code=x":                             {400, "invalid_grant", "Code not valid"},
			"grant_type=refresh_token&client_id=mcp-client":                                         {400, "invalid_request", "No refresh token"},
			"grant_type=refresh_token&client_id=mcp-client&refresh_token=x&scope=nobody:knows":      {400, "invalid_scope", "Invalid scopes: nobody:knows"},
			"grant_type=refresh_token&client_id=mcp-client&refresh_token=":                          {400, "invalid_grant", "Invalid refresh token"},
			"grant_type=password&client_id=nope":                                                    {401, "invalid_client", ""},
			"grant_type=password&client_id=mcp-client":                                              {400, "unauthorized_client", "Client not allowed for direct access grants"},
			"grant_type=client_credentials&client_id=mcp-client":                                    {401, "unauthorized_client", "Public client not allowed to retrieve service account"},
			"grant_type=client_credentials&client_id=todo-mcp&client_secret=todo-mcp-secret":        {401, "unauthorized_client", "Client not enabled to retrieve service account"},
			"grant_type=authorization_code&client_id=todo-mcp&client_secret=todo-mcp-secret":        {400, "invalid_request", "Missing parameter: code"},
			"grant_type=authorization_code&code=x&client_id=todo-mcp&client_secret=todo-mcp-secret": {400, "invalid_grant", "Code not valid"},
			"grant_type=authorization_code&client_id=%zz":                                           {500, "unknown_error", "For more on this error consult the server log."},
		},
	} {
		s := standIn(t, as)
		for form, want := range wants {
			status, body, _ := s.program(t, "POST", "token_endpoint", form, "Content-Type", formType)
			t.Log(as, form)
			want.check(t, status, body)
		}
	}
}

func TestABodyThatIsNoFormHoldsNoParametersOrIsRefused(t *testing.T) {
	t.Parallel()
	const form, missing = "grant_type=authorization_code&client_id=mcp-client&code=x&code_verifier=y", "Missing form parameter: grant_type"
	for as, want := range map[string]heard{"strict": {400, "invalid_request", ""}, "keycloak": {400, "invalid_request", missing}} {
		s := standIn(t, as)
		for _, contentType := range []string{"text/plain", "application/json", ""} {
			status, body, _ := s.program(t, "POST", "token_endpoint", form, "Content-Type", contentType)
			want.check(t, status, body)
		}
		status, body, _ := s.program(t, "POST", s.metadata["token_endpoint"].(string)+"?"+form, "", "Content-Type", formType)
		want.check(t, status, body)
	}
	s := standIn(t, "keycloak")
	status, body, _ := s.program(t, "POST", s.metadata["token_endpoint"].(string)+"?client_id=nope", form, "Content-Type", formType)
	heard{400, "invalid_grant", "Code not valid"}.check(t, status, body) // the query does not count
}

// TestHowAClientMayProveWhoItIs redeems a code that is not there: who is let in hears so.
func TestHowAClientMayProveWhoItIs(t *testing.T) {
	t.Parallel()
	const code = "grant_type=authorization_code&code=x&code_verifier=x"
	const web = "&client_id=todo-web&client_secret=todo-web-secret"
	letIn, unknown, wrong := heard{400, "invalid_grant", ""}, heard{401, "invalid_client", ""}, heard{401, "unauthorized_client", ""}
	for name, try := range map[string]struct {
		form, header     string
		strict, keycloak heard
	}{
		"the method that it is registered for":   {"", basicHeader("todo-web:todo-web-secret"), letIn, letIn},
		"the other one":                          {web, "", heard{401, "invalid_client", ""}, letIn},
		"a wrong secret":                         {"", basicHeader("todo-web:wrong"), unknown, wrong},
		"no secret":                              {"&client_id=todo-web", "", unknown, wrong},
		"a right form beside a wrong header":     {web, basicHeader("todo-web:wrong"), heard{400, "invalid_request", ""}, letIn},
		"a wrong form beside a right header":     {"&client_secret=wrong", basicHeader("todo-web:todo-web-secret"), heard{400, "invalid_request", ""}, wrong},
		"another client in form and header":      {"&client_id=mcp-client", basicHeader("todo-web:todo-web-secret"), heard{400, "invalid_request", ""}, letIn},
		"an unknown client in the form":          {"&client_id=nope", basicHeader("todo-web:todo-web-secret"), heard{400, "invalid_request", ""}, unknown},
		"a header that cannot be read":           {"&client_id=mcp-client", "Basic !!!", unknown, letIn},
		"a header of another scheme":             {"&client_id=mcp-client", "Bearer x", unknown, letIn},
		"a header that cannot be read, alone":    {"", "Basic !!!", unknown, unknown},
		"no client":                              {"", "", unknown, unknown},
		"an empty client":                        {"&client_id=", "", unknown, unknown},
		"an unknown client":                      {"&client_id=nope", "", unknown, unknown},
		"a public client with a secret":          {"&client_id=mcp-client&client_secret=x", "", unknown, letIn},
		"a header with percent signs":            {"", basicHeader("todo%2Dweb:todo%2Dweb%2Dsecret"), letIn, letIn},
		"a header whose scheme is in lower case": {"", strings.Replace(basicHeader("todo-web:todo-web-secret"), "Basic", "basic", 1), letIn, letIn},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for as, want := range map[string]heard{"strict": try.strict, "keycloak": try.keycloak} {
				header := []string{"Content-Type", formType}
				if try.header != "" {
					header = append(header, "Authorization", try.header)
				}
				status, body, got := standIn(t, as).program(t, "POST", "token_endpoint", code+try.form, header...)
				want.check(t, status, body)
				require.Equal(t, status == 401 && as == "strict", got.Get("WWW-Authenticate") != "", as)
			}
		})
	}
}

func TestAClientThatRegisteredItselfIsHeldToItsMethod(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	for registered, want := range map[string]heard{
		`,"token_endpoint_auth_method":"client_secret_basic"`: {401, "unauthorized_client", "Invalid method used to get client secret. Client requires method 'client_secret_basic' to obtain client secret from the request"},
		"": {400, "invalid_grant", "Code not valid"},
	} {
		status, client, _ := s.program(t, "POST", "registration_endpoint", `{"redirect_uris":["http://localhost/callback"]`+registered+`}`, "Content-Type", "application/json")
		require.Equal(t, 201, status, client)
		form := url.Values{"grant_type": {"authorization_code"}, "code": {"x"}, "code_verifier": {"x"}, "client_id": {client["client_id"].(string)}, "client_secret": {client["client_secret"].(string)}}
		status, body := s.post(t, "token_endpoint", form)
		want.check(t, status, body)
	}
}

// TestWhatIsWrongWithAnExchangeIsToldAndBurnsTheCode has the right request come after the wrong one.
func TestWhatIsWrongWithAnExchangeIsToldAndBurnsTheCode(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	for want, with := range map[heard]url.Values{
		{400, "invalid_grant", "Incorrect redirect_uri"}:                                 {"redirect_uri": nil, "client_id": {"mcp-inspector"}},
		{400, "invalid_grant", "Auth error: Found different client_id in clientSession"}: {"client_id": {"mcp-inspector"}},
		{400, "invalid_grant", "PKCE code verifier not specified"}:                       {"code_verifier": nil},
		{400, "invalid_grant", "PKCE verification failed: Invalid code verifier"}:        {"code_verifier": {""}},
		{400, "invalid_grant", "PKCE verification failed: Code mismatch"}:                {"code_verifier": {strings.Repeat("w", 43)}},
		{401, "invalid_client", "Invalid client or Invalid client credentials"}:          {"client_id": {"nope"}},
		{400, "invalid_request", "duplicated parameter"}:                                 {"x": {"1", "2"}},
	} {
		code := s.authorize(t, "alice", url.Values{"scope": {"create:todos"}}).Get("code")
		status, body := s.redeem(t, code, with)
		want.check(t, status, body)
		status, body = s.redeem(t, code, nil)
		if want.code == "invalid_grant" {
			heard{400, "invalid_grant", "Code not valid"}.check(t, status, body)
		} else {
			require.Equal(t, 200, status, "%s leaves the code good", want.code)
		}
	}
	code := s.authorize(t, "alice", url.Values{"scope": {"create:todos"}}).Get("code")
	status, body := s.redeem(t, code, url.Values{"resource": {"http://nope?"}, "audience": {"x"}, "foo": {"bar"}})
	require.Equal(t, 200, status, body)
}

func TestARefreshTokenOfAnotherClientIsToldApart(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	token := s.tokens(t, "alice", "create:todos")["refresh_token"].(string)
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {"mcp-inspector"}, "refresh_token": {token}}
	status, body := s.post(t, "token_endpoint", form)
	heard{400, "invalid_grant", "Invalid refresh token. Token client and authorized client don't match"}.check(t, status, body)
	form.Set("client_id", "mcp-client")
	status, body = s.post(t, "token_endpoint", form)
	require.Equal(t, 200, status, "it stays good: %v", body)
}
