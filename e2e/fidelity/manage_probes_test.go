package fidelity

import (
	"encoding/json"
	"strings"
)

// manageProbes are about a client's own registration (RFC 7592).
func manageProbes() []probe {
	var all []probe
	at := func(name string, talk func(c *talk)) {
		all = append(all, probe{name: "manage/" + name, needs: []string{"registration"}, talk: talk})
	}
	edited := func(c *talk, k client, changes map[string]any) string {
		document, _ := c.send(request{to: k.uri, bearer: k.token}).json().(map[string]any)
		for name, value := range changes {
			if value == nil {
				delete(document, name)
				continue
			}
			document[name] = value
		}
		written, _ := json.Marshal(document)
		return string(written)
	}
	put := func(c *talk, k client, body string) *answer {
		a := c.send(request{method: "PUT", to: k.uri, bearer: k.token, body: body, kind: "application/json"})
		if token := a.member("registration_access_token"); token != "" {
			c.made[len(c.made)-1].token = token
		}
		return a
	}
	at("read", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", c.send(request{to: k.uri, bearer: k.token}))
		c.see("again", c.send(request{to: k.uri, bearer: k.token}))
	})
	at("read-slash", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", c.send(request{to: k.uri + "/", bearer: k.token}))
	})
	at("read-without-token", func(c *talk) { c.see("answer", c.send(request{to: c.register(stranger).uri})) })
	at("read-bad-token", func(c *talk) { c.see("answer", c.send(request{to: c.register(stranger).uri, bearer: "nonsense"})) })
	at("read-token-of-another", func(c *talk) {
		other := c.register(stranger)
		c.see("answer", c.send(request{to: c.register(stranger).uri, bearer: other.token}))
	})
	at("read-access-token", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", c.send(request{to: k.uri, bearer: c.signIn().access}))
	})
	at("read-basic-of-client", func(c *talk) {
		k := c.register(secretive)
		c.see("answer", c.send(request{to: k.uri, basic: &k}))
	})
	at("read-unknown-client", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", c.send(request{to: k.uri + "x", bearer: k.token}))
	})
	at("read-configured-client", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", c.send(request{to: strings.TrimSuffix(k.uri, k.id) + c.party.client.id, bearer: k.token}))
	})
	at("update", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", put(c, k, edited(c, k, map[string]any{"client_name": "Renamed"})))
		c.see("old token", c.send(request{to: k.uri, bearer: k.token}))
		c.see("new token", c.send(request{to: k.uri, bearer: c.made[len(c.made)-1].token}))
	})
	at("update-redirect-foreign", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", put(c, k, edited(c, k, map[string]any{"redirect_uris": []string{"https://foreign.example/callback"}})))
	})
	at("update-other-id", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", put(c, k, edited(c, k, map[string]any{"client_id": "other"})))
	})
	at("update-no-id", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", put(c, k, edited(c, k, map[string]any{"client_id": nil})))
	})
	at("update-scope", func(c *talk) {
		k := c.register(scoped)
		c.see("answer", put(c, k, edited(c, k, map[string]any{"scope": "create:todos"})))
	})
	at("update-minimal", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", put(c, k, `{"client_id":"`+k.id+`","redirect_uris":["http://127.0.0.1:45671/callback"]}`))
	})
	at("update-broken", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", put(c, k, `{`))
	})
	at("update-unknown-member", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", put(c, k, edited(c, k, map[string]any{"nonsense": 1})))
	})
	at("update-bad-token", func(c *talk) {
		k := c.register(stranger)
		body := edited(c, k, nil)
		c.see("answer", c.send(request{method: "PUT", to: k.uri, bearer: "nonsense", body: body, kind: "application/json"}))
	})
	at("update-to-confidential", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", put(c, k, edited(c, k, map[string]any{"token_endpoint_auth_method": "client_secret_post"})))
	})
	at("post-there", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", c.send(request{method: "POST", to: k.uri, bearer: k.token, body: stranger, kind: "application/json"}))
	})
	at("delete", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", c.send(request{method: "DELETE", to: k.uri, bearer: k.token}))
		c.see("read after", c.send(request{to: k.uri, bearer: k.token}))
		c.see("delete again", c.send(request{method: "DELETE", to: k.uri, bearer: k.token}))
		c.client = k
		c.see("authorize after", c.send(request{to: "authorization", query: c.authorization()}))
	})
	at("delete-bad-token", func(c *talk) {
		k := c.register(stranger)
		c.see("answer", c.send(request{method: "DELETE", to: k.uri, bearer: "nonsense"}))
	})
	at("delete-ends-tokens", func(c *talk) {
		k := c.register(stranger)
		c.client = k
		got := c.signIn("scope=openid create:todos")
		c.send(request{method: "DELETE", to: k.uri, bearer: k.token})
		c.see("refresh", c.refresh(got.refresh))
		c.see("userinfo", c.send(request{to: "userinfo", bearer: got.access}))
	})
	return all
}
