package fidelity

import "time"

// A browser that comes again, consent, sign-out, and pushed requests.
func sessionProbes() []probe {
	var all []probe
	at := func(name string, talk func(c *talk)) {
		all = append(all, probe{name: "session/" + name, needs: []string{"sessions"}, talk: talk})
	}
	again := func(name string, edits ...string) {
		at(name, func(c *talk) {
			c.signIn()
			c.see("answer", c.send(request{to: "authorization", query: c.authorization(edits...), browser: c.browser}))
		})
	}
	again("again")
	again("prompt-none", "prompt=none")
	again("prompt-login", "prompt=login")
	again("prompt-consent", "prompt=consent")
	again("prompt-select-account", "prompt=select_account")
	again("prompt-none-login", "prompt=none login")
	again("prompt-none-scope-unknown", "prompt=none", "scope=nonsense")
	again("prompt-create", "prompt=create")
	later := func(name string, edits ...string) {
		at(name, func(c *talk) {
			c.signIn()
			c.nextSecond()
			c.see("answer", c.send(request{to: "authorization", query: c.authorization(edits...), browser: c.browser}))
		})
	}
	later("max-age-0", "max_age=0")
	later("max-age-0-none", "max_age=0", "prompt=none")
	again("max-age-1000", "max_age=1000")
	again("other-client", "client_id={other}", "redirect_uri=http://localhost:6274/oauth/callback")
	again("more-scopes", "scope=openid create:todos read:todos")
	again("login-hint-of-another", "login_hint=bob")
	again("id-token-hint-garbage", "id_token_hint=nonsense")
	again("acr-values", "acr_values=9")
	again("no-pkce", "-code_challenge", "-code_challenge_method")
	again("response-mode-fragment", "response_mode=fragment")
	again("response-type-none", "response_type=none")
	const offline = "scope=openid offline_access"
	none := func(c *talk) *answer {
		return c.send(request{to: "authorization", query: c.authorization("prompt=none"), browser: c.browser})
	}
	at("offline-then-prompt-none", func(c *talk) {
		c.code(offline)
		c.see("before", none(c))
		c.browser = c.newBrowser()
		got := c.signIn(offline)
		c.see("after", none(c))
		c.see("page", c.land(c.send(request{to: "authorization", query: c.authorization(), browser: c.browser})))
		c.note("userinfo", float64(c.send(request{to: "userinfo", bearer: got.access}).status))
		c.see("refresh", c.refresh(got.refresh))
	})
	at("online-offline-then-prompt-none", func(c *talk) {
		got := c.signIn()
		c.signIn(offline)
		c.see("after", none(c))
		c.see("refresh", c.refresh(got.refresh))
	})
	at("offline-with-another-client-in-between", func(c *talk) {
		first := c.code(offline)
		mine := c.client
		c.client = c.other
		second := c.code("redirect_uri=http://localhost:6274/oauth/callback")
		c.client = mine
		c.got(c.redeem(first))
		c.see("after", none(c))
		c.client = c.other
		c.see("second", c.redeem(second, "redirect_uri=http://localhost:6274/oauth/callback"))
	})
	at("offline-twice-then-prompt-none", func(c *talk) {
		first, second := c.code(offline), c.code(offline)
		c.got(c.redeem(first))
		c.see("between", none(c))
		c.got(c.redeem(second))
		c.see("after", none(c))
	})
	at("login-then-password-again", func(c *talk) {
		c.signIn()
		page := c.open("authorization", c.authorization("prompt=login"))
		c.see("page", page)
		c.see("wrong", c.fill(page, "password", "password", "wrong"))
	})
	at("login-then-password", func(c *talk) {
		c.signIn()
		c.see("back", c.fill(c.open("authorization", c.authorization("prompt=login")), "password", "password", c.who.Password))
	})
	at("login-then-another-person", func(c *talk) {
		c.signIn()
		page := c.open("authorization", c.authorization("prompt=login"))
		c.see("back", c.fill(page, "password", "username", c.people["bob"].Username, "password", c.people["bob"].Password))
	})
	at("same-session-state", func(c *talk) {
		first := c.callback().Get("session_state")
		c.note("same", first != "" && first == c.callback().Get("session_state"))
	})
	at("same-sid", func(c *talk) {
		sid := func(t tokens) any { return claims(t.id)["sid"] }
		first := sid(c.signIn())
		c.note("same", first != nil && first == sid(c.signIn()))
		c.browser = c.newBrowser()
		c.note("another browser's differs", first != sid(c.signIn()))
	})
	at("auth-time-stays", func(c *talk) {
		c.note("same", claims(c.signIn().id)["auth_time"] == claims(c.signIn().id)["auth_time"])
	})
	at("replay-ends-the-client's-part", func(c *talk) {
		code := c.code()
		c.redeem(code)
		c.redeem(code)
		c.see("again", c.send(request{to: "authorization", query: c.authorization("prompt=none"), browser: c.browser}))
		c.see("tokens", c.redeem(c.code()))
	})
	at("reuse-ends-the-client's-part", func(c *talk) {
		got := c.signIn()
		c.refresh(got.refresh)
		c.refresh(got.refresh)
		c.see("again", c.send(request{to: "authorization", query: c.authorization("prompt=none"), browser: c.browser}))
	})
	at("revocation-spares-another-client", func(c *talk) {
		first := c.signIn()
		mine := c.client
		c.client = c.register(stranger)
		second := c.signIn()
		c.send(request{to: "revocation", form: mine.identify(params{"token", first.refresh})})
		c.see("other client's refresh", c.refresh(second.refresh))
		c.client = mine
		c.see("prompt none", c.send(request{to: "authorization", query: c.authorization("prompt=none"), browser: c.browser}))
	})
	at("revoked-refresh-spares-a-new-grant", func(c *talk) {
		first := c.signIn()
		c.send(request{to: "revocation", form: c.client.identify(params{"token", first.refresh})})
		c.see("new tokens", c.redeem(c.code()))
		c.see("old access token", c.introspect(first.access))
	})
	at("offline-and-online", func(c *talk) {
		offline := c.signIn("scope=openid offline_access")
		online := c.signIn()
		c.send(request{to: "revocation", form: c.client.identify(params{"token", offline.refresh})})
		c.see("offline", c.refresh(offline.refresh))
		c.see("online", c.refresh(online.refresh))
	})
	at("two-browsers", func(c *talk) {
		first := c.signIn()
		c.browser = c.newBrowser()
		second := c.signIn()
		c.send(request{to: "revocation", form: c.client.identify(params{"token", first.refresh})})
		c.see("other browser's", c.refresh(second.refresh))
	})
	at("another-person-in-the-same-browser", func(c *talk) {
		c.signIn()
		c.who = c.people["bob"]
		c.see("answer", c.send(request{to: "authorization", query: c.authorization("login_hint=" + c.who.Username), browser: c.browser}))
	})
	at("step-up", func(c *talk) {
		c.signIn("scope=openid create:todos")
		c.see("tokens", c.redeem(c.code("scope=openid create:todos delete:todos")))
	})
	return all
}

// nextSecond waits until what just happened is a second old, as auth_time and max_age count seconds.
func (c *talk) nextSecond() {
	select {
	case <-time.After(1100 * time.Millisecond):
	case <-c.ctx.Done():
	}
}

func consentProbes() []probe {
	var all []probe
	at := func(name string, talk func(c *talk)) {
		all = append(all, probe{name: "consent/" + name, needs: []string{"registration"}, talk: talk})
	}
	// page signs in a stranger's client up to the consent page
	page := func(c *talk, edits ...string) *answer {
		c.client = c.register(stranger)
		return c.land(c.fill(c.open("authorization", c.authorization(edits...)), "password", "username", c.who.Username, "password", c.who.Password))
	}
	at("page", func(c *talk) { c.see("page", page(c, "scope=openid create:todos")) })
	at("accept", func(c *talk) {
		c.see("back", c.fill(page(c, "scope=openid create:todos"), "accept", "accept", "Yes"))
	})
	at("cancel", func(c *talk) {
		c.see("back", c.fill(page(c, "scope=openid create:todos"), "cancel", "cancel", "No"))
	})
	at("cancel-without-state", func(c *talk) { c.see("back", c.fill(page(c, "-state"), "cancel", "cancel", "No")) })
	at("accept-twice", func(c *talk) {
		shown := page(c)
		c.fill(shown, "accept", "accept", "Yes")
		c.see("again", c.fill(shown, "accept", "accept", "Yes"))
	})
	at("no-button", func(c *talk) { c.see("back", c.fill(page(c), "accept")) })
	at("without-cookies", func(c *talk) {
		shown := page(c)
		c.browser = c.newBrowser()
		c.see("answer", c.fill(shown, "accept", "accept", "Yes"))
	})
	at("no-session-before", func(c *talk) {
		page(c)
		c.see("answer", c.send(request{to: "authorization", query: c.authorization("prompt=none"), browser: c.browser}))
	})
	at("remembered", func(c *talk) {
		c.fill(page(c, "scope=openid create:todos"), "accept", "accept", "Yes")
		c.see("again", c.send(request{to: "authorization", query: c.authorization("scope=openid create:todos"), browser: c.browser}))
	})
	at("remembered-in-another-browser", func(c *talk) {
		c.fill(page(c, "scope=openid create:todos"), "accept", "accept", "Yes")
		c.browser = c.newBrowser()
		c.see("again", c.fill(c.open("authorization", c.authorization("scope=openid create:todos")), "password", "username", c.who.Username, "password", c.who.Password))
	})
	at("remembered-less", func(c *talk) {
		c.fill(page(c, "scope=openid create:todos"), "accept", "accept", "Yes")
		c.see("again", c.send(request{to: "authorization", query: c.authorization("scope=openid"), browser: c.browser}))
	})
	at("more-asked-later", func(c *talk) {
		c.fill(page(c, "scope=openid create:todos"), "accept", "accept", "Yes")
		c.see("again", c.land(c.send(request{to: "authorization", query: c.authorization("scope=openid create:todos read:todos"), browser: c.browser})))
	})
	at("more-asked-later-prompt-none", func(c *talk) {
		c.fill(page(c, "scope=openid create:todos"), "accept", "accept", "Yes")
		c.see("again", c.send(request{to: "authorization", query: c.authorization("scope=openid create:todos read:todos", "prompt=none"), browser: c.browser}))
	})
	at("prompt-consent-later", func(c *talk) {
		c.fill(page(c, "scope=openid create:todos"), "accept", "accept", "Yes")
		c.see("again", c.land(c.send(request{to: "authorization", query: c.authorization("scope=openid create:todos", "prompt=consent"), browser: c.browser})))
	})
	at("session-of-another-client-prompt-none", func(c *talk) {
		c.signIn()
		c.client = c.register(stranger)
		c.see("answer", c.send(request{to: "authorization", query: c.authorization("prompt=none"), browser: c.browser}))
	})
	at("session-of-another-client", func(c *talk) {
		c.signIn()
		c.client = c.register(stranger)
		c.see("page", c.land(c.send(request{to: "authorization", query: c.authorization(), browser: c.browser})))
	})
	at("denied-then-asked-again", func(c *talk) {
		c.fill(page(c), "cancel", "cancel", "No")
		c.see("again", c.land(c.send(request{to: "authorization", query: c.authorization(), browser: c.browser})))
	})
	at("role-denied-scope", func(c *talk) {
		c.as("bob")
		c.see("page", page(c, "scope=openid create:todos delete:todos"))
	})
	return all
}

func logoutProbes() []probe {
	var all []probe
	at := func(name string, talk func(c *talk)) {
		all = append(all, probe{name: "logout/" + name, needs: []string{"end_session"}, talk: talk})
	}
	out := func(c *talk, query params) *answer {
		return c.send(request{to: "end_session", query: query, browser: c.browser})
	}
	after := func(c *talk, got tokens) {
		c.see("prompt none after", c.send(request{to: "authorization", query: c.authorization("prompt=none"), browser: c.browser}))
		c.see("refresh after", c.refresh(got.refresh))
		c.see("userinfo after", c.send(request{to: "userinfo", bearer: got.access}))
		c.see("introspection after", c.introspect(got.access))
	}
	at("hint-and-redirect", func(c *talk) {
		got := c.signIn()
		c.see("answer", out(c, params{"id_token_hint", got.id, "post_logout_redirect_uri", redirect, "state", "s"}))
		after(c, got)
	})
	at("hint-and-redirect-no-state", func(c *talk) {
		c.see("answer", out(c, params{"id_token_hint", c.signIn().id, "post_logout_redirect_uri", redirect}))
	})
	at("hint-only", func(c *talk) {
		got := c.signIn()
		c.see("answer", c.land(out(c, params{"id_token_hint", got.id})))
		after(c, got)
	})
	at("hint-of-another-browser", func(c *talk) {
		got := c.signIn()
		mine := c.browser
		c.browser = c.newBrowser()
		c.see("answer", c.land(out(c, params{"id_token_hint", got.id, "post_logout_redirect_uri", redirect})))
		c.browser = mine
		after(c, got)
	})
	at("hint-from-no-browser", func(c *talk) {
		got := c.signIn()
		c.see("answer", c.send(request{to: "end_session", query: params{"id_token_hint", got.id}}))
		c.see("refresh after", c.refresh(got.refresh))
	})
	at("no-hint", func(c *talk) {
		got := c.signIn()
		page := c.land(out(c, nil))
		c.see("page", page)
		c.see("refresh between", c.refresh(got.refresh))
		c.see("confirmed", c.land(c.fill(page, "confirmLogout", "confirmLogout", "Logout")))
	})
	at("no-hint-confirmed", func(c *talk) {
		got := c.signIn()
		c.fill(c.land(out(c, nil)), "confirmLogout", "confirmLogout", "Logout")
		after(c, got)
	})
	at("client-and-redirect", func(c *talk) {
		c.signIn()
		page := c.land(out(c, params{"client_id", c.client.id, "post_logout_redirect_uri", redirect, "state", "s"}))
		c.see("page", page)
		c.see("confirmed", c.fill(page, "confirmLogout", "confirmLogout", "Logout"))
	})
	at("no-session", func(c *talk) { c.see("answer", out(c, nil)) })
	at("no-session-client-and-redirect", func(c *talk) {
		c.see("answer", out(c, params{"client_id", c.client.id, "post_logout_redirect_uri", redirect, "state", "s"}))
	})
	at("redirect-foreign", func(c *talk) {
		c.see("answer", out(c, params{"id_token_hint", c.signIn().id, "post_logout_redirect_uri", "https://foreign.example/"}))
	})
	at("redirect-without-hint", func(c *talk) {
		c.signIn()
		c.see("answer", out(c, params{"post_logout_redirect_uri", redirect}))
	})
	at("hint-garbage", func(c *talk) {
		c.signIn()
		c.see("answer", out(c, params{"id_token_hint", "nonsense"}))
	})
	at("hint-tampered", func(c *talk) { c.see("answer", out(c, params{"id_token_hint", tampered(c.signIn().id)})) })
	at("hint-an-access-token", func(c *talk) { c.see("answer", out(c, params{"id_token_hint", c.signIn().access})) })
	at("hint-of-another-client", func(c *talk) {
		c.see("answer", out(c, params{"id_token_hint", c.signIn().id, "client_id", c.other.id}))
	})
	at("unknown-client", func(c *talk) {
		c.signIn()
		c.see("answer", out(c, params{"client_id", "nobody", "post_logout_redirect_uri", redirect}))
	})
	at("old-parameter", func(c *talk) {
		c.signIn()
		c.see("answer", c.land(out(c, params{"redirect_uri", redirect})))
	})
	at("post", func(c *talk) {
		got := c.signIn()
		c.see("answer", c.send(request{to: "end_session", form: params{"id_token_hint", got.id, "post_logout_redirect_uri", redirect}, browser: c.browser}))
	})
	at("post-refresh-token", func(c *talk) {
		got := c.signIn()
		r := request{to: "end_session", form: params{"client_id", c.client.id, "refresh_token", got.refresh}}
		c.see("answer", c.send(r))
		after(c, got)
		c.see("again", c.send(r))
	})
	at("post-refresh-token-foreign-script", func(c *talk) {
		got := c.signIn()
		c.see("answer", c.send(request{to: "end_session", form: params{"client_id", c.client.id, "refresh_token", got.refresh}, header: []string{"Origin", "https://foreign.example"}}))
		c.see("refresh after", c.refresh(got.refresh))
	})
	at("post-refresh-token-garbage", func(c *talk) {
		c.see("answer", c.send(request{to: "end_session", form: params{"client_id", c.client.id, "refresh_token", "nonsense"}}))
	})
	at("post-refresh-token-no-client", func(c *talk) {
		c.see("answer", c.send(request{to: "end_session", form: params{"refresh_token", c.signIn().refresh}}))
	})
	at("twice", func(c *talk) {
		got := c.signIn()
		out(c, params{"id_token_hint", got.id})
		c.see("again", c.land(out(c, params{"id_token_hint", got.id, "post_logout_redirect_uri", redirect})))
	})
	at("ends-other-clients-too", func(c *talk) {
		first := c.signIn()
		c.client = c.register(stranger)
		second := c.signIn()
		out(c, params{"id_token_hint", first.id})
		c.see("other client's refresh", c.refresh(second.refresh))
	})
	at("spares-offline", func(c *talk) {
		got := c.signIn("scope=openid offline_access")
		out(c, params{"id_token_hint", got.id})
		c.see("refresh after", c.refresh(got.refresh))
	})
	at("then-sign-in", func(c *talk) {
		out(c, params{"id_token_hint", c.signIn().id})
		c.see("tokens", c.redeem(c.code()))
	})
	at("json", func(c *talk) {
		c.see("answer", c.send(request{to: "end_session", query: params{"id_token_hint", "nonsense"}, header: []string{"Accept", "application/json"}}))
	})
	return all
}

func pushProbes() []probe {
	const endpoint = "pushed_authorization_request"
	var all []probe
	at := func(name string, talk func(c *talk)) {
		all = append(all, probe{name: "push/" + name, needs: []string{endpoint}, talk: talk})
	}
	push := func(c *talk, edits ...string) *answer {
		return c.send(request{to: endpoint, form: c.authorization(edits...)})
	}
	for _, e := range []edited{
		{"fine", nil}, {"unknown-client", []string{"client_id=nobody"}}, {"no-client", []string{"-client_id"}}, {"scope-unknown", []string{"scope=nonsense"}},
		{"redirect-foreign", []string{"redirect_uri=https://foreign.example/"}}, {"no-redirect", []string{"-redirect_uri"}}, {"no-pkce", []string{"-code_challenge", "-code_challenge_method"}},
		{"no-response-type", []string{"-response_type"}}, {"response-type-unknown", []string{"response_type=nonsense"}}, {"request-uri", []string{"request_uri=urn:x"}},
		{"twice", []string{"nonsense=1", "+nonsense=2"}}, {"secret-of-public", []string{"client_secret=x"}}, {"confidential-wrong-secret", []string{"client_id={resource}", "client_secret=wrong"}},
		{"resource-relative", []string{"resource=/mcp"}}, {"resource-foreign", []string{"resource=https://foreign.example/"}}, {"prompt-none", []string{"prompt=none"}},
	} {
		at(e.name, func(c *talk) { c.see("answer", push(c, e.edits...)) })
	}
	use := func(c *talk, uri string, edits ...string) params {
		return params{"client_id", c.client.id, "request_uri", uri}.with(edits...)
	}
	at("used", func(c *talk) {
		c.see("answer", c.send(request{to: "authorization", query: use(c, push(c).member("request_uri")), browser: c.browser}))
	})
	at("used-all-the-way", func(c *talk) {
		page := c.open("authorization", use(c, push(c).member("request_uri")))
		c.see("back", c.fill(page, "password", "username", c.who.Username, "password", c.who.Password))
	})
	at("used-twice", func(c *talk) {
		uri := push(c).member("request_uri")
		c.send(request{to: "authorization", query: use(c, uri)})
		c.see("again", c.send(request{to: "authorization", query: use(c, uri)}))
	})
	at("used-after-success", func(c *talk) {
		uri := push(c).member("request_uri")
		c.fill(c.open("authorization", use(c, uri)), "password", "username", c.who.Username, "password", c.who.Password)
		c.see("same browser", c.send(request{to: "authorization", query: use(c, uri), browser: c.browser}))
		c.see("another", c.send(request{to: "authorization", query: use(c, uri)}))
	})
	at("used-without-client", func(c *talk) {
		c.see("answer", c.send(request{to: "authorization", query: use(c, push(c).member("request_uri"), "-client_id")}))
	})
	at("used-by-another", func(c *talk) {
		c.see("answer", c.send(request{to: "authorization", query: use(c, push(c).member("request_uri"), "client_id="+c.other.id)}))
	})
	at("used-with-other-parameters", func(c *talk) {
		c.see("answer", c.send(request{to: "authorization", query: use(c, push(c).member("request_uri"), "scope=nonsense", "state=other")}))
	})
	at("used-unknown", func(c *talk) {
		c.see("answer", c.send(request{to: "authorization", query: use(c, "urn:ietf:params:oauth:request_uri:nonsense")}))
	})
	at("prompt-none-used", func(c *talk) {
		c.see("answer", c.send(request{to: "authorization", query: use(c, push(c, "prompt=none").member("request_uri"))}))
	})
	return all
}
