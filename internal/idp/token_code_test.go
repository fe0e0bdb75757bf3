package idp_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/mockidp"
)

func TestATokenResponseSaysAllThatRFC6749Wants(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	a := s.token(redeeming(s.code("alice", q{"scope": one("openid create:todos")}), nil))
	require.Equal(t, 200, a.status)
	requireNoStore(t, a)
	require.Equal(t, "application/json", a.header.Get("Content-Type"))
	require.Equal(t, "Bearer", a.json["token_type"])
	require.Equal(t, float64(600), a.json["expires_in"])
	require.Equal(t, "openid create:todos", a.json["scope"])
	for _, name := range []string{"access_token", "refresh_token", "id_token"} {
		require.NotEmpty(t, a.json[name], name)
	}
	require.Len(t, a.json, 6)

	plain := s.grant("alice", nil)
	require.NotContains(t, plain, "id_token", "OpenID Connect Core §3.1.2.1: only with the scope openid")
	none := s.grant("bob", q{"scope": one("read:todos")})
	require.Equal(t, "", none["scope"], "said even when nothing is left")
}

func TestACodeIsGoodForOneRightRequest(t *testing.T) {
	t.Parallel()
	s := configured(t, func(c *mockidp.Config) {
		c.Clients = append(c.Clients, mockidp.Client{ID: "twin", AuthMethod: "none", RedirectURIs: []string{callback}, GrantTypes: []string{"authorization_code", "refresh_token"}})
	})
	for name, row := range map[string]struct {
		change q
		header []string
		status int
		code   string
		says   string
		burns  bool
		rfc    string
	}{
		"wrong verifier":         {q{"code_verifier": one(verifier[1:] + "x")}, nil, 400, "invalid_grant", "used up", true, "RFC 7636 §4.6"},
		"challenge as verifier":  {q{"code_verifier": one(challenge)}, nil, 400, "invalid_grant", "did not match", true, "RFC 7636 §4.6"},
		"short verifier":         {q{"code_verifier": one(verifier[1:])}, nil, 400, "invalid_grant", "at least 43", true, "RFC 7636 §4.1"},
		"long verifier":          {q{"code_verifier": one(strings.Repeat("v", 129))}, nil, 400, "invalid_grant", "128", true, "RFC 7636 §4.1"},
		"verifier and blank":     {q{"code_verifier": one(verifier + " ")}, nil, 400, "invalid_grant", "only contain", true, "RFC 7636 §4.1"},
		"another redirect_uri":   {q{"redirect_uri": one("http://localhost:6274/oauth/callback")}, nil, 400, "invalid_grant", "redirect_uri", true, "RFC 6749 §4.1.3"},
		"another port":           {q{"redirect_uri": one("http://127.0.0.1:6275/oauth/callback")}, nil, 400, "invalid_grant", "redirect_uri", true, "RFC 6749 §4.1.3"},
		"no redirect_uri":        {q{"redirect_uri": nil}, nil, 400, "invalid_grant", "redirect_uri", true, "RFC 6749 §4.1.3"},
		"another client":         {q{"client_id": one("twin")}, nil, 400, "invalid_grant", "Client ID", true, "RFC 6749 §4.1.3"},
		"no verifier":            {q{"code_verifier": nil}, nil, 400, "invalid_request", "code_verifier", false, "RFC 7636 §4.5"},
		"empty verifier":         {q{"code_verifier": one("")}, nil, 400, "invalid_request", "code_verifier", false, "RFC 7636 §4.5"},
		"no code":                {q{"code": nil}, nil, 400, "invalid_request", "code", false, "RFC 6749 §4.1.3"},
		"verifier twice":         {q{"code_verifier": {verifier, verifier}}, nil, 400, "invalid_request", "repeated", false, "RFC 6749 §3.2"},
		"refused authentication": {q{"client_secret": one("x")}, nil, 401, "invalid_client", "public", false, "RFC 6749 §5.2"},
		"unknown client":         {q{"client_id": one("gone")}, nil, 401, "invalid_client", "register again", false, "RFC 6749 §5.2"},
		"scope beyond the grant": {q{"scope": one("create:todos read:todos")}, nil, 400, "invalid_scope", "the grant, which holds: create:todos", false, "RFC 6749 §5.2"},
		"scope malformed":        {q{"scope": one("create:todos ")}, nil, 400, "invalid_scope", "malformed", false, "RFC 6749 §3.3"},
		"resource beyond grant":  {q{"resource": one(remote)}, nil, 400, "invalid_target", "the grant, which is for: " + todos, false, "RFC 8707 §2.2"},
		"one of two is beyond":   {q{"resource": {todos, remote}}, nil, 400, "invalid_target", "beyond the grant", false, "RFC 8707 §2.2"},
		"resource and a slash":   {q{"resource": one(todos + "/")}, nil, 400, "invalid_target", "beyond the grant", false, "RFC 8707 §2.2"},
		"a code with a last bit": {nil, nil, 0, "", "", false, "RFC 4648 §3.5: see below"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := server{s.Server, t}
			code := s.code("bob", nil)
			if row.code == "" {
				for _, bad := range []string{code + "=", code[:len(code)-1], code + "A", "A" + code[1:] + "x", strings.ToUpper(code), code + "\n", "\x00"} {
					s.refused(400, "invalid_grant", redeeming(bad, nil))
				}
			} else {
				require.Contains(t, s.refused(row.status, row.code, redeeming(code, row.change), row.header...), row.says, row.rfc)
			}
			again := s.token(redeeming(code, nil))
			if row.burns {
				again.isError(t, 400, "invalid_grant")
				return
			}
			require.Equal(t, 200, again.status, "the code is still good: %s", again.body)
		})
	}
}

// What tells a code from a refresh token is part of its MAC: otherwise a stolen code would need no verifier.
func TestACodeIsNoRefreshTokenAndBack(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	code := s.code("alice", nil)
	s.refused(400, "invalid_grant", refreshing(code, nil))
	granted := s.issued(redeeming(code, nil))
	s.refused(400, "invalid_grant", redeeming(granted["refresh_token"].(string), nil))
	for _, other := range []any{granted["access_token"], "x", code} {
		s.refused(400, "invalid_grant", refreshing(other, nil))
	}
	s.issued(refreshing(granted["refresh_token"], nil))
}

func TestAReplayedCodeEndsItsFamily(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	code := s.code("alice", nil)
	first := s.issued(redeeming(code, nil))
	second := s.issued(refreshing(first["refresh_token"], nil))
	require.Contains(t, s.refused(400, "invalid_grant", redeeming(code, nil)), "used before", "RFC 6749 §4.1.2")
	for _, token := range []any{second["refresh_token"], first["refresh_token"]} {
		require.Contains(t, s.refused(400, "invalid_grant", refreshing(token, nil)), "start a new authorization")
	}
	require.Contains(t, s.refused(400, "invalid_grant", redeeming(code, nil)), "unknown here")
	s.grant("alice", nil) // others live
}

func TestAReplayByAnotherClientEndsTheFamilyToo(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	code := s.code("alice", nil)
	first := s.issued(redeeming(code, nil))
	s.refused(400, "invalid_grant", redeeming(code, q{"client_id": one("mcp-client")}))
	s.refused(400, "invalid_grant", refreshing(first["refresh_token"], nil))
}

func TestTheTokenStepNarrowsByScopeAndResource(t *testing.T) {
	t.Parallel()
	s := configured(t, func(c *mockidp.Config) {
		c.Resources = append(c.Resources, mockidp.Resource{URI: "https://other.example/mcp", Scopes: []string{"other:read"}})
		c.Roles["Admin"] = append(c.Roles["Admin"], "other:read")
	})
	both := q{"resource": {todos, "https://other.example/mcp"}, "scope": one("openid create:todos read:todos other:read")}
	for name, row := range map[string]struct {
		change q
		scope  string
		aud    any
	}{
		"all":                    {nil, "openid create:todos read:todos other:read", []any{todos, "https://other.example/mcp"}},
		"resource repeated":      {q{"resource": {todos, todos}}, "openid create:todos read:todos", todos},
		"one resource":           {q{"resource": one(todos)}, "openid create:todos read:todos", todos},
		"the other":              {q{"resource": one("https://other.example/mcp")}, "openid other:read", "https://other.example/mcp"},
		"one scope":              {q{"scope": one("read:todos")}, "read:todos", []any{todos, "https://other.example/mcp"}},
		"a scope elsewhere":      {q{"scope": one("read:todos"), "resource": one("https://other.example/mcp")}, "", "https://other.example/mcp"},
		"empty ones are omitted": {q{"scope": one(""), "resource": one("")}, "openid create:todos read:todos other:read", []any{todos, "https://other.example/mcp"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := server{s.Server, t}
			token := s.issued(redeeming(s.code("alice", both), row.change))
			require.Equal(t, row.scope, token["scope"])
			_, payload := claims(t, token["access_token"])
			require.Equal(t, row.aud, payload["aud"], "RFC 7519 §4.1.3")
			if row.scope == "" {
				require.NotContains(t, payload, "scope")
			} else {
				require.Equal(t, row.scope, payload["scope"])
			}
			whole := s.issued(refreshing(token["refresh_token"], nil))
			require.Equal(t, "openid create:todos read:todos other:read", whole["scope"], "RFC 6749 §6: the grant stays whole")
		})
	}
}

// x/oauth2 asks with Basic first, for a public client with an empty secret, and then with the same code in the body.
func TestOAuth2LibraryFindsTheMethodWithOneCode(t *testing.T) {
	t.Parallel()
	s := configured(t, func(c *mockidp.Config) {
		c.Clients = append(c.Clients, mockidp.Client{ID: "poster", AuthMethod: "client_secret_post", Secret: "post-secret", RedirectURIs: []string{callback}, GrantTypes: []string{"authorization_code", "refresh_token"}})
	})
	ctx := oauthContext(t, s)
	for id, secret := range map[string]string{"mcp-inspector": "", "poster": "post-secret"} {
		config := oauth2.Config{ClientID: id, ClientSecret: secret, RedirectURL: callback, Endpoint: oauth2.Endpoint{AuthURL: s.Issuer() + "/authorize", TokenURL: s.Issuer() + "/token"}}
		for range 2 { // the second time it knows the method
			token, err := config.Exchange(ctx, s.code("alice", q{"client_id": one(id)}), oauth2.VerifierOption(verifier))
			require.NoError(t, err, id)
			require.Equal(t, "Bearer", token.TokenType)
			require.Equal(t, "create:todos read:todos delete:todos", token.Extra("scope"))
		}
	}
}

func TestAClientWithoutTheGrantGetsNoRefreshToken(t *testing.T) {
	t.Parallel()
	s := configured(t, func(c *mockidp.Config) {
		c.Clients = append(c.Clients, mockidp.Client{ID: "once", AuthMethod: "none", RedirectURIs: []string{callback}, GrantTypes: []string{"authorization_code"}})
	})
	once := q{"client_id": one("once"), "scope": one("offline_access create:todos")}
	token := s.issued(redeeming(s.code("alice", once), q{"client_id": one("once")}))
	require.NotContains(t, token, "refresh_token")
	require.Equal(t, "offline_access create:todos", token["scope"])
}

func TestAVerifierOf128CharactersIsFine(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	long := strings.Repeat("aB3-._~x", 16)
	code := s.code("alice", q{"code_challenge": one(oauth2.S256ChallengeFromVerifier(long))})
	s.issued(redeeming(code, q{"code_verifier": one(long)}))
}
