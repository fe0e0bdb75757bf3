package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/hostile"
	"mcpharness/internal/profile"
	"mcpharness/mockidp"
)

// battlefield is a target whose issuer also publishes the keys that hostile tokens are made with.
type battlefield struct {
	*target
	world  hostile.World
	canary *canary
}

func newBattlefield(t *testing.T, algorithm string) *battlefield {
	t.Helper()
	keys, err := hostile.NewKeyRing(algorithm)
	require.NoError(t, err)
	b := &battlefield{canary: newCanary(t)}
	b.target = newTarget(t, setup{
		configure: func(c *mockidp.Config) { c.SigningAlgorithm = algorithm },
		fetches:   func(next http.RoundTripper) http.RoundTripper { return publisher{next, keys.KeySet()} },
	})
	alice := &visitor{people: []string{"alice"}, registered: true, protocol: modern}
	victim := create(t, alice.visit(t, b.target), "a todo that hostile requests try to delete")

	bob := &visitor{people: []string{"bob"}, registered: true, style: profile.TargetScope, scopes: []string{"openid", "offline_access", "create:todos"}}
	real, err := bob.token(t.Context(), b.target)
	require.NoError(t, err)
	idToken, _ := real.Extra("id_token").(string)
	require.NotEmpty(t, idToken)
	require.NotEmpty(t, real.RefreshToken)
	b.world = hostile.World{
		Issuer: b.issuer, Resource: b.url, Subject: "bob-of-the-hostile-tests", Client: "hostile-client", Keys: keys,
		Canary: b.canary.url, Victim: victim.ID, IDToken: idToken, RefreshToken: real.RefreshToken,
	}
	return b
}

// now is the world for tokens that are made now.
func (b *battlefield) now() hostile.World {
	w := b.world
	w.Now = time.Now()
	return w
}

// publisher adds keys to the issuer's key set.
type publisher struct {
	next http.RoundTripper
	keys []json.RawMessage
}

func (p publisher) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := p.next.RoundTrip(r)
	if err != nil || !strings.HasSuffix(r.URL.Path, "/jwks") {
		return response, err
	}
	defer response.Body.Close()
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(response.Body).Decode(&set); err != nil {
		return nil, err
	}
	set.Keys = append(set.Keys, p.keys...)
	body, err := json.Marshal(set)
	if err != nil {
		return nil, err
	}
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	response.Header.Del("Content-Length")
	return response, nil
}

// canary is a server that nobody may ask for anything.
type canary struct {
	url   string
	asked atomic.Int64
}

func newCanary(t *testing.T) *canary {
	t.Helper()
	c := &canary{}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { c.asked.Add(1) }))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}
