package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/store"
)

func TestAReferenceTellsTheGrantToItsMakerOnly(t *testing.T) {
	t.Parallel()
	own, other := newReferences(false), newReferences(false)
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
	own := newReferences(false)
	f.Add(own.jti(store.NewGrantID()))
	for _, seed := range []string{"", "x", strings.Repeat("A", 32), strings.Repeat("A", 31) + "B", strings.Repeat("A", 33), "a b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, jti string) {
		grant := own.grant(jti)
		if grant != (store.GrantID{}) {
			require.Len(t, jti, 32, "nothing else names a grant")
		}
	})
}

func TestAReferenceAsAUUIDStandsBehindAWord(t *testing.T) {
	t.Parallel()
	own, grant := newReferences(true), store.NewGrantID()
	jti := own.jti(grant)
	require.Regexp(t, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, jti)
	require.Equal(t, grant, own.grant("word:"+jti))
	require.NotEqual(t, jti, own.jti(grant))
	require.Zero(t, own.grant("word:"+own.jti(store.GrantID{})))
	for _, other := range []string{"", jti, "word:", "word:" + jti[1:], "word:" + jti + "0"} {
		require.Zero(t, own.grant(other), "such as a test may mint")
	}
}
