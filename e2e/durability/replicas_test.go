//go:build unix

package durability

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/testpostgres"
)

// Two replicas on one database, under load: nothing is lost, nothing is doubled, and of concurrent deletes one wins.
func TestReplicasShareOneDatabase(t *testing.T) {
	t.Parallel()
	needsServers(t)
	database := testpostgres.Start(t, false).NewDatabase(t)
	idp, client, ledger := newIDP(t), newHTTP(t), newLedger()
	var urls []string
	for _, s := range startServers(t, idp, database, 2) {
		urls = append(urls, s.url)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	const each, contested, rivals = 40, 40, 4
	reader := newPerson(idp, client, "reader", "read:todos")
	prizes := make([]entry, contested)
	owner := newPerson(idp, client, "owner", "create:todos")
	for i := range prizes {
		var err error
		content := fmt.Sprintf("prize %d", i)
		prizes[i], err = owner.create(ctx, urls[i%2], content)
		require.NoError(t, err)
		ledger.note(content, created)
	}
	lasting, err := owner.create(ctx, urls[0], "lasting")
	require.NoError(t, err)
	ledger.note(lasting.Content, created)

	var running sync.WaitGroup
	failures := make(chan error, 1000)
	fail := func(format string, arguments ...any) { failures <- fmt.Errorf(format, arguments...) }
	for worker := range workers {
		p := newPerson(idp, client, fmt.Sprintf("worker-%d", worker), "create:todos")
		running.Go(func() { // creates at one replica, deletes every other one at the other
			for i := range each {
				content := fmt.Sprintf("worker %d todo %d", worker, i)
				todo, err := p.create(ctx, urls[i%2], content)
				if err != nil {
					fail("creating %s: %w", content, err)
					return
				}
				ledger.note(content, created)
				if i%2 == 0 {
					continue
				}
				if gone, err := p.delete(ctx, urls[(i+1)%2], todo.ID); err != nil || gone != todo {
					fail("deleting %+v: %+v, %w", todo, gone, err)
					return
				}
				ledger.note(content, deleted)
			}
		})
	}
	wins := make([][]entry, rivals)
	for rival := range rivals {
		p := newPerson(idp, client, fmt.Sprintf("rival-%d", rival), "delete:todos")
		running.Go(func() {
			for _, prize := range prizes {
				gone, err := p.delete(ctx, urls[rival%2], prize.ID)
				switch {
				case err == nil:
					wins[rival] = append(wins[rival], gone)
				case !errors.Is(err, errRefused):
					fail("deleting %s: %w", prize.Content, err)
				}
			}
		})
	}
	running.Go(func() { // walks while everything changes; its pages come from both replicas
		for range 10 {
			walk, err := reader.list(ctx, 7, urls...)
			if err != nil {
				fail("listing: %w", err)
				return
			}
			seen := map[entry]int{}
			for _, e := range walk {
				if seen[e]++; seen[e] > 1 {
					fail("a walk shows %+v twice", e)
				}
			}
			if seen[lasting] != 1 {
				fail("a walk shows the lasting todo %d times", seen[lasting])
			}
		}
	})
	running.Wait()
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}

	var won []entry
	for _, list := range wins {
		won = append(won, list...)
	}
	require.ElementsMatch(t, prizes, won, "each prize has one winner")
	for _, prize := range prizes {
		ledger.note(prize.Content, deleted)
	}
	for _, url := range urls {
		all, err := reader.list(ctx, 200, url)
		require.NoError(t, err)
		require.Len(t, all, workers*each/2+1)
		ledger.check(t, all)
	}
}
