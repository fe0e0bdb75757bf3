package idp

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is told of a member that is not known is true: it is in the document, and the place is behind its name.
func FuzzFirstUnknownMember(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":1}`, `{"known":1,"b":"x"}`, "{\n \"b\" : [1]}", `{"known":{"b":2},"c":null}`, `{"b":"\"b\":"}`, `{"":-0.5e1}`, `{"é":true}`, `[]`, `{"a":1,"a":2}`,
	} {
		f.Add([]byte(seed))
	}
	known := []string{"known"}
	f.Fuzz(func(t *testing.T, body []byte) {
		document, err := uniqueMembers(body)
		if err != nil {
			return
		}
		name, line, column := firstUnknown(body, known)
		expected := false
		for member := range document {
			expected = expected || !slices.Contains(known, member)
		}
		require.Equal(t, expected, line > 0)
		if !expected {
			return
		}
		require.Contains(t, document, name)
		require.NotContains(t, known, name)
		lines := bytes.Split(body, []byte("\n"))
		require.LessOrEqual(t, line, len(lines))
		require.LessOrEqual(t, column, len(lines[line-1])+1)
		require.Positive(t, column)
	})
}
