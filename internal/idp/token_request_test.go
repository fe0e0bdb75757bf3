package idp_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// withPostClient adds a client for client_secret_post to the built-in configuration.
func withPostClient(c *mockidp.Config) {
	c.Clients = append(c.Clients, mockidp.Client{
		ID: "poster", AuthMethod: "client_secret_post", Secret: "p:s +%/", GrantTypes: []string{"client_credentials"}, Scopes: []string{"create:todos"},
	}, mockidp.Client{
		ID: "odd:id%", AuthMethod: "client_secret_basic", Secret: "s:e +%&=c", GrantTypes: []string{"client_credentials"}, Scopes: []string{"create:todos"},
	})
}

var ownName = url.Values{"grant_type": {"client_credentials"}}

func TestTokenRequestsThatAreNotWellFormed(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	auth := basic("todo-batch", "todo-batch-secret")
	encoded := "application/x-www-form-urlencoded"
	for name, row := range map[string]struct {
		target, body string
		header       []string
		status       int
		code, says   string
		rfc          string
	}{
		"parameters in the query": {"/token?grant_type=client_credentials", "", []string{"Content-Type", encoded}, 400, "invalid_request", "query must be empty", "RFC 6749 §3.2 and §2.3.1"},
		"query beside the body":   {"/token?x=1", ownName.Encode(), []string{"Content-Type", encoded}, 400, "invalid_request", "query must be empty", "RFC 6749 §3.2"},
		"JSON":                    {"/token", `{"grant_type":"client_credentials"}`, []string{"Content-Type", "application/json"}, 400, "invalid_request", encoded, "RFC 6749 §3.2"},
		"no content type":         {"/token", ownName.Encode(), nil, 400, "invalid_request", encoded, "RFC 6749 §3.2"},
		"multipart":               {"/token", ownName.Encode(), []string{"Content-Type", "multipart/form-data; boundary=x"}, 400, "invalid_request", encoded, "RFC 6749 §3.2"},
		"empty":                   {"/token", "", []string{"Content-Type", encoded}, 400, "invalid_request", "grant_type is missing", "RFC 6749 §5.2"},
		"empty grant_type":        {"/token", "grant_type=", []string{"Content-Type", encoded}, 400, "invalid_request", "grant_type is missing", "RFC 6749 §3.2"},
		"bad escape":              {"/token", "grant_type=%zz", []string{"Content-Type", encoded}, 400, "invalid_request", "percent escape", "RFC 6749 appendix B"},
		"grant_type twice":        {"/token", "grant_type=client_credentials&grant_type=client_credentials", []string{"Content-Type", encoded}, 400, "invalid_request", "grant_type is repeated", "RFC 6749 §3.2"},
		"scope twice":             {"/token", ownName.Encode() + "&scope=a&scope=b", []string{"Content-Type", encoded}, 400, "invalid_request", "scope is repeated", "RFC 6749 §3.2"},
		"password grant":          {"/token", "grant_type=password&username=alice&password=x", []string{"Content-Type", encoded}, 400, "unsupported_grant_type", "authorization_code, refresh_token, client_credentials", "RFC 6749 §5.2"},
		"device grant":            {"/token", "grant_type=urn:ietf:params:oauth:grant-type:device_code", []string{"Content-Type", encoded}, 400, "unsupported_grant_type", "want one of", "RFC 6749 §5.2"},
		"case of grant_type":      {"/token", "grant_type=Client_Credentials", []string{"Content-Type", encoded}, 400, "unsupported_grant_type", "want one of", "RFC 6749 §5.2"},
		"oversize":                {"/token", ownName.Encode() + "&x=" + strings.Repeat("x", 64<<10), []string{"Content-Type", encoded}, 413, "invalid_request", "longer than 64 KiB", "RFC 9110 §15.5.14"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := server{s.Server, t}
			a := s.send("POST", row.target, row.body, append(row.header, auth...)...)
			require.Contains(t, a.isError(t, row.status, row.code), row.says, row.rfc)
			requireNoStore(t, a)
			require.Equal(t, "*", a.header.Get("Access-Control-Allow-Origin"))
		})
	}
	charset := s.send("POST", "/token", ownName.Encode(), append(auth, "Content-Type", encoded+"; charset=UTF-8")...)
	require.Equal(t, 200, charset.status)
	empties := s.token(with(ownName, q{"scope": one(""), "resource": one(""), "client_secret": one("")}), auth...)
	require.Equal(t, 200, empties.status, "RFC 6749 §3.2: without a value is omitted")
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE"} {
		a := s.send(method, "/token", "", auth...)
		require.Equal(t, 405, a.status, "RFC 6749 §3.2: POST only")
		require.Equal(t, "POST", a.header.Get("Allow"))
	}
}

func requireNoStore(t testing.TB, a answer) {
	t.Helper()
	require.Equal(t, "no-store", a.header.Get("Cache-Control"), "RFC 6749 §5.1")
	require.Equal(t, "no-cache", a.header.Get("Pragma"), "RFC 6749 §5.1")
}

func TestClientsAuthenticateByTheMethodTheyAreRegisteredFor(t *testing.T) {
	t.Parallel()
	s := configured(t, withPostClient)
	poster := mockidpClient(t, s, "poster")
	odd := mockidpClient(t, s, "odd:id%")
	inBody := func(id, secret string) url.Values {
		return with(ownName, q{"client_id": one(id), "client_secret": one(secret)})
	}
	code := func(changes q) url.Values { return redeeming("no-code", changes) }
	for name, row := range map[string]struct {
		form   url.Values
		header []string
		status int
		code   string
		says   string
		rfc    string
	}{
		"Basic":                          {ownName, basic("todo-batch", "todo-batch-secret"), 200, "", "", "RFC 6749 §2.3.1"},
		"Basic, encoded":                 {ownName, basic(odd.ID, odd.Secret), 200, "", "", "RFC 6749 appendix B"},
		"Basic, lower case":              {ownName, []string{"Authorization", strings.Replace(basic("todo-batch", "todo-batch-secret")[1], "Basic", "basic", 1)}, 200, "", "", "RFC 9110 §11.1"},
		"Basic, same client_id in body":  {with(ownName, q{"client_id": one("todo-batch")}), basic("todo-batch", "todo-batch-secret"), 200, "", "", "RFC 6749 §2.3"},
		"Post":                           {inBody(poster.ID, poster.Secret), nil, 200, "", "", "RFC 6749 §2.3.1"},
		"Basic, wrong secret":            {ownName, basic("todo-batch", "wrong"), 401, "invalid_client", "secret is wrong", "RFC 6749 §5.2"},
		"Basic, empty secret":            {ownName, basic("todo-batch", ""), 401, "invalid_client", "secret is wrong", "RFC 6749 §5.2"},
		"Basic, secret and a blank":      {ownName, basic("todo-batch", "todo-batch-secret "), 401, "invalid_client", "secret is wrong", "RFC 6749 §5.2"},
		"Basic, unknown client":          {ownName, basic("client-gone", "x"), 401, "invalid_client", "register again", "RFC 6749 §5.2"},
		"Basic, no base64":               {ownName, []string{"Authorization", "Basic todo-batch:todo-batch-secret"}, 401, "invalid_client", "want base64", "RFC 7617 §2"},
		"Basic, no colon":                {ownName, []string{"Authorization", "Basic dG9kby1iYXRjaA=="}, 401, "invalid_client", "want base64", "RFC 7617 §2"},
		"Basic, bad form encoding":       {ownName, []string{"Authorization", "Basic YTolCg=="}, 401, "invalid_client", "form-encoded", "RFC 6749 appendix B"},
		"Bearer":                         {ownName, []string{"Authorization", "Bearer abc"}, 401, "invalid_client", "Basic", "RFC 6749 §5.2"},
		"two headers":                    {ownName, append(basic("todo-batch", "todo-batch-secret"), basic("todo-batch", "todo-batch-secret")...), 400, "invalid_request", "several Authorization", "RFC 9110 §5.3"},
		"both methods":                   {inBody("todo-batch", "todo-batch-secret"), basic("todo-batch", "todo-batch-secret"), 400, "invalid_request", "use one method", "RFC 6749 §2.3"},
		"two identities":                 {with(ownName, q{"client_id": one("poster")}), basic("todo-batch", "todo-batch-secret"), 400, "invalid_request", "is not the one", "RFC 6749 §2.3"},
		"registered for Basic, did Post": {inBody("todo-batch", "todo-batch-secret"), nil, 401, "invalid_client", "registered for client_secret_basic", "RFC 7591 §2"},
		"registered for Post, did Basic": {ownName, basic(poster.ID, poster.Secret), 401, "invalid_client", "registered for client_secret_post", "RFC 7591 §2"},
		"confidential, no secret":        {with(ownName, q{"client_id": one("todo-batch")}), nil, 401, "invalid_client", "must authenticate with client_secret_basic", "RFC 6749 §2.3"},
		"nobody":                         {ownName, nil, 401, "invalid_client", "no client_id", "RFC 6749 §5.2"},
		"client_id twice":                {with(ownName, q{"client_id": {"todo-batch", "todo-batch"}}), nil, 400, "invalid_request", "client_id is repeated", "RFC 6749 §3.2"},
		"an assertion":                   {with(ownName, q{"client_assertion": one("e30.e30.x"), "client_assertion_type": one("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")}), nil, 401, "invalid_client", "is no signed JWT", "RFC 7521 §4.2"},
		"public with a secret in body":   {code(q{"client_secret": one("x")}), nil, 401, "invalid_client", "is public", "RFC 6749 §2.3"},
		"public with a secret in header": {code(nil), basic("mcp-inspector", "x"), 401, "invalid_client", "is public", "RFC 6749 §2.3"},
		"public, Basic, empty secret":    {code(nil), basic("mcp-inspector", ""), 400, "invalid_grant", "unknown here", "x/oauth2 sends it"},
		"public in its own name":         {with(ownName, q{"client_id": one("mcp-inspector")}), nil, 400, "unauthorized_client", "not for client_credentials", "RFC 6749 §4.4"},
		"grant not registered":           {code(q{"client_id": nil}), basic("todo-batch", "todo-batch-secret"), 400, "unauthorized_client", "not for authorization_code", "RFC 6749 §5.2"},
		"client without any grant":       {ownName, basic("todo-mcp", "todo-mcp-secret"), 400, "unauthorized_client", "not for client_credentials", "RFC 6749 §5.2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := server{s.Server, t}
			a := s.token(row.form, row.header...)
			requireNoStore(t, a)
			if row.code == "" {
				require.Equal(t, 200, a.status, "%s: %s", row.rfc, a.body)
				return
			}
			require.Contains(t, a.isError(t, row.status, row.code), row.says, row.rfc)
			if row.status == 401 {
				require.Equal(t, `Basic realm="`+s.Issuer()+`"`, a.header.Get("WWW-Authenticate"), "RFC 6749 §5.2")
			}
		})
	}
}

func mockidpClient(t testing.TB, s server, id string) mockidp.Client {
	t.Helper()
	for _, c := range s.Config().Clients {
		if c.ID == id {
			return c
		}
	}
	require.Fail(t, "no client "+id)
	return mockidp.Client{}
}
