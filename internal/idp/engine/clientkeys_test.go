package engine

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/store"
)

func keySetOf(t testing.TB, kids ...string) []byte {
	t.Helper()
	var set jose.JSONWebKeySet
	for _, kid := range kids {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: kid})
	}
	encoded, err := json.Marshal(set)
	require.NoError(t, err)
	return encoded
}

// published stands for a host of key sets.
type published struct {
	body     []byte
	freshFor time.Duration
	err      error
	fetches  atomic.Int32
}

func (p *published) fetch(context.Context, string) ([]byte, time.Duration, error) {
	p.fetches.Add(1)
	time.Sleep(time.Second)
	return p.body, p.freshFor, p.err
}

func TestAKeySetIsFetchedWhenItIsStaleOrLacksAKeyAndNotOften(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := &published{body: keySetOf(t, "a"), freshFor: -1}
		keys := clientKeys{fetch: host.fetch}
		c := &store.Client{KeysURI: "https://app.example/jwks"}
		found := func(kid string, want int) {
			t.Helper()
			got, err := keys.of(t.Context(), c, kid)
			require.NoError(t, err)
			require.Len(t, got, want, kid)
		}
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { found("a", 1) })
		}
		all.Wait()
		require.EqualValues(t, 1, host.fetches.Load(), "everybody shares a fetch")
		found("", 1)
		for range 10 {
			found("b", 0)
		}
		require.EqualValues(t, 1, host.fetches.Load(), "an unknown kid is no reason to ask at once")

		host.body = keySetOf(t, "a", "b")
		time.Sleep(5 * time.Second)
		found("b", 1)
		found("b", 1)
		require.EqualValues(t, 2, host.fetches.Load(), "rotation is seen after a pause")

		time.Sleep(time.Minute + time.Second)
		found("a", 1)
		require.EqualValues(t, 3, host.fetches.Load(), "without a header it is stale after a minute")
		host.freshFor = 30 * 24 * time.Hour
		time.Sleep(time.Minute + time.Second)
		found("a", 1)
		time.Sleep(time.Hour - 2*time.Second)
		found("a", 1)
		require.EqualValues(t, 4, host.fetches.Load())
		time.Sleep(time.Minute)
		found("a", 1)
		require.EqualValues(t, 5, host.fetches.Load(), "no header makes it fresh for more than an hour")
	})
}

func TestAKeySetThatCannotBeFetchedIsAskedForAgainSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := &published{err: errors.New("cannot be fetched"), freshFor: -1}
		keys := clientKeys{fetch: host.fetch}
		c := &store.Client{KeysURI: "https://app.example/jwks"}
		for range 3 {
			_, err := keys.of(t.Context(), c, "a")
			require.ErrorContains(t, err, "cannot be fetched")
		}
		require.EqualValues(t, 1, host.fetches.Load(), "a host in trouble is left alone for a while")
		host.err, host.body = nil, keySetOf(t, "a")
		time.Sleep(6 * time.Second)
		got, err := keys.of(t.Context(), c, "a")
		require.NoError(t, err)
		require.Len(t, got, 1)
	})
}

func TestRememberedKeySetsAreBounded(t *testing.T) {
	t.Parallel()
	body := keySetOf(t, "a")
	keys := clientKeys{fetch: func(context.Context, string) ([]byte, time.Duration, error) { return body, time.Hour, nil }}
	for i := range maxKeySets + 50 {
		_, err := keys.of(t.Context(), &store.Client{KeysURI: fmt.Sprint("https://app.example/", i)}, "a")
		require.NoError(t, err)
	}
	require.Len(t, keys.sets, maxKeySets)
}

func FuzzParseKeys(f *testing.F) {
	f.Add(keySetOf(f, "a", ""))
	for _, seed := range []string{`{}`, `{"keys":[]}`, `{"keys":[{}]}`, `{"keys":[{"kty":"oct","k":"AA"}]}`, `{"keys":[{"kty":"RSA","n":"AA","e":"AQAB"}]}`,
		`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}`, `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","use":"enc"}]}`, `[]`, `null`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		keys, err := ParseKeys(raw)
		if err != nil {
			require.Empty(t, keys)
			return
		}
		require.NotEmpty(t, keys)
		require.LessOrEqual(t, len(keys), maxKeys)
		for _, key := range keys {
			require.True(t, key.Valid() && key.IsPublic())
			require.NotEqual(t, "enc", key.Use)
			require.Empty(t, key.Certificates)
			encoded, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}})
			require.NoError(t, err)
			_, err = ParseKeys(encoded)
			require.NoError(t, err, "what was read is written and read again")
		}
	})
}
