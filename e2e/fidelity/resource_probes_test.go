package fidelity

import "strings"

// Resource indicators (RFC 8707): api is the API that tokens of the profile are for, other is one that nobody knows.
func resourceProbes() []probe {
	const api, other, full = "http://localhost:3001/mcp", "https://foreign.example/mcp", "scope=openid create:todos read:todos"
	var all []probe
	at := func(name string, ask func(c *talk)) {
		all = append(all, probe{name: "resource/" + name, needs: []string{"introspection"}, talk: func(c *talk) {
			c.readsTokens = true
			ask(c)
		}})
	}
	type side struct {
		name  string
		edits []string
	}
	sides := []side{
		{"none", nil}, {"api", []string{"resource=" + api}}, {"other", []string{"resource=" + other}}, {"slash", []string{"resource=" + api + "/"}},
		{"case", []string{"resource=HTTP://localhost:3001/mcp"}}, {"relative", []string{"resource=/mcp"}}, {"empty", []string{"resource="}},
		{"client", []string{"resource=urn:client:todo-mcp"}}, {"twice", []string{"resource=" + api, "+resource=" + api}},
	}
	for _, authorize := range sides[:3] {
		for _, redeem := range sides {
			at(authorize.name+"-then-"+redeem.name, func(c *talk) {
				code := c.code(append([]string{full}, authorize.edits...)...)
				c.see("tokens", c.redeem(code, redeem.edits...))
				c.readsTokens = false
				c.see("then as asked", c.redeem(code, authorize.edits...))
			})
		}
	}
	for _, authorize := range sides {
		at("authorize-"+authorize.name, func(c *talk) {
			c.see("answer", c.send(request{to: "authorization", query: c.authorization(append([]string{full}, authorize.edits...)...)}))
		})
	}
	for _, refresh := range sides {
		at("refresh-"+refresh.name, func(c *talk) {
			c.see("tokens", c.refresh(c.signIn(full, "resource="+api).refresh, refresh.edits...))
		})
		at("refresh-of-none-"+refresh.name, func(c *talk) {
			c.see("tokens", c.refresh(c.signIn(full).refresh, refresh.edits...))
		})
	}
	at("client-all-the-way", func(c *talk) {
		got := c.signIn(full, "resource=urn:client:todo-mcp")
		c.see("introspection", c.introspect(got.access))
		c.see("refresh", c.refresh(got.refresh))
	})
	at("introspection-of-one-audience", func(c *talk) {
		got := c.signIn(full, "resource="+api)
		c.see("introspection", c.introspect(got.access))
		c.see("userinfo", c.send(request{to: "userinfo", bearer: got.access}))
	})
	at("narrower-refresh", func(c *talk) {
		c.see("tokens", c.refresh(c.signIn(full, "resource="+api).refresh, "scope=openid create:todos"))
	})
	at("without-openid", func(c *talk) { c.see("tokens", c.redeem(c.code("scope=create:todos", "resource="+api))) })
	at("no-scope", func(c *talk) { c.see("tokens", c.redeem(c.code("-scope", "resource="+api))) })
	at("bob", func(c *talk) {
		c.as("bob")
		c.see("tokens", c.redeem(c.code(full, "resource="+api)))
	})
	for _, s := range sides[:6] {
		all = append(all, probe{name: "resource/service-" + s.name, needs: []string{"registration"}, talk: func(c *talk) {
			c.client = c.register(servant)
			c.readsTokens = true
			c.see("answer", c.send(request{to: "token", form: c.client.identify(params{"grant_type", "client_credentials", "scope", "create:todos"}).with(s.edits...)}))
		}})
	}
	for _, s := range sides[:6] {
		all = append(all, probe{name: "resource/push-" + s.name, needs: []string{"pushed_authorization_request"}, talk: func(c *talk) {
			c.see("answer", c.send(request{to: "pushed_authorization_request", form: c.authorization(s.edits...)}))
		}})
	}
	all = append(all, probe{name: "resource/without-an-audience", needs: []string{"registration"}, talk: func(c *talk) {
		c.readsTokens = true
		c.client = c.register(strings.Replace(scoped, "create:todos read:todos", "offline_access", 1))
		code := c.code("scope=openid", "resource="+api)
		c.see("tokens", c.redeem(code))
		c.see("again", c.redeem(code))
	}})
	at("registered", func(c *talk) {
		c.client = c.register(scoped)
		c.see("tokens", c.redeem(c.code("scope=create:todos", "resource="+api)))
	})
	return all
}
