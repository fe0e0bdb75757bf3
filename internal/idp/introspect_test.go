package idp_test

import (
	"maps"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

var resourceServer = basic("todo-mcp", "todo-mcp-secret")

// introspected asks as the resource server does.
func (s server) introspected(token any) map[string]any {
	s.t.Helper()
	a := s.form("/introspect", url.Values{"token": {token.(string)}}, resourceServer...)
	require.Equal(s.t, 200, a.status, a.body)
	requireNoStore(s.t, a)
	require.Equal(s.t, "application/json", a.header.Get("Content-Type"))
	return a.json
}

var inactive = map[string]any{"active": false}

func TestAnActiveAccessTokenIsToldAsItIs(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	token := s.grant("alice", q{"scope": one("openid create:todos")})["access_token"]
	_, payload := claims(t, token)
	want := maps.Clone(payload)
	want["active"], want["token_type"], want["username"] = true, "Bearer", "alice"
	require.Equal(t, want, s.introspected(token), "RFC 7662 §2.2: every claim of the token, and who it is for")
	for _, name := range []string{"iss", "sub", "aud", "client_id", "scope", "exp", "iat", "jti"} {
		require.NotEmpty(t, want[name], name)
	}

	own := s.issued(ownName, basic("todo-batch", "todo-batch-secret")...)["access_token"]
	_, payload = claims(t, own)
	want = maps.Clone(payload)
	want["active"], want["token_type"] = true, "Bearer"
	require.Equal(t, want, s.introspected(own), "without a person there is no username")
}

func TestAnActiveRefreshTokenIsNoBearerToken(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	granted := s.grant("bob", q{"scope": one("openid create:todos read:todos"), "resource": {todos, remote}})
	_, payload := claims(t, granted["access_token"])
	answer := s.introspected(granted["refresh_token"])
	require.InDelta(t, time.Now().Unix(), answer["iat"], 5)
	require.Equal(t, answer["iat"].(float64)+(720*time.Hour).Seconds(), answer["exp"])
	delete(answer, "iat")
	delete(answer, "exp")
	require.Equal(t, map[string]any{
		"active": true, "iss": s.Issuer(), "sub": payload["sub"], "username": "bob", "client_id": "mcp-inspector",
		"aud": []any{todos, remote}, "scope": "openid create:todos", "auth_time": payload["auth_time"],
	}, answer, "without a token_type, so that no resource server takes it for an access token")

	next := s.issued(refreshing(granted["refresh_token"], nil))
	require.Equal(t, inactive, s.introspected(granted["refresh_token"]), "rotated")
	require.Equal(t, true, s.introspected(next["refresh_token"])["active"], "and asking about the old one was no replay")
}

func TestTheHintNeverChangesTheAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	granted := s.grant("alice", nil)
	for _, token := range []string{granted["access_token"].(string), granted["refresh_token"].(string), "unknown"} {
		want := s.introspected(token)
		for _, hint := range []string{"access_token", "refresh_token", "id_token", "", "x\"y"} {
			a := s.form("/introspect", url.Values{"token": {token}, "token_type_hint": {hint}}, resourceServer...)
			require.Equal(t, want, a.json, "RFC 7662 §2.1: the search is extended: %q", hint)
		}
	}
}

func TestWhatIsNotActiveIsToldNothingOf(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	granted := s.grant("alice", q{"scope": one("openid create:todos")})
	good := granted["access_token"].(string)
	_, payload := claims(t, good)
	changed := func(name string, value any) string {
		c := maps.Clone(payload)
		if c[name] = value; value == nil {
			delete(c, name)
		}
		return s.Mint(nil, c, nil)
	}
	now := time.Now().Unix()
	foreign := start(t, mockidp.Options{})
	for name, token := range map[string]string{
		"garbage":                        "garbage",
		"a code":                         s.code("alice", nil),
		"an ID token":                    granted["id_token"].(string),
		"an ID token as at+jwt":          s.Mint(nil, func() map[string]any { _, c := claims(t, granted["id_token"]); return c }(), nil),
		"another server's":               foreign.grant("alice", nil)["access_token"].(string),
		"another server's refresh token": foreign.grant("alice", nil)["refresh_token"].(string),
		"another issuer's":               changed("iss", "https://evil.example"),
		"no issuer":                      changed("iss", nil),
		"expired":                        changed("exp", now-1),
		"expires now":                    changed("exp", now),
		"no exp":                         changed("exp", nil),
		"exp as a string":                changed("exp", "9999999999"),
		"not yet valid":                  changed("nbf", now+60),
		"nbf as a string":                changed("nbf", "1"),
		"signature changed":              good[:len(good)-4] + "AAAA",
		"no signature":                   good[:strings.LastIndex(good, ".")+1],
		"alg none":                       s.Mint(map[string]any{"alg": "none"}, payload, nil),
		"HMAC":                           s.Mint(map[string]any{"alg": "HS256"}, payload, []byte("k")),
		"typ JWT":                        s.Mint(map[string]any{"typ": "JWT"}, payload, nil),
		"unknown kid":                    s.Mint(map[string]any{"kid": "x"}, payload, nil),
		"a blank after it":               good + " ",
		"a client identifier":            "mcp-inspector",
		"no token but a name":            "alice",
	} {
		require.Equal(t, inactive, s.introspected(token), name)
	}
	require.Equal(t, true, s.introspected(changed("nbf", now-1))["active"])
	require.Equal(t, float64(now-1), s.introspected(changed("nbf", now-1))["nbf"])
	require.Equal(t, true, s.introspected(changed("jti", nil))["active"], "what a test minted belongs to no grant")
}

func TestWhoMayIntrospect(t *testing.T) {
	t.Parallel()
	s := configured(t, withPostClient)
	token := s.grant("alice", nil)["access_token"].(string)
	asked := url.Values{"token": {token}}
	poster := mockidpClient(t, s, "poster")
	for name, row := range map[string]struct {
		form       url.Values
		header     []string
		status     int
		code, says string
		rfc        string
	}{
		"the resource server":   {asked, resourceServer, 200, "", "", "RFC 7662 §2.1"},
		"another confidential":  {asked, basic("todo-web", "todo-web-secret"), 200, "", "", "RFC 7662 §4"},
		"by post":               {with(asked, q{"client_id": one(poster.ID), "client_secret": one(poster.Secret)}), nil, 200, "", "", "RFC 6749 §2.3.1"},
		"nobody":                {asked, nil, 401, "invalid_client", "no client_id", "RFC 7662 §2.1"},
		"a public client":       {with(asked, q{"client_id": one("mcp-inspector")}), nil, 401, "invalid_client", "use a confidential client", "RFC 7662 §4"},
		"a public one by Basic": {asked, basic("mcp-inspector", ""), 401, "invalid_client", "use a confidential client", "RFC 7662 §4"},
		"wrong secret":          {asked, basic("todo-mcp", "x"), 401, "invalid_client", "secret is wrong", "RFC 7662 §2.3"},
		"unknown client":        {asked, basic("gone", "x"), 401, "invalid_client", "not known", "RFC 7662 §2.3"},
		"the token itself":      {asked, []string{"Authorization", "Bearer " + token}, 401, "invalid_client", "Basic", "RFC 7662 §2.1: one way is enough"},
		"no token":              {url.Values{}, resourceServer, 400, "invalid_request", "token is missing", "RFC 7662 §2.1"},
		"an empty token":        {url.Values{"token": {""}}, resourceServer, 400, "invalid_request", "token is missing", "RFC 7662 §2.1"},
		"two tokens":            {url.Values{"token": {token, token}}, resourceServer, 400, "invalid_request", "token is repeated", "RFC 6749 §3.2"},
	} {
		a := s.form("/introspect", row.form, row.header...)
		require.Equal(t, row.status, a.status, "%s: %s", name, a.body)
		requireNoStore(t, a)
		if row.code == "" {
			require.Equal(t, true, a.json["active"], name)
			continue
		}
		require.Contains(t, a.isError(t, row.status, row.code), row.says, name)
		require.NotContains(t, a.body, "active", name)
	}
}

func TestAClientThatRegisteredItselfLearnsNothingOfOthersTokens(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	made := s.send("POST", "/register", `{"redirect_uris":["http://127.0.0.1/cb"]}`, "Content-Type", "application/json")
	require.Equal(t, 201, made.status)
	stranger := basic(made.json["client_id"].(string), made.json["client_secret"].(string))
	granted := s.grant("alice", nil)
	for _, token := range []any{granted["access_token"], granted["refresh_token"]} {
		a := s.form("/introspect", url.Values{"token": {token.(string)}}, stranger...)
		require.Equal(t, 200, a.status)
		require.Equal(t, map[string]any{"active": false}, a.json, "RFC 7662 §4")
	}
}

func TestTokensEndWithTheirGrantAndWithTime(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	active := func(token any) bool { return s.introspected(token)["active"].(bool) }
	userinfo := func(token any) int { return s.get("/userinfo", "Authorization", "Bearer "+token.(string)).status }
	scope := q{"scope": one("openid create:todos")}

	code := s.code("alice", scope)
	first := s.issued(redeeming(code, nil))
	second := s.issued(refreshing(first["refresh_token"], nil))
	other := s.grant("alice", scope)
	for _, token := range []any{first["access_token"], second["access_token"], other["access_token"]} {
		require.True(t, active(token))
		require.Equal(t, 200, userinfo(token))
	}
	s.refused(400, "invalid_grant", redeeming(code, nil))
	for _, token := range []any{first["access_token"], second["access_token"], second["refresh_token"]} {
		require.False(t, active(token), "RFC 6749 §4.1.2: a code used twice ends all tokens that came of it")
	}
	require.Equal(t, 401, userinfo(second["access_token"]))
	require.True(t, active(other["access_token"]), "other grants live")

	third := s.issued(refreshing(other["refresh_token"], nil))
	s.refused(400, "invalid_grant", refreshing(other["refresh_token"], nil))
	require.False(t, active(third["access_token"]), "RFC 9700 §4.14.2")
	require.Equal(t, 401, userinfo(third["access_token"]))
}

// An access token of a client without refresh tokens, and one that outlives its refresh token, live until they expire.
func TestAnAccessTokenIsActiveUntilItExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := mockidp.DefaultConfig()
		config.Lifetimes.RefreshToken = time.Minute
		s := inMemory(t, mockidp.Options{Config: &config})
		granted := s.grant("alice", nil)
		time.Sleep(9 * time.Minute)
		require.Equal(t, true, s.introspected(granted["access_token"])["active"])
		require.Equal(t, inactive, s.introspected(granted["refresh_token"]))
		s.refused(400, "invalid_grant", refreshing(granted["refresh_token"], nil))
		require.Equal(t, true, s.introspected(granted["access_token"])["active"], "an expired refresh token was no replay")
		time.Sleep(time.Minute)
		require.Equal(t, inactive, s.introspected(granted["access_token"]))
	})
}
