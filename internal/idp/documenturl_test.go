package idp_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// Sections 3 and 8.6 of the draft. None of these URLs is fetched.
func TestEveryRuleOfTheURLIsToldToThePerson(t *testing.T) {
	t.Parallel()
	h := withDocuments(t, nil)
	s := start(t, mockidp.Options{})
	for id, want := range map[string]string{
		"https://app.example":                              "has no path",
		"https://app.example?x=/":                          "has no path",
		"https://app.example/c.json#":                      "has a fragment",
		"https://app.example/c.json#x":                     "has a fragment",
		"https://user@app.example/c.json":                  "holds user information",
		"https://user:pass@app.example/c.json":             "holds user information",
		"https://@app.example/c.json":                      "holds user information",
		"https://app.example/./c.json":                     "has a dot segment",
		"https://app.example/a/../c.json":                  "has a dot segment",
		"https://app.example/a/%2e%2E/c.json":              "has a dot segment",
		"https://app.example/..":                           "has a dot segment",
		"https:///c.json":                                  "is no plain https URL",
		"https://app.example:/c.json":                      "is no plain https URL",
		"https://app.example:0/c.json":                     "is no plain https URL",
		"https://app.example/c json":                       "is no plain https URL",
		"https://app.example\\evil.example/c.json":         "is no",
		"https://app.example/%zz":                          "is no https URL",
		"https://äpp.example/c.json":                       "is no plain https URL",
		"https://[fe80::1%25eth0]/c.json":                  "is no plain https URL",
		"https://app.example/" + strings.Repeat("x", 2048): "is longer than 2048 bytes",
		// Plain addresses, each fetched by nobody.
		"https://127.0.0.1:1/c.json":          "a loopback, private or otherwise special address",
		"https://[::1]:1/c.json":              "a loopback, private or otherwise special address",
		"https://[::ffff:127.0.0.1]:1/c.json": "a loopback, private or otherwise special address",
		"https://10.0.0.1/c.json":             "a loopback, private or otherwise special address",
		"https://169.254.169.254/latest/meta": "a loopback, private or otherwise special address",
		"https://localhost:1/c.json":          "a loopback, private or otherwise special address",
	} {
		page := s.get("/authorize?" + asking(q{"client_id": one(id)}).Encode())
		require.Equal(t, 400, page.status, id)
		require.Empty(t, page.header.Get("Location"), id)
		require.Contains(t, page.body, want, id)
		s.refused(401, "invalid_client", redeeming("x", q{"client_id": one(id)}))
	}
	page := s.get("/authorize?" + h.asking(nil).Encode())
	require.Contains(t, page.body, "allow_private: true", "the host is on loopback, which is refused unless it is allowed")
	for _, id := range []string{"http://app.example/c.json", "HTTPS://app.example/c.json", "https:/app.example/c.json", "ftp://app.example/c.json"} {
		require.Contains(t, s.get("/authorize?"+asking(q{"client_id": one(id)}).Encode()).body, "This client is not known here", id)
	}
	require.Zero(t, h.fetched.Load())
}

func TestUnusualButGoodURLsAreTaken(t *testing.T) {
	t.Parallel()
	h := withDocuments(t, nil)
	origin := strings.TrimSuffix(h.url, "/client.json")
	for _, path := range []string{"/", "/client", "/a/b/c.json?version=2", "/~me/%7Eclient", "/a//b", "/.well-known/x", "/..a/a..", "/c.json?q=https://x/../y"} {
		h.url = origin + path
		h.serve(nil)
		require.Equal(t, "/login", h.get("/authorize?"+h.asking(nil).Encode()).location(t).Path, path)
	}
}
