package fidelity

import (
	"encoding/json"
	"slices"
)

// inPairs asks with two faults at once, each pair in one order: the answer tells which is looked at first.
func inPairs(area, needs string, faults []edited, ask func(c *talk, edits []string)) []probe {
	var all []probe
	for i, first := range faults {
		for _, second := range faults[i+1:] {
			all = append(all, probe{name: area + "/" + first.name + "+" + second.name, needs: []string{needs}, talk: func(c *talk) {
				ask(c, append(slices.Clone(first.edits), second.edits...))
			}})
		}
	}
	return all
}

// without leaves out pairs to which a provider has no one answer.
func without(names []string, all []probe) []probe {
	return slices.DeleteFunc(all, func(p probe) bool { return slices.Contains(names, p.name) })
}

// pairProbes show the order of checks at the endpoints for programs.
func pairProbes() []probe {
	return slices.Concat(
		inPairs("order", "authorization", []edited{
			{"client", []string{"client_id=nobody"}},
			{"redirect", []string{"redirect_uri=https://foreign.example/callback"}},
			{"request", []string{"request=nonsense"}},
			{"max-age", []string{"max_age=soon"}},
			{"type-missing", []string{"-response_type"}},
			{"type-unknown", []string{"response_type=nonsense"}},
			{"type-denied", []string{"response_type=token"}},
			{"mode", []string{"response_mode=nonsense"}},
			{"twice", []string{"+nonsense=1", "+nonsense=2"}},
			{"scope", []string{"scope=openid nonsense"}},
			{"resource", []string{"resource=/relative"}},
			{"pkce-missing", []string{"-code_challenge", "-code_challenge_method"}},
			{"pkce-plain", []string{"code_challenge_method=plain"}},
			{"prompt-none", []string{"prompt=none"}},
			{"prompt-create", []string{"prompt=create"}},
		}, func(c *talk, edits []string) {
			c.see("answer", c.send(request{to: "authorization", query: c.authorization(edits...)}))
		}),
		inPairs("code", "token", []edited{
			{"pair-unknown-client", []string{"client_id=nobody"}},
			{"pair-other-client", []string{"client_id={other}"}},
			{"pair-twice", []string{"nonsense=1", "+nonsense=2"}},
			{"pair-redirect", []string{"redirect_uri=http://127.0.0.1:45671/elsewhere"}},
			{"pair-no-redirect", []string{"-redirect_uri"}},
			{"pair-verifier", []string{"code_verifier=" + challenge}},
			{"pair-short-verifier", []string{"code_verifier=short"}},
			{"pair-scope", []string{"scope=nonsense"}},
			{"pair-resource", []string{"resource=/relative"}},
			{"pair-secret", []string{"client_secret=x"}},
		}, func(c *talk, edits []string) {
			code := c.code()
			c.see("wrong", c.redeem(code, edits...))
			c.see("then right", c.redeem(code))
		}),
		inPairs("refresh", "token", []edited{
			{"pair-unknown-client", []string{"client_id=nobody"}},
			{"pair-other-client", []string{"client_id={other}"}},
			{"pair-twice", []string{"nonsense=1", "+nonsense=2"}},
			{"pair-scope", []string{"scope=openid nonsense"}},
			{"pair-wider", []string{"scope=openid create:todos"}},
			{"pair-resource", []string{"resource=/relative"}},
			{"pair-broken", []string{"refresh_token=e30.e30.x"}},
		}, func(c *talk, edits []string) {
			got := c.signIn()
			c.see("wrong", c.refresh(got.refresh, edits...))
			c.see("then right", c.refresh(got.refresh))
		}),
		inPairs("introspect", "introspection", []edited{
			{"pair-no-token", []string{"-token"}},
			{"pair-twice", []string{"nonsense=1", "+nonsense=2"}},
			{"pair-secret", []string{"client_secret=wrong"}},
			{"pair-hint", []string{"token_type_hint=nonsense"}},
			{"pair-unknown-client", []string{"client_id=nobody"}},
			{"pair-public", []string{"client_id={client}", "-client_secret"}},
		}, func(c *talk, edits []string) { c.see("answer", c.introspect("nonsense", edits...)) }),
		inPairs("revoke", "revocation", []edited{
			{"pair-no-token", []string{"-token"}},
			{"pair-twice", []string{"nonsense=1", "+nonsense=2"}},
			{"pair-hint", []string{"token_type_hint=nonsense"}},
			{"pair-unknown-client", []string{"client_id=nobody"}},
			{"pair-secret", []string{"client_id={resource}", "client_secret=wrong"}},
		}, func(c *talk, edits []string) {
			c.see("answer", c.send(request{to: "revocation", form: c.client.identify(params{"token", "nonsense"}).with(c.edits(edits)...)}))
		}),
		inPairs("push", "pushed_authorization_request", []edited{
			{"pair-unknown-client", []string{"client_id=nobody"}},
			{"pair-redirect", []string{"redirect_uri=https://foreign.example/"}},
			{"pair-twice", []string{"nonsense=1", "+nonsense=2"}},
			{"pair-scope", []string{"scope=nonsense"}},
			{"pair-type", []string{"response_type=nonsense"}},
			{"pair-pkce", []string{"code_challenge_method=plain"}},
			{"pair-request-uri", []string{"request_uri=urn:x"}},
		}, func(c *talk, edits []string) {
			c.see("answer", c.send(request{to: "pushed_authorization_request", form: c.authorization(edits...)}))
		}),
		inPairs("logout", "end_session", []edited{
			{"pair-hint", []string{"id_token_hint=nonsense"}},
			{"pair-redirect", []string{"post_logout_redirect_uri=https://foreign.example/"}},
			{"pair-client", []string{"client_id=nobody"}},
			{"pair-other-client", []string{"client_id={other}"}},
			{"pair-no-redirect", []string{"-post_logout_redirect_uri"}},
			{"pair-no-hint", []string{"-id_token_hint"}},
		}, func(c *talk, edits []string) {
			query := params{"id_token_hint", c.signIn().id, "post_logout_redirect_uri", redirect, "state", "s"}.with(c.edits(edits)...)
			c.see("answer", c.send(request{to: "end_session", query: query, browser: c.browser}))
		}),
		// Which policy refuses first is by chance in Keycloak, anew with each import of a realm: scopes or hosts.
		without([]string{"register/pair-redirect+pair-scope", "register/pair-scope+pair-client-uri"}, inPairs("register", "registration", []edited{
			{"pair-unknown-member", []string{`nonsense=1`}},
			{"pair-redirect", []string{`redirect_uris=["https://foreign.example/callback"]`}},
			{"pair-fragment", []string{`redirect_uris=["http://127.0.0.1:45671/callback#x"]`}},
			{"pair-scope", []string{`scope="nonsense"`}},
			{"pair-method", []string{`token_endpoint_auth_method="nonsense"`}},
			{"pair-response-type", []string{`response_types=["nonsense"]`}},
			{"pair-client-uri", []string{`client_uri="https://foreign.example/"`}},
			{"pair-id", []string{`client_id="chosen"`}},
		}, func(c *talk, edits []string) {
			fields := params{"redirect_uris", `["http://127.0.0.1:45671/callback"]`}.with(edits...)
			document := map[string]json.RawMessage{}
			for i := 0; i < len(fields); i += 2 {
				document[fields[i]] = json.RawMessage(fields[i+1])
			}
			body, _ := json.Marshal(document)
			a := c.send(request{to: "registration", body: string(body), kind: "application/json"})
			c.remember(a)
			c.see("answer", a)
		})),
	)
}
