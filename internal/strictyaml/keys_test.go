package strictyaml_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/strictyaml"
)

func TestKeysAreThoseOfTheTopLevelInTheirOrder(t *testing.T) {
	t.Parallel()
	for data, want := range map[string][]string{
		"b: 1\na: {c: 2}\n'd e': [x]\n": {"b", "a", "d e"},
		"a: 1\n---\nb: 2\n":             {"a"},
		"- a\n":                         nil,
		"":                              nil,
		"a: [":                          nil,
	} {
		require.Equal(t, want, strictyaml.Keys([]byte(data)), data)
	}
}
