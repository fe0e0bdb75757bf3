package todo

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"math/bits"
	"sync"
	"time"
)

// ids names todos. Listings are by creation time and then by id, so the ids of one millisecond rise: todos that were created
// one after the other are listed so. It is safe for concurrent use.
type ids struct {
	mu        sync.Mutex
	at        time.Time
	high, low uint64
}

// inOrder is base32 whose letters sort as the numbers do.
var inOrder = base32.HexEncoding.WithPadding(base32.NoPadding)

// next returns a new id of 26 characters and the time that it is for. Who knows one id cannot guess the next: it is up to
// 2^64 further.
func (i *ids) next() (id string, at time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	high, low := binary.BigEndian.Uint64(random[:]), binary.BigEndian.Uint64(random[8:])
	switch at = time.Now().UTC().Truncate(time.Millisecond); {
	case at.Equal(i.at):
		var carry uint64
		i.low, carry = bits.Add64(i.low, low|1, 0)
		i.high += carry
	default:
		i.at, i.high, i.low = at, high>>1, low // room for the others of this millisecond
	}
	binary.BigEndian.PutUint64(random[:], i.high)
	binary.BigEndian.PutUint64(random[8:], i.low)
	return inOrder.EncodeToString(random[:]), at
}
