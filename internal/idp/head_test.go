package idp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// TestAHEADOfAnAuthorizationRequestBeginsNothing is about programs that look at links before a person opens them.
func TestAHEADOfAnAuthorizationRequestBeginsNothing(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{AutoLogin: true})
	looked := func(request q) {
		t.Helper()
		a := s.send("HEAD", "/authorize?"+asking(request).Encode(), "")
		require.Equal(t, 200, a.status)
		require.Empty(t, a.header.Get("Set-Cookie"), "no sign-in of a browser began")
		require.Empty(t, a.header.Get("Location"), "nobody was let in")
		requireNoStore(t, a)
	}
	looked(nil)
	looked(q{"login_hint": one("alice")})
	looked(q{"prompt": one("none")})

	pushed := s.pushed(asking(nil))
	for range 2 {
		require.Equal(t, 200, s.send("HEAD", "/authorize?"+pushed.Encode(), "").status)
	}
	require.NotEmpty(t, s.allowed("bob", pushed).Query().Get("code"), "the pushed request was not used up")
	require.Equal(t, 400, s.send("HEAD", "/authorize?"+asking(q{"client_id": one("nobody")}).Encode(), "").status, "what is wrong shows")
}
