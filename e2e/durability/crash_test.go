//go:build unix

package durability

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/testpostgres"
)

// rounds is CRASH_ROUNDS, or a few.
func rounds(t *testing.T) int {
	t.Helper()
	text := os.Getenv("CRASH_ROUNDS")
	if text == "" {
		return 3
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, "CRASH_ROUNDS")
	return n
}

func TestSQLiteKeepsWhatItAcknowledgedOverKills(t *testing.T) {
	t.Parallel()
	needsServers(t)
	crash(t, filepath.Join(t.TempDir(), "todos.db"), nil)
}

func TestPostgresKeepsWhatItAcknowledgedOverKills(t *testing.T) {
	t.Parallel()
	needsServers(t)
	postgres := testpostgres.Start(t, true)
	crash(t, postgres.NewDatabase(t), postgres)
}

// crash kills todo-mcp in the middle of writes, again and again. With a PostgreSQL it kills that in turn: todo-mcp
// alone, the database alone, both.
func crash(t *testing.T, database string, postgres *testpostgres.Server) {
	idp, client, ledger := newIDP(t), newHTTP(t), newLedger()
	admin := newPerson(idp, client, "admin", "read:todos")
	people := make([]*person, workers)
	for i := range people {
		people[i] = newPerson(idp, client, fmt.Sprintf("worker-%d", i), "create:todos")
	}
	server := startServer(t, idp, database)
	calls := int64(0)
	for round := range rounds(t) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		load := startLoad(ctx, people, ledger, round, server.url)
		require.NoError(t, load.reach(ctx, 20+rand.Int64N(60)))
		killServer, killPostgres := postgres == nil || round%3 != 1, postgres != nil && round%3 != 0
		if killPostgres {
			postgres.Kill(t)
		}
		if killServer {
			server.kill(t)
		}
		load.running.Wait()
		cancel()
		calls += load.acknowledged.Load()
		if killPostgres {
			postgres.Restart(t)
		}
		if killServer {
			server = startServer(t, idp, database)
		}
		ledger.check(t, listAll(t, admin, server.url))
		require.False(t, t.Failed(), "round %d", round)
	}
	t.Logf("%d rounds: %d calls acknowledged, %d todos there, %d deleted, %d calls cut off without a trace; nothing acknowledged was lost",
		rounds(t), calls, ledger.count(created, maybeDeleted), ledger.count(deleted), ledger.count(maybeCreated))
}

// listAll tries until it gets all, because a server whose database was killed needs a moment to connect anew.
func listAll(t *testing.T, p *person, url string) []entry {
	t.Helper()
	var all []entry
	require.EventuallyWithT(t, func(try *assert.CollectT) {
		var err error
		all, err = p.list(t.Context(), 200, url)
		require.NoError(try, err)
	}, patience, 10*time.Millisecond)
	return all
}
