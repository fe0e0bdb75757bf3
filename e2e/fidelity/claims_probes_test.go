package fidelity

import "strings"

// What tokens hold, for people of different roles and for sets of scopes.
func claimsProbes() []probe {
	var all []probe
	for _, who := range []string{"alice", "bob"} {
		for name, scope := range map[string]string{
			"none": "", "openid": "openid", "create": "create:todos", "all": "openid create:todos read:todos delete:todos", "read": "read:todos",
			"profile": "openid profile", "email": "openid email", "offline": "openid offline_access create:todos", "offline-only": "offline_access",
		} {
			all = append(all, probe{name: "claims/" + who + "-" + name, talk: func(c *talk) {
				c.as(who)
				edits := []string{"nonce=n-0S6_WzA2Mj"}
				if edits = append(edits, "scope="+scope); scope == "" {
					edits = append(edits, "-scope")
				}
				c.see("answer", c.redeem(c.code(edits...)))
			}})
		}
	}
	for name, edits := range map[string][]string{
		"no-nonce": nil, "empty-nonce": {"nonce="}, "resource": {"scope=openid create:todos", "resource=http://localhost:3001/mcp"},
		"resource-foreign": {"scope=openid create:todos", "resource=https://foreign.example/mcp"}, "max-age": {"max_age=600"}, "acr-values": {"acr_values=1"},
		"claims-parameter": {`claims={"id_token":{"email":null},"userinfo":{"name":null}}`},
	} {
		all = append(all, probe{name: "claims/" + name, talk: func(c *talk) { c.see("answer", c.redeem(c.code(edits...))) }})
	}
	return append(all,
		probe{name: "claims/after-refresh", talk: func(c *talk) {
			c.see("answer", c.refresh(c.signIn("scope=openid create:todos", "nonce=n").refresh))
		}},
		probe{name: "claims/after-narrower-refresh", talk: func(c *talk) {
			c.see("answer", c.refresh(c.signIn("scope=openid create:todos read:todos").refresh, "scope=openid read:todos"))
		}},
		probe{name: "claims/after-offline-refresh", talk: func(c *talk) {
			c.see("answer", c.refresh(c.signIn("scope=openid offline_access").refresh))
		}},
		probe{name: "claims/two-people-two-subjects", talk: func(c *talk) {
			a := subject(c.signIn().access)
			c.as("bob")
			b := subject(c.signIn().access)
			c.as("alice")
			c.note("differ", a != b)
			c.note("stays", a == subject(c.signIn().access))
		}},
		probe{name: "claims/subject-is-one", talk: func(c *talk) {
			got := c.signIn()
			c.note("same", subject(got.access) == subject(got.id))
		}},
		probe{name: "claims/key-is-published", talk: func(c *talk) {
			got := c.signIn()
			keys := string(c.send(request{to: "jwks"}).body)
			kid := func(token string) string {
				parsed, _ := c.token(token).(tree)
				header, _ := parsed["header"].(tree)
				_, has := header["kid"]
				if !has {
					return ""
				}
				return rawHeader(token)["kid"].(string)
			}
			c.note("access", kid(got.access) != "" && strings.Contains(keys, kid(got.access)))
			c.note("id", kid(got.id) != "" && strings.Contains(keys, kid(got.id)))
		}},
	)
}

func refreshProbes() []probe {
	full := "scope=openid create:todos read:todos"
	with := func(name string, edits ...string) probe {
		return probe{name: "refresh/" + name, talk: func(c *talk) {
			got := c.signIn(full)
			next := c.refresh(got.refresh, edits...)
			c.see("answer", next)
			if token := next.member("refresh_token"); token != "" {
				c.see("then", c.refresh(token))
			} else {
				c.see("then the old one", c.refresh(got.refresh))
			}
		}}
	}
	return []probe{
		with("fine"),
		with("narrower", "scope=openid create:todos"),
		with("narrower-without-openid", "scope=create:todos"),
		with("wider", "scope=openid create:todos read:todos delete:todos"),
		with("unknown-scope", "scope=openid nonsense"),
		with("empty-scope", "scope="),
		with("offline-asked-late", "scope=openid offline_access"),
		with("resource-foreign", "resource=https://foreign.example/mcp"),
		with("resource-relative", "resource=/mcp"),
		with("other-client", "client_id={other}"),
		with("unknown-client", "client_id=nobody"),
		with("no-client", "-client_id"),
		with("confidential-client", "client_id={resource}", "client_secret={secret}"),
		with("token-twice", "+refresh_token=x"),
		with("secret-of-public", "client_secret=x"),
		{name: "refresh/reuse", talk: func(c *talk) {
			got := c.signIn(full)
			next := c.got(c.refresh(got.refresh))
			c.see("again", c.refresh(got.refresh))
			c.see("the new one", c.refresh(next.refresh))
			c.see("introspection", c.introspect(next.access))
			if c.endpoints["userinfo"] != "" {
				c.see("userinfo", c.send(request{to: "userinfo", bearer: next.access}))
			}
		}},
		{name: "refresh/reuse-spares-a-sister", talk: func(c *talk) {
			got, sister := c.signIn(full), c.signIn(full)
			c.got(c.refresh(got.refresh))
			c.refresh(got.refresh)
			c.see("sister", c.refresh(sister.refresh))
		}},
		{name: "refresh/twice-in-a-row", talk: func(c *talk) {
			got := c.signIn(full)
			for range 3 {
				got = c.got(c.refresh(got.refresh))
			}
			c.note("new each time", true)
		}},
		{name: "refresh/role-denied", talk: func(c *talk) {
			c.as("bob")
			c.see("answer", c.refresh(c.signIn("scope=openid create:todos read:todos").refresh))
		}},
		{name: "refresh/offline", talk: func(c *talk) {
			got := c.signIn("scope=openid offline_access")
			next := c.refresh(got.refresh)
			c.see("answer", next)
			c.see("again", c.refresh(got.refresh))
		}},
		{name: "refresh/offline-narrower", talk: func(c *talk) {
			c.readsTokens = true
			next := c.refresh(c.signIn("scope=openid offline_access create:todos read:todos").refresh, "scope=openid read:todos")
			c.see("answer", next)
			c.see("then", c.refresh(next.member("refresh_token")))
		}},
		{name: "refresh/access-token-instead", talk: func(c *talk) { c.see("answer", c.refresh(c.signIn().access)) }},
		{name: "refresh/id-token-instead", talk: func(c *talk) { c.see("answer", c.refresh(c.signIn().id)) }},
		{name: "refresh/changed", talk: func(c *talk) { c.see("answer", c.refresh(c.signIn().refresh+"x")) }},
		{name: "refresh/old-access-token-lives", talk: func(c *talk) {
			got := c.signIn()
			c.got(c.refresh(got.refresh))
			c.see("introspection", c.introspect(got.access))
		}},
	}
}
