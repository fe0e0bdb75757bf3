package fidelity

import "strings"

// Methods, content types and paths that a careless client gets wrong.
func wireProbes() []probe {
	var all []probe
	for _, w := range []struct {
		endpoint string
		methods  []string
	}{
		{"token", []string{"GET", "PUT", "DELETE", "HEAD", "PATCH"}},
		{"introspection", []string{"GET", "PUT"}},
		{"revocation", []string{"GET", "PUT"}},
		{"userinfo", []string{"PUT", "DELETE"}},
		{"pushed_authorization_request", []string{"GET"}},
		{"registration", []string{"GET", "PUT", "DELETE", "HEAD"}},
		{"authorization", []string{"PUT", "DELETE", "HEAD"}},
		{"end_session", []string{"PUT", "DELETE"}},
	} {
		for _, method := range w.methods {
			all = append(all, probe{name: "wire/" + w.endpoint + "-by-" + strings.ToLower(method), needs: []string{w.endpoint}, talk: func(c *talk) {
				c.see("answer", c.send(request{method: method, to: w.endpoint}))
			}})
		}
	}
	all = append(all, probe{name: "wire/authorization-slash", talk: func(c *talk) {
		c.see("answer", c.send(request{to: c.endpoints["authorization"] + "/", query: c.authorization()}))
	}})
	for _, endpoint := range []string{"token", "introspection", "revocation", "userinfo", "registration"} {
		all = append(all, probe{name: "wire/" + endpoint + "-slash", needs: []string{endpoint}, talk: func(c *talk) {
			c.see("answer", c.send(request{to: c.endpoints[endpoint] + "/", form: params{"x", "1"}}))
		}})
	}
	for _, w := range []struct{ name, kind, body string }{
		{"json", "application/json", `{"grant_type":"authorization_code","client_id":"x"}`},
		{"text", "text/plain", "grant_type=authorization_code"},
		{"no-content-type", "", "grant_type=authorization_code"},
		{"multipart", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\nauthorization_code\r\n--b--\r\n"},
		{"form-with-charset", "application/x-www-form-urlencoded; charset=UTF-8", "grant_type=nonsense"},
		{"broken-encoding", "application/x-www-form-urlencoded", "grant_type=%zz"},
		{"empty", "application/x-www-form-urlencoded", ""},
		{"semicolons", "application/x-www-form-urlencoded", "grant_type=authorization_code;code=x"},
	} {
		all = append(all, probe{name: "wire/token-" + w.name, talk: func(c *talk) {
			c.see("answer", c.send(request{method: "POST", to: "token", body: w.body, kind: w.kind}))
		}})
	}
	for _, endpoint := range []string{"introspection", "revocation", "pushed_authorization_request"} {
		for name, kind := range map[string]string{"json": "application/json", "text": "text/plain", "none": ""} {
			all = append(all, probe{name: "wire/" + endpoint + "-" + name, needs: []string{endpoint}, talk: func(c *talk) {
				c.see("answer", c.send(request{method: "POST", to: endpoint, body: `{"token":"x"}`, kind: kind}))
			}})
		}
		all = append(all, probe{name: "wire/" + endpoint + "-query", needs: []string{endpoint}, talk: func(c *talk) {
			c.see("answer", c.send(request{to: endpoint, query: params{"x", "1"}, form: c.resource.identify(params{"token", "x"})}))
		}})
	}
	for _, endpoint := range []string{"device_authorization", "backchannel_authentication"} { // no client of the profile may use them
		for name, edits := range map[string][]string{"client": nil, "unknown-client": {"client_id=nobody"}, "no-client": {"-client_id"}, "confidential": {"client_id={resource}", "client_secret={secret}"}} {
			all = append(all, probe{name: "wire/" + endpoint + "-" + name, needs: []string{endpoint}, talk: func(c *talk) {
				c.see("answer", c.send(request{to: endpoint, form: c.client.identify(params{"scope", "openid"}).with(c.edits(edits)...)}))
			}})
		}
		all = append(all, probe{name: "wire/" + endpoint + "-by-get", needs: []string{endpoint}, talk: func(c *talk) { c.see("answer", c.send(request{to: endpoint})) }})
	}
	return append(all, probe{name: "wire/token-parameters-in-the-query", talk: func(c *talk) {
		c.see("answer", c.send(request{method: "POST", to: "token", query: c.redemption("nonsense"), form: params{}}))
	}}, probe{name: "wire/token-both-query-and-body", talk: func(c *talk) {
		c.see("answer", c.send(request{to: "token", query: params{"x", "1"}, form: c.redemption("nonsense")}))
	}})
}
