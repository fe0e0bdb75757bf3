package idp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

func TestRedirectURIsMatchAsStringsButForTheLoopbackPort(t *testing.T) {
	t.Parallel()
	s := configured(t, func(c *mockidp.Config) {
		c.Clients = append(c.Clients, mockidp.Client{ID: "app", AuthMethod: "none", GrantTypes: []string{"authorization_code"}, RedirectURIs: []string{
			"http://127.0.0.1/callback", "http://localhost:3000/callback?a=b", "http://[::1]/callback", "http://127.0.0.1",
			"https://app.example/cb", "https://app.example:8443/cb", "cursor://host/cb", "com.example.app:/cb",
		}})
	})
	const matches, refused = true, false
	for _, row := range []struct {
		uri  string
		want bool
		why  string // RFC 8252 §7.3 and OAuth 2.1 §8.4.2 for loopback, RFC 9700 §4.1.3 for the rest
	}{
		{"http://127.0.0.1/callback", matches, "as registered"},
		{"http://127.0.0.1:1/callback", matches, "any port"},
		{"http://127.0.0.1:65535/callback", matches, "any port"},
		{"http://localhost:49150/callback?a=b", matches, "any port, also for the name"},
		{"http://localhost/callback?a=b", matches, "no port"},
		{"http://[::1]:8080/callback", matches, "any port, IPv6"},
		{"http://127.0.0.1:8080", matches, "any port, no path"},
		{"https://app.example/cb", matches, "as registered"},
		{"https://app.example:8443/cb", matches, "as registered"},
		{"cursor://host/cb", matches, "as registered"},
		{"com.example.app:/cb", matches, "as registered"},

		{"http://127.0.0.1:0/callback", refused, "no port to answer at"},
		{"http://127.0.0.1:65536/callback", refused, "no port"},
		{"http://127.0.0.1:08080/callback", refused, "a port in another spelling"},
		{"http://127.0.0.1:/callback", refused, "an empty port"},
		{"http://127.0.0.1:+80/callback", refused, "no number"},
		{"http://127.0.0.1:8_0/callback", refused, "no number"},
		{"http://127.0.0.1:80:90/callback", refused, "two ports"},
		{"http://127.0.0.1:80 /callback", refused, "a blank"},
		{"http://127.0.0.1:80\t/callback", refused, "a tab, which browsers take out"},
		{"http://127.0.0.1:80\n/callback", refused, "a line break, which browsers take out"},
		{"http://127.0.0.1:80@evil.example/callback", refused, "user information"},
		{"http://127.0.0.1@evil.example/callback", refused, "user information"},
		{"http://127.0.0.1:80\\@evil.example/callback", refused, "a backslash, a slash to browsers"},
		{"http://127.0.0.1\\callback", refused, "a backslash"},
		{"http://evil.example@127.0.0.1/callback", refused, "user information"},
		{"http://user:pw@127.0.0.1:80/callback", refused, "user information"},
		{"http://127.0.0.1.evil.example/callback", refused, "another host"},
		{"http://127.0.0.1evil.example:80/callback", refused, "another host"},
		{"http://localhost.evil.example:80/callback?a=b", refused, "another host"},
		{"http://localhost.:80/callback?a=b", refused, "another spelling"},
		{"http://evil.example/http://127.0.0.1:80/callback", refused, "another host"},
		{"http://127.0.0.1#@evil.example/callback", refused, "a fragment"},
		{"http://127.0.0.1/callback#", refused, "a fragment"},
		{"http://127.0.0.1:80/callback#x", refused, "a fragment"},
		{"http://127.0.0.1?/callback", refused, "another query"},
		{"http://127.0.0.1:80/callback/", refused, "a trailing slash"},
		{"http://127.0.0.1:80/Callback", refused, "case of the path"},
		{"http://127.0.0.1:80/callback?x=1", refused, "another query"},
		{"http://127.0.0.1:80/callback?", refused, "an empty query"},
		{"http://localhost:80/callback", refused, "without its query"},
		{"http://localhost:80/callback?a=c", refused, "another query"},
		{"http://127.0.0.1:80/call%62ack", refused, "another spelling of the path"},
		{"http://127.0.0.1:80/x/../callback", refused, "another spelling of the path"},
		{"http://127.0.0.1:80//callback", refused, "another path"},
		{"http://127.0.0.1:80/", refused, "another path than none"},
		{"HTTP://127.0.0.1:80/callback", refused, "case of the scheme"},
		{"http://LOCALHOST:80/callback?a=b", refused, "case of the host"},
		{"https://127.0.0.1:80/callback", refused, "another scheme"},
		{"http://127.0.0.2:80/callback", refused, "another loopback address"},
		{"http://127.1:80/callback", refused, "another spelling of the address"},
		{"http://2130706433:80/callback", refused, "another spelling of the address"},
		{"http://0x7f.0.0.1:80/callback", refused, "another spelling of the address"},
		{"http://[::ffff:127.0.0.1]:80/callback", refused, "another spelling of the address"},
		{"http://[0:0:0:0:0:0:0:1]:80/callback", refused, "another spelling of the address"},
		{"http://[::1%25lo]:80/callback", refused, "a zone"},
		{"http://::1:80/callback", refused, "no brackets"},
		{"http://0.0.0.0:80/callback", refused, "not loopback"},
		{"http://localhost:80/callback", refused, "only with the query that is registered"},
		{"http://127.0.0.1%2fcallback", refused, "an encoded slash"},
		{"https://app.example:443/cb", refused, "the default port is another string"},
		{"https://app.example:9000/cb", refused, "the port is free on loopback only"},
		{"https://APP.example/cb", refused, "case of the host"},
		{"https://app.example/cb/", refused, "a trailing slash"},
		{"https://app.example/cb?x", refused, "another query"},
		{"https://app.example/cb/../cb", refused, "another spelling"},
		{"https://sub.app.example/cb", refused, "another host"},
		{"https://app.example@evil.example/cb", refused, "user information"},
		{"http://app.example/cb", refused, "another scheme"},
		{"cursor://host:80/cb", refused, "the port is free on loopback http only"},
		{"Cursor://host/cb", refused, "case of the scheme"},
		{"com.example.app:/cb/x", refused, "another path"},
		{"com.example.app:cb", refused, "another spelling"},
		{" http://127.0.0.1/callback", refused, "a blank before"},
	} {
		a := s.get("/authorize?" + asking(q{"client_id": one("app"), "redirect_uri": one(row.uri)}).Encode())
		if row.want == matches {
			require.Equal(t, "/login", a.location(t).Path, "%s: %s", row.uri, row.why)
			continue
		}
		require.Equal(t, 400, a.status, "%s: %s", row.uri, row.why)
		require.Empty(t, a.header.Get("Location"), row.uri)
		require.Contains(t, a.body, "https://app.example:8443/cb", "the page names what is registered")
	}
}
