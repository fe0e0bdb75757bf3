package fidelity

import "strings"

// registrations are client metadata with one thing wrong or unusual (RFC 7591).
var registrations = []struct{ name, body string }{
	{"minimal", `{"redirect_uris":["http://127.0.0.1:45671/callback"]}`},
	{"usual", `{"client_name":"A client","redirect_uris":["http://127.0.0.1:45671/callback"],"grant_types":["authorization_code","refresh_token"],"response_types":["code"],"token_endpoint_auth_method":"none"}`},
	{"with-scope", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"token_endpoint_auth_method":"none","scope":"create:todos read:todos"}`},
	{"scope-openid", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"scope":"openid"}`},
	{"scope-default", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"scope":"profile email"}`},
	{"scope-unknown", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"scope":"nonsense"}`},
	{"scope-offline", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"scope":"offline_access create:todos"}`},
	{"scope-empty", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"scope":""}`},
	{"basic", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"token_endpoint_auth_method":"client_secret_basic"}`},
	{"post", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"token_endpoint_auth_method":"client_secret_post"}`},
	{"private-key-without-keys", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"token_endpoint_auth_method":"private_key_jwt"}`},
	{"method-unknown", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"token_endpoint_auth_method":"nonsense"}`},
	{"secret-chosen", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"client_secret":"chosen","token_endpoint_auth_method":"client_secret_basic"}`},
	{"id-chosen", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"client_id":"chosen"}`},
	{"code-only", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"grant_types":["authorization_code"]}`},
	{"refresh-only", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"grant_types":["refresh_token"]}`},
	{"service", `{"grant_types":["client_credentials"],"token_endpoint_auth_method":"client_secret_basic"}`},
	{"grant-unknown", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"grant_types":["authorization_code","nonsense"]}`},
	{"grants-all", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"grant_types":["authorization_code","refresh_token","implicit","password","urn:ietf:params:oauth:grant-type:device_code"]}`},
	{"response-type-token", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"response_types":["token"]}`},
	{"response-type-unknown", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"response_types":["nonsense"]}`},
	{"no-redirect", `{"client_name":"x"}`},
	{"redirects-empty", `{"redirect_uris":[]}`},
	{"redirect-foreign", `{"redirect_uris":["https://foreign.example/callback"]}`},
	{"redirect-two-one-foreign", `{"redirect_uris":["http://127.0.0.1:45671/callback","https://foreign.example/callback"]}`},
	{"redirect-localhost", `{"redirect_uris":["http://localhost:45671/callback"]}`},
	{"redirect-portless", `{"redirect_uris":["http://127.0.0.1/callback"]}`},
	{"redirect-https-localhost", `{"redirect_uris":["https://localhost/callback"]}`},
	{"redirect-ipv6", `{"redirect_uris":["http://[::1]:45671/callback"]}`},
	{"redirect-private-scheme", `{"redirect_uris":["com.example.app:/callback"]}`},
	{"redirect-cursor", `{"redirect_uris":["cursor://anysphere.cursor-retrieval/oauth/callback"]}`},
	{"redirect-fragment", `{"redirect_uris":["http://127.0.0.1:45671/callback#x"]}`},
	{"redirect-wildcard", `{"redirect_uris":["http://localhost:45671/*"]}`},
	{"redirect-unparsable", `{"redirect_uris":["http://[::1/callback"]}`},
	{"redirect-port-of-letters", `{"redirect_uris":["http://127.0.0.1:port/callback"]}`},
	{"redirect-with-a-blank", `{"redirect_uris":["http://127.0.0.1:45671/call back"]}`},
	{"redirect-bad-escape", `{"redirect_uris":["http://127.0.0.1:45671/%zz"]}`},
	{"redirect-text", `{"redirect_uris":["nonsense"]}`},
	{"client-uri-unparsable", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"client_uri":"http://[::1/"}`},
	{"redirect-relative", `{"redirect_uris":["/callback"]}`},
	{"redirect-query", `{"redirect_uris":["http://127.0.0.1:45671/callback?x=1"]}`},
	{"client-uri", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"client_uri":"http://localhost:45671/"}`},
	{"client-uri-foreign", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"client_uri":"https://foreign.example/"}`},
	{"logo-foreign", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"logo_uri":"https://foreign.example/logo.png"}`},
	{"jwks-uri-foreign", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"jwks_uri":"https://foreign.example/keys"}`},
	{"application-type-native", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"application_type":"native"}`},
	{"application-type-web", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"application_type":"web"}`},
	{"software", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"software_id":"x","software_version":"1","contacts":["a@example.com"],"tos_uri":"http://localhost/tos","policy_uri":"http://localhost/policy"}`},
	{"software-statement", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"software_statement":"e30.e30.x"}`},
	{"unknown-member", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"resource":"http://localhost:3001/mcp"}`},
	{"language-member", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"client_name#fr":"x"}`},
	{"default-max-age", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"default_max_age":100,"require_auth_time":true}`},
	{"post-logout", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"post_logout_redirect_uris":["http://127.0.0.1:45671/bye"]}`},
	{"wrong-type", `{"redirect_uris":"http://127.0.0.1:45671/callback"}`},
	{"name-a-number", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"client_name":5}`},
	{"broken-json", `{"redirect_uris":[`},
	{"json-array", `[]`},
	{"json-text", `"x"`},
	{"json-twice", `{"client_name":"a","client_name":"b","redirect_uris":["http://127.0.0.1:45671/callback"]}`},
	{"empty-object", `{}`},
	{"subject-pairwise", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"subject_type":"pairwise"}`},
	{"id-token-alg", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"id_token_signed_response_alg":"ES256"}`},
	{"dpop-bound", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"dpop_bound_access_tokens":true}`},
	{"require-pushed", `{"redirect_uris":["http://127.0.0.1:45671/callback"],"require_pushed_authorization_requests":true}`},
}

const (
	stranger  = `{"client_name":"A stranger","redirect_uris":["http://127.0.0.1:45671/callback"],"grant_types":["authorization_code","refresh_token"],"token_endpoint_auth_method":"none"}`
	scoped    = `{"client_name":"A stranger","redirect_uris":["http://127.0.0.1:45671/callback"],"grant_types":["authorization_code","refresh_token"],"token_endpoint_auth_method":"none","scope":"create:todos read:todos"}`
	secretive = `{"client_name":"A stranger","redirect_uris":["http://127.0.0.1:45671/callback"],"grant_types":["authorization_code","refresh_token"],"token_endpoint_auth_method":"client_secret_basic"}`
	servant   = `{"client_name":"A servant","redirect_uris":["http://127.0.0.1:45671/callback"],"grant_types":["client_credentials"],"token_endpoint_auth_method":"client_secret_post"}`
)

func registerProbes() []probe {
	var all []probe
	at := func(name string, talk func(c *talk)) {
		all = append(all, probe{name: "register/" + name, needs: []string{"registration"}, talk: talk})
	}
	ask := func(c *talk, r request) *answer {
		r.to = "registration"
		a := c.send(r)
		c.remember(a)
		return a
	}
	for _, r := range registrations {
		at(r.name, func(c *talk) { c.see("answer", ask(c, request{body: r.body, kind: "application/json"})) })
	}
	at("no-body", func(c *talk) { c.see("answer", ask(c, request{method: "POST", kind: "application/json"})) })
	at("null", func(c *talk) { c.see("answer", ask(c, request{body: "null", kind: "application/json"})) })
	at("form", func(c *talk) { c.see("answer", ask(c, request{form: params{"client_name", "x"}})) })
	at("no-content-type", func(c *talk) { c.see("answer", ask(c, request{method: "POST", body: stranger})) })
	at("charset", func(c *talk) {
		c.see("answer", ask(c, request{body: stranger, kind: "application/json; charset=utf-8"}))
	})
	at("bad-initial-token", func(c *talk) {
		c.see("answer", ask(c, request{body: stranger, kind: "application/json", bearer: "nonsense"}))
	})
	at("access-token-as-initial", func(c *talk) {
		c.see("answer", ask(c, request{body: stranger, kind: "application/json", bearer: c.signIn().access}))
	})
	at("basic-header", func(c *talk) {
		c.see("answer", ask(c, request{body: stranger, kind: "application/json", basic: &client{id: "x", secret: "y"}}))
	})
	for name, origin := range map[string]string{"inspector": "http://localhost:6274", "foreign": "https://foreign.example", "null": "null"} {
		at("origin-"+name, func(c *talk) {
			c.readsCORS = true
			c.see("answer", ask(c, request{body: stranger, kind: "application/json", header: []string{"Origin", origin}}))
		})
	}
	at("then-sign-in", func(c *talk) {
		c.client = c.register(stranger)
		c.see("tokens", c.redeem(c.code("scope=openid create:todos")))
	})
	at("then-sign-in-scoped", func(c *talk) {
		c.client = c.register(scoped)
		c.readsTokens = true
		c.see("tokens", c.redeem(c.code("scope=create:todos read:todos")))
	})
	at("scoped-then-other-scope", func(c *talk) {
		c.client = c.register(scoped)
		c.see("answer", c.send(request{to: "authorization", query: c.authorization("scope=create:todos delete:todos")}))
	})
	at("scoped-then-profile", func(c *talk) {
		c.client = c.register(scoped)
		c.see("answer", c.send(request{to: "authorization", query: c.authorization("scope=openid profile")}))
	})
	at("scoped-then-no-scope", func(c *talk) {
		c.client = c.register(scoped)
		c.readsTokens = true
		c.see("tokens", c.redeem(c.code("-scope")))
	})
	at("then-without-pkce", func(c *talk) {
		c.client = c.register(stranger)
		c.see("tokens", c.redeem(c.code("-code_challenge", "-code_challenge_method"), "-code_verifier"))
	})
	at("then-plain-pkce", func(c *talk) {
		c.client = c.register(stranger)
		c.see("tokens", c.redeem(c.code("code_challenge="+verifier, "code_challenge_method=plain")))
	})
	at("then-bad-pkce-method", func(c *talk) {
		c.client = c.register(stranger)
		c.see("answer", c.send(request{to: "authorization", query: c.authorization("code_challenge_method=nonsense")}))
	})
	at("then-verifier-unasked", func(c *talk) {
		c.client = c.register(stranger)
		c.see("answer", c.redeem(c.code("-code_challenge", "-code_challenge_method")))
	})
	at("then-other-port", func(c *talk) {
		c.client = c.register(stranger)
		c.see("answer", c.send(request{to: "authorization", query: c.authorization("redirect_uri=http://127.0.0.1:45699/callback")}))
	})
	at("code-only-then-tokens", func(c *talk) {
		c.client = c.register(strings.Replace(stranger, `,"refresh_token"`, "", 1))
		c.see("tokens", c.redeem(c.code()))
	})
	at("secret-basic-then-basic", func(c *talk) {
		c.client = c.register(secretive)
		code := c.code()
		c.see("tokens", c.send(request{to: "token", form: c.redemption(code, "-client_id", "-client_secret"), basic: &c.client}))
	})
	at("no-method-then-post", func(c *talk) {
		c.client = c.register(strings.Replace(secretive, `,"token_endpoint_auth_method":"client_secret_basic"`, "", 1))
		c.see("tokens", c.redeem(c.code()))
	})
	at("no-method-then-basic", func(c *talk) {
		c.client = c.register(strings.Replace(secretive, `,"token_endpoint_auth_method":"client_secret_basic"`, "", 1))
		code := c.code()
		c.see("tokens", c.send(request{to: "token", form: c.redemption(code, "-client_id", "-client_secret"), basic: &c.client}))
	})
	at("secret-basic-then-introspect-by-post", func(c *talk) {
		c.client = c.register(secretive)
		c.see("answer", c.send(request{to: "introspection", form: c.client.identify(params{"token", "x"})}))
	})
	at("secret-basic-then-post", func(c *talk) {
		c.client = c.register(secretive)
		code := c.code()
		c.see("wrong", c.redeem(code))
		c.see("then right", c.send(request{to: "token", form: c.redemption(code, "-client_id", "-client_secret"), basic: &c.client}))
	})
	at("then-refresh", func(c *talk) {
		c.client = c.register(stranger)
		c.see("answer", c.refresh(c.signIn("scope=openid create:todos").refresh))
	})
	at("then-userinfo", func(c *talk) {
		c.client = c.register(stranger)
		c.see("answer", c.send(request{to: "userinfo", bearer: c.signIn("scope=openid create:todos").access}))
	})
	at("then-introspect-own", func(c *talk) {
		c.client = c.register(secretive)
		code := c.code()
		got := c.got(c.send(request{to: "token", form: c.redemption(code, "-client_id", "-client_secret"), basic: &c.client}))
		c.see("own", c.send(request{to: "introspection", form: params{"token", got.access}, basic: &c.client}))
		c.see("by the resource server", c.introspect(got.access))
		c.see("refresh token", c.send(request{to: "introspection", form: params{"token", got.refresh, "token_type_hint", "refresh_token"}, basic: &c.client}))
		c.see("id token", c.send(request{to: "introspection", form: params{"token", got.id}, basic: &c.client}))
	})
	return all
}

// remember has what was registered deleted, and its name taken out of observations.
func (c *talk) remember(a *answer) {
	if id := a.member("client_id"); id != "" {
		c.made = append(c.made, client{id: id, secret: a.member("client_secret"), redirect: redirect, uri: a.member("registration_client_uri"), token: a.member("registration_access_token")})
	}
}
