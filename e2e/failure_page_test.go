package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// TestThePageOfFailuresIsHeldToTheTests has a row for each of the twenty, tests that exist in each row, and no test without a row.
func TestThePageOfFailuresIsHeldToTheTests(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/failures.md")
	require.NoError(t, err)
	all, ours := testsIn(t, "*_test.go"), testsIn(t, "failure_*_test.go")
	name := regexp.MustCompile("`(Test[A-Za-z0-9]+)`")
	number := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		named := name.FindAllStringSubmatch(line, -1)
		for _, test := range named {
			require.True(t, all[test[1]], "no test is called %s", test[1])
			delete(ours, test[1])
		}
		if _, err := strconv.Atoi(strings.TrimSpace(cells[0])); err != nil {
			continue
		}
		number++
		require.Equal(t, strconv.Itoa(number), strings.TrimSpace(cells[0]), "the rows are in order")
		require.Len(t, cells, 5, "row %d", number)
		require.Contains(t, cells[2], "https://github.com/", "row %d says who is hit", number)
		require.NotEmpty(t, named, "row %d has a test", number)
		require.NotEmpty(t, strings.TrimSpace(cells[4]), "row %d says what to do", number)
	}
	require.Equal(t, 20, number)
	delete(ours, t.Name())
	require.Empty(t, ours, "tests of failures that are on no row")
	for _, fault := range mockidp.Faults() {
		require.Contains(t, string(page), fmt.Sprintf("| `%s` | %s |\n", fault.Name, fault.What))
	}
}

// testsIn are the names of the tests in the files of this folder that fit.
func testsIn(t *testing.T, pattern string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	names := map[string]bool{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, match := range regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`).FindAllSubmatch(source, -1) {
			names[string(match[1])] = true
		}
	}
	return names
}
