package pages

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

var visibleTexts = []struct{ in, out string }{
	{"bob", "bob"},
	{"", ""},
	{"two  words", "two  words"},
	{" a ", "\u2423a\u2423"},
	{"\u00A0a", "\u2423a"},
	{"  ", "\u2423\u2423"},
	{"a\tb\r\n\x00", "a[U+0009]b[U+000D][U+000A][U+0000]"},
	{"\u202Egnp.exe\u202C", "[U+202E]gnp.exe[U+202C]"},
	{"\u2067x\u2069\u200F\u061C", "[U+2067]x[U+2069][U+200F][U+061C]"},
	{"a\u200Bb\uFEFF\u00AD\u3164", "a[U+200B]b[U+FEFF][U+00AD][U+3164]"},
	{"tag\U000E0041", "tag[U+E0041]"},
	{"bad\xffutf8", "bad\uFFFDutf8"},
	{"محمد", "محمد"},
	{"می\u200Cخواهم", "می\u200Cخواهم"}, // a joiner that Persian needs
}

func TestVisibleHidesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range visibleTexts {
		require.Equal(t, c.out, visible(c.in), "%q", c.in)
	}
	require.Equal(t, strings.Repeat("x", valueLength)+"\u2026 (3 characters more)", visible(strings.Repeat("x", valueLength+3)))
}

func FuzzVisible(f *testing.F) {
	for _, c := range visibleTexts {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := visible(s)
		require.True(t, utf8.ValidString(out))
		require.LessOrEqual(t, utf8.RuneCountInString(out), 9*valueLength+40)
		for _, r := range out {
			require.False(t, unicode.In(r, unicode.Cc, unicode.Bidi_Control, invisible), "%U", r)
		}
		require.LessOrEqual(t, utf8.RuneCountInString(short(s)), nameLength)
	})
}

func TestWithheldNamesUserRolesAndScope(t *testing.T) {
	t.Parallel()
	require.Equal(t, "withheld: bob's role User does not include read:todos", withheld("bob", []string{"User"}, "read:todos"))
	require.Equal(t, "withheld: bob's roles A, B and C do not include s", withheld("bob", []string{"A", "B", "C"}, "s"))
	require.Equal(t, "withheld: bob has no role that includes s", withheld("bob", nil, "s"))
}
