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
	secrets = append(secrets, registered["client_secret"].(string))
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
