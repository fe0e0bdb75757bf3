//go:build unix

package durability

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// load is workers that create and delete todos until a call fails.
type load struct {
	acknowledged atomic.Int64
	progress     chan struct{} // a token for each acknowledged call, as far as somebody waits for it
	failures     chan error    // one for each worker
	running      sync.WaitGroup
}

const workers = 8

// startLoad makes each worker a person of its own, so that their load is not throttled as one person's.
func startLoad(ctx context.Context, people []*person, ledger *ledger, round int, url string) *load {
	l := &load{progress: make(chan struct{}, 1), failures: make(chan error, len(people))}
	for worker, p := range people {
		l.running.Go(func() {
			for i := 0; ; i++ {
				content := fmt.Sprintf("round %d worker %d todo %d", round, worker, i)
				if err := l.createAndDelete(ctx, p, ledger, url, content, i%2 == 1); err != nil {
					l.failures <- err
					return
				}
			}
		})
	}
	return l
}

func (l *load) createAndDelete(ctx context.Context, p *person, ledger *ledger, url, content string, alsoDelete bool) error {
	ledger.note(content, maybeCreated)
	todo, err := p.create(ctx, url, content)
	if errors.Is(err, errRefused) {
		return nil
	} else if err != nil {
		return err
	}
	ledger.note(content, created)
	l.acknowledge()
	if !alsoDelete {
		return nil
	}
	ledger.note(content, maybeDeleted)
	if _, err = p.delete(ctx, url, todo.ID); err != nil {
		return err
	}
	ledger.note(content, deleted)
	l.acknowledge()
	return nil
}

func (l *load) acknowledge() {
	l.acknowledged.Add(1)
	select {
	case l.progress <- struct{}{}:
	default:
	}
}

// reach waits until so many calls were acknowledged.
func (l *load) reach(ctx context.Context, calls int64) error {
	for l.acknowledged.Load() < calls {
		select {
		case <-l.progress:
		case err := <-l.failures:
			return fmt.Errorf("a worker failed before anything was killed: %w", err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
