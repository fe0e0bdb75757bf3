package idp_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

func TestTheCookieIsForThisServerAlone(t *testing.T) {
	t.Parallel()
	plain := start(t, mockidp.Options{}).get("/authorize?" + asking(nil).Encode()).header.Get("Set-Cookie")
	require.Contains(t, plain, "; HttpOnly")
	require.Contains(t, plain, "; SameSite=Lax")
	require.Contains(t, plain, "Path=/;")
	require.NotContains(t, plain, "Secure", "no plain http client would send it back")

	s, address := behindProxy(t, "https://idp.example/tenant")
	behind := s.get(address + "/tenant/authorize?" + asking(nil).Encode()).header.Get("Set-Cookie")
	require.Contains(t, behind, "; Secure")
	require.Contains(t, behind, "Path=/tenant/;")
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	for name, row := range map[string]struct {
		header  []string
		allowed bool
	}{
		"a program, no headers":         {nil, true},
		"same origin":                   {[]string{"Sec-Fetch-Site", "same-origin"}, true},
		"own Origin":                    {[]string{"Origin", s.Issuer()}, true},
		"typed in":                      {[]string{"Sec-Fetch-Site", "none"}, true},
		"cross-site":                    {[]string{"Sec-Fetch-Site", "cross-site"}, false},
		"same site, another port":       {[]string{"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:1"}, false},
		"another Origin":                {[]string{"Origin", "https://evil.example"}, false},
		"Origin null":                   {[]string{"Origin", "null"}, false},
		"cross-site with a stolen name": {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := server{s.Server, t}.browser()
			transaction := b.begin(asking(nil))
			login := b.post("/login", url.Values{"transaction": {transaction}, "username": {"alice"}}, row.header...)
			if !row.allowed {
				require.Equal(t, 403, login.status)
				require.Contains(t, login.body, "another site")
				b.signIn(transaction, "alice")
			}
			consent := b.post("/consent", url.Values{"transaction": {transaction}, "decision": {"allow"}}, row.header...)
			if !row.allowed {
				require.Equal(t, 403, consent.status)
				return
			}
			require.NotEmpty(t, consent.location(t).Query().Get("code"))
		})
	}
}

// A proxy that ends TLS asks for another host than the issuer's; the browser's Origin is the issuer's all the same.
func TestFormsOfTheIssuersOwnPagesPassBehindAProxy(t *testing.T) {
	t.Parallel()
	for issuer, origin := range map[string]string{
		"https://idp.example/tenant": "https://idp.example",
		"http://[::1]:4444":          "http://[::1]:4444",
		"https://IDP.example:8443":   "https://idp.example:8443",
		"https://idp.example:443":    "https://idp.example",
		"http://idp.example:80":      "http://idp.example",
	} {
		s, address := behindProxy(t, issuer)
		u, err := url.Parse(issuer)
		require.NoError(t, err)
		for from, status := range map[string]int{origin: 400, "https://evil.example": 403, origin + "0": 403} {
			a := s.form(address+u.Path+"/consent", url.Values{"transaction": {"x"}, "decision": {"allow"}}, "Origin", from)
			require.Equal(t, status, a.status, "%s from %s", issuer, from)
		}
	}
}
