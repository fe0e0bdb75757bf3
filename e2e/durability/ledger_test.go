//go:build unix

package durability

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// state is what is known of a todo. A call without an answer may have happened, and may still happen: a database that
// outlives its client goes on.
type state int

const (
	maybeCreated state = iota
	created
	maybeDeleted
	deleted
)

// ledger is what the servers have acknowledged. It is safe for concurrent use.
type ledger struct {
	mu    sync.Mutex
	todos map[string]state // by content, which no two todos share
}

func newLedger() *ledger { return &ledger{todos: map[string]state{}} }

func (l *ledger) note(content string, is state) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.todos[content] = is
}

// count returns how many todos are in one of the states.
func (l *ledger) count(states ...state) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, is := range l.todos {
		for _, wanted := range states {
			if is == wanted {
				n++
			}
		}
	}
	return n
}

// check compares the ledger with a full listing. What the listing shows is settled from then on: it was committed.
func (l *ledger) check(t *testing.T, listing []entry) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	there := map[string]bool{}
	for _, e := range listing {
		_, known := l.todos[e.Content]
		require.True(t, known, "nobody created %q", e.Content)
		require.False(t, there[e.Content], "%q is there twice", e.Content)
		there[e.Content] = true
	}
	for content, is := range l.todos {
		switch {
		case is == created && !there[content]:
			t.Errorf("lost: %q, whose creation was acknowledged", content)
		case is == deleted && there[content]:
			t.Errorf("risen: %q, whose deletion was acknowledged", content)
		case is == maybeCreated && there[content]:
			l.todos[content] = created
		case is == maybeDeleted && !there[content]:
			l.todos[content] = deleted
		}
	}
}
