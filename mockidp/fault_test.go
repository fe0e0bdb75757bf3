package mockidp_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// faulty is a strict server with the path /tenant in its issuer, and with one fault.
func faulty(t *testing.T, fault string) *stand {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	issuer := "http://" + l.Addr().String() + "/tenant"
	idp, err := mockidp.Start(mockidp.Options{Issuer: issuer, Faults: []string{fault}}, l)
	require.NoError(t, err)
	t.Cleanup(idp.Close)
	return &stand{as: "strict", idp: idp, verifier: strings.Repeat("v", 43), metadata: object{
		"authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token", "registration_endpoint": issuer + "/register",
	}}
}

// at asks below the host.
func (s *stand) at(t *testing.T, path string) (status int, body string) {
	t.Helper()
	res, err := s.idp.Client().Get(strings.TrimSuffix(s.idp.Issuer(), "/tenant") + path)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text)
}

// registers posts client metadata, with a bearer token or none.
func (s *stand) registers(t *testing.T, document, token string) (status int, body object) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.metadata["registration_endpoint"].(string), strings.NewReader(document))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := s.idp.Client().Do(request)
	require.NoError(t, err)
	defer res.Body.Close()
	require.NoError(t, decodeJSON(res.Body, &body))
	return res.StatusCode, body
}

// newClient is a registration that lacks its last brace: more members may follow.
const newClient = `{"redirect_uris":["http://127.0.0.1/callback"],"token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token"]`

// namesIssuer is about the document of the first place.
func namesIssuer(want func(issuer string) string) func(*testing.T, *stand) {
	return func(t *testing.T, s *stand) {
		_, document := s.get(t, s.idp.MetadataURL())
		require.Equal(t, want(s.idp.Issuer()), document["issuer"])
		require.Equal(t, s.metadata["token_endpoint"], document["token_endpoint"], "all else is as it was")
	}
}

const oauthPlace, oidcPlace = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"

func servesOnly(place string) func(*testing.T, *stand) {
	return func(t *testing.T, s *stand) {
		for _, at := range []string{oauthPlace + "/tenant", "/tenant" + oauthPlace, oidcPlace + "/tenant", "/tenant" + oidcPlace} {
			status, body := s.at(t, at)
			if at != place {
				require.Equal(t, 404, status, at)
				continue
			}
			require.Equal(t, 200, status, at)
			require.True(t, json.Valid([]byte(body)))
		}
		require.NotEmpty(t, s.tokens(t, "bob", "create:todos")["access_token"], "the endpoints work")
	}
}

func refusesRegistration(bad, good string, status int, code string) func(*testing.T, *stand) {
	return func(t *testing.T, s *stand) {
		got, body := s.registers(t, bad, "")
		require.Equal(t, status, got)
		require.Equal(t, code, body["error"])
		require.NotEmpty(t, body["error_description"])
		if good != "" {
			got, body = s.registers(t, good, "")
			require.Equal(t, 201, got, body)
		}
	}
}

func issIs(want ...string) func(*testing.T, *stand) {
	return func(t *testing.T, s *stand) {
		for answered, parameters := range map[string]url.Values{"a code": {"resource": {api}}, "an error": {"resource": {"http://nobody.example"}}} {
			answer := s.authorize(t, "bob", parameters)
			require.Equal(t, want, answer["iss"], answered)
			require.Equal(t, "s", answer.Get("state"))
			require.True(t, answer.Has("code") || answer.Has("error"))
		}
		_, document := s.get(t, s.idp.MetadataURL())
		require.Equal(t, true, document["authorization_response_iss_parameter_supported"])
	}
}

func (s *stand) refreshes(t *testing.T, token any) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "client_id": {"mcp-client"}, "refresh_token": {token.(string)}}
}

func TestAFaultDoesWhatItsNameSays(t *testing.T) {
	t.Parallel()
	rows := map[string]func(*testing.T, *stand){
		"issuer-slash":        namesIssuer(func(issuer string) string { return issuer + "/" }),
		"issuer-elsewhere":    namesIssuer(func(string) string { return "http://internal.idp.example:8080/tenant" }),
		"only-oauth-inserted": servesOnly(oauthPlace + "/tenant"),
		"only-oauth-appended": servesOnly("/tenant" + oauthPlace),
		"only-oidc-inserted":  servesOnly(oidcPlace + "/tenant"),
		"only-oidc-appended":  servesOnly("/tenant" + oidcPlace),
		"html-for-missing": func(t *testing.T, s *stand) {
			status, body := s.at(t, "/tenant"+oidcPlace)
			require.Equal(t, 200, status)
			require.True(t, json.Valid([]byte(body)), "a document that is there stays")
			idp := mockidp.New(t, mockidp.Options{As: "logto", Faults: []string{"html-for-missing"}})
			res, err := idp.Client().Get(strings.TrimSuffix(idp.Issuer(), "/oidc") + oauthPlace + "/oidc")
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			require.Equal(t, 200, res.StatusCode)
			require.Equal(t, "text/html; charset=utf-8", res.Header.Get("Content-Type"))
		},
		"pkce-unadvertised": func(t *testing.T, s *stand) {
			_, document := s.get(t, s.idp.MetadataURL())
			require.NotContains(t, document, "code_challenge_methods_supported")
			require.NotEmpty(t, s.tokens(t, "bob", "create:todos")["access_token"])
		},
		"no-cors": func(t *testing.T, s *stand) {
			for _, method := range []string{http.MethodGet, http.MethodOptions} {
				request, err := http.NewRequestWithContext(t.Context(), method, s.idp.MetadataURL(), nil)
				require.NoError(t, err)
				request.Header.Set("Origin", "http://localhost:6274")
				res, err := s.idp.Client().Do(request)
				require.NoError(t, err)
				require.NoError(t, res.Body.Close())
				require.Empty(t, res.Header.Get("Access-Control-Allow-Origin"))
				require.Equal(t, method == http.MethodGet, res.StatusCode == 200)
			}
		},
		"registration-hosts":   refusesRegistration(newClient+`}`, "", 403, "insufficient_scope"),
		"registration-scopes":  refusesRegistration(newClient+`,"scope":"openid create:todos"}`, newClient+`,"scope":"create:todos"}`, 403, "insufficient_scope"),
		"registration-members": refusesRegistration(newClient+`,"resource":"x"}`, newClient+`,"software_id":"x"}`, 400, "invalid_client_metadata"),
		"registration-token": func(t *testing.T, s *stand) {
			refusesRegistration(newClient+`}`, "", 401, "invalid_token")(t, s)
			status, _ := s.registers(t, newClient+`}`, "initial")
			require.Equal(t, 201, status)
		},
		"registration-secret": func(t *testing.T, s *stand) {
			status, body := s.registers(t, newClient+`}`, "")
			require.Equal(t, 201, status)
			require.Equal(t, "client_secret_basic", body["token_endpoint_auth_method"])
			form := s.refreshes(t, "nobody's")
			form.Set("client_id", body["client_id"].(string))
			status, answer := s.post(t, "token_endpoint", form)
			require.Equal(t, 401, status)
			require.Equal(t, "invalid_client", answer["error"])
			_, answer = s.post(t, "token_endpoint", form, body["client_id"].(string), body["client_secret"].(string))
			require.Equal(t, "invalid_grant", answer["error"], "with the secret it is known")
		},
		"redirect-exact": func(t *testing.T, s *stand) {
			ask := func(client, uri string) string {
				res, err := s.idp.Client().Get(s.metadata["authorization_endpoint"].(string) + "?" + url.Values{"client_id": {client}, "redirect_uri": {uri}}.Encode())
				require.NoError(t, err)
				defer res.Body.Close()
				body, err := io.ReadAll(res.Body)
				require.NoError(t, err)
				return string(body)
			}
			require.Contains(t, ask("mcp-client", redirect), "redirect_uri_mismatch", "it is registered without a port")
			require.Contains(t, ask("nobody", redirect), "This client is not known here")
			status, body := s.registers(t, strings.Replace(newClient, "127.0.0.1", "127.0.0.1:54321", 1)+`}`, "")
			require.Equal(t, 201, status)
			answer := s.authorize(t, "bob", url.Values{"client_id": {body["client_id"].(string)}, "redirect_uri": {"http://127.0.0.1:54321/callback"}})
			require.True(t, answer.Has("code"))
		},
		"iss-missing": issIs(),
		"iss-wrong":   issIs("https://another-idp.example"),
		"refresh-none": func(t *testing.T, s *stand) {
			body := s.tokens(t, "bob", "create:todos", "offline_access")
			require.NotContains(t, body, "refresh_token")
			require.Contains(t, body, "access_token")
		},
		"refresh-answer-lost": func(t *testing.T, s *stand) {
			form := s.refreshes(t, s.tokens(t, "bob", "create:todos")["refresh_token"])
			_, err := s.idp.Client().PostForm(s.metadata["token_endpoint"].(string), form)
			require.ErrorIs(t, err, io.EOF)
			status, body := s.post(t, "token_endpoint", form)
			require.Equal(t, 400, status, "the old one is used up")
			require.Equal(t, "invalid_grant", body["error"])
			status, _ = s.post(t, "token_endpoint", s.refreshes(t, s.tokens(t, "bob", "create:todos")["refresh_token"]))
			require.Equal(t, 200, status, "it happens once")
		},
		"unknown-client-unclear": func(t *testing.T, s *stand) {
			form := s.refreshes(t, "nobody's")
			status, body := s.post(t, "token_endpoint", form)
			require.Equal(t, 400, status, "a client that is known hears what is wrong")
			require.Equal(t, "invalid_grant", body["error"])
			form.Set("client_id", "gone")
			status, body = s.post(t, "token_endpoint", form)
			require.Equal(t, 422, status)
			require.NotContains(t, body, "error")
		},
	}
	for _, f := range mockidp.Faults() {
		require.NotEmpty(t, f.What)
		require.Contains(t, rows, f.Name)
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row(t, faulty(t, name))
		})
	}
}

func TestFaultsComeTogetherAndByTheirNames(t *testing.T) {
	t.Parallel()
	idp := mockidp.New(t, mockidp.Options{As: "auth0", Faults: []string{"issuer-slash", "pkce-unadvertised"}})
	res, err := idp.Client().Get(idp.MetadataURL())
	require.NoError(t, err)
	defer res.Body.Close()
	var document object
	require.NoError(t, decodeJSON(res.Body, &document))
	require.Equal(t, strings.TrimSuffix(idp.Issuer(), "/"), document["issuer"], "the slash goes where there was one")
	require.NotContains(t, document, "code_challenge_methods_supported")

	test := &failing{T: t}
	require.Nil(t, mockidp.New(test, mockidp.Options{Faults: []string{"nobody"}}))
	require.Contains(t, test.said, `no fault is called "nobody"; want one of issuer-slash, `)
}
