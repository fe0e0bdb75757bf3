package walkthrough

import (
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// Whatever a server challenges with is read or told as wrong, and shown as it came but for line breaks.
func FuzzChallenge(f *testing.F) {
	for _, seed := range []string{"", "Bearer", `Bearer scope="a b", error="x"`, `Bearer a="\"", b=c`, `Basic realm="x", Bearer scope="y"`, "Bearer a=\"", "Bearer é=\"\x00\"", `bearer scope=", "`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		e := exchange{answer: http.Header{"Www-Authenticate": {value}}}
		parameters, err := readChallenge(e)
		if err != nil {
			require.Nil(t, parameters)
			return
		}
		p := &page{width: 80, hide: func(s string) string { return s }}
		p.challenged(e)
		require.Equal(t, withoutSpace("WWW-Authenticate: "+value), withoutSpace(p.text.String()))
	})
}

func withoutSpace(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
