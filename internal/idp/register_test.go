package idp_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

func (s server) register(body string, header ...string) answer {
	s.t.Helper()
	return s.send("POST", "/register", body, append(header, "Content-Type", "application/json")...)
}

func TestRegistrationFillsInTheDefaultsOfRFC7591(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	a := s.register(`{"redirect_uris":["http://localhost:3334/cb"],"unknown":{"a":1},"jwks_uri":null,"client_name":null}`)
	require.Equal(t, 201, a.status, "RFC 7591 §3.2.1")
	requireNoStore(t, a)
	require.Equal(t, "client_secret_basic", a.json["token_endpoint_auth_method"], "RFC 7591 §2")
	require.Equal(t, []any{"authorization_code"}, a.json["grant_types"], "RFC 7591 §2")
	require.Equal(t, []any{"code"}, a.json["response_types"], "RFC 7591 §2")
	require.Equal(t, []any{"http://localhost:3334/cb"}, a.json["redirect_uris"])
	require.Equal(t, float64(0), a.json["client_secret_expires_at"], "RFC 7591 §3.2.1: with a secret")
	require.GreaterOrEqual(t, len(a.json["client_secret"].(string)), 20)
	require.NotEmpty(t, a.json["client_id"])
	require.NotZero(t, a.json["client_id_issued_at"])
	require.Len(t, a.json, 10)
	require.NotEqual(t, a.json["client_id"], s.register(`{"redirect_uris":["http://localhost:3334/cb"]}`).json["client_id"])
}

func TestRegisteredClientsWork(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	for name, row := range map[string]struct {
		document string
		redirect string
		answer   map[string]any
		refresh  bool
	}{
		"go-sdk": {
			`{"redirect_uris":["http://127.0.0.1:50001/callback"],"token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token"],"response_types":["code"],"client_name":"go","application_type":"native"}`,
			"http://127.0.0.1:50002/callback", map[string]any{"application_type": "native", "client_name": "go"}, true},
		"VS Code": {
			`{"client_name":"Visual Studio Code","client_uri":"https://code.visualstudio.com","grant_types":["authorization_code","refresh_token","urn:ietf:params:oauth:grant-type:device_code"],"response_types":["code"],"redirect_uris":["https://insiders.vscode.dev/redirect","https://vscode.dev/redirect","http://127.0.0.1/","http://127.0.0.1:33418/"],"token_endpoint_auth_method":"none"}`,
			"http://127.0.0.1:40404/", map[string]any{"grant_types": []any{"authorization_code", "refresh_token"}, "client_uri": "https://code.visualstudio.com"}, true},
		"mcp-remote": {
			`{"redirect_uris":["http://localhost:3335/oauth/callback"],"token_endpoint_auth_method":"client_secret_post","grant_types":["authorization_code","refresh_token"],"response_types":["code"],"client_name":"MCP CLI Proxy","client_uri":"https://github.com/modelcontextprotocol/mcp-cli","software_id":"2e6dc280-f3c3-4e01-99a7-8181dbd1d23d","software_version":"0.15.1","scope":"create:todos read:todos delete:todos offline_access","application_type":"native"}`,
			"http://localhost:3335/oauth/callback", map[string]any{"software_id": "2e6dc280-f3c3-4e01-99a7-8181dbd1d23d", "software_version": "0.15.1", "scope": "create:todos read:todos delete:todos offline_access", "token_endpoint_auth_method": "client_secret_post"}, true},
		"a web app": {
			`{"redirect_uris":["https://app.example/cb"],"application_type":"web","logo_uri":"https://app.example/l.png","tos_uri":"https://app.example/t","policy_uri":"https://app.example/p"}`,
			"https://app.example/cb", map[string]any{"application_type": "web", "logo_uri": "https://app.example/l.png"}, false},
		"Cursor": {
			`{"redirect_uris":["cursor://anysphere.cursor-mcp/oauth/callback"],"token_endpoint_auth_method":"none","application_type":"native","response_types":["code","token"]}`,
			"cursor://anysphere.cursor-mcp/oauth/callback", map[string]any{"response_types": []any{"code"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := server{s.Server, t}
			a := s.register(row.document)
			require.Equal(t, 201, a.status, a.body)
			for member, value := range row.answer {
				require.Equal(t, value, a.json[member], "RFC 7591 §3.2.1: the answer repeats what is registered")
			}
			id := a.json["client_id"].(string)
			secret, confidential := a.json["client_secret"].(string)
			require.Equal(t, a.json["token_endpoint_auth_method"] != "none", confidential)
			require.Equal(t, confidential, a.json["client_secret_expires_at"] != nil)

			b := s.browser()
			transaction := b.begin(asking(q{"client_id": one(id), "redirect_uri": one(row.redirect)}))
			page := b.signIn(transaction, "alice")
			require.Contains(t, page.body, "registered itself")
			code := b.decide(transaction, "allow").location(t).Query().Get("code")
			form, header := redeeming(code, q{"client_id": one(id), "redirect_uri": one(row.redirect)}), []string(nil)
			switch a.json["token_endpoint_auth_method"] {
			case "client_secret_post":
				form.Set("client_secret", secret)
			case "client_secret_basic":
				form.Del("client_id")
				header = basic(id, secret)
			}
			token := s.issued(form, header...)
			require.Equal(t, "create:todos read:todos delete:todos", token["scope"])
			require.Equal(t, row.refresh, token["refresh_token"] != nil)
			s.refused(400, "unauthorized_client", with(ownName, q{"client_id": form["client_id"], "client_secret": form["client_secret"]}), header...)
		})
	}
}

func TestRegistrationsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	const loopback = `"redirect_uris":["http://127.0.0.1/cb"]`
	for name, row := range map[string]struct{ document, code, says string }{
		"no redirect_uris":    {`{}`, "invalid_redirect_uri", "at least one"},
		"null redirect_uris":  {`{"redirect_uris":null}`, "invalid_redirect_uri", "at least one"},
		"empty redirect_uris": {`{"redirect_uris":[]}`, "invalid_redirect_uri", "at least one"},
		"a string":            {`{"redirect_uris":"http://127.0.0.1/cb"}`, "invalid_client_metadata", "array of strings"},
		"numbers":             {`{"redirect_uris":[1]}`, "invalid_client_metadata", "array of strings"},
		"a null among them":   {`{"redirect_uris":[null]}`, "invalid_redirect_uri", "not absolute"},
		"too many":            {`{"redirect_uris":["http://127.0.0.1/cb"` + strings.Repeat(`,"http://127.0.0.1/cb"`, 32) + `]}`, "invalid_redirect_uri", "more than 32"},
		"too long":            {`{"redirect_uris":["http://127.0.0.1/` + strings.Repeat("x", 2048) + `"]}`, "invalid_redirect_uri", "longer than 2048"},
		"private_key_jwt":     {`{` + loopback + `,"token_endpoint_auth_method":"private_key_jwt"}`, "invalid_client_metadata", "needs jwks or jwks_uri"},
		"method is a number":  {`{` + loopback + `,"token_endpoint_auth_method":1}`, "invalid_client_metadata", "must be a string"},
		"application_type":    {`{` + loopback + `,"application_type":"spa"}`, "invalid_client_metadata", "native or web"},
		"client_credentials":  {`{` + loopback + `,"grant_types":["client_credentials"]}`, "invalid_client_metadata", "belongs into the configuration"},
		"refresh alone":       {`{` + loopback + `,"grant_types":["refresh_token"]}`, "invalid_client_metadata", "authorization_code"},
		"no grants":           {`{` + loopback + `,"grant_types":[]}`, "invalid_client_metadata", "authorization_code"},
		"grants in a string":  {`{` + loopback + `,"grant_types":"authorization_code"}`, "invalid_client_metadata", "array of strings"},
		"implicit":            {`{` + loopback + `,"response_types":["token"]}`, "invalid_client_metadata", "must hold code"},
		"unknown scope":       {`{` + loopback + `,"scope":"create:todos x"}`, "invalid_client_metadata", "scope x is not known"},
		"scopes in a list":    {`{` + loopback + `,"scope":["create:todos"]}`, "invalid_client_metadata", "scope must be a string"},
		"client_uri":          {`{` + loopback + `,"client_uri":"javascript:alert(1)"}`, "invalid_client_metadata", "client_uri must be an http or https URL"},
		"logo_uri":            {`{` + loopback + `,"logo_uri":"data:image/png,x"}`, "invalid_client_metadata", "logo_uri"},
		"a long name":         {`{` + loopback + `,"client_name":"` + strings.Repeat("n", 2049) + `"}`, "invalid_client_metadata", "client_name is longer"},
		"a repeated member":   {`{` + loopback + `,` + loopback + `}`, "invalid_client_metadata", "redirect_uris stands in it more than once"},
		"an array":            {`[]`, "invalid_client_metadata", "one JSON object"},
		"null":                {`null`, "invalid_client_metadata", "one JSON object"},
		"nothing":             {``, "invalid_client_metadata", "one JSON object"},
		"half":                {`{` + loopback, "invalid_client_metadata", "one JSON object"},
		"something behind":    {`{` + loopback + `}]`, "invalid_client_metadata", "one JSON object"},
		"two":                 {`{` + loopback + `}{}`, "invalid_client_metadata", "one JSON object"},
		"too big":             {`{` + loopback + `,"x":"` + strings.Repeat("x", 64<<10) + `"}`, "invalid_client_metadata", "longer than 64 KiB"},
		"deep":                {strings.Repeat(`{"a":`, 12000), "invalid_client_metadata", "one JSON object"},
		"a form":              {`redirect_uris=http://127.0.0.1/cb`, "invalid_client_metadata", "one JSON object"},
	} {
		a := s.register(row.document)
		require.Contains(t, a.isError(t, 400, row.code), row.says, name)
		requireNoStore(t, a)
	}
	require.Contains(t, s.send("POST", "/register", `{`+loopback+`}`, "Content-Type", "text/plain").isError(t, 400, "invalid_client_metadata"), "application/json")
	require.Equal(t, 405, s.get("/register").status)
}

func TestRedirectURIsAreJudgedByTheApplicationType(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	const yes, no = true, false
	for _, row := range []struct {
		uri                 string
		absent, native, web bool
		says                string // where it is refused for all
	}{
		{"http://127.0.0.1/cb", yes, yes, no, ""},
		{"http://127.0.0.1:3000/cb", yes, yes, no, ""},
		{"http://[::1]:3000/cb", yes, yes, no, ""},
		{"http://localhost/cb?a=b", yes, yes, no, ""},
		{"https://app.example/cb", yes, no, yes, ""},
		{"https://localhost:8443/cb", yes, no, yes, ""},
		{"cursor://host/cb", yes, yes, no, ""},
		{"com.example.app:/cb", yes, yes, no, ""},
		{"http://app.example/cb", no, no, no, "beyond loopback"},
		{"http://192.168.0.1/cb", no, no, no, "beyond loopback"},
		{"http://127.0.0.2/cb", no, no, no, "beyond loopback"},
		{"http://localhost.evil.example/cb", no, no, no, "beyond loopback"},
		{"http://127.0.0.1:0/cb", no, no, no, "beyond loopback"},
		{"http://127.0.0.1@evil.example/cb", no, no, no, "user information"},
		{"https://user@app.example/cb", no, no, no, "user information"},
		{"https://app.example/cb#x", no, no, no, "fragment"},
		{"https://app.example/cb#", no, no, no, "fragment"},
		{"https://*.app.example/cb", no, no, no, "wildcards"},
		{"https://app.example/*", no, no, no, "wildcards"},
		{"https:///cb", no, no, no, "no host"},
		{"https:cb", no, no, no, "no host"},
		{"//app.example/cb", no, no, no, "not absolute"},
		{"/cb", no, no, no, "not absolute"},
		{"", no, no, no, "not absolute"},
		{"https://app.example/a b", no, no, no, "percent-encode"},
		{"https://app.example/ü", no, no, no, "percent-encode"},
		{`https://app.example\cb`, no, no, no, "no URI"},
		{`https://app.example/\evil`, no, no, no, "holds one of"},
		{"javascript:alert(1)", no, no, no, "which no redirect may lead to"},
		{"JavaScript:alert(1)", no, no, no, "which no redirect may lead to"},
		{"data:text/html,x", no, no, no, "which no redirect may lead to"},
		{"file:///etc/passwd", no, no, no, "which no redirect may lead to"},
		{"blob:https://app.example/x", no, no, no, "which no redirect may lead to"},
		{"https://app.example/cb?code=x", no, no, no, "must not be there twice"},
		{"https://app.example/cb?a=b&iss=x", no, no, no, "must not be there twice"},
		{"cursor://cb?st%61te=x", no, no, no, "must not be there twice"},
		{"https://app.example/cb?a;b", no, no, no, "form-encoded"},
		{"http://a b/", no, no, no, "no URI"},
	} {
		for applicationType, want := range map[string]bool{"": row.absent, `,"application_type":"native"`: row.native, `,"application_type":"web"`: row.web} {
			uri, _ := json.Marshal(row.uri)
			a := s.register(fmt.Sprintf(`{"redirect_uris":[%s]%s}`, uri, applicationType))
			if want {
				require.Equal(t, 201, a.status, "%s %s: %s", row.uri, applicationType, a.body)
				continue
			}
			require.Contains(t, a.isError(t, 400, "invalid_redirect_uri"), row.says, row.uri+applicationType)
		}
	}
}

func TestTheOldestRegistrationWithoutALiveGrantGoesFirst(t *testing.T) {
	t.Parallel()
	config := mockidp.DefaultConfig()
	config.MaxRegisteredClients = 3
	s := start(t, mockidp.Options{Config: &config})
	register := func() string {
		return s.register(`{"redirect_uris":["http://127.0.0.1/cb"],"token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token"]}`).json["client_id"].(string)
	}
	known := func(id string) bool {
		return s.get("/authorize?"+asking(q{"client_id": one(id), "redirect_uri": one("http://127.0.0.1/cb")}).Encode()).status != 400
	}
	used, idle, later := register(), register(), register()
	change := q{"client_id": one(used), "redirect_uri": one("http://127.0.0.1/cb")}
	granted := s.issued(redeeming(s.code("alice", change), change))
	newest := register()
	require.Equal(t, []bool{true, false, true, true}, []bool{known(used), known(idle), known(later), known(newest)})
	s.issued(refreshing(granted["refresh_token"], q{"client_id": one(used)}))
	gone := s.get("/authorize?" + asking(q{"client_id": one(idle)}).Encode())
	require.Contains(t, gone.body, "keeps registrations in memory")
	require.True(t, s.get("/authorize?"+asking(nil).Encode()).status == 303, "configured clients never go")
}
