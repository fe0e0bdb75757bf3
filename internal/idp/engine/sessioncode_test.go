package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/store"
)

// Nobody but the server makes a code, and none has two spellings.
func FuzzSessionCode(f *testing.F) {
	own, other := newHandles(), newHandles()
	of := handle{grant: store.NewGrantID()}
	code := own.sessionCode(of, "WYLcYQPWQkEIfVcQ5PZO2jzG")
	plain := own.token(of)
	for _, seed := range []string{
		code, other.sessionCode(of, "WYLcYQPWQkEIfVcQ5PZO2jzG"), own.sessionCode(of, ""), plain, "", "..", strings.ToUpper(code), strings.ReplaceAll(code, "-", ""),
		strings.Replace(code, "WYLc", "AAAA", 1), code[:len(code)-1] + "0", code + ".", "-" + code, code[1:],
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if said := own.readSessionCode(token); said != "" {
			require.Contains(t, token, code[:24], "the grant and what it was made with are those of the code that was made")
			back, err := parseSignature(said)
			require.NoError(t, err)
			require.Equal(t, of, back)
			return
		}
		require.NotEqual(t, code, token)
	})
}
