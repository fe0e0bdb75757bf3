package personality_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/personality"
)

// flattened are structs whose fields are quirks of their own.
var flattened = []string{"AccessToken", "IDToken", "Refresh"}

// quirks are the fields in which a personality differs from strict.
func quirks(p personality.Personality) []string {
	return differing("", reflect.ValueOf(p), reflect.ValueOf(personality.Strict()))
}

func differing(prefix string, one, other reflect.Value) (names []string) {
	for i := range one.NumField() {
		name := prefix + one.Type().Field(i).Name
		switch {
		case slices.Contains([]string{"Name", "Description", "Version", "Sure"}, name):
		case slices.Contains(flattened, name):
			names = append(names, differing(name+".", one.Field(i), other.Field(i))...)
		case !reflect.DeepEqual(one.Field(i).Interface(), other.Field(i).Interface()):
			names = append(names, name)
		}
	}
	return names
}

func TestEveryQuirkHasARowWithATestThatExists(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/personalities.md")
	require.NoError(t, err)
	rows := map[string][]string{} // field -> cells
	_, table, found := strings.Cut(string(page), "## Quirks")
	require.True(t, found)
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if field := strings.Trim(cells[0], " `"); strings.HasPrefix(line, "| `") {
			require.Len(t, cells, 4, field)
			require.NotContains(t, rows, field, "two rows")
			rows[field] = cells
		}
	}
	used := map[string]bool{}
	for _, p := range personality.All() {
		require.Contains(t, string(page), "| `"+p.Name+"` |")
		for _, field := range quirks(p) {
			used[field] = true
			require.Contains(t, rows, field, "%s differs from strict here", p.Name)
			require.Regexp(t, `\b`+p.Name+`\b`, rows[field][1], "the row of %s does not name who has it", field)
		}
	}
	tests := testsOf(t)
	for field, cells := range rows {
		require.True(t, used[field], "%s is nobody's quirk any more", field)
		require.NotEmpty(t, strings.TrimSpace(cells[2]), "%s has no source", field)
		named := regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(cells[3], -1)
		require.NotEmpty(t, named, "%s has no test", field)
		for _, test := range named {
			require.Contains(t, tests, test[1], field)
		}
	}
}

// testsOf finds the tests that can see a personality from outside.
func testsOf(t *testing.T) (names []string) {
	t.Helper()
	function := regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`)
	for _, folder := range []string{"../../mockidp", "../../e2e"} {
		require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			for _, match := range function.FindAllSubmatch(source, -1) {
				names = append(names, string(match[1]))
			}
			return err
		}))
	}
	return names
}

// TestNoIDTokenCanBeReadAsAnAccessToken guards what the server tells the two kinds by: the typ, or the hash where both have the same typ.
func TestNoIDTokenCanBeReadAsAnAccessToken(t *testing.T) {
	t.Parallel()
	for _, p := range personality.All() {
		if p.IDToken.NoHash {
			require.NotEqual(t, p.AccessToken.Type, p.IDToken.Type, p.Name)
		}
		require.NotEmpty(t, p.Version, p.Name)
		require.NotEmpty(t, p.Sure, p.Name)
	}
}
