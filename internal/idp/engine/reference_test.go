package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/store"
)

func TestAReferenceTellsTheGrantToItsMakerOnly(t *testing.T) {
	t.Parallel()
	own, other := newReferences(), newReferences()
	grant := store.NewGrantID()
	seen := map[string]bool{}
	for range 100 {
		jti := own.jti(grant)
		require.False(t, seen[jti], "a jti is unique (RFC 7519 §4.1.7)")
		seen[jti] = true
		require.Equal(t, grant, own.grant(jti))
		require.NotEqual(t, grant, other.grant(jti))
		require.NotContains(t, jti, string(grant[:]))
	}
	require.Zero(t, own.grant(own.jti(store.GrantID{})))
}

func FuzzReference(f *testing.F) {
	own := newReferences()
	f.Add(own.jti(store.NewGrantID()))
	for _, seed := range []string{"", "x", strings.Repeat("A", 38), strings.Repeat("A", 37) + "B", strings.Repeat("A", 39), "a b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, jti string) {
		grant := own.grant(jti)
		if grant != (store.GrantID{}) {
			require.Len(t, jti, 38, "nothing else names a grant")
		}
	})
}
