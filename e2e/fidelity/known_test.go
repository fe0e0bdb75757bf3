package fidelity

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// known are the listed differences of a pair.
type known struct {
	folder  string
	owner   string // of all differences of the pair; empty: by area
	entries []*entry
}

// entry is a line: why, which probe, which path. Probe and path may have * for any text.
type entry struct {
	file                string
	reason, probe, path string
	pattern             *regexp.Regexp
	occurred            bool
}

func (e *entry) String() string { return e.reason + " " + e.probe + " " + e.path }

const toMend = "mend:"

func readKnown(t *testing.T, p pair) *known {
	t.Helper()
	k := &known{folder: filepath.Join("known", p.name), owner: p.owner}
	files, err := filepath.Glob(filepath.Join(k.folder, "*.txt"))
	require.NoError(t, err)
	stays := differencesThatStay(t)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
			words := strings.SplitN(line, " ", 3)
			if line == "" {
				continue
			}
			require.Len(t, words, 3, "%s:%d: want REASON PROBE PATH, got %q", file, i+1, line)
			e := newEntry(words[0], words[1], words[2])
			if owner, mend := strings.CutPrefix(e.reason, toMend); mend {
				require.Contains(t, append(slices.Collect(maps.Values(owners)), p.owner), owner, "%s:%d", file, i+1)
			} else {
				require.Contains(t, stays, e.reason, "%s:%d: want mend:OWNER or a row of \"Differences that stay\" in docs/personalities.md", file, i+1)
			}
			k.entries = append(k.entries, e)
		}
	}
	return k
}

func newEntry(reason, probe, path string) *entry {
	e := &entry{reason: reason, probe: probe, path: path}
	area := probe
	if before, _, found := strings.Cut(probe, "/"); found {
		area = before
	}
	e.file = area + ".txt"
	if strings.Contains(area, "*") {
		e.file = "all.txt"
	}
	quoted := strings.ReplaceAll(regexp.QuoteMeta(probe+" "+path), `\*`, `.*`)
	e.pattern = regexp.MustCompile("^" + quoted + "$")
	return e
}

// differencesThatStay are the names of the rows that say why the personality answers otherwise.
func differencesThatStay(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "personalities.md"))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(page), "\n## Differences that stay\n")
	require.True(t, found, "docs/personalities.md has a section Differences that stay")
	section, _, _ = strings.Cut(section, "\n## ")
	var names []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(section, -1) {
		names = append(names, row[1])
	}
	return names
}

// expects reports whether a difference is listed, and marks what lists it. A reason why it stays makes one to mend it needless: merging
// may have brought that back.
func (k *known) expects(probe, path string) bool {
	var stays, mends []*entry
	for _, e := range k.entries {
		switch {
		case !e.pattern.MatchString(probe + " " + path):
		case strings.HasPrefix(e.reason, toMend):
			mends = append(mends, e)
		default:
			stays = append(stays, e)
		}
	}
	listed := stays
	if listed == nil {
		listed = mends
	}
	for _, e := range listed {
		e.occurred = true
	}
	return listed != nil
}

// unused are the entries that no difference needed, out of those whose probes all ran.
func (k *known) unused(ran map[string]bool) []*entry {
	var all []*entry
	for _, e := range k.entries {
		if e.occurred || !e.judged(ran) {
			continue
		}
		all = append(all, e)
	}
	return all
}

func (e *entry) judged(ran map[string]bool) bool {
	named := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(e.probe), `\*`, `.*`) + "$")
	for _, p := range probes() {
		if named.MatchString(p.name) && !ran[p.name] {
			return false
		}
	}
	return true
}

// reasons counts entries that occurred, by reason.
func (k *known) reasons(map[string]bool) string {
	counts := map[string]int{}
	for _, e := range k.entries {
		if e.occurred {
			counts[e.reason]++
		}
	}
	var all []string
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, fmt.Sprintf("%s %d", reason, counts[reason]))
	}
	if all == nil {
		return ""
	}
	return " (entries: " + strings.Join(all, ", ") + ")"
}

// add lists differences, "PROBE PATH" each, as to be mended by who owns the area.
func (k *known) add(unexpected []string) {
	for _, line := range unexpected {
		probe, path, _ := strings.Cut(line, " ")
		e := newEntry(toMend+cmp.Or(k.owner, owners[strings.Split(probe, "/")[0]]), probe, path)
		e.occurred = true
		k.entries = append(k.entries, e)
	}
}

func (k *known) drop(unused []*entry) {
	k.entries = slices.DeleteFunc(k.entries, func(e *entry) bool { return slices.Contains(unused, e) })
}

// write writes the lists anew, sorted, each line once.
func (k *known) write(t *testing.T) {
	t.Helper()
	lines := map[string][]string{}
	for area := range owners {
		lines[area+".txt"] = nil
	}
	lines["all.txt"] = nil
	for _, e := range k.entries {
		lines[e.file] = append(lines[e.file], e.String())
	}
	require.NoError(t, os.MkdirAll(k.folder, 0o755))
	for name, all := range lines {
		file := filepath.Join(k.folder, name)
		if all == nil {
			_ = os.Remove(file)
			continue
		}
		slices.SortFunc(all, func(a, b string) int { // by probe, then path: a reason that changes moves no line
			_, x, _ := strings.Cut(a, " ")
			_, y, _ := strings.Cut(b, " ")
			return strings.Compare(x, y)
		})
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(slices.Compact(all), "\n")+"\n"), 0o644))
	}
}
