package guard

import (
	"slices"
	"sync"
	"time"
)

const (
	maxVerified      = 10_000
	maxVerifiedBytes = 8 << 20
	entryBytes       = 400 // an entry without its strings: key, map slot, headers of strings and slices
)

// verifiedTokens remembers JWTs whose signature held, so that a token costs one signature check in its life. Only tokens
// that the issuer signed get in, so a stranger can fill it with nothing. What may change is judged at each use: the time,
// and whether the key still is the issuer's.
type verifiedTokens struct {
	mu     sync.Mutex
	recent *recent[verified]
}

type verified struct {
	identity Identity
	validity validity
	key      fingerprint // of the key that verified it
}

func newVerifiedTokens() *verifiedTokens {
	return &verifiedTokens{recent: newRecent(maxVerified, maxVerifiedBytes, func(v verified) int { return entryBytes + v.identity.size() })}
}

// find returns the identity of a token that would pass again now. For one that would not, nothing: the verification from
// the start has the words for it.
func (c *verifiedTokens) find(token digest, keys *keySet, now time.Time, leeway time.Duration) (Identity, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, found := c.recent.get(token)
	if !found {
		return Identity{}, false
	}
	if v.validity.judge(now, leeway) != nil || !keys.holds(v.key) {
		c.recent.remove(token)
		return Identity{}, false
	}
	return v.identity.clone(), true
}

func (c *verifiedTokens) add(token digest, v verified) {
	v.identity = v.identity.clone()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recent.put(token, v)
}

// clone makes an identity that its receiver may change.
func (id Identity) clone() Identity {
	id.Scopes, id.Roles = slices.Clone(id.Scopes), slices.Clone(id.Roles)
	return id
}

// size is what the strings take, in bytes.
func (id Identity) size() int {
	n := len(id.Issuer) + len(id.Subject) + len(id.ClientID)
	for _, s := range id.Scopes {
		n += len(s) + 16
	}
	for _, s := range id.Roles {
		n += len(s) + 16
	}
	return n
}
