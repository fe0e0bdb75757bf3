package fidelity

import "strings"

// edited is an authorization request with changes, or a token request.
type edited struct {
	name  string
	edits []string
}

// authorizeFaults are authorization requests with one thing wrong or unusual.
var authorizeFaults = []edited{
	{"fine", nil},
	{"unknown-client", []string{"client_id=nobody"}},
	{"no-client", []string{"-client_id"}},
	{"empty-client", []string{"client_id="}},
	{"client-twice", []string{"+client_id=nobody"}},
	{"foreign-redirect", []string{"redirect_uri=https://foreign.example/callback"}},
	{"no-redirect", []string{"-redirect_uri"}},
	{"no-redirect-no-openid", []string{"-redirect_uri", "scope=create:todos"}},
	{"empty-redirect", []string{"redirect_uri="}},
	{"relative-redirect", []string{"redirect_uri=/callback"}},
	{"redirect-with-query", []string{"redirect_uri=http://127.0.0.1:45671/callback?x=1"}},
	{"redirect-with-empty-query", []string{"redirect_uri=http://127.0.0.1:45671/callback?"}},
	{"redirect-with-fragment", []string{"redirect_uri=http://127.0.0.1:45671/callback#x"}},
	{"redirect-with-slash", []string{"redirect_uri=http://127.0.0.1:45671/callback/"}},
	{"redirect-other-path", []string{"redirect_uri=http://127.0.0.1:45671/elsewhere"}},
	{"redirect-other-case", []string{"redirect_uri=http://127.0.0.1:45671/Callback"}},
	{"redirect-upper-scheme", []string{"redirect_uri=HTTP://127.0.0.1:45671/callback"}},
	{"redirect-without-port", []string{"redirect_uri=http://127.0.0.1/callback"}},
	{"redirect-port-0", []string{"redirect_uri=http://127.0.0.1:0/callback"}},
	{"redirect-localhost", []string{"redirect_uri=http://localhost:45671/callback"}},
	{"redirect-ipv6", []string{"redirect_uri=http://[::1]:45671/callback"}},
	{"redirect-127.0.0.2", []string{"redirect_uri=http://127.0.0.2:45671/callback"}},
	{"redirect-dots", []string{"redirect_uri=http://127.0.0.1:45671/x/../callback"}},
	{"redirect-encoded", []string{"redirect_uri=http://127.0.0.1:45671/%63allback"}},
	{"redirect-user", []string{"redirect_uri=http://user@127.0.0.1:45671/callback"}},
	{"redirect-twice", []string{"+redirect_uri=http://127.0.0.1:45671/callback"}},
	{"no-response-type", []string{"-response_type"}},
	{"empty-response-type", []string{"response_type="}},
	{"response-type-token", []string{"response_type=token"}},
	{"response-type-id-token", []string{"response_type=id_token", "nonce=n"}},
	{"response-type-hybrid", []string{"response_type=code id_token", "nonce=n"}},
	{"response-type-none", []string{"response_type=none"}},
	{"response-type-unknown", []string{"response_type=nonsense"}},
	{"response-type-upper-case", []string{"response_type=CODE"}},
	{"response-type-twice", []string{"+response_type=code"}},
	{"response-mode-unknown", []string{"response_mode=nonsense"}},
	{"response-mode-query-error", []string{"response_mode=query", "scope=nonsense"}},
	{"response-mode-fragment-error", []string{"response_mode=fragment", "scope=nonsense"}},
	{"response-mode-form-post-error", []string{"response_mode=form_post", "scope=nonsense"}},
	{"response-mode-jwt-error", []string{"response_mode=jwt", "scope=nonsense"}},
	{"response-mode-empty", []string{"response_mode="}},
	{"scope-unknown", []string{"scope=openid nonsense"}},
	{"scope-empty", []string{"scope="}},
	{"scope-missing", []string{"-scope"}},
	{"scope-without-openid", []string{"scope=create:todos"}},
	{"scope-leading-space", []string{"scope= openid"}},
	{"scope-double-space", []string{"scope=openid  create:todos"}},
	{"scope-trailing-space", []string{"scope=openid "}},
	{"scope-comma", []string{"scope=openid,create:todos"}},
	{"scope-other-case", []string{"scope=OpenID"}},
	{"scope-word-twice", []string{"scope=openid openid"}},
	{"scope-twice", []string{"+scope=openid"}},
	{"scope-offline", []string{"scope=openid offline_access"}},
	{"scope-phone", []string{"scope=openid phone"}},
	{"no-state", []string{"-state"}},
	{"no-state-error", []string{"-state", "scope=nonsense"}},
	{"empty-state-error", []string{"state=", "scope=nonsense"}},
	{"odd-state-error", []string{"state=a b+c%&d=e#ä", "scope=nonsense"}},
	{"state-twice", []string{"+state=x"}},
	{"no-pkce", []string{"-code_challenge", "-code_challenge_method"}},
	{"pkce-no-method", []string{"-code_challenge_method"}},
	{"pkce-no-challenge", []string{"-code_challenge"}},
	{"pkce-plain", []string{"code_challenge_method=plain"}},
	{"pkce-lower-case", []string{"code_challenge_method=s256"}},
	{"pkce-empty-method", []string{"code_challenge_method="}},
	{"pkce-unknown-method", []string{"code_challenge_method=S512"}},
	{"pkce-empty-challenge", []string{"code_challenge="}},
	{"pkce-short", []string{"code_challenge=short"}},
	{"pkce-42", []string{"code_challenge=" + challenge[:42]}},
	{"pkce-128", []string{"code_challenge=" + challenge + challenge + challenge[:42]}},
	{"pkce-129", []string{"code_challenge=" + challenge + challenge + challenge}},
	{"pkce-bad-characters", []string{"code_challenge=" + challenge[:42] + "="}},
	{"pkce-challenge-twice", []string{"+code_challenge=" + challenge}},
	{"prompt-none", []string{"prompt=none"}},
	{"prompt-none-login", []string{"prompt=none login"}},
	{"prompt-login", []string{"prompt=login"}},
	{"prompt-consent", []string{"prompt=consent"}},
	{"prompt-select-account", []string{"prompt=select_account"}},
	{"prompt-create", []string{"prompt=create"}},
	{"prompt-unknown", []string{"prompt=nonsense"}},
	{"prompt-empty", []string{"prompt="}},
	{"max-age-0", []string{"max_age=0"}},
	{"max-age-text", []string{"max_age=soon"}},
	{"max-age-negative", []string{"max_age=-1"}},
	{"max-age-none", []string{"max_age=0", "prompt=none"}},
	{"resource-foreign", []string{"resource=https://foreign.example/mcp"}},
	{"resource-relative", []string{"resource=/mcp"}},
	{"resource-empty", []string{"resource="}},
	{"resource-fragment", []string{"resource=https://foreign.example/mcp#x"}},
	{"resource-query", []string{"resource=https://foreign.example/mcp?x=1"}},
	{"resource-urn", []string{"resource=urn:x:y"}},
	{"resource-text", []string{"resource=nonsense"}},
	{"resource-twice", []string{"resource=https://a.example/", "+resource=https://b.example/"}},
	{"audience", []string{"audience=https://foreign.example/mcp"}},
	{"unknown-parameter", []string{"nonsense=1"}},
	{"unknown-parameter-twice", []string{"nonsense=1", "+nonsense=2"}},
	{"login-hint", []string{"login_hint=alice"}},
	{"login-hint-empty", []string{"login_hint="}},
	{"id-token-hint-garbage", []string{"id_token_hint=nonsense"}},
	{"claims-garbage", []string{"claims=nonsense"}},
	{"claims-essential-acr", []string{`claims={"id_token":{"acr":{"essential":true,"values":["9"]}}}`}},
	{"display-unknown", []string{"display=nonsense"}},
	{"ui-locales", []string{"ui_locales=fr"}},
	{"acr-values", []string{"acr_values=9"}},
	{"request-garbage", []string{"request=nonsense"}},
	{"request-uri-garbage", []string{"request_uri=nonsense"}},
	{"request-uri-foreign", []string{"request_uri=https://foreign.example/request"}},
	{"dpop-jkt", []string{"dpop_jkt=nonsense"}},
	{"state-4000", []string{"state=" + strings.Repeat("s", 4000), "prompt=none"}},
	{"state-4001", []string{"state=" + strings.Repeat("s", 4001), "prompt=none"}},
	{"scope-4001", []string{"scope=" + strings.Repeat("s", 4001), "prompt=none"}},
	{"challenge-4001", []string{"code_challenge=" + strings.Repeat("s", 4001)}},
	{"registration", []string{"registration={}"}},
}

func authorizeProbes() []probe {
	var all []probe
	for _, fault := range authorizeFaults {
		all = append(all, probe{name: "authorize/" + fault.name, talk: func(c *talk) {
			c.see("answer", c.send(request{to: "authorization", query: c.authorization(fault.edits...)}))
		}})
	}
	for _, fault := range authorizeFaults {
		switch fault.name {
		case "fine", "unknown-client", "foreign-redirect", "no-response-type", "scope-unknown", "no-pkce", "prompt-none", "request-garbage", "max-age-text":
			all = append(all,
				probe{name: "authorize/json-" + fault.name, talk: func(c *talk) {
					c.see("answer", c.send(request{to: "authorization", query: c.authorization(fault.edits...), header: []string{"Accept", "application/json"}}))
				}},
				probe{name: "authorize/post-" + fault.name, talk: func(c *talk) {
					c.see("answer", c.send(request{to: "authorization", form: c.authorization(fault.edits...)}))
				}},
			)
		}
	}
	return append(all,
		probe{name: "authorize/nothing", talk: func(c *talk) { c.see("answer", c.send(request{to: "authorization"})) }},
		probe{name: "authorize/post-with-query", talk: func(c *talk) {
			c.see("answer", c.send(request{method: "POST", to: "authorization", query: c.authorization(), form: params{}}))
		}},
		probe{name: "authorize/post-json", talk: func(c *talk) {
			c.see("answer", c.send(request{to: "authorization", body: `{"client_id":"x"}`, kind: "application/json"}))
		}},
		probe{name: "authorize/client-without-flow", needs: []string{"introspection"}, talk: func(c *talk) {
			c.see("answer", c.send(request{to: "authorization", query: c.authorization("client_id=" + c.resource.id)}))
		}},
		probe{name: "authorize/id-token-hint-of-another", talk: func(c *talk) {
			hint := c.signIn().id
			c.as("bob")
			c.see("answer", c.send(request{to: "authorization", query: c.authorization("id_token_hint=" + hint)}))
		}},
	)
}
