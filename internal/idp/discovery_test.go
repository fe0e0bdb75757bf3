package idp_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

const (
	oauthPlace = "/.well-known/oauth-authorization-server"
	oidcPlace  = "/.well-known/openid-configuration"
)

func TestMetadataIsInEveryPlaceThatClientsAskFor(t *testing.T) {
	t.Parallel()
	for issuer, places := range map[string][]string{
		"":                                 {oauthPlace, oidcPlace},
		"https://idp.example/tenant":       {oauthPlace + "/tenant", "/tenant" + oauthPlace, oidcPlace + "/tenant", "/tenant" + oidcPlace},
		"http://idp.example:8080/a/b.c~-_": {oauthPlace + "/a/b.c~-_", "/a/b.c~-_" + oauthPlace, oidcPlace + "/a/b.c~-_", "/a/b.c~-_" + oidcPlace},
	} {
		s := start(t, mockidp.Options{})
		address := s.Issuer()
		if issuer != "" {
			s, address = behindProxy(t, issuer)
		}
		first := s.get(address + places[0])
		require.Equal(t, 200, first.status)
		require.Equal(t, s.Issuer(), first.json["issuer"], "RFC 8414 §3.3")
		for _, place := range places {
			a := s.get(address + place)
			require.Equal(t, first.json, a.json, "one set of facts: %s", place)
			require.Equal(t, "application/json", a.header.Get("Content-Type"), "RFC 8414 §3.2")
			require.Equal(t, 200, s.send("HEAD", address+place, "").status)
			require.Equal(t, 404, s.get(address+place+"/").status)
		}
		issuerURL, err := url.Parse(s.Issuer())
		require.NoError(t, err)
		require.Equal(t, issuerURL.Scheme+"://"+issuerURL.Host+oauthPlace+issuerURL.Path, s.MetadataURL(), "RFC 8414 §3.1")
		if issuer != "" {
			require.Equal(t, 404, s.get(address+oauthPlace).status, "another issuer's place")
			require.Equal(t, 200, s.get(address+issuerURL.Path).status)
			require.Equal(t, 200, s.get(address+issuerURL.Path+"/").status)
			require.Equal(t, 404, s.get(address+"/authorize").status)
			login := s.get(address + issuerURL.Path + "/authorize?" + asking(nil).Encode()).location(t)
			require.Equal(t, issuer+"/login", login.Scheme+"://"+login.Host+login.Path)
		}
		for name, endpoint := range first.json {
			if strings.HasSuffix(name, "_endpoint") || name == "jwks_uri" {
				rest, ok := strings.CutPrefix(endpoint.(string), s.Issuer()+"/")
				require.True(t, ok, name)
				require.NotEqual(t, 404, s.send("GET", address+issuerURL.Path+"/"+rest, "").status, name)
			}
		}
	}
}

func TestMetadataAdvertisesWhatWorks(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	m := s.get(oauthPlace).json
	require.Equal(t, []any{"code"}, m["response_types_supported"])
	require.Equal(t, []any{"query", "form_post"}, m["response_modes_supported"])
	require.Equal(t, []any{"S256"}, m["code_challenge_methods_supported"], "MCP: clients refuse a server without")
	require.Equal(t, []any{"none", "client_secret_basic", "client_secret_post", "private_key_jwt"}, m["token_endpoint_auth_methods_supported"], "none first")
	require.Equal(t, []any{"authorization_code", "refresh_token", "client_credentials"}, m["grant_types_supported"])
	require.Equal(t, true, m["authorization_response_iss_parameter_supported"], "RFC 9207 §3")
	require.Equal(t, []any{todos, remote}, m["protected_resources"], "RFC 9728 §4")
	require.Equal(t, []any{"public"}, m["subject_types_supported"])
	require.Equal(t, []any{"ES256"}, m["id_token_signing_alg_values_supported"])
	for _, no := range []string{"request_parameter_supported", "request_uri_parameter_supported", "claims_parameter_supported"} {
		require.Equal(t, false, m[no])
	}
	for name, value := range m {
		require.NotNil(t, value, "RFC 8414 §3.2: %s: claims without elements are left out", name)
	}

	for _, scope := range m["scopes_supported"].([]any) {
		require.Equal(t, "/login", s.get("/authorize?"+asking(q{"scope": one(scope.(string))}).Encode()).location(t).Path, scope)
	}
	for _, mode := range m["response_modes_supported"].([]any) {
		require.Equal(t, "/login", s.get("/authorize?"+asking(q{"response_mode": one(mode.(string))}).Encode()).location(t).Path)
	}
	for _, prompt := range m["prompt_values_supported"].([]any) {
		back := s.get("/authorize?" + asking(q{"prompt": one(prompt.(string))}).Encode()).location(t)
		require.NotEqual(t, "invalid_request", back.Query().Get("error"), prompt)
	}
	for _, grant := range m["grant_types_supported"].([]any) {
		a := s.token(url.Values{"grant_type": {grant.(string)}, "client_id": {"mcp-inspector"}})
		require.NotEqual(t, "unsupported_grant_type", a.json["error"], grant)
	}
	for _, method := range m["token_endpoint_auth_methods_supported"].([]any) {
		require.Equal(t, 201, s.register(`{"redirect_uris":["http://127.0.0.1/cb"],"token_endpoint_auth_method":"`+method.(string)+`","jwks":`+newClientKey(t, "k").set()+`}`).status, method)
	}
	for name, path := range map[string]string{
		"introspection_endpoint": "/introspect", "revocation_endpoint": "/revoke", "end_session_endpoint": "/logout",
		"pushed_authorization_request_endpoint": "/par", "registration_endpoint": "/register", "userinfo_endpoint": "/userinfo",
	} {
		require.Equal(t, s.Issuer()+path, m[name])
	}
	require.Equal(t, []any{"client_secret_basic", "client_secret_post", "private_key_jwt"}, m["introspection_endpoint_auth_methods_supported"], "not none")
	require.Equal(t, m["token_endpoint_auth_methods_supported"], m["revocation_endpoint_auth_methods_supported"])
	for _, endpoint := range []string{"introspection", "revocation"} {
		require.Equal(t, m["token_endpoint_auth_signing_alg_values_supported"], m[endpoint+"_endpoint_auth_signing_alg_values_supported"], "RFC 8414 §2: needed with private_key_jwt")
	}
	require.NotContains(t, m["token_endpoint_auth_signing_alg_values_supported"], "none", "RFC 8414 §2")
	for _, resource := range m["protected_resources"].([]any) {
		require.Equal(t, "/login", s.get("/authorize?"+asking(q{"resource": one(resource.(string))}).Encode()).location(t).Path)
	}
	id := s.grant("alice", q{"scope": one("openid profile email"), "nonce": one("n")})["id_token"]
	_, payload := claims(t, id)
	require.ElementsMatch(t, m["claims_supported"], keysOf(map[string]any(payload)), "every claim that is advertised is there")
}

func TestIssuersThatClientsWouldReadDifferentlyAreRefused(t *testing.T) {
	t.Parallel()
	for issuer, says := range map[string]string{
		"http://localhost:4444/":      "without the trailing slash",
		"http://localhost:4444/a/":    "without the trailing slash",
		"localhost:4444":              "http or https URL with a host",
		"ftp://localhost":             "http or https URL with a host",
		"http://":                     "with a host",
		"http://:4444":                "with a host",
		"http://u:p@localhost":        "with a host",
		"http://localhost?x=1":        "no query and no fragment",
		"http://localhost?":           "no query and no fragment",
		"http://localhost#x":          "no query and no fragment",
		"http://localhost#":           "no query and no fragment",
		"http://localhost/{tenant}":   "plain segments",
		"http://localhost/a b":        "plain segments",
		"http://localhost/a%20b":      "plain segments",
		"http://localhost//a":         "plain segments",
		"http://localhost/a/../b":     "plain segments",
		"http://localhost/.":          "plain segments",
		"http://local\"host":          "plain segments",
		"HTTP://localhost":            "plain segments",
		"http://localhost:port":       "invalid port",
		"http://localhost/\"><script": "plain segments",
	} {
		_, err := mockidp.Start(mockidp.Options{Issuer: issuer})
		require.ErrorContains(t, err, says, issuer)
		require.NotContains(t, err.Error(), "\n")
	}
}

func TestBrowserScriptsMayCallWhatHoldsNoCookies(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	for path, methods := range map[string]string{
		oauthPlace: "GET, HEAD", oidcPlace: "GET, HEAD", "/jwks": "GET, HEAD", "/token": "POST", "/register": "POST", "/revoke": "POST", "/par": "POST", "/userinfo": "GET, HEAD, POST",
	} {
		preflight := s.send("OPTIONS", path, "", "Origin", "http://localhost:6274", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type,mcp-protocol-version")
		require.Equal(t, 204, preflight.status, path)
		require.Equal(t, "*", preflight.header.Get("Access-Control-Allow-Origin"))
		require.Equal(t, methods, preflight.header.Get("Access-Control-Allow-Methods"))
		require.Equal(t, "Authorization, Content-Type, MCP-Protocol-Version", preflight.header.Get("Access-Control-Allow-Headers"))
		require.Empty(t, preflight.header.Get("Access-Control-Allow-Credentials"))
		for _, method := range []string{"GET", "POST", "DELETE"} {
			a := s.send(method, path, "", "Origin", "http://localhost:6274")
			require.Equal(t, "*", a.header.Get("Access-Control-Allow-Origin"), "errors too: %s %s", method, path)
			require.Equal(t, "WWW-Authenticate", a.header.Get("Access-Control-Expose-Headers"))
			if !strings.Contains(methods, method) {
				require.Equal(t, 405, a.status)
				require.Equal(t, methods, a.header.Get("Allow"), "RFC 9110 §15.5.6")
			}
		}
	}
	for _, path := range []string{"/authorize", "/login", "/consent", "/", "/introspect", "/logout"} {
		a := s.send("OPTIONS", path, "", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST")
		require.Equal(t, 405, a.status, path)
		require.Empty(t, a.header.Get("Access-Control-Allow-Origin"), path)
	}
}

func TestTheHomePageSaysWhatIsThere(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	s.register(`{"redirect_uris":["http://127.0.0.1/cb"],"client_name":"<b>registered</b>"}`)
	home := s.get("/")
	require.Equal(t, 200, home.status)
	for _, want := range []string{"alice", "bob", "carol", "mcp-inspector", todos, remote, "/authorize", "/introspect", "/revoke", "/par", "/logout", "/register", "/userinfo", oauthPlace, oidcPlace, "&lt;b&gt;registered"} {
		require.Contains(t, home.body, want)
	}
	for _, client := range s.Config().Clients {
		if client.Secret != "" {
			require.NotContains(t, home.body, client.Secret)
		}
	}
	health := s.get("/healthz")
	require.Equal(t, 200, health.status)
	require.Equal(t, map[string]any{"status": "ok", "issuer": s.Issuer()}, health.json)
}

func TestWhatIsNotThereIsToldInTheAskersLanguage(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	page := s.get("/nothing/<x>", "Accept", "text/html,*/*")
	require.Equal(t, 404, page.status)
	require.Contains(t, page.body, "There is nothing here")
	require.NotContains(t, page.body, "<x>")
	s.get("/nothing").isError(t, 404, "not_found")
	s.send("POST", "/device_authorization", "").isError(t, 404, "not_found")
}
