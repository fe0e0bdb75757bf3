package fidelity

// Sign-out at the client's wish (RP-Initiated Logout 1.0), and what it ends.
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
