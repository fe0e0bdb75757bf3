//go:build unix

package strangers

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// toolNames reads the result of tools/list.
func toolNames(t *testing.T, result []byte) (names []string) {
	t.Helper()
	var list struct{ Tools []struct{ Name string } }
	require.NoError(t, json.Unmarshal(result, &list), "%s", result)
	for _, tool := range list.Tools {
		names = append(names, tool.Name)
	}
	return names
}

// resultOf reads the result of tools/call. Its text must say the same as its structured content: some clients show only the text.
func resultOf(t *testing.T, result []byte) answer {
	t.Helper()
	var called struct {
		IsError           bool
		StructuredContent map[string]any
		Content           []struct{ Text string }
	}
	require.NoError(t, json.Unmarshal(result, &called), "%s", result)
	require.Len(t, called.Content, 1, "%s", result)
	if called.IsError {
		return answer{Refusal: called.Content[0].Text}
	}
	require.NotEmpty(t, called.StructuredContent, "%s", result)
	var text map[string]any
	require.NoError(t, json.Unmarshal([]byte(called.Content[0].Text), &text))
	require.Equal(t, called.StructuredContent, text)
	return answer{Result: called.StructuredContent}
}
