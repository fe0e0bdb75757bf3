package engine

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/store"
)

// Nobody but the server makes a handle, and none has two spellings.
func FuzzHandle(f *testing.F) {
	own, other := newHandles(), newHandles()
	of := handle{grant: store.NewGrantID()}
	code := own.token(of)
	of.generation = 7
	refresh := own.token(of)
	for _, seed := range []string{code, refresh, other.token(of), code[:len(code)-1], code + "=", "", strings.ToUpper(code), code[1:] + "A", code[:len(code)-1] + "\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		asCode, asRefresh := own.AuthorizeCodeSignature(context.Background(), token), own.RefreshTokenSignature(context.Background(), token)
		require.Equal(t, token == code, asCode != "", "only what was made is read, and as what it is")
		require.Equal(t, token == refresh, asRefresh != "")
		require.Empty(t, other.signature(code), "another server's")
	})
}

func TestAHandleReadsAsWhatItIs(t *testing.T) {
	t.Parallel()
	h := newHandles()
	for generation, isCode := range map[uint32]bool{0: true, 1: false, 1<<32 - 1: false} {
		of := handle{grant: store.NewGrantID(), generation: generation}
		token := h.token(of)
		require.Equal(t, isCode, h.AuthorizeCodeSignature(t.Context(), token) != "")
		require.Equal(t, !isCode, h.RefreshTokenSignature(t.Context(), token) != "")
		back, err := parseSignature(h.signature(token))
		require.NoError(t, err)
		require.Equal(t, of, back)
	}
	_, err := parseSignature("")
	require.ErrorIs(t, err, store.ErrUnknown)
}

func FuzzParseScope(f *testing.F) {
	for _, seed := range []string{"a", "a b", "a  b", " a", "", "a a", "create:todos", "a\tb", "\x7f", `a"`, "é", "!#[]~"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		scopes, refusal := ParseScope(value)
		if refusal != nil {
			require.Equal(t, "invalid_scope", refusal.Code)
			require.Equal(t, Printable(refusal.Description), refusal.Description)
			return
		}
		require.NotEmpty(t, scopes)
		seen := map[string]bool{}
		for _, scope := range scopes {
			require.NotEmpty(t, scope)
			require.False(t, seen[scope], "each once")
			seen[scope] = true
			for _, b := range []byte(scope) { // RFC 6749 §3.3
				require.True(t, b == 0x21 || 0x23 <= b && b <= 0x5b || 0x5d <= b && b <= 0x7e, "%q", scope)
			}
		}
		for part := range strings.SplitSeq(value, " ") {
			require.True(t, seen[part])
		}
	})
}

// Only resources of the catalog are granted, spelled as there, and each once.
func FuzzTargets(f *testing.F) {
	catalog := Catalog{Resources: []Resource{{URI: "https://a.example/mcp"}, {URI: "https://b.example/"}}, DefaultResource: "https://b.example/", AcceptAudience: true}
	for _, seed := range []string{"", "resource=https://a.example/mcp", "resource=https://a.example/mcp&resource=https://b.example/&resource=https://a.example/mcp", "audience=https://b.example/", "resource=", "resource=https://a.example/mcp/", "resource=https%3A%2F%2FA.example%2Fmcp"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		form, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		targets, refusal := catalog.Targets(catalog.Asked(form))
		named := map[string]bool{}
		for _, uri := range append(form["resource"], form["audience"]...) {
			named[uri] = true
		}
		if len(named) == 0 {
			named[catalog.DefaultResource] = true
		}
		if refusal != nil {
			require.Equal(t, "invalid_target", refusal.Code)
			require.Equal(t, Printable(refusal.Description), refusal.Description)
			delete(named, "https://a.example/mcp")
			delete(named, "https://b.example/")
			require.NotEmpty(t, named, "the refusal has a reason")
			return
		}
		require.Len(t, targets, len(named))
		for _, uri := range targets {
			require.True(t, named[uri], uri)
		}
	})
}
