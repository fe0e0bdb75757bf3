package profile

import (
	"fmt"
	"regexp"
	"strings"
)

// The shell's form, so that nobody has to learn another: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_06_02
var variable = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)(:-(.*))?$`)

// expandVariables replaces ${NAME} and ${NAME:-default}. The default ends at the first brace and is taken as it is; so is the
// variable's value, which is not looked at again. A dollar without a brace is an ordinary character.
func expandVariables(text string, getenv func(string) string) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		inside, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", fmt.Errorf("${ has no closing brace; want ${NAME} or ${NAME:-default}")
		}
		m := variable.FindStringSubmatch(inside)
		if m == nil {
			return "", fmt.Errorf("want ${NAME} or ${NAME:-default} with a name of letters, digits and _, got %q", "${"+inside+"}")
		}
		name, hasDefault, value := m[1], m[2] != "", getenv(m[1])
		switch {
		case value != "":
			b.WriteString(value)
		case hasDefault:
			b.WriteString(m[3])
		default:
			return "", fmt.Errorf("the environment variable %s is not set; set it, or write a default: ${%s:-…}", name, name)
		}
		text = after
	}
}
