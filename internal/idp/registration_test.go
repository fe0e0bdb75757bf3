package idp_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// manage sends a request to where the registration answer says, with its token.
func (s server) manage(method string, registered map[string]any, body string) answer {
	s.t.Helper()
	return s.send(method, registered["registration_client_uri"].(string), body,
		"Authorization", "Bearer "+registered["registration_access_token"].(string), "Content-Type", "application/json")
}

func TestARegistrationIsReadBackAsItIs(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	for _, document := range []string{
		`{"redirect_uris":["http://127.0.0.1/cb"],"token_endpoint_auth_method":"none"}`,
		`{"redirect_uris":["https://app.example/cb"],"client_name":"App","client_uri":"https://app.example","logo_uri":"https://app.example/l.png","software_id":"x","scope":"openid create:todos","grant_types":["authorization_code","refresh_token"],"post_logout_redirect_uris":["https://app.example/bye"],"require_pushed_authorization_requests":true,"application_type":"web"}`,
		`{"redirect_uris":["http://127.0.0.1/cb"],"token_endpoint_auth_method":"private_key_jwt","token_endpoint_auth_signing_alg":"ES256","jwks":` + newClientKey(t, "k").set() + `}`,
	} {
		registered := s.register(document)
		require.Equal(t, 201, registered.status, registered.body)
		require.Equal(t, s.Issuer()+"/register/"+registered.json["client_id"].(string), registered.json["registration_client_uri"])
		read := s.manage("GET", registered.json, "")
		require.Equal(t, 200, read.status)
		requireNoStore(t, read)
		want := maps.Clone(registered.json)
		delete(want, "client_secret") // told once; the server keeps its hash
		delete(want, "client_secret_expires_at")
		require.Equal(t, want, read.json, "RFC 7592 §2.1 and §3: all that is registered, the token and the URI")
	}
}

func TestAnUpdateReplacesAllOfARegistrationButWhatTheServerIssued(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{AutoLogin: true})
	registered := s.register(`{"redirect_uris":["http://127.0.0.1/old"],"client_name":"Old","software_id":"x","token_endpoint_auth_method":"client_secret_basic","grant_types":["authorization_code","refresh_token"]}`).json
	id, secret := registered["client_id"].(string), registered["client_secret"].(string)
	old := q{"client_id": one(id), "redirect_uri": one("http://127.0.0.1/old"), "login_hint": one("alice")}
	code := s.get("/authorize?" + asking(old).Encode()).location(t).Query().Get("code")
	granted := s.issued(redeeming(code, q{"client_id": nil, "redirect_uri": old["redirect_uri"]}), basic(id, secret)...)

	updated := s.manage("PUT", registered, `{"client_id":"`+id+`","client_secret":"`+secret+`","redirect_uris":["http://127.0.0.1/new"],"client_name":"New","token_endpoint_auth_method":"client_secret_post","grant_types":["authorization_code","refresh_token"]}`)
	require.Equal(t, 200, updated.status, updated.body)
	require.Equal(t, "New", updated.json["client_name"])
	require.NotContains(t, updated.json, "software_id", "RFC 7592 §2.2: what is left out is deleted")
	require.NotContains(t, updated.json, "client_secret", "it is kept")
	for _, name := range []string{"client_id", "client_id_issued_at", "registration_access_token", "registration_client_uri"} {
		require.Equal(t, registered[name], updated.json[name])
	}
	require.Equal(t, updated.json, s.manage("GET", registered, "").json)

	require.Equal(t, 400, s.get("/authorize?"+asking(old).Encode()).status, "the old redirect URI is gone")
	require.Equal(t, 303, s.get("/authorize?"+asking(with(old, q{"redirect_uri": one("http://127.0.0.1/new")})).Encode()).status)
	s.refused(401, "invalid_client", refreshing(granted["refresh_token"], q{"client_id": nil}), basic(id, secret)...)
	s.issued(refreshing(granted["refresh_token"], q{"client_id": one(id), "client_secret": one(secret)}))

	public := s.manage("PUT", registered, `{"client_id":"`+id+`","redirect_uris":["http://127.0.0.1/new"],"token_endpoint_auth_method":"none"}`)
	require.Equal(t, 200, public.status)
	require.NotContains(t, public.json, "client_secret")
	require.NotContains(t, public.json, "client_name")
	again := s.manage("PUT", registered, `{"client_id":"`+id+`","redirect_uris":["http://127.0.0.1/new"]}`)
	require.NotEmpty(t, again.json["client_secret"], "a client without a secret gets one when it needs one")
	require.NotEqual(t, secret, again.json["client_secret"])
	require.Equal(t, float64(0), again.json["client_secret_expires_at"])
}

func TestUpdatesThatAreRefusedChangeNothing(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	registered := s.register(`{"redirect_uris":["http://127.0.0.1/cb"],"client_name":"Name"}`).json
	public := s.register(`{"redirect_uris":["http://127.0.0.1/cb"],"token_endpoint_auth_method":"none"}`).json
	before := s.manage("GET", registered, "").json
	own := `"client_id":"` + registered["client_id"].(string) + `"`
	uris := `"redirect_uris":["http://127.0.0.1/cb"]`
	for name, row := range map[string]struct{ body, code, says string }{
		"no client_id":            {`{` + uris + `}`, "invalid_client_metadata", "client_id must be in an update"},
		"another's client_id":     {`{` + uris + `,"client_id":"mcp-inspector"}`, "invalid_client_metadata", "be that of the client"},
		"a secret of its choice":  {`{` + own + `,` + uris + `,"client_secret":"chosen"}`, "invalid_client_metadata", "cannot choose its secret"},
		"an empty secret":         {`{` + own + `,` + uris + `,"client_secret":""}`, "invalid_client_metadata", "cannot choose its secret"},
		"the token":               {`{` + own + `,` + uris + `,"registration_access_token":"x"}`, "invalid_client_metadata", "registration_access_token is for the server"},
		"the URI":                 {`{` + own + `,` + uris + `,"registration_client_uri":"x"}`, "invalid_client_metadata", "registration_client_uri is for the server"},
		"when the secret expires": {`{` + own + `,` + uris + `,"client_secret_expires_at":0}`, "invalid_client_metadata", "client_secret_expires_at is for the server"},
		"when it was issued":      {`{` + own + `,` + uris + `,"client_id_issued_at":0}`, "invalid_client_metadata", "client_id_issued_at is for the server"},
		"no redirect URI":         {`{` + own + `}`, "invalid_redirect_uri", "redirect_uris is missing"},
		"a bad redirect URI":      {`{` + own + `,"redirect_uris":["http://evil.example"]}`, "invalid_redirect_uri", "plain http beyond loopback"},
		"no object":               {`[]`, "invalid_client_metadata", "one JSON object"},
		"too long":                {`{` + own + `,` + uris + `,"x":"` + strings.Repeat("x", 64<<10) + `"}`, "invalid_client_metadata", "longer than 64 KiB"},
	} {
		a := s.manage("PUT", registered, row.body)
		require.Contains(t, a.isError(t, 400, row.code), row.says, name)
		requireNoStore(t, a)
	}
	a := s.manage("PUT", public, `{"client_id":"`+public["client_id"].(string)+`",`+uris+`,"client_secret":""}`)
	a.isError(t, 400, "invalid_client_metadata")
	require.Equal(t, before, s.manage("GET", registered, "").json)
}

func TestADeletedClientLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{AutoLogin: true})
	registered := s.register(`{"redirect_uris":["http://127.0.0.1/cb"],"token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token"]}`).json
	change := q{"client_id": one(registered["client_id"].(string)), "redirect_uri": one("http://127.0.0.1/cb"), "login_hint": one("alice"), "scope": one("openid create:todos")}
	granted := s.issued(redeeming(s.get("/authorize?"+asking(change).Encode()).location(t).Query().Get("code"), change))
	pending := s.get("/authorize?" + asking(change).Encode()).location(t).Query().Get("code")

	deleted := s.manage("DELETE", registered, "")
	require.Equal(t, 204, deleted.status, "RFC 7592 §2.3")
	require.Empty(t, deleted.body)
	requireNoStore(t, deleted)
	for _, token := range []any{granted["access_token"], granted["refresh_token"]} {
		require.Equal(t, inactive, s.introspected(token), "RFC 7592 §2.3: tokens end too")
	}
	require.Equal(t, 401, s.get("/userinfo", "Authorization", "Bearer "+granted["access_token"].(string)).status)
	s.refused(401, "invalid_client", redeeming(pending, change))
	require.Equal(t, 400, s.get("/authorize?"+asking(change).Encode()).status)
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		require.Equal(t, 401, s.manage(method, registered, "{}").status, "RFC 7592 §2: 401 and not 404")
	}
}

func TestOnlyTheHolderOfTheTokenManagesARegistration(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	registered := s.register(`{"redirect_uris":["http://127.0.0.1/cb"],"client_name":"canary-name"}`).json
	other := s.register(`{"redirect_uris":["http://127.0.0.1/cb"]}`).json
	uri, token := registered["registration_client_uri"].(string), registered["registration_access_token"].(string)
	access := s.grant("alice", q{"scope": one("openid")})["access_token"].(string)
	for name, row := range map[string]struct {
		uri    string
		header []string
		status int
		code   string
	}{
		"nothing":             {uri, nil, 401, ""},
		"the client's secret": {uri, basic(registered["client_id"].(string), registered["client_secret"].(string)), 401, ""},
		"another's token":     {uri, []string{"Authorization", "Bearer " + other["registration_access_token"].(string)}, 401, "invalid_token"},
		"an access token":     {uri, []string{"Authorization", "Bearer " + access}, 401, "invalid_token"},
		"in lower case":       {uri, []string{"Authorization", "Bearer " + strings.ToLower(token)}, 401, "invalid_token"},
		"a part of it":        {uri, []string{"Authorization", "Bearer " + token[1:]}, 401, "invalid_token"},
		"empty":               {uri, []string{"Authorization", "Bearer "}, 400, "invalid_request"},
		"twice":               {uri, []string{"Authorization", "Bearer " + token, "Authorization", "Bearer " + token}, 400, "invalid_request"},
		"at another client":   {other["registration_client_uri"].(string), []string{"Authorization", "Bearer " + token}, 401, "invalid_token"},
		"no such client":      {"/register/client-gone", []string{"Authorization", "Bearer " + token}, 401, "invalid_token"},
		"a configured client": {"/register/mcp-inspector", []string{"Authorization", "Bearer " + token}, 401, "invalid_token"},
	} {
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			a := s.send(method, row.uri, "{}", append(row.header, "Content-Type", "application/json")...)
			require.Equal(t, row.status, a.status, "%s %s", method, name)
			challenge := a.header.Get("WWW-Authenticate")
			require.True(t, strings.HasPrefix(challenge, `Bearer realm="`+s.Issuer()+`"`), "RFC 6750 §3")
			require.Equal(t, row.code != "", strings.Contains(challenge, `error="`+row.code+`"`) && row.code != "", name)
			require.NotContains(t, a.body, "canary-name")
			requireNoStore(t, a)
		}
	}
	require.Equal(t, 200, s.manage("GET", registered, "").status, "nothing happened to it")
	posted := s.send("POST", uri, "{}", "Authorization", "Bearer "+token)
	require.Equal(t, 405, posted.status)
	require.Equal(t, "GET, HEAD, PUT, DELETE", posted.header.Get("Allow"))
	preflight := s.send("OPTIONS", uri, "", "Origin", "http://localhost:6274", "Access-Control-Request-Method", "PUT")
	require.Equal(t, 204, preflight.status)
	require.Equal(t, "GET, HEAD, PUT, DELETE", preflight.header.Get("Access-Control-Allow-Methods"))
}
