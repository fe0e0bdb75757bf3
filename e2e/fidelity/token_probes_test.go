package fidelity

// tokenFaults are token requests that need no code to be refused.
var tokenFaults = []edited{
	{"no-grant-type", []string{"-grant_type"}},
	{"empty-grant-type", []string{"grant_type="}},
	{"unknown-grant-type", []string{"grant_type=nonsense"}},
	{"grant-type-upper-case", []string{"grant_type=AUTHORIZATION_CODE"}},
	{"grant-type-twice", []string{"+grant_type=authorization_code"}},
	{"unknown-client", []string{"client_id=nobody"}},
	{"no-client", []string{"-client_id"}},
	{"empty-client", []string{"client_id="}},
	{"client-twice", []string{"+client_id=nobody"}},
	{"no-code", []string{"-code"}},
	{"empty-code", []string{"code="}},
	{"bad-code", nil},
	{"code-twice", []string{"+code=x"}},
	{"unknown-parameter-twice", []string{"nonsense=1", "+nonsense=2"}},
	{"password", []string{"grant_type=password", "username=alice", "password=alice"}},
	{"client-credentials-of-public", []string{"grant_type=client_credentials"}},
	{"implicit", []string{"grant_type=implicit"}},
	{"device-code", []string{"grant_type=urn:ietf:params:oauth:grant-type:device_code", "device_code=x"}},
	{"jwt-bearer", []string{"grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion=nonsense"}},
	{"jwt-bearer-no-assertion", []string{"grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer"}},
	{"token-exchange", []string{"grant_type=urn:ietf:params:oauth:grant-type:token-exchange", "subject_token=nonsense", "subject_token_type=urn:ietf:params:oauth:token-type:access_token"}},
	{"ciba", []string{"grant_type=urn:openid:params:grant-type:ciba", "auth_req_id=x"}},
	{"refresh-without-token", []string{"grant_type=refresh_token"}},
	{"refresh-empty", []string{"grant_type=refresh_token", "refresh_token="}},
	{"refresh-garbage", []string{"grant_type=refresh_token", "refresh_token=nonsense"}},
	{"refresh-broken-jwt", []string{"grant_type=refresh_token", "refresh_token=e30.e30.x"}},
	{"secret-of-public", []string{"client_secret=nonsense"}},
	{"confidential-without-secret", []string{"client_id={resource}"}},
	{"confidential-wrong-secret", []string{"client_id={resource}", "client_secret=wrong"}},
	{"confidential-empty-secret", []string{"client_id={resource}", "client_secret="}},
	{"dpop-garbage", nil},
	{"assertion-garbage", []string{"client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion=nonsense"}},
	{"assertion-type-only", []string{"client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}},
	{"no-redirect-bad-code", []string{"-redirect_uri"}},
	// two faults
	{"order-grant+client", []string{"grant_type=nonsense", "client_id=nobody"}},
	{"order-no-grant+client", []string{"-grant_type", "client_id=nobody"}},
	{"order-client+twice", []string{"client_id=nobody", "nonsense=1", "+nonsense=2"}},
	{"order-grant+twice", []string{"grant_type=nonsense", "nonsense=1", "+nonsense=2"}},
	{"order-twice+code", []string{"nonsense=1", "+nonsense=2", "-code"}},
	{"order-code+redirect", []string{"redirect_uri=https://foreign.example/callback"}},
	{"order-code+verifier", []string{"-code_verifier"}},
	{"order-secret+code", []string{"client_id={resource}", "client_secret=wrong", "-code"}},
	{"order-refresh+client", []string{"grant_type=refresh_token", "client_id=nobody"}},
}

func tokenProbes() []probe {
	var all []probe
	for _, fault := range tokenFaults {
		all = append(all, probe{name: "token/" + fault.name, talk: func(c *talk) {
			r := request{to: "token", form: c.redemption("nonsense", fault.edits...)}
			if fault.name == "dpop-garbage" {
				r.header = []string{"DPoP", "nonsense"}
			}
			c.see("answer", c.send(r))
		}})
	}
	for name, of := range map[string]func(c *talk) client{
		"unknown":      func(*talk) client { return client{id: "nobody", secret: "x"} },
		"wrong-secret": func(c *talk) client { return client{id: c.resource.id, secret: "wrong"} },
		"empty":        func(*talk) client { return client{} },
		"public":       func(c *talk) client { return client{id: c.party.client.id} },
		"no-flow":      func(c *talk) client { return c.resource },
	} {
		all = append(all, probe{name: "token/basic-" + name, talk: func(c *talk) {
			basic := of(c)
			c.see("answer", c.send(request{to: "token", form: c.redemption("nonsense", "-client_id"), basic: &basic}))
		}})
	}
	for name, header := range map[string]string{"not-base64": "Basic !!!", "no-colon": "Basic bm9ib2R5", "bearer": "Bearer nonsense", "lower-case": "basic bm9ib2R5Ong=", "nothing": "Basic", "bad-escape": "Basic YSV6ejp4", "bad-escape-in-secret": "Basic bm9ib2R5OiV6eg=="} {
		all = append(all,
			probe{name: "token/authorization-" + name, talk: func(c *talk) {
				c.see("answer", c.send(request{to: "token", form: c.redemption("nonsense", "-client_id"), header: []string{"Authorization", header}}))
			}},
			probe{name: "token/authorization-" + name + "-and-client", talk: func(c *talk) {
				c.see("answer", c.send(request{to: "token", form: c.redemption("nonsense"), header: []string{"Authorization", header}}))
			}},
		)
	}
	return append(all,
		probe{name: "token/basic-and-other-client", needs: []string{"introspection"}, talk: func(c *talk) {
			c.see("answer", c.send(request{to: "token", form: c.redemption("nonsense"), basic: &c.resource}))
		}},
		probe{name: "token/basic-wrong-post-right", needs: []string{"introspection"}, talk: func(c *talk) {
			wrong := client{id: c.resource.id, secret: "wrong"}
			c.see("answer", c.send(request{to: "token", form: c.resource.identify(params{"grant_type", "client_credentials"}), basic: &wrong}))
		}},
		probe{name: "token/basic-right-post-wrong", needs: []string{"introspection"}, talk: func(c *talk) {
			c.see("answer", c.send(request{to: "token", form: params{"grant_type", "client_credentials", "client_id", c.resource.id, "client_secret", "wrong"}, basic: &c.resource}))
		}},
		probe{name: "token/client-credentials-not-allowed", needs: []string{"introspection"}, talk: func(c *talk) {
			c.see("answer", c.send(request{to: "token", form: c.resource.identify(params{"grant_type", "client_credentials"})}))
		}},
	)
}

// exchangeFaults are exchanges of a good code with one thing wrong. After each the right request shows whether the code is burnt.
var exchangeFaults = []edited{
	{"wrong-verifier", []string{"code_verifier=" + challenge}},
	{"no-verifier", []string{"-code_verifier"}},
	{"empty-verifier", []string{"code_verifier="}},
	{"short-verifier", []string{"code_verifier=short"}},
	{"long-verifier", []string{"code_verifier=" + verifier + verifier + verifier}},
	{"bad-verifier-characters", []string{"code_verifier=" + verifier[:42] + "="}},
	{"verifier-twice", []string{"+code_verifier=" + verifier}},
	{"wrong-redirect", []string{"redirect_uri=http://127.0.0.1:45671/elsewhere"}},
	{"other-port", []string{"redirect_uri=http://127.0.0.1:45672/callback"}},
	{"no-redirect", []string{"-redirect_uri"}},
	{"empty-redirect", []string{"redirect_uri="}},
	{"redirect-twice", []string{"+redirect_uri=http://127.0.0.1:45671/callback"}},
	{"unknown-client", []string{"client_id=nobody"}},
	{"no-client", []string{"-client_id"}},
	{"other-client", []string{"client_id={other}"}},
	{"confidential-client", []string{"client_id={resource}", "client_secret={secret}"}},
	{"confidential-client-no-secret", []string{"client_id={resource}"}},
	{"no-grant-type", []string{"-grant_type"}},
	{"other-grant-type", []string{"grant_type=refresh_token"}},
	{"unknown-grant-type", []string{"grant_type=nonsense"}},
	{"parameter-twice", []string{"nonsense=1", "+nonsense=2"}},
	{"no-code", []string{"-code"}},
	{"resource-foreign", []string{"resource=https://foreign.example/mcp"}},
	{"resource-relative", []string{"resource=/mcp"}},
	{"scope-unknown", []string{"scope=nonsense"}},
	{"scope-narrower", []string{"scope=openid"}},
	{"audience", []string{"audience=https://foreign.example/mcp"}},
	{"wrong-redirect+wrong-verifier", []string{"redirect_uri=http://127.0.0.1:45671/elsewhere", "code_verifier=" + challenge}},
	{"other-client+wrong-redirect", []string{"client_id={other}", "redirect_uri=http://127.0.0.1:45671/elsewhere"}},
	{"other-client+wrong-verifier", []string{"client_id={other}", "code_verifier=" + challenge}},
}

func codeProbes() []probe {
	var all []probe
	for _, fault := range exchangeFaults {
		all = append(all, probe{name: "code/" + fault.name, talk: func(c *talk) {
			code := c.code()
			c.see("wrong", c.redeem(code, fault.edits...))
			c.see("then right", c.redeem(code))
		}})
	}
	return append(all,
		probe{name: "code/fine", talk: func(c *talk) { c.see("answer", c.redeem(c.code())) }},
		probe{name: "code/changed", talk: func(c *talk) { c.see("answer", c.redeem(c.code()+"x")) }},
		probe{name: "code/replay", talk: func(c *talk) {
			code := c.code()
			got := c.got(c.redeem(code))
			c.see("again", c.redeem(code))
			if c.endpoints["userinfo"] != "" {
				c.see("userinfo after", c.send(request{to: "userinfo", bearer: got.access}))
			}
			c.see("refresh after", c.refresh(got.refresh))
			c.see("introspection after", c.introspect(got.access))
		}},
		probe{name: "code/replay-by-another-client", talk: func(c *talk) {
			code := c.code()
			got := c.got(c.redeem(code))
			c.see("again", c.redeem(code, "client_id={other}"))
			c.see("refresh after", c.refresh(got.refresh))
		}},
		probe{name: "code/replay-of-a-sister", talk: func(c *talk) { // another grant of the same browser
			code := c.code()
			c.got(c.redeem(code))
			sister := c.signIn()
			c.redeem(code)
			c.see("sister's refresh", c.refresh(sister.refresh))
		}},
		probe{name: "code/replay-after-refresh", talk: func(c *talk) {
			code := c.code()
			next := c.got(c.refresh(c.got(c.redeem(code)).refresh))
			c.see("again", c.redeem(code))
			c.see("refresh after", c.refresh(next.refresh))
		}},
	)
}
