package fidelity

// What a client that nobody knows is asked for at its first sign-in, and later.
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
	at("kept-open-while-another-client-signs-in", func(c *talk) {
		shown := page(c)
		mine := c.client
		c.client = c.party.client
		c.see("other client", c.send(request{to: "authorization", query: c.authorization("prompt=none"), browser: c.browser}))
		c.see("other client's page", c.open("authorization", c.authorization()))
		c.signIn()
		c.client = mine
		c.see("back", c.fill(shown, "accept", "accept", "Yes"))
		c.see("again", c.fill(shown, "accept", "accept", "Yes"))
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
