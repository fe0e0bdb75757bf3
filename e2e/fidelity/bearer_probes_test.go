package fidelity

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// claims reads a JWT without a look at its signature; nil for anything else.
func claims(token string) map[string]any {
	parts := strings.Split(token, ".")
	if len(parts) < 2 {
		return nil
	}
	var object map[string]any
	raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
	_ = json.Unmarshal(raw, &object)
	return object
}

func subject(token string) string {
	sub, _ := claims(token)["sub"].(string)
	return sub
}

func rawHeader(token string) map[string]any {
	var header map[string]any
	raw, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0])
	_ = json.Unmarshal(raw, &header)
	return header
}

// tampered is the token with another signature.
func tampered(token string) string {
	if len(token) < 20 {
		return token + "x"
	}
	at := len(token) - 10
	other := "A"
	if token[at:at+1] == other {
		other = "B"
	}
	return token[:at] + other + token[at+1:]
}

func introspectProbes() []probe {
	const full = "scope=openid create:todos read:todos"
	about := func(name string, of func(tokens) string, edits ...string) probe {
		return probe{name: "introspect/" + name, needs: []string{"introspection"}, talk: func(c *talk) {
			c.see("answer", c.introspect(of(c.signIn(full)), edits...))
		}}
	}
	access, refresh, id := func(t tokens) string { return t.access }, func(t tokens) string { return t.refresh }, func(t tokens) string { return t.id }
	said := func(name, token string, edits ...string) probe {
		return probe{name: "introspect/" + name, needs: []string{"introspection"}, talk: func(c *talk) { c.see("answer", c.introspect(token, edits...)) }}
	}
	return []probe{
		about("access", access),
		about("access-hint", access, "token_type_hint=access_token"),
		about("access-hint-refresh", access, "token_type_hint=refresh_token"),
		about("access-hint-unknown", access, "token_type_hint=nonsense"),
		about("refresh", refresh),
		about("refresh-hint", refresh, "token_type_hint=refresh_token"),
		about("id", id),
		about("id-hint", id, "token_type_hint=access_token"),
		about("tampered", func(t tokens) string { return tampered(t.access) }),
		about("by-public-client", access, "client_id={client}", "-client_secret"),
		about("by-unknown-client", access, "client_id=nobody"),
		about("by-nobody", access, "-client_id", "-client_secret"),
		about("wrong-secret", access, "client_secret=wrong"),
		about("no-secret", access, "-client_secret"),
		about("token-twice", access, "+token=x"),
		said("garbage", "nonsense"),
		said("empty", ""),
		said("missing", "", "-token"),
		said("broken-jwt", "e30.e30.x"),
		{name: "introspect/basic", needs: []string{"introspection"}, talk: func(c *talk) {
			c.see("answer", c.send(request{to: "introspection", form: params{"token", c.signIn(full).access}, basic: &c.resource}))
		}},
		{name: "introspect/basic-wrong", needs: []string{"introspection"}, talk: func(c *talk) {
			c.see("answer", c.send(request{to: "introspection", form: params{"token", "x"}, basic: &client{id: c.resource.id, secret: "wrong"}}))
		}},
		{name: "introspect/bearer", needs: []string{"introspection"}, talk: func(c *talk) {
			got := c.signIn(full)
			c.see("answer", c.send(request{to: "introspection", form: params{"token", got.access}, bearer: got.access}))
		}},
		{name: "introspect/accept-jwt", needs: []string{"introspection"}, talk: func(c *talk) {
			c.see("answer", c.send(request{to: "introspection", form: c.resource.identify(params{"token", c.signIn(full).access}), header: []string{"Accept", "application/token-introspection+jwt"}}))
		}},
		{name: "introspect/bob", needs: []string{"introspection"}, talk: func(c *talk) {
			c.as("bob")
			c.see("answer", c.introspect(c.signIn(full).access))
		}},
		{name: "introspect/revoked", needs: []string{"introspection", "revocation"}, talk: func(c *talk) {
			got := c.signIn(full)
			c.send(request{to: "revocation", form: c.client.identify(params{"token", got.access})})
			c.see("answer", c.introspect(got.access))
		}},
	}
}

func userinfoProbes() []probe {
	ask := func(name string, made func(c *talk) request) probe {
		return probe{name: "userinfo/" + name, needs: []string{"userinfo"}, talk: func(c *talk) {
			r := made(c)
			r.to = "userinfo"
			c.see("answer", c.send(r))
		}}
	}
	return []probe{
		ask("openid", func(c *talk) request { return request{bearer: c.signIn().access} }),
		ask("profile-email", func(c *talk) request { return request{bearer: c.signIn("scope=openid profile email").access} }),
		ask("bob", func(c *talk) request { c.as("bob"); return request{bearer: c.signIn().access} }),
		ask("post-header", func(c *talk) request { return request{method: "POST", bearer: c.signIn().access} }),
		ask("post-body", func(c *talk) request { return request{form: params{"access_token", c.signIn().access}} }),
		ask("both", func(c *talk) request {
			token := c.signIn().access
			return request{form: params{"access_token", token}, bearer: token}
		}),
		ask("query", func(c *talk) request { return request{query: params{"access_token", c.signIn().access}} }),
		ask("without-openid", func(c *talk) request { return request{bearer: c.signIn("scope=create:todos").access} }),
		ask("nothing", func(c *talk) request { return request{} }),
		ask("empty-bearer", func(c *talk) request { return request{header: []string{"Authorization", "Bearer "}} }),
		ask("lower-case-scheme", func(c *talk) request {
			return request{header: []string{"Authorization", "bearer " + c.signIn().access}}
		}),
		ask("basic", func(c *talk) request { return request{basic: &c.resource} }),
		ask("garbage", func(c *talk) request { return request{bearer: "nonsense"} }),
		ask("tampered", func(c *talk) request { return request{bearer: tampered(c.signIn().access)} }),
		ask("id-token", func(c *talk) request { return request{bearer: c.signIn().id} }),
		ask("refresh-token", func(c *talk) request { return request{bearer: c.signIn().refresh} }),
		ask("accept-jwt", func(c *talk) request {
			return request{bearer: c.signIn().access, header: []string{"Accept", "application/jwt"}}
		}),
		ask("accept-html", func(c *talk) request {
			return request{bearer: "nonsense", header: []string{"Accept", "text/html"}}
		}),
	}
}

func revokeProbes() []probe {
	after := func(name string, of func(tokens) string, edits ...string) probe {
		return probe{name: "revoke/" + name, needs: []string{"revocation"}, talk: func(c *talk) {
			got := c.signIn()
			c.see("answer", c.send(request{to: "revocation", form: c.client.identify(params{"token", of(got)}).with(c.edits(edits)...)}))
			if c.endpoints["userinfo"] != "" {
				c.see("userinfo after", c.send(request{to: "userinfo", bearer: got.access}))
			}
			c.see("refresh after", c.refresh(got.refresh))
		}}
	}
	access, refresh, id := func(t tokens) string { return t.access }, func(t tokens) string { return t.refresh }, func(t tokens) string { return t.id }
	said := func(name, token string, edits ...string) probe {
		return probe{name: "revoke/" + name, needs: []string{"revocation"}, talk: func(c *talk) {
			c.see("answer", c.send(request{to: "revocation", form: c.client.identify(params{"token", token}).with(c.edits(edits)...)}))
		}}
	}
	return []probe{
		after("access", access),
		after("access-hint-refresh", access, "token_type_hint=refresh_token"),
		after("refresh", refresh),
		after("refresh-hint", refresh, "token_type_hint=refresh_token"),
		after("refresh-hint-access", refresh, "token_type_hint=access_token"),
		after("hint-unknown", refresh, "token_type_hint=nonsense"),
		after("id", id),
		after("other-client", refresh, "client_id={other}"),
		after("unknown-client", refresh, "client_id=nobody"),
		after("no-client", refresh, "-client_id"),
		after("confidential-client", refresh, "client_id={resource}", "client_secret={secret}"),
		after("wrong-secret", refresh, "client_id={resource}", "client_secret=wrong"),
		after("token-twice", refresh, "+token=x"),
		after("tampered", func(t tokens) string { return tampered(t.access) }),
		said("garbage", "nonsense"),
		said("empty", ""),
		said("missing", "", "-token"),
		{name: "revoke/twice", needs: []string{"revocation"}, talk: func(c *talk) {
			r := request{to: "revocation", form: c.client.identify(params{"token", c.signIn().refresh})}
			c.send(r)
			c.see("again", c.send(r))
		}},
		{name: "revoke/older-than-the-client's-part", needs: []string{"revocation", "sessions"}, talk: func(c *talk) {
			old := c.signInAndLeave()
			c.nextSecond() // Keycloak takes tokens for good that are up to a second older than the client's part
			c.nextSecond()
			now := c.signIn()
			c.see("access", c.send(request{to: "revocation", form: c.client.identify(params{"token", old.access})}))
			c.see("refresh", c.send(request{to: "revocation", form: c.client.identify(params{"token", old.refresh})}))
			c.see("userinfo with the old one", c.send(request{to: "userinfo", bearer: old.access}))
			c.see("userinfo with the new one", c.send(request{to: "userinfo", bearer: now.access}))
			c.see("new refresh token", c.refresh(now.refresh))
		}},
		{name: "revoke/sister-of-the-same-client", needs: []string{"revocation"}, talk: func(c *talk) {
			got, sister := c.signIn(), c.signIn()
			c.send(request{to: "revocation", form: c.client.identify(params{"token", got.refresh})})
			c.see("sister", c.refresh(sister.refresh))
		}},
	}
}
