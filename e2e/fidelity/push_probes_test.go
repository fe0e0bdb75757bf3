package fidelity

// Pushed authorization requests (RFC 9126).
func pushProbes() []probe {
	const endpoint = "pushed_authorization_request"
	var all []probe
	at := func(name string, talk func(c *talk)) {
		all = append(all, probe{name: "push/" + name, needs: []string{endpoint}, talk: talk})
	}
	push := func(c *talk, edits ...string) *answer {
		return c.send(request{to: endpoint, form: c.authorization(edits...)})
	}
	for _, e := range []edited{
		{"fine", nil}, {"unknown-client", []string{"client_id=nobody"}}, {"no-client", []string{"-client_id"}}, {"scope-unknown", []string{"scope=nonsense"}},
		{"redirect-foreign", []string{"redirect_uri=https://foreign.example/"}}, {"no-redirect", []string{"-redirect_uri"}}, {"no-pkce", []string{"-code_challenge", "-code_challenge_method"}},
		{"no-response-type", []string{"-response_type"}}, {"response-type-unknown", []string{"response_type=nonsense"}}, {"request-uri", []string{"request_uri=urn:x"}},
		{"twice", []string{"nonsense=1", "+nonsense=2"}}, {"secret-of-public", []string{"client_secret=x"}}, {"confidential-wrong-secret", []string{"client_id={resource}", "client_secret=wrong"}},
		{"resource-relative", []string{"resource=/mcp"}}, {"resource-foreign", []string{"resource=https://foreign.example/"}}, {"prompt-none", []string{"prompt=none"}},
		{"request-garbage", []string{"request=nonsense"}}, {"request-unsigned", []string{"request=eyJhbGciOiJub25lIn0.eyJzdGF0ZSI6IngifQ."}},
		{"request-signed", []string{"request=eyJhbGciOiJSUzI1NiJ9.eyJzdGF0ZSI6IngifQ.eA"}}, {"request+redirect", []string{"request=nonsense", "redirect_uri=https://foreign.example/"}},
		{"scope-with-quotes", []string{`scope=a"b\\c`}}, {"scope-beyond-ascii", []string{"scope=é"}},
	} {
		at(e.name, func(c *talk) { c.see("answer", push(c, e.edits...)) })
	}
	// says redirect_uri, code_challenge and code_challenge_method, and no more
	const object = "eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJodHRwOi8vMTI3LjAuMC4xOjQ1NjcxL2NhbGxiYWNrIiwiY29kZV9jaGFsbGVuZ2UiOiJFOU1lbGhvYTJPd3ZGckVNVEpndUNIYW9lSzF0OFVSV2J1R0pTc3R3LWNNIiwiY29kZV9jaGFsbGVuZ2VfbWV0aG9kIjoiUzI1NiJ9."
	at("request-unsigned-says-little", func(c *talk) { c.see("answer", push(c, "request="+object)) })
	at("request-unsigned-says-all", func(c *talk) {
		c.see("answer", push(c, "request="+object, "-redirect_uri", "-code_challenge", "-code_challenge_method"))
	})
	at("request-unsigned-opened", func(c *talk) {
		c.see("page", c.open("authorization", params{"client_id", c.client.id, "request_uri", push(c, "request="+object).member("request_uri")}))
	})
	use := func(c *talk, uri string, edits ...string) params {
		return params{"client_id", c.client.id, "request_uri", uri}.with(edits...)
	}
	at("used", func(c *talk) {
		c.see("answer", c.send(request{to: "authorization", query: use(c, push(c).member("request_uri")), browser: c.browser}))
	})
	at("used-all-the-way", func(c *talk) {
		page := c.open("authorization", use(c, push(c).member("request_uri")))
		c.see("back", c.fill(page, "password", "username", c.who.Username, "password", c.who.Password))
	})
	at("used-twice", func(c *talk) {
		uri := push(c).member("request_uri")
		c.send(request{to: "authorization", query: use(c, uri)})
		c.see("again", c.send(request{to: "authorization", query: use(c, uri)}))
	})
	at("used-after-success", func(c *talk) {
		uri := push(c).member("request_uri")
		c.fill(c.open("authorization", use(c, uri)), "password", "username", c.who.Username, "password", c.who.Password)
		c.see("same browser", c.send(request{to: "authorization", query: use(c, uri), browser: c.browser}))
		c.see("another", c.send(request{to: "authorization", query: use(c, uri)}))
	})
	at("used-without-client", func(c *talk) {
		c.see("answer", c.send(request{to: "authorization", query: use(c, push(c).member("request_uri"), "-client_id")}))
	})
	at("used-by-another", func(c *talk) {
		c.see("answer", c.send(request{to: "authorization", query: use(c, push(c).member("request_uri"), "client_id="+c.other.id)}))
	})
	at("used-with-other-parameters", func(c *talk) {
		c.see("answer", c.send(request{to: "authorization", query: use(c, push(c).member("request_uri"), "scope=nonsense", "state=other")}))
	})
	at("used-unknown", func(c *talk) {
		c.see("answer", c.send(request{to: "authorization", query: use(c, "urn:ietf:params:oauth:request_uri:nonsense")}))
	})
	at("prompt-none-used", func(c *talk) {
		c.see("answer", c.send(request{to: "authorization", query: use(c, push(c, "prompt=none").member("request_uri"))}))
	})
	return all
}
