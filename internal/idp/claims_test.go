package idp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/mockidp"
)

func TestAccessTokensAreRFC9068(t *testing.T) {
	t.Parallel()
	for configuredAs, algorithm := range map[string]string{"": "ES256", "ES256": "ES256", "ES384": "ES384", "EdDSA": "EdDSA", "PS256": "PS256", "RS256": "RS256"} {
		s := configured(t, func(c *mockidp.Config) { c.SigningAlgorithm = configuredAs })
		began := time.Now().Unix()
		granted := s.grant("alice", q{"scope": one("openid email create:todos")})
		header, payload := claims(t, granted["access_token"])
		require.Equal(t, "at+jwt", header["typ"], "RFC 9068 §2.1")
		require.Equal(t, algorithm, header["alg"])
		require.NotEmpty(t, header["kid"])
		require.Len(t, header, 3)

		require.Equal(t, s.Issuer(), payload["iss"])
		require.Equal(t, todos, payload["aud"], "one is a string (RFC 7519 §4.1.3)")
		require.Equal(t, "mcp-inspector", payload["client_id"])
		require.Equal(t, "openid email create:todos", payload["scope"])
		require.Equal(t, []any{"Admin"}, payload["roles"])
		require.InDelta(t, began, payload["iat"], 5)
		require.Equal(t, payload["iat"].(float64)+600, payload["exp"])
		require.InDelta(t, began, payload["auth_time"], 5)
		require.NotEmpty(t, payload["jti"])
		require.NotEmpty(t, payload["sub"])
		require.Len(t, payload, 10, "nothing about the person beyond that")

		token := s.issued(ownName, basic("todo-batch", "todo-batch-secret")...)
		_, own := claims(t, token["access_token"])
		require.Equal(t, "todo-batch", own["sub"], "RFC 9068 §2.2: the client speaks for itself")
		require.Equal(t, "todo-batch", own["client_id"])
		require.Equal(t, todos, own["aud"])
		require.Equal(t, "create:todos read:todos", own["scope"])
		require.Len(t, own, 8)
	}
}

func TestClientCredentialsGetTheClientsOwnScopes(t *testing.T) {
	t.Parallel()
	s := configured(t, func(c *mockidp.Config) {
		c.Clients = append(c.Clients, mockidp.Client{ID: "bare", AuthMethod: "client_secret_basic", Secret: "s", GrantTypes: []string{"client_credentials"}},
			mockidp.Client{ID: "curious", AuthMethod: "client_secret_basic", Secret: "s", GrantTypes: []string{"client_credentials"}, Scopes: []string{"openid", "read:todos"}})
	})
	for name, row := range map[string]struct {
		client, secret string
		change         q
		scope          string
		aud            any
		code, says     string
	}{
		"all":              {"todo-batch", "todo-batch-secret", nil, "create:todos read:todos", todos, "", ""},
		"fewer":            {"todo-batch", "todo-batch-secret", q{"scope": one("read:todos")}, "read:todos", todos, "", ""},
		"another resource": {"todo-batch", "todo-batch-secret", q{"resource": one(remote)}, "create:todos read:todos", remote, "", ""},
		"two resources":    {"todo-batch", "todo-batch-secret", q{"resource": {remote, todos, remote}}, "create:todos read:todos", []any{todos, remote}, "", ""},
		"no scopes":        {"bare", "s", nil, "", todos, "", ""},
		"no person":        {"curious", "s", nil, "read:todos", todos, "", ""},
		"more":             {"todo-batch", "todo-batch-secret", q{"scope": one("delete:todos")}, "", nil, "invalid_scope", "configured for: create:todos read:todos"},
		"more than none":   {"bare", "s", q{"scope": one("create:todos")}, "", nil, "invalid_scope", "configured for: no scope"},
		"unknown resource": {"todo-batch", "todo-batch-secret", q{"resource": one("https://evil.example")}, "", nil, "invalid_target", "known are " + todos},
		"malformed scope":  {"todo-batch", "todo-batch-secret", q{"scope": one("read:todos ")}, "", nil, "invalid_scope", "malformed"},
	} {
		if row.code != "" {
			require.Contains(t, s.refused(400, row.code, with(ownName, row.change), basic(row.client, row.secret)...), row.says, name)
			continue
		}
		token := s.issued(with(ownName, row.change), basic(row.client, row.secret)...)
		require.Equal(t, row.scope, token["scope"], name)
		require.NotContains(t, token, "refresh_token", "RFC 6749 §4.4.3")
		require.NotContains(t, token, "id_token")
		_, payload := claims(t, token["access_token"])
		require.Equal(t, row.aud, payload["aud"], name)
	}
}

func TestEveryTokenSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	config := mockidp.DefaultConfig()
	config.DefaultResource = ""
	s := start(t, mockidp.Options{Config: &config, AutoLogin: true})
	back := s.get("/authorize?" + asking(q{"resource": nil}).Encode()).location(t).Query()
	require.Equal(t, "invalid_target", back.Get("error"), "RFC 8707 §2: missing; RFC 9068 §2.2: aud is required")
	require.Contains(t, back.Get("error_description"), "no default_resource")
	s.refused(400, "invalid_target", ownName, basic("todo-batch", "todo-batch-secret")...)
	require.NotEmpty(t, s.grant("alice", nil))

	byDefault := start(t, mockidp.Options{}).grant("alice", q{"resource": nil})
	_, payload := claims(t, byDefault["access_token"])
	require.Equal(t, todos, payload["aud"])
}

func TestAudienceIsAnotherNameOfResourceWhereConfigured(t *testing.T) {
	t.Parallel()
	s := configured(t, func(c *mockidp.Config) { c.AcceptAudience = true })
	granted := s.grant("alice", q{"resource": nil, "audience": {remote, todos}})
	_, payload := claims(t, granted["access_token"])
	require.Equal(t, []any{todos, remote}, payload["aud"])
	narrowed := s.issued(refreshing(granted["refresh_token"], q{"audience": one(remote)}))
	_, payload = claims(t, narrowed["access_token"])
	require.Equal(t, remote, payload["aud"])
	s.refused(400, "invalid_target", refreshing(narrowed["refresh_token"], q{"audience": one("https://evil.example")}))

	strict := start(t, mockidp.Options{})
	ignored := strict.grant("alice", q{"resource": nil, "audience": one("https://evil.example")})
	_, payload = claims(t, ignored["access_token"])
	require.Equal(t, todos, payload["aud"], "RFC 6749 §3.1: unknown parameters are ignored")
}

// go-oidc knows nothing of this server but its issuer.
func TestAnIndependentRelyingPartyAcceptsTheIDToken(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"ES256", "ES384", "EdDSA", "PS256", "RS256"} {
		s := configured(t, func(c *mockidp.Config) { c.SigningAlgorithm = algorithm })
		ctx := oauthContext(t, s)
		provider, err := oidc.NewProvider(ctx, s.Issuer())
		require.NoError(t, err)
		config := oauth2.Config{ClientID: "mcp-inspector", RedirectURL: callback, Endpoint: provider.Endpoint()}
		began := time.Now()
		code := s.code("bob", q{"scope": one("openid profile email"), "nonce": one("n-0S6_WzA2Mj")})
		token, err := config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
		require.NoError(t, err)
		raw, _ := token.Extra("id_token").(string)

		id, err := provider.Verifier(&oidc.Config{ClientID: "mcp-inspector"}).Verify(ctx, raw)
		require.NoError(t, err)
		require.NoError(t, id.VerifyAccessToken(token.AccessToken), "at_hash")
		require.Equal(t, "n-0S6_WzA2Mj", id.Nonce)
		require.Equal(t, []string{"mcp-inspector"}, id.Audience)
		require.Equal(t, 600*time.Second, id.Expiry.Sub(id.IssuedAt))
		var said struct {
			AuthTime  int64  `json:"auth_time"`
			Name      string `json:"name"`
			Username  string `json:"preferred_username"`
			Email     string `json:"email"`
			Verified  bool   `json:"email_verified"`
			Scope     any    `json:"scope"`
			ClientID  any    `json:"client_id"`
			TokenType any    `json:"typ"`
		}
		require.NoError(t, id.Claims(&said))
		require.InDelta(t, began.Unix(), said.AuthTime, 5)
		require.Equal(t, "Bob", said.Name)
		require.Equal(t, "bob", said.Username)
		require.Equal(t, "bob@example.com", said.Email)
		require.True(t, said.Verified)
		require.Nil(t, said.Scope, "an ID token is no access token")
		require.Nil(t, said.ClientID)
		header, _ := claims(t, raw)
		require.Equal(t, "JWT", header["typ"])

		info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
		require.NoError(t, err)
		require.Equal(t, id.Subject, info.Subject, "OpenID Connect Core §5.3.2")

		_, err = provider.Verifier(&oidc.Config{ClientID: "mcp-client"}).Verify(ctx, raw)
		require.Error(t, err)
	}
}

func TestAnIDTokenWithoutANonceHasNone(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	_, id := claims(t, s.grant("bob", q{"scope": one("openid")})["id_token"])
	require.NotContains(t, id, "nonce")
	require.NotContains(t, id, "email", "OpenID Connect Core §5.4: only with the scope email")
	require.NotContains(t, id, "name")
}

func TestRotatedKeysStayPublished(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	granted := s.grant("alice", q{"scope": one("openid")})
	old := granted["access_token"].(string)
	published := func() []any { return s.get("/jwks").json["keys"].([]any) }
	require.Len(t, published(), 1)
	for n := 2; n <= 4; n++ {
		require.NoError(t, s.RotateKeys())
		require.Len(t, published(), n)
		require.Equal(t, 200, s.get("/userinfo", "Authorization", "Bearer "+old).status, "old tokens stay valid")
	}
	renewed := s.issued(refreshing(granted["refresh_token"], nil))
	oldHeader, _ := claims(t, old)
	newHeader, _ := claims(t, renewed["access_token"])
	require.NotEqual(t, oldHeader["kid"], newHeader["kid"])
	require.Equal(t, newHeader["kid"], published()[0].(map[string]any)["kid"])
	require.NoError(t, s.RotateKeys())
	require.Len(t, published(), 4, "the oldest goes")
	require.Equal(t, 401, s.get("/userinfo", "Authorization", "Bearer "+old).status)
	for _, key := range published() {
		require.ElementsMatch(t, []string{"kty", "crv", "x", "y", "kid", "alg", "use"}, keysOf(key), "nothing private (RFC 7517 §4)")
	}
}

func TestSubjectsAreTheSameAtEveryStart(t *testing.T) {
	t.Parallel()
	subject := func() string {
		_, payload := claims(t, start(t, mockidp.Options{}).grant("alice", nil)["access_token"])
		return payload["sub"].(string)
	}
	require.Equal(t, subject(), subject())
	s := configured(t, func(c *mockidp.Config) { c.Users[0].Subject = "alice-1" })
	_, payload := claims(t, s.grant("alice", nil)["access_token"])
	require.Equal(t, "alice-1", payload["sub"])
	require.False(t, strings.Contains(subject(), "alice"))
}

func keysOf(object any) (names []string) {
	for name := range object.(map[string]any) {
		names = append(names, name)
	}
	return names
}
