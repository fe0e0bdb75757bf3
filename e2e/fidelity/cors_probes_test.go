package fidelity

import (
	"cmp"
	"net/url"
	"strings"
)

// What scripts of a browser may call: preflights, and the answers to actual requests, for an origin of the client, a foreign one and null.
func corsProbes() []probe {
	origins := map[string]func(c *talk) string{
		"good": func(c *talk) string {
			redirect, _ := url.Parse(c.client.redirect)
			return redirect.Scheme + "://" + redirect.Hostname() // the portless registration
		},
		"ported":  func(c *talk) string { return strings.TrimSuffix(ports.FindString(c.client.redirect), "/") },
		"foreign": func(*talk) string { return "https://foreign.example" },
		"null":    func(*talk) string { return "null" },
	}
	var all []probe
	for origin, of := range origins {
		for _, endpoint := range []string{"token", "introspection", "revocation", "userinfo", "registration", "pushed_authorization_request", "jwks", "authorization", "end_session"} {
			if endpoint != "token" && origin == "ported" || endpoint == "authorization" && origin != "good" {
				continue
			}
			all = append(all, probe{name: "cors/preflight-" + endpoint + "-" + origin, needs: []string{endpoint}, talk: func(c *talk) {
				c.see("answer", c.send(request{method: "OPTIONS", to: endpoint, header: []string{
					"Origin", of(c), "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,mcp-protocol-version",
				}}))
			}})
		}
		if origin == "ported" {
			continue
		}
		from := func(c *talk) []string { return []string{"Origin", of(c)} }
		all = append(all,
			probe{name: "cors/metadata-" + origin, talk: func(c *talk) {
				a := c.send(request{to: c.issuer + "/.well-known/openid-configuration", header: from(c)})
				a.body = nil
				c.see("answer", a)
			}},
			probe{name: "cors/preflight-metadata-" + origin, talk: func(c *talk) {
				c.see("answer", c.send(request{method: "OPTIONS", to: c.issuer + "/.well-known/openid-configuration", header: append(from(c), "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "mcp-protocol-version")}))
			}},
			probe{name: "cors/jwks-" + origin, talk: func(c *talk) {
				a := c.send(request{to: "jwks", header: from(c)})
				a.body = nil
				c.see("answer", a)
			}},
			probe{name: "cors/token-" + origin, talk: func(c *talk) {
				c.see("answer", c.send(request{to: "token", form: c.redemption(c.code()), header: from(c)}))
			}},
			probe{name: "cors/token-bad-code-" + origin, talk: func(c *talk) {
				c.see("answer", c.send(request{to: "token", form: c.redemption("nonsense"), header: from(c)}))
			}},
			probe{name: "cors/token-unknown-client-" + origin, talk: func(c *talk) {
				c.see("answer", c.send(request{to: "token", form: c.redemption("nonsense", "client_id=nobody"), header: from(c)}))
			}},
			probe{name: "cors/token-unknown-grant-" + origin, talk: func(c *talk) {
				c.see("answer", c.send(request{to: "token", form: c.redemption("nonsense", "grant_type=nonsense"), header: from(c)}))
			}},
			probe{name: "cors/refresh-" + origin, talk: func(c *talk) {
				c.see("answer", c.send(request{to: "token", form: c.renewal(c.signIn().refresh), header: from(c)}))
			}},
			probe{name: "cors/userinfo-" + origin, needs: []string{"userinfo"}, talk: func(c *talk) {
				c.see("answer", c.send(request{to: "userinfo", bearer: c.signIn().access, header: from(c)}))
			}},
			probe{name: "cors/userinfo-bad-token-" + origin, needs: []string{"userinfo"}, talk: func(c *talk) {
				c.see("answer", c.send(request{to: "userinfo", bearer: "nonsense", header: from(c)}))
			}},
			probe{name: "cors/revocation-" + origin, needs: []string{"revocation"}, talk: func(c *talk) {
				c.see("answer", c.send(request{to: "revocation", form: c.client.identify(params{"token", c.signIn().refresh}), header: from(c)}))
			}},
			probe{name: "cors/introspection-" + origin, needs: []string{"introspection"}, talk: func(c *talk) {
				c.see("answer", c.send(request{to: "introspection", form: c.resource.identify(params{"token", "nonsense"}), header: from(c)}))
			}},
			probe{name: "cors/registration-bad-" + origin, needs: []string{"registration"}, talk: func(c *talk) {
				c.see("answer", c.send(request{to: "registration", body: "{", kind: "application/json", header: from(c)}))
			}},
			probe{name: "cors/registration-policy-" + origin, needs: []string{"registration"}, talk: func(c *talk) {
				a := c.send(request{to: "registration", body: `{"redirect_uris":["https://foreign.example/callback"]}`, kind: "application/json", header: from(c)})
				c.remember(a)
				c.see("answer", a)
			}},
			probe{name: "cors/manage-read-" + origin, needs: []string{"registration"}, talk: func(c *talk) {
				k := c.register(stranger)
				a := c.send(request{to: k.uri, bearer: k.token, header: from(c)})
				a.body = nil
				c.see("answer", a)
				c.see("bad token", c.send(request{to: k.uri, bearer: "nonsense", header: from(c)}))
				c.see("preflight", c.send(request{method: "OPTIONS", to: k.uri, header: append(from(c), "Access-Control-Request-Method", "DELETE", "Access-Control-Request-Headers", "authorization")}))
			}},
			probe{name: "cors/token-then-right-" + origin, talk: func(c *talk) {
				code := c.code()
				c.send(request{to: "token", form: c.redemption(code), header: from(c)})
				c.see("then right", c.redeem(code))
			}},
			probe{name: "cors/push-" + origin, needs: []string{"pushed_authorization_request"}, talk: func(c *talk) {
				c.see("answer", c.send(request{to: "pushed_authorization_request", form: c.authorization(), header: from(c)}))
			}},
			probe{name: "cors/nothing-here-" + origin, talk: func(c *talk) {
				c.see("answer", c.send(request{to: c.issuer + "/nothing-here", header: from(c)}))
			}},
		)
	}
	for name, origin := range map[string]string{"own": "http://127.0.0.1:45671", "portless": "http://127.0.0.1", "upper-case": "HTTP://127.0.0.1:45671", "slash": "http://127.0.0.1:45671/", "own-of-the-server": ""} {
		all = append(all, probe{name: "cors/registered-token-" + name, needs: []string{"registration"}, talk: func(c *talk) {
			c.client = c.register(stranger)
			from := []string{"Origin", cmp.Or(origin, ports.FindString(c.issuer))}
			code := c.code("scope=openid create:todos")
			a := c.send(request{to: "token", form: c.redemption(code), header: from})
			c.see("tokens", a)
			c.see("userinfo", c.send(request{to: "userinfo", bearer: a.member("access_token"), header: from}))
		}})
	}
	all = append(all, probe{name: "cors/ported-of-a-portless-client", talk: func(c *talk) { // whose redirect URI may have any port
		c.see("tokens", c.send(request{to: "token", form: c.redemption(c.code()), header: []string{"Origin", ports.FindString(c.client.redirect)}}))
	}}, probe{name: "cors/confidential-client", needs: []string{"introspection"}, talk: func(c *talk) {
		c.see("answer", c.send(request{to: "token", form: c.resource.identify(params{"grant_type", "client_credentials"}), header: []string{"Origin", "https://foreign.example"}}))
	}}, probe{name: "cors/wrong-secret", needs: []string{"introspection"}, talk: func(c *talk) {
		c.see("answer", c.send(request{to: "token", form: params{"grant_type", "client_credentials", "client_id", c.resource.id, "client_secret", "x"}, header: []string{"Origin", "https://foreign.example"}}))
	}})
	return all
}
