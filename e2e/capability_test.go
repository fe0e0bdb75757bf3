package e2e

import (
	"fmt"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
)

// capability is what some tests need and a live provider may not have.
type capability string

const (
	configuring  capability = "take a configuration from the test"
	misbehaving  capability = "be another provider, or fail on request"
	ownClock     capability = "move the provider's clock"
	rotation     capability = "rotate the signing key when asked"
	twoResources capability = "name the resource of the second transport: it knows one"
	people       capability = "sign in as an admin and two users: the profile names fewer"
)

// skips remembers which tests a live provider could not run, so that nobody takes the rest for everything.
type skips struct {
	mu    sync.Mutex
	tests map[capability][]string
}

var skipped = skips{tests: map[capability][]string{}}

// lacks skips a test for the want of a capability.
func lacks(t *testing.T, c capability) {
	t.Helper()
	skipped.mu.Lock()
	skipped.tests[c] = append(skipped.tests[c], t.Name())
	skipped.mu.Unlock()
	t.Skipf("%s: cannot %s", live, c)
}

func (s *skips) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	count := 0
	for _, c := range slices.Sorted(maps.Keys(s.tests)) {
		fmt.Fprintf(&b, "\n  cannot %s:", c)
		cases := map[string]int{}
		for _, name := range s.tests[c] {
			count++
			test, _, _ := strings.Cut(name, "/")
			cases[test]++
		}
		for _, test := range slices.Sorted(maps.Keys(cases)) {
			fmt.Fprintf(&b, "\n%6d  %s", cases[test], test)
		}
	}
	return fmt.Sprintf("e2e on %s: %d tests skipped%s\n", live, count, b.String())
}

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // as todo-mcp does, for the same reason: the MCP SDK allocates much for each call
	status := m.Run()
	_ = os.RemoveAll(keys.folder) // "" is nothing
	if live != "" {
		fmt.Fprint(os.Stderr, skipped.String())
	}
	os.Exit(status)
}
