package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/todo"
)

func oneDeleteWins(t *testing.T, s todo.Store) {
	const rounds, callers = 20, 8
	for round := range rounds {
		id := fmt.Sprintf("A%d", round)
		create(t, s, entry(id, alice, round))
		var won, lost, failed atomic.Int32
		var wg sync.WaitGroup
		for caller := range callers {
			reach := own(alice)
			if caller%2 == 1 {
				reach = everybodys(bob)
			}
			wg.Go(func() {
				switch _, err := s.Delete(t.Context(), reach, id); {
				case err == nil:
					won.Add(1)
				case errors.Is(err, todo.ErrNotFound):
					lost.Add(1)
				default:
					failed.Add(1)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, []int32{1, callers - 1, 0}, []int32{won.Load(), lost.Load(), failed.Load()}, "won, lost, failed")
	}
}

func createsKept(t *testing.T, s todo.Store) {
	const callers, each = 8, 20
	var wg sync.WaitGroup
	errs := make(chan error, callers*each)
	for caller := range callers {
		wg.Go(func() {
			for i := range each {
				errs <- s.Create(t.Context(), entry(fmt.Sprintf("%d-%d", caller, i), alice, i))
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	require.Len(t, list(t, s, own(alice)), callers*each)
}

// pagingWhileOthersAct walks the pages while others create todos everywhere in the order and delete them again. What
// is there all the time must appear exactly once.
func pagingWhileOthersAct(t *testing.T, s todo.Store) {
	const lasting = 60
	want := []string{}
	for i := range lasting {
		id := fmt.Sprintf("lasting-%02d", i)
		create(t, s, entry(id, alice, i/3))
		want = append(want, id)
	}
	stop := make(chan struct{})
	failures := make(chan error, 2)
	var wg sync.WaitGroup
	for caller := range 2 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				id := fmt.Sprintf("passing-%d-%d", caller, i)
				err := s.Create(t.Context(), entry(id, bob, i%(lasting/3)))
				if err == nil {
					_, err = s.Delete(t.Context(), own(bob), id)
				}
				if err != nil {
					failures <- err
					return
				}
			}
		})
	}
	for range 5 {
		seen := []string{}
		var after todo.Position
		for {
			page, err := s.List(t.Context(), everybodys(alice), after, 7)
			require.NoError(t, err)
			if len(page) == 0 {
				break
			}
			for _, entry := range page {
				if entry.Owner == alice {
					seen = append(seen, entry.ID)
				}
				after = todo.Position{CreatedAt: entry.CreatedAt, ID: entry.ID}
			}
		}
		require.Equal(t, want, seen)
	}
	close(stop)
	wg.Wait()
	close(failures)
	require.NoError(t, <-failures)
}
