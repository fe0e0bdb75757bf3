package mockidp_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAPageTellsThatThereAreNoThirdPartyCookies: without it keycloak-js does not start.
func TestAPageTellsThatThereAreNoThirdPartyCookies(t *testing.T) {
	t.Parallel()
	for as, want := range map[string]int{"keycloak": 200, "strict": 404} {
		s := standIn(t, as)
		res, err := s.idp.Client().Get(s.idp.Issuer() + "/protocol/openid-connect/3p-cookies/step1.html")
		require.NoError(t, err)
		page, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, want, res.StatusCode)
		if want != 200 {
			continue
		}
		require.Contains(t, string(page), `parent.postMessage("unsupported", "*")`)
		require.Regexp(t, `^default-src 'none'; script-src 'sha256-[A-Za-z0-9+/]{43}='$`, res.Header.Get("Content-Security-Policy"), "and any page may frame it")
		require.Empty(t, res.Header.Get("X-Frame-Options"))
	}
}
