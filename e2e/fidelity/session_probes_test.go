package fidelity

import "time"

// A browser that comes again, and what ends a session or a client's part in it.
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
	at("code-of-before-the-client-came-again", func(c *talk) {
		code := c.code()
		c.signInAndLeave()
		c.signIn()
		c.see("tokens", c.redeem(code))
	})
	at("code-of-before-the-client-left", func(c *talk) {
		got := c.signIn()
		code := c.code()
		c.refresh(got.refresh)
		c.refresh(got.refresh)
		c.see("tokens", c.redeem(code))
	})
	at("offline-reuse", func(c *talk) {
		got := c.signIn(offline)
		next := c.got(c.refresh(got.refresh))
		c.see("again", c.refresh(got.refresh))
		c.see("the newer one", c.refresh(next.refresh))
		c.see("the newer one once more", c.refresh(next.refresh))
		c.see("userinfo", c.send(request{to: "userinfo", bearer: next.access}))
	})
	at("offline-reuse-beside-online", func(c *talk) {
		online := c.signIn()
		got := c.signIn(offline)
		next := c.got(c.refresh(got.refresh))
		c.refresh(got.refresh)
		c.see("the newer one", c.refresh(next.refresh))
		c.see("online", c.refresh(online.refresh))
	})
	at("offline-reuse-beside-another-client", func(c *talk) {
		got := c.signIn(offline)
		mine := c.client
		c.client = c.register(stranger)
		c.signIn(offline)
		c.client = mine
		next := c.got(c.refresh(got.refresh))
		c.refresh(got.refresh)
		c.see("the newer one", c.refresh(next.refresh))
		c.see("tokens again", c.redeem(c.code(offline)))
		c.see("the newer one after", c.refresh(next.refresh))
	})
	at("offline-code-replayed", func(c *talk) {
		code := c.code(offline)
		got := c.got(c.redeem(code))
		c.see("again", c.redeem(code))
		c.see("refresh", c.refresh(got.refresh))
	})
	at("offline-revoked", func(c *talk) {
		got := c.signIn(offline)
		c.send(request{to: "revocation", form: c.client.identify(params{"token", got.refresh})})
		c.see("refresh", c.refresh(got.refresh))
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
