package idp_test

import (
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// What is secret is planted in every place of a request, good and bad ones, and looked for in the log and on the pages.
func TestSecretsAppearInNoLogLineAndOnNoPage(t *testing.T) {
	t.Parallel()
	logger, log := logTo(t, slog.LevelDebug)
	config := mockidp.DefaultConfig()
	config.Clients = append(config.Clients, mockidp.Client{ID: "poster", AuthMethod: "client_secret_post", Secret: "canary-configured", GrantTypes: []string{"client_credentials"}})
	s := start(t, mockidp.Options{Config: &config, Logger: logger})
	var pages strings.Builder
	keep := func(a answer) answer { pages.WriteString(a.body); return a }
	secrets := []string{"canary-configured", "todo-batch-secret", "todo-web-secret", verifier}

	b := s.browser()
	request := asking(q{"state": one("canary-state"), "nonce": one("canary-nonce"), "scope": one("openid create:todos")})
	transaction := b.begin(request)
	keep(b.get("/login?transaction=" + transaction))
	keep(b.signIn(transaction, "alice"))
	code := b.decide(transaction, "allow").location(t).Query().Get("code")
	granted := s.issued(redeeming(code, nil))
	secrets = append(secrets, "canary-state", "canary-nonce", code)
	for _, name := range []string{"access_token", "refresh_token", "id_token"} {
		token := granted[name].(string)
		secrets = append(secrets, token, token[strings.LastIndex(token, ".")+1:])
	}
	registered := s.register(`{"redirect_uris":["http://127.0.0.1/cb"]}`).json
	secrets = append(secrets, registered["client_secret"].(string), registered["registration_access_token"].(string))
	secrets = append(secrets, b.http.Jar.Cookies(must(url.Parse(s.Issuer())))[0].Value)

	all := url.Values{}
	for _, name := range []string{"client_secret", "code", "code_verifier", "refresh_token", "access_token", "id_token_hint", "password", "client_assertion", "state", "nonce", "code_challenge"} {
		all.Set(name, "canary-"+name)
		secrets = append(secrets, "canary-"+name)
	}
	for _, grant := range []string{"authorization_code", "refresh_token", "client_credentials", "password", ""} {
		for _, client := range []string{"mcp-inspector", "todo-batch", "todo-web", "gone", ""} {
			form := with(all, q{"grant_type": one(grant), "client_id": one(client)})
			require.NotEqual(t, 200, s.token(form).status)
			require.NotEqual(t, 200, s.token(form, basic(client, "canary-basic")...).status)
			form.Del("client_secret")
			form.Del("client_assertion")
			require.NotEqual(t, 200, s.token(form).status)
			require.NotEqual(t, 200, s.token(form, basic(client, "canary-basic")...).status)
		}
	}
	for _, name := range []string{"token", "post_logout_redirect_uri"} {
		all.Set(name, "canary-"+name)
		secrets = append(secrets, "canary-"+name)
	}
	for _, path := range []string{"/introspect", "/revoke", "/par"} {
		for _, client := range []string{"mcp-inspector", "todo-mcp", "gone"} {
			s.form(path, with(all, q{"client_id": one(client)}))
			s.form(path, with(all, q{"client_id": one(client), "client_assertion": nil, "client_secret": nil}))
			s.form(path, with(all, q{"client_id": nil, "client_assertion": nil, "client_secret": nil}), basic(client, "canary-basic")...)
		}
		for _, token := range []string{"access_token", "refresh_token", "id_token"} {
			s.form(path, url.Values{"token": {granted[token].(string)}, "client_id": {"mcp-client"}})
			s.form(path, url.Values{"token": {granted[token].(string)}}, resourceServer...)
		}
	}
	signed := newClientKey(t, "k").sign("", assertionClaims(s, map[string]any{"jti": "canary-jti"}))
	secrets = append(secrets, signed, "canary-jti")
	s.token(asserting(signed, nil))
	brought := s.pushed(asking(q{"state": one("canary-state")}))
	secrets = append(secrets, brought.Get("request_uri"))
	keep(s.get("/authorize?" + with(brought, q{"client_id": one("mcp-client")}).Encode()))
	keep(s.get("/logout?" + all.Encode()))
	keep(s.form("/logout", with(all, q{"id_token_hint": one(granted["id_token"].(string)), "client_id": one("mcp-client")})))
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		s.send(method, "/register/client-gone", "canary-body", "Authorization", "Bearer canary-bearer", "Content-Type", "application/json")
	}
	s.manage("PUT", registered, `{"client_id":"`+registered["client_id"].(string)+`","client_secret":"canary-chosen","redirect_uris":["http://127.0.0.1/cb"]}`)
	s.manage("GET", registered, "")
	s.manage("DELETE", registered, "")
	secrets = append(secrets, "canary-body", "canary-chosen")
	s.token(url.Values{}, "Authorization", "Bearer canary-bearer")
	s.send("POST", "/token?code=canary-query", all.Encode())
	s.send("POST", "/token", "%zz"+all.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	s.get("/userinfo?access_token=canary-query", "Authorization", "Bearer canary-bearer")
	s.get("/userinfo", "Authorization", "Bearer "+granted["access_token"].(string)+"x")
	s.refused(400, "invalid_grant", redeeming(code, nil))
	secrets = append(secrets, "canary-basic", "canary-bearer", "canary-query", "canary-twice")
	for _, change := range []q{
		{"client_id": nil}, {"client_id": one("gone")}, {"redirect_uri": one("https://evil.example/")}, {"response_type": nil}, {"scope": one("x")},
		{"state": {"canary-state", "canary-twice"}}, {"code_challenge": {"canary-twice", "x"}}, {"code_challenge_method": nil}, {"resource": one("x")}, {"prompt": one("none")},
	} {
		keep(s.get("/authorize?" + with(asking(with(all, nil)), change).Encode()))
		keep(s.form("/authorize", with(asking(with(all, nil)), change)))
	}
	keep(s.get("/authorize?%zz" + all.Encode()))
	keep(b.get("/login?transaction=canary-transaction"))
	keep(b.post("/login", with(all, q{"transaction": one("x")})))
	keep(b.post("/consent", with(all, q{"transaction": one("x"), "decision": one("allow")})))
	keep(s.get("/canary", "Accept", "text/html"))
	keep(s.get("/"))

	require.Contains(t, log(), `"issued tokens"`)
	require.Contains(t, log(), `"request"`, "the debug level is on")
	for _, secret := range secrets {
		require.NotContains(t, log(), secret)
		require.NotContains(t, pages.String(), secret)
	}
	require.NotContains(t, log(), transaction)
	require.NotContains(t, log(), challenge)
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
