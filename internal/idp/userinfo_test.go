package idp_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

func TestUserInfoTellsWhatTheScopesAllow(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	for scope, want := range map[string][]string{
		"openid":               {"sub"},
		"openid profile":       {"sub", "name", "preferred_username"},
		"openid email":         {"sub", "email", "email_verified"},
		"openid profile email": {"sub", "name", "preferred_username", "email", "email_verified"},
	} {
		token := s.grant("bob", q{"scope": one(scope)})["access_token"].(string)
		for _, method := range []string{"GET", "POST"} {
			a := s.send(method, "/userinfo", "", "Authorization", "bearer "+token)
			require.Equal(t, 200, a.status)
			require.ElementsMatch(t, want, keysOf(a.json), scope)
			requireNoStore(t, a)
		}
		_, payload := claims(t, token)
		require.Equal(t, payload["sub"], s.get("/userinfo", "Authorization", "Bearer "+token).json["sub"])
	}
}

func TestUserInfoRefusesWhatIsNoAccessTokenOfAPerson(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	granted := s.grant("alice", q{"scope": one("openid create:todos")})
	good := granted["access_token"].(string)
	_, payload := claims(t, good)
	changed := func(name string, value any) string {
		c := map[string]any{}
		for k, v := range payload {
			c[k] = v
		}
		if c[name] = value; value == nil {
			delete(c, name)
		}
		return s.Mint(nil, c, nil)
	}
	require.Equal(t, 200, s.get("/userinfo", "Authorization", "Bearer "+changed("jti", "x")).status, "Mint makes good ones too")
	_, other := claims(t, start(t, mockidp.Options{}).grant("alice", q{"scope": one("openid")})["access_token"])
	now := float64(time.Now().Unix())
	for name, row := range map[string]struct {
		header []string
		status int
		code   string // of RFC 6750 §3.1; empty: none is told
	}{
		"nothing":            {nil, 401, ""},
		"Basic":              {basic("mcp-inspector", ""), 401, ""},
		"no token":           {[]string{"Authorization", "Bearer"}, 400, "invalid_request"},
		"two tokens":         {[]string{"Authorization", "Bearer " + good + " " + good}, 400, "invalid_request"},
		"two headers":        {[]string{"Authorization", "Bearer " + good, "Authorization", "Bearer " + good}, 400, "invalid_request"},
		"garbage":            {[]string{"Authorization", "Bearer garbage"}, 401, "invalid_token"},
		"ID token":           {[]string{"Authorization", "Bearer " + granted["id_token"].(string)}, 401, "invalid_token"},
		"refresh token":      {[]string{"Authorization", "Bearer " + granted["refresh_token"].(string)}, 401, "invalid_token"},
		"client's own":       {[]string{"Authorization", "Bearer " + s.issued(ownName, basic("todo-batch", "todo-batch-secret")...)["access_token"].(string)}, 401, "invalid_token"},
		"without openid":     {[]string{"Authorization", "Bearer " + s.grant("alice", nil)["access_token"].(string)}, 403, "insufficient_scope"},
		"signature cut":      {[]string{"Authorization", "Bearer " + good[:strings.LastIndex(good, ".")+1]}, 401, "invalid_token"},
		"signature changed":  {[]string{"Authorization", "Bearer " + good[:len(good)-4] + "AAAA"}, 401, "invalid_token"},
		"alg none":           {[]string{"Authorization", "Bearer " + s.Mint(map[string]any{"alg": "none"}, payload, nil)}, 401, "invalid_token"},
		"HS256":              {[]string{"Authorization", "Bearer " + s.Mint(map[string]any{"alg": "HS256"}, payload, []byte("k"))}, 401, "invalid_token"},
		"no typ":             {[]string{"Authorization", "Bearer " + s.Mint(map[string]any{"typ": nil}, payload, nil)}, 401, "invalid_token"},
		"unknown kid":        {[]string{"Authorization", "Bearer " + s.Mint(map[string]any{"kid": "x"}, payload, nil)}, 401, "invalid_token"},
		"expired":            {[]string{"Authorization", "Bearer " + changed("exp", now-1)}, 401, "invalid_token"},
		"expires now":        {[]string{"Authorization", "Bearer " + changed("exp", now)}, 401, "invalid_token"},
		"never expires":      {[]string{"Authorization", "Bearer " + changed("exp", nil)}, 401, "invalid_token"},
		"exp as a string":    {[]string{"Authorization", "Bearer " + changed("exp", "9999999999")}, 401, "invalid_token"},
		"another issuer's":   {[]string{"Authorization", "Bearer " + changed("iss", other["iss"])}, 401, "invalid_token"},
		"nobody's":           {[]string{"Authorization", "Bearer " + changed("sub", "nobody")}, 401, "invalid_token"},
		"claims are no JSON": {[]string{"Authorization", "Bearer " + s.Mint(nil, json.RawMessage("{"), nil)}, 401, "invalid_token"},
	} {
		a := s.get("/userinfo", row.header...)
		require.Equal(t, row.status, a.status, name)
		challenge := a.header.Get("WWW-Authenticate")
		require.True(t, strings.HasPrefix(challenge, `Bearer realm="`+s.Issuer()+`"`), name)
		if row.code == "" {
			require.NotContains(t, challenge, "error", "RFC 6750 §3.1: %s", name)
			continue
		}
		require.Contains(t, challenge, `error="`+row.code+`"`, name)
		a.isError(t, row.status, row.code)
		require.Equal(t, row.code == "insufficient_scope", strings.Contains(challenge, `scope="openid"`), name)
	}
	require.Equal(t, 405, s.send("DELETE", "/userinfo", "").status)
}
