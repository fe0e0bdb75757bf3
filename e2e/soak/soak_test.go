// Package soak runs both servers for long, and looks whether memory or goroutines stay behind. Its tests look at the heap of the
// process, so they run one after the other. They are short by default; SOAK=100000 makes them as long as that many rounds.
package soak

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	phases  = 10
	workers = 4
)

func rounds(t *testing.T) int {
	t.Helper()
	wanted := os.Getenv("SOAK")
	if wanted == "" {
		return 2000
	}
	n, err := strconv.Atoi(wanted)
	require.NoError(t, err, "SOAK: want a number of rounds")
	require.GreaterOrEqual(t, n, 1000, "SOAK: fewer rounds say nothing")
	return n
}

// soak runs all rounds in phases. After each one everything that was granted expires, which takes no time in a bubble of
// testing/synctest, and idle runs once, so that what sweeps itself at a write does. From the middle on nothing may grow:
// before that caches and pools fill.
func soak(t *testing.T, round func(n int), idle func()) {
	t.Helper()
	total := rounds(t)
	var heaps, goroutines [phases]int
	for phase := range phases {
		var working sync.WaitGroup
		for worker := range workers {
			working.Go(func() {
				for n := worker; n < total/phases; n += workers {
					round(phase*total/phases + n)
				}
			})
		}
		working.Wait()
		require.False(t, t.Failed(), "a round failed")
		full := heap()
		time.Sleep(100 * 24 * time.Hour)
		idle()
		time.Sleep(time.Hour) // for idle connections to end
		synctest.Wait()
		heaps[phase], goroutines[phase] = heap(), runtime.NumGoroutine()
		t.Logf("%7d rounds: %6d KiB after the rounds, %6d KiB when all has expired, %d goroutines", (phase+1)*total/phases, full>>10, heaps[phase]>>10, goroutines[phase])
	}
	const middle = phases/2 - 1
	require.LessOrEqual(t, heaps[phases-1], heaps[middle]+heaps[middle]/20, "bytes of heap: the second half adds less than 5 %%")
	require.LessOrEqual(t, goroutines[phases-1], goroutines[middle], "goroutines")
}

func heap() int {
	runtime.GC()
	runtime.GC() // what pools hold survives one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
