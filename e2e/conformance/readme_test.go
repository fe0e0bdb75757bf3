//go:build unix

package conformance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	begin = "<!-- conformance:begin -->"
	end   = "<!-- conformance:end -->"
)

// score is what a leg of the suite says. A scenario is passed if none of its checks failed; a warning is a check that a
// SHOULD of the specification was not kept.
type score struct {
	leg, revision    string
	what             string // what the suite looked at, and which scenarios are counted
	passed, of       int
	warnings, checks int // of these scenarios
}

// scoreOf counts the scenarios.
func scoreOf(r results, scenarios []string) (s score) {
	s.of = len(scenarios)
	for _, scenario := range scenarios {
		failed, passed := r.with(scenario, "FAILURE"), r.with(scenario, "SUCCESS")
		if len(failed) == 0 && len(passed) > 0 {
			s.passed++
		}
		s.checks += len(passed)
		s.warnings += len(r.with(scenario, "WARNING"))
	}
	return s
}

func tableOf(scores []score) string {
	var b strings.Builder
	b.WriteString("| leg | specification | scenarios passed | warnings | looks at |\n|---|---|---|---|---|\n")
	for _, s := range scores {
		fmt.Fprintf(&b, "| %s | %s | %d of %d | %d | %s |\n", s.leg, s.revision, s.passed, s.of, s.warnings, s.what)
	}
	return b.String()
}

// withTable puts the table between the markers of a document, in place of what is there.
func withTable(document, table string) (string, error) {
	for _, marker := range []string{begin, end} {
		if n := strings.Count(document, marker); n != 1 {
			return "", fmt.Errorf("writing the scores: want the line %s once, got it %d times", marker, n)
		}
	}
	before, rest, _ := strings.Cut(document, begin)
	_, after, found := strings.Cut(rest, end)
	if !found {
		return "", fmt.Errorf("writing the scores: want %s before %s, got it behind", begin, end)
	}
	return before + begin + "\n" + table + end + after, nil
}

func TestTheTableReplacesWhatIsBetweenTheMarkers(t *testing.T) {
	t.Parallel()
	table := tableOf([]score{{leg: "server", revision: legacy, what: "todo-mcp", passed: 8, of: 30, warnings: 1}})
	written, err := withTable("# A\n"+begin+"\nold\n"+end+"\n# B\n", table)
	require.NoError(t, err)
	require.Equal(t, "# A\n"+begin+"\n"+
		"| leg | specification | scenarios passed | warnings | looks at |\n|---|---|---|---|---|\n"+
		"| server | 2025-11-25 | 8 of 30 | 1 | todo-mcp |\n"+end+"\n# B\n", written)
	again, err := withTable(written, table)
	require.NoError(t, err)
	require.Equal(t, written, again)
}

func TestAReadmeWithoutItsMarkersIsRefused(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		"nothing":                         "want the line " + begin + " once, got it 0 times",
		begin + "\n":                      "want the line " + end + " once, got it 0 times",
		begin + "\n" + begin + "\n" + end: "want the line " + begin + " once, got it 2 times",
		end + "\n" + begin:                "want " + begin + " before " + end,
	} {
		_, err := withTable(document, "")
		require.ErrorContains(t, err, want)
	}
}

func TestAScenarioIsPassedIfItWasRunAndNothingFailed(t *testing.T) {
	t.Parallel()
	r := results{
		"good":    {{Status: "SUCCESS"}, {Status: "INFO"}},
		"warned":  {{Status: "SUCCESS"}, {Status: "WARNING"}},
		"failed":  {{Status: "SUCCESS"}, {Status: "FAILURE"}},
		"skipped": {{Status: "SKIPPED"}},
		"other":   {{Status: "SUCCESS"}},
	}
	require.Equal(t, score{passed: 2, of: 5, warnings: 1, checks: 3}, scoreOf(r, []string{"good", "warned", "failed", "skipped", "missing"}))
}
