package fidelity

import (
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
)

// served is a client document for as long as its probe runs (draft-ietf-oauth-client-id-metadata-document).
type served struct {
	*httptest.Server
	status int
	header http.Header
	body   string
	asked  int
}

func (s *served) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked++
	maps.Copy(w.Header(), s.header)
	w.WriteHeader(s.status)
	_, _ = w.Write([]byte(s.body)) // fails only when the party has gone
}

// publish serves a document without a fault but for the changes, and makes the client that it is about the probe's own; nil takes a member out.
func (c *talk) publish(changes map[string]any) *served {
	s := &served{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}}
	s.Server = httptest.NewServer(s)
	c.ends = append(c.ends, s.Close)
	c.client = client{id: strings.Replace(s.URL, "127.0.0.1", "localhost", 1) + "/" + rand.Text() + "/client.json", redirect: redirect} // a name of its own: ports come again, and documents are cached
	c.made = append(c.made, client{id: c.client.id})
	document := map[string]any{
		"client_id": c.client.id, "client_name": "By document", "redirect_uris": []string{redirect},
		"grant_types": []string{"authorization_code", "refresh_token"}, "response_types": []string{"code"}, "token_endpoint_auth_method": "none",
	}
	maps.Copy(document, changes)
	maps.DeleteFunc(document, func(_ string, value any) bool { return value == nil })
	written, _ := json.Marshal(document)
	s.body = string(written)
	return s
}

func documentProbes() []probe {
	var all []probe
	at := func(name string, ask func(c *talk)) {
		all = append(all, probe{name: "document/" + name, needs: []string{"documents"}, talk: ask})
	}
	authorize := func(c *talk, edits ...string) {
		c.see("answer", c.send(request{to: "authorization", query: c.authorization(edits...)}))
		c.see("json", c.send(request{to: "authorization", query: c.authorization(edits...), header: []string{"Accept", "application/json"}}))
	}
	for name, changes := range map[string]map[string]any{
		"fine": nil, "no-method": {"token_endpoint_auth_method": nil}, "no-grants": {"grant_types": nil}, "no-response-types": {"response_types": nil},
		"no-name": {"client_name": nil}, "no-id": {"client_id": nil}, "other-id": {"client_id": "http://localhost/other.json"}, "no-redirects": {"redirect_uris": nil},
		"other-redirect": {"redirect_uris": []string{"http://127.0.0.1:45671/elsewhere"}}, "foreign-redirect-too": {"redirect_uris": []string{redirect, "https://foreign.example/callback"}},
		"private-scheme-too": {"redirect_uris": []string{redirect, "com.example.app:/callback"}}, "portless-redirect": {"redirect_uris": []string{"http://127.0.0.1/callback"}},
		"secret": {"client_secret": "x"}, "secret-expiry": {"client_secret_expires_at": 0}, "basic": {"token_endpoint_auth_method": "client_secret_basic"},
		"private-key-without-keys": {"token_endpoint_auth_method": "private_key_jwt"}, "unknown-member": {"nonsense": 1}, "software": {"software_id": "x", "software_version": "1"},
		"application-type": {"application_type": "native"}, "client-uri-foreign": {"client_uri": "https://foreign.example/"}, "logo-foreign": {"logo_uri": "https://foreign.example/logo.png"},
		"scope": {"scope": "openid create:todos"}, "scope-unknown": {"scope": "nonsense"}, "service": {"grant_types": []string{"client_credentials"}}, "redirects-no-list": {"redirect_uris": redirect},
	} {
		at(name, func(c *talk) {
			c.publish(changes)
			authorize(c)
		})
	}
	answered := func(name string, change func(s *served)) {
		at("answer-"+name, func(c *talk) {
			change(c.publish(nil))
			authorize(c)
		})
	}
	answered("404", func(s *served) { s.status = http.StatusNotFound })
	answered("500", func(s *served) { s.status = http.StatusInternalServerError })
	answered("201", func(s *served) { s.status = http.StatusCreated })
	answered("redirect", func(s *served) {
		s.status, s.header = http.StatusFound, http.Header{"Location": {s.URL + "/elsewhere.json"}}
	})
	answered("text-plain", func(s *served) { s.header = http.Header{"Content-Type": {"text/plain"}} })
	answered("html", func(s *served) {
		s.header, s.body = http.Header{"Content-Type": {"text/html"}}, "<!doctype html><title>x</title>"
	})
	answered("broken", func(s *served) { s.body = "{" })
	answered("array", func(s *served) { s.body = "[" + s.body + "]" })
	answered("empty", func(s *served) { s.body = "" })
	answered("no-store", func(s *served) { s.header.Set("Cache-Control", "no-store") })
	for name, edit := range map[string]func(id string) string{
		"query": func(id string) string { return id + "?x=1" }, "fragment": func(id string) string { return id + "#x" }, "no-path": func(id string) string { return ports.FindString(id) },
		"slash": func(id string) string { return strings.TrimSuffix(id, "client.json") }, "address": func(id string) string { return strings.Replace(id, "localhost", "127.0.0.1", 1) },
		"user": func(id string) string { return strings.Replace(id, "localhost", "user@localhost", 1) }, "dots": func(id string) string { return strings.Replace(id, "/client.json", "/x/../client.json", 1) },
		"upper-case": func(id string) string { return strings.Replace(id, "http:", "HTTP:", 1) }, "foreign": func(string) string { return "https://foreign.example/client.json" },
		"nobody-there": func(string) string { return "http://localhost:1/client.json" }, "ftp": func(id string) string { return strings.Replace(id, "http:", "ftp:", 1) },
	} {
		at("url-"+name, func(c *talk) {
			c.publish(nil)
			id := edit(c.client.id)
			c.made = append([]client{{id: id}}, c.made...)
			authorize(c, "client_id="+id)
		})
	}
	at("all-the-way", func(c *talk) {
		c.publish(nil)
		c.readsTokens = true
		code := c.code("scope=openid create:todos")
		c.see("tokens", c.redeem(code))
	})
	at("consent", func(c *talk) {
		c.publish(nil)
		c.see("page", c.land(c.fill(c.open("authorization", c.authorization()), "password", "username", c.who.Username, "password", c.who.Password)))
	})
	at("scoped-all-the-way", func(c *talk) {
		c.publish(map[string]any{"scope": "create:todos"})
		c.readsTokens = true
		c.see("tokens", c.redeem(c.code("scope=create:todos")))
	})
	at("scoped-then-other-scope", func(c *talk) {
		c.publish(map[string]any{"scope": "create:todos"})
		authorize(c, "scope=create:todos delete:todos")
	})
	at("refresh", func(c *talk) {
		c.publish(nil)
		c.see("tokens", c.refresh(c.signIn("scope=openid create:todos").refresh))
	})
	at("without-pkce", func(c *talk) {
		c.publish(nil)
		c.see("tokens", c.redeem(c.code("-code_challenge", "-code_challenge_method"), "-code_verifier"))
	})
	at("prompt-none", func(c *talk) {
		c.publish(nil)
		authorize(c, "prompt=none")
	})
	at("token-before", func(c *talk) {
		c.publish(nil)
		c.see("answer", c.redeem("nonsense"))
	})
	at("token-after", func(c *talk) {
		c.publish(nil)
		c.send(request{to: "authorization", query: c.authorization()})
		c.see("answer", c.redeem("nonsense"))
	})
	at("push", func(c *talk) {
		c.publish(nil)
		c.see("before", c.send(request{to: "pushed_authorization_request", form: c.authorization()}))
		c.send(request{to: "authorization", query: c.authorization()})
		c.see("after", c.send(request{to: "pushed_authorization_request", form: c.authorization()}))
	})
	at("fetched-once", func(c *talk) {
		s := c.publish(nil)
		c.send(request{to: "authorization", query: c.authorization()})
		c.send(request{to: "authorization", query: c.authorization()})
		c.note("times", float64(s.asked))
	})
	at("gone-later", func(c *talk) {
		s := c.publish(nil)
		c.send(request{to: "authorization", query: c.authorization()})
		s.status = http.StatusNotFound
		authorize(c)
	})
	at("introspected", func(c *talk) {
		c.publish(nil)
		c.see("answer", c.introspect(c.signIn("scope=openid create:todos").access))
	})
	return all
}
