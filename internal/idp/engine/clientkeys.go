package engine

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"mcpharness/internal/idp/store"
)

// Bounds of a client's key set.
const (
	MaxKeySet      = 64 << 10 // bytes
	maxKeys        = 32
	maxRSA         = 8192 // bits; checking a signature costs their square
	maxKeySets     = 1000 // remembered
	keysFresh      = time.Minute
	keysPause      = 5 * time.Second // a key set is not fetched more often, whatever key is missing
	keysFreshLimit = time.Hour
)

// publicMembers are what a public key needs (RFC 7518 §6, RFC 8037 §2). Others are not looked at: certificates are a second
// way to name a key, and a second parser.
var publicMembers = []string{"kty", "crv", "x", "y", "n", "e", "kid", "alg", "use"}

var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

// ParseKeys reads a client's public keys (RFC 7517 §5). Keys of kinds that this server does not know are skipped, as §5 says;
// a set without any that can verify is refused, and so is one that holds private or symmetric keys.
func ParseKeys(raw []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []map[string]json.RawMessage `json:"keys"`
	}
	if len(raw) > MaxKeySet {
		return nil, fmt.Errorf("is longer than %d KiB", MaxKeySet>>10)
	}
	if json.Unmarshal(raw, &set) != nil {
		return nil, errors.New(`is no JSON Web Key Set; want {"keys":[...]} (RFC 7517 section 5)`)
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("holds more than %d keys", maxKeys)
	}
	var keys []jose.JSONWebKey
	for _, members := range set.Keys {
		for _, name := range privateMembers {
			if _, has := members[name]; has {
				return nil, errors.New("holds a private or symmetric key; send public keys only, and make a new key pair, as this one is not secret any more")
			}
		}
		if key, ok := publicKey(members); ok {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("holds no key that can verify signatures; want RSA of 2048 bits or more, EC on P-256, P-384 or P-521, or Ed25519")
	}
	return keys, nil
}

func publicKey(members map[string]json.RawMessage) (key jose.JSONWebKey, ok bool) {
	public := map[string]json.RawMessage{}
	for _, name := range publicMembers {
		if value, has := members[name]; has {
			public[name] = value
		}
	}
	encoded, err := json.Marshal(public)
	if err != nil || key.UnmarshalJSON(encoded) != nil || !key.Valid() || !key.IsPublic() || key.Use != "" && key.Use != "sig" {
		return key, false
	}
	if of, isRSA := key.Key.(*rsa.PublicKey); isRSA && (of.N.BitLen() < 2048 || of.N.BitLen() > maxRSA) {
		return key, false
	}
	return key, true
}

// clientKeys remembers key sets that clients name by URL.
type clientKeys struct {
	fetch func(ctx context.Context, url string) (body []byte, freshFor time.Duration, err error)
	mu    sync.Mutex
	sets  map[string]*keySet
}

type keySet struct {
	turn    chan struct{} // holds one while it is fetched, so that everybody who waits shares the fetch
	keys    []jose.JSONWebKey
	err     error
	fetched time.Time
	fresh   time.Time
}

// of returns the keys of a client that may have signed under a kid; "" is any.
func (k *clientKeys) of(ctx context.Context, c *store.Client, kid string) ([]jose.JSONWebKey, error) {
	if c.KeysURI == "" {
		keys, err := ParseKeys(c.Keys)
		return named(keys, kid), err
	}
	set := k.set(c.KeysURI)
	select {
	case set.turn <- struct{}{}:
		defer func() { <-set.turn }()
	case <-ctx.Done():
		return nil, errors.New("could not be waited for")
	}
	now := time.Now()
	missing := set.err == nil && len(named(set.keys, kid)) == 0
	if now.After(set.fresh) || missing && now.Sub(set.fetched) >= keysPause {
		body, freshFor, err := k.fetch(ctx, c.KeysURI)
		var keys []jose.JSONWebKey
		if err == nil {
			keys, err = ParseKeys(body)
		}
		switch {
		case err != nil:
			freshFor = 0
		case freshFor < 0:
			freshFor = keysFresh
		}
		set.keys, set.err, set.fetched = keys, err, now
		set.fresh = now.Add(min(max(freshFor, keysPause), keysFreshLimit))
	}
	return named(set.keys, kid), set.err
}

func (k *clientKeys) set(url string) *keySet {
	k.mu.Lock()
	defer k.mu.Unlock()
	set, known := k.sets[url]
	if !known {
		if len(k.sets) >= maxKeySets {
			for victim := range k.sets { // any: it is only fetched again
				delete(k.sets, victim)
				break
			}
		}
		if k.sets == nil {
			k.sets = map[string]*keySet{}
		}
		set = &keySet{turn: make(chan struct{}, 1)}
		k.sets[url] = set
	}
	return set
}

func named(keys []jose.JSONWebKey, kid string) []jose.JSONWebKey {
	if kid == "" {
		return keys
	}
	var found []jose.JSONWebKey
	for _, key := range keys {
		if key.KeyID == kid {
			found = append(found, key)
		}
	}
	return found
}
