package todo

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxContent is the most characters (Unicode code points) that a todo's content may have.
const MaxContent = 4096

// InputError says which input was wrong, and what was expected. Its text is meant for the caller.
type InputError struct {
	Field string
	Fault string
}

// Error returns "field: fault".
func (e *InputError) Error() string { return e.Field + ": " + e.Fault }

// cleanContent returns the content without the white space around it, or an *InputError.
func cleanContent(content string) (string, error) {
	fault := func(format string, args ...any) (string, error) {
		return "", &InputError{Field: "content", Fault: fmt.Sprintf(format, args...)}
	}
	if !utf8.ValidString(content) {
		return fault("want valid UTF-8, got other bytes")
	}
	if strings.ContainsRune(content, 0) {
		return fault("want text without NUL characters (U+0000), got at least one")
	}
	trimmed := strings.TrimSpace(content)
	switch n := utf8.RuneCountInString(trimmed); {
	case content == "":
		return fault("want 1 to %d characters, got none", MaxContent)
	case n == 0:
		return fault("want 1 to %d characters, got only white space", MaxContent)
	case n > MaxContent:
		return fault("want at most %d characters, got %d", MaxContent, n)
	}
	return trimmed, nil
}
