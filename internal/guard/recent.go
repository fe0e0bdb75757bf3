package guard

import "crypto/sha256"

// digest stands for a token in the caches, so that memory holds none that could be used.
type digest [sha256.Size]byte

func digestOf(token string) digest { return sha256.Sum256([]byte(token)) }

// recent holds the entries used last, within a number of entries and of bytes. It keeps two generations: when the young one
// has half of what is allowed, the old one is dropped and the young one is old. An entry that is used becomes young. So
// nothing has to be swept, and each operation takes constant time. Not safe for concurrent use.
type recent[V any] struct {
	maxEntries, maxBytes int
	young, old           map[digest]V
	bytes                int // of the young
	size                 func(V) int
}

func newRecent[V any](maxEntries, maxBytes int, size func(V) int) *recent[V] {
	return &recent[V]{maxEntries: maxEntries, maxBytes: maxBytes, young: map[digest]V{}, size: size}
}

func (r *recent[V]) get(key digest) (V, bool) {
	v, found := r.young[key]
	if found {
		return v, true
	}
	if v, found = r.old[key]; found {
		r.put(key, v)
	}
	return v, found
}

func (r *recent[V]) put(key digest, v V) {
	if before, found := r.young[key]; found {
		r.bytes -= r.size(before)
	}
	delete(r.old, key)
	r.young[key] = v
	r.bytes += r.size(v)
	if len(r.young) > r.maxEntries/2 || r.bytes > r.maxBytes/2 {
		r.young, r.old, r.bytes = map[digest]V{}, r.young, 0
	}
}

func (r *recent[V]) remove(key digest) {
	if v, found := r.young[key]; found {
		r.bytes -= r.size(v)
		delete(r.young, key)
	}
	delete(r.old, key)
}
