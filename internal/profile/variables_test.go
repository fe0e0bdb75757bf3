package profile

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVariablesAreReplacedAsInTheShell(t *testing.T) {
	t.Parallel()
	getenv := func(name string) string { return map[string]string{"A": "1", "B_2": "${A}", "_c": "}"}[name] }
	for text, want := range map[string]string{
		"":                   "",
		"plain $A $ {A}":     "plain $A $ {A}",
		"${A}":               "1",
		"x${A}y${A}z":        "x1y1z",
		"${A:-2}":            "1",
		"${NONE:-2}":         "2",
		"${NONE:-}":          "",
		"${NONE:-a:-b}":      "a:-b",
		"${NONE:-http://h/}": "http://h/",
		"${B_2}":             "${A}",
		"${_c}":              "}",
		"${A}}":              "1}",
	} {
		got, err := expandVariables(text, getenv)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"${", "${A", "${}", "${1A}", "${A-2}", "${A:2}", "${A }", "${NONE}", "${${A}}", "${A:-${NONE}", "${NONE:-\n}"} {
		_, err := expandVariables(text, getenv)
		if text == "${A:-${NONE}" {
			require.NoError(t, err, "a default is taken as it is")
			continue
		}
		require.Error(t, err, text)
	}
}

func FuzzExpandVariables(f *testing.F) {
	for _, seed := range []string{"", "${A}", "${B:-x}", "a${A}b${C:-}$", "${", "${A:-${B}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		asked := map[string]bool{}
		got, err := expandVariables(text, func(name string) string { asked[name] = true; return "v" })
		if err != nil {
			require.Empty(t, got)
			return
		}
		if len(asked) == 0 {
			require.Equal(t, text, got, "without a variable nothing changes")
		}
		require.NotContains(t, got, "${", "every ${ is replaced, or an error")
		require.LessOrEqual(t, strings.Count(got, "\n"), strings.Count(text, "\n"))
	})
}
