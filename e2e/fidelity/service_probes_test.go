package fidelity

// serviceProbes are about clients that speak for themselves.
func serviceProbes() []probe {
	own := func(name string, edits ...string) probe {
		return probe{name: "service/" + name, needs: []string{"registration"}, talk: func(c *talk) {
			c.client = c.register(servant)
			c.readsTokens = true
			c.see("answer", c.send(request{to: "token", form: c.client.identify(params{"grant_type", "client_credentials"}).with(edits...)}))
		}}
	}
	return []probe{
		own("fine"),
		own("scope", "scope=create:todos"),
		own("openid", "scope=openid"),
		own("unknown-scope", "scope=nonsense"),
		own("empty-scope", "scope="),
		own("offline", "scope=offline_access"),
		own("wrong-secret", "client_secret=wrong"),
		own("no-secret", "-client_secret"),
		own("resource", "resource=http://localhost:3001/mcp"),
		own("redirect-uri", "redirect_uri=x", "code=y"),
		{name: "service/introspected", needs: []string{"registration", "introspection"}, talk: func(c *talk) {
			c.client = c.register(servant)
			got := c.got(c.send(request{to: "token", form: c.client.identify(params{"grant_type", "client_credentials"})}))
			c.see("by the resource server", c.introspect(got.access))
			c.see("by itself", c.send(request{to: "introspection", form: c.client.identify(params{"token", got.access})}))
		}},
		{name: "service/userinfo", needs: []string{"registration", "userinfo"}, talk: func(c *talk) {
			c.client = c.register(servant)
			got := c.got(c.send(request{to: "token", form: c.client.identify(params{"grant_type", "client_credentials", "scope", "openid"})}))
			c.see("answer", c.send(request{to: "userinfo", bearer: got.access}))
		}},
		{name: "service/signs-somebody-in", needs: []string{"registration"}, talk: func(c *talk) {
			c.client = c.register(servant)
			c.see("answer", c.redeem(c.code()))
		}},
		{name: "service/basic-though-registered-for-post", needs: []string{"registration"}, talk: func(c *talk) {
			c.client = c.register(servant)
			c.see("answer", c.send(request{to: "token", form: params{"grant_type", "client_credentials"}, basic: &c.client}))
		}},
	}
}
