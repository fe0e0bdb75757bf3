//go:build unix

package tutorial

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// pages are all that people read, by path from here.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../docs/decisions/*.md"} {
		paths, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, path := range paths {
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			all[path] = string(data)
		}
	}
	require.Greater(t, len(all), 10)
	return all
}

var (
	invocation = regexp.MustCompile("go run (\\./[a-z/-]+)([^`\\n|)#]*)")
	longFlag   = regexp.MustCompile(`--[a-z][a-z-]*`)
	target     = regexp.MustCompile("(?m)(?:`|^)(?:[A-Z_]+=[^ ]+ )*make ([a-z][a-z0-9-]*)")
)

// TestCommandsThatPagesMentionExist holds every page to the programs: paths, flags and verbs of make. What they do is not tried, but in the
// tutorial.
func TestCommandsThatPagesMentionExist(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../../Makefile")
	require.NoError(t, err)
	helps := map[string]string{}
	build(t)
	help := func(program string, verb ...string) string {
		key := strings.Join(append([]string{program}, verb...), " ")
		if _, known := helps[key]; !known {
			out, err := exec.CommandContext(t.Context(), filepath.Join(programs, program), append(verb, "--help")...).CombinedOutput()
			require.NoError(t, err, "%s --help", key)
			helps[key] = string(out)
		}
		return helps[key]
	}
	seen := 0
	for path, text := range pages(t) {
		for _, m := range invocation.FindAllStringSubmatch(text, -1) {
			seen++
			require.FileExists(t, filepath.Join("../..", m[1], "main.go"), "%s: %s", path, m[0])
			program := filepath.Base(m[1])
			if _, err := os.Stat(filepath.Join(programs, program)); err != nil {
				continue // a tool of the tests
			}
			var verb []string
			if words := strings.Fields(m[2]); len(words) > 0 && slices.Contains([]string{"call", "walkthrough", "check-provider"}, words[0]) {
				verb = words[:1]
			}
			for _, flag := range longFlag.FindAllString(m[2], -1) {
				require.Regexp(t, regexp.QuoteMeta(flag)+`\b`, help(program, verb...), "%s: %s", path, m[0])
			}
		}
		for _, m := range target.FindAllStringSubmatch(text, -1) {
			seen++
			require.Regexp(t, `(?m)^`+m[1]+`:`, string(makefile), "%s: make %s", path, m[1])
		}
	}
	require.Greater(t, seen, 30)
}

var link = regexp.MustCompile(`\]\(([^)\s]*)\)`)

func TestLinksBetweenPagesLeadSomewhere(t *testing.T) {
	t.Parallel()
	all := pages(t)
	seen := 0
	for path, text := range all {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			seen++
			to, anchor, _ := strings.Cut(m[1], "#")
			where := path
			if to != "" {
				where = filepath.Join(filepath.Dir(path), to)
				_, err := os.Stat(where)
				require.NoError(t, err, "%s links to %s", path, m[1])
			}
			if anchor != "" {
				require.Contains(t, anchors(all[where]), anchor, "%s links to %s", path, m[1])
			}
		}
	}
	require.Greater(t, seen, 30)
}

// anchors are the names that GitHub gives headings.
func anchors(markdown string) []string {
	var all []string
	for line := range strings.Lines(markdown) {
		if heading := strings.TrimLeft(line, "#"); heading != line {
			all = append(all, strings.Map(func(r rune) rune {
				switch {
				case r == ' ':
					return '-'
				case unicode.IsLetter(r) || unicode.IsNumber(r) || r == '-' || r == '_':
					return unicode.ToLower(r)
				}
				return -1
			}, strings.TrimSpace(heading)))
		}
	}
	return all
}
