package mockidp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

func TestStartsWithNothingSaid(t *testing.T) {
	t.Parallel()
	idp := mockidp.New(t, mockidp.Options{})
	res, err := idp.Client().Get(idp.MetadataURL())
	require.NoError(t, err)
	defer res.Body.Close()
	var document struct{ Issuer string }
	require.NoError(t, json.NewDecoder(res.Body).Decode(&document))
	require.Equal(t, idp.Issuer(), document.Issuer)
	require.True(t, strings.HasPrefix(idp.Issuer(), "http://127.0.0.1:"))
}

type failing struct {
	*testing.T
	said string
}

func (f *failing) Fatalf(format string, args ...any) { f.said = fmt.Sprintf(format, args...) }

func TestNewFailsTheTestWithTheReason(t *testing.T) {
	t.Parallel()
	broken := mockidp.DefaultConfig()
	broken.Users, broken.SigningAlgorithm = nil, "none"
	for _, row := range []struct {
		options mockidp.Options
		says    []string
	}{
		{mockidp.Options{Issuer: "x"}, []string{`mockidp: issuer "x": want an http or https URL`}},
		{mockidp.Options{Resources: []string{"localhost:8000/mcp"}}, []string{`"localhost:8000/mcp" begins with a host and a port; want the scheme before them: http://localhost:8000/mcp`}},
		{mockidp.Options{Resources: []string{"/mcp"}}, []string{`resource want an absolute URI, got "/mcp"`}},
		{mockidp.Options{Config: &broken}, []string{"users: nobody could sign in", `signing_algorithm: want one of ES256, ES384, EdDSA, PS256, RS256, or leave it out, got "none"`}},
		{mockidp.Options{Config: &mockidp.Config{}}, []string{"resources: ", "lifetimes.code: "}},
	} {
		test := &failing{T: t}
		require.Nil(t, mockidp.New(test, row.options))
		for _, want := range row.says {
			require.Contains(t, test.said, want)
		}
	}
}

func TestListenersAreClosedWhenTheServerCannotStartAndWhenItEnds(t *testing.T) {
	t.Parallel()
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		return l
	}
	refused := listen()
	_, err := mockidp.Start(mockidp.Options{Issuer: "x"}, refused)
	require.Error(t, err)
	_, err = refused.Accept()
	require.ErrorIs(t, err, net.ErrClosed)

	one, two := listen(), listen()
	idp, err := mockidp.Start(mockidp.Options{Issuer: "http://idp.example"}, one, two)
	require.NoError(t, err)
	for _, l := range []net.Listener{one, two} {
		res, err := idp.Client().Get("http://" + l.Addr().String() + "/healthz")
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
	}
	idp.Close()
	idp.Close()
	_, err = net.DialTimeout("tcp", two.Addr().String(), time.Second)
	require.Error(t, err)
}

func TestMoreResourcesHaveTheScopesOfTheDefaultOne(t *testing.T) {
	t.Parallel()
	idp := mockidp.New(t, mockidp.Options{Resources: []string{"http://127.0.0.1:9/mcp", "http://localhost:3001/mcp"}})
	resources := idp.Config().Resources
	require.Len(t, resources, 3, "one is there already")
	require.Equal(t, mockidp.Resource{URI: "http://127.0.0.1:9/mcp", Name: "Todo manager", Scopes: []string{"create:todos", "read:todos", "delete:todos"}}, resources[2])
	require.Len(t, mockidp.DefaultConfig().Resources, 2)
}

func TestMintSignsWhateverATestNeeds(t *testing.T) {
	t.Parallel()
	idp := mockidp.New(t, mockidp.Options{})
	res, err := http.Get(idp.Issuer() + "/jwks")
	require.NoError(t, err)
	defer res.Body.Close()
	var keys jose.JSONWebKeySet
	require.NoError(t, json.NewDecoder(res.Body).Decode(&keys))
	foreign, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	big, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	for name, row := range map[string]struct {
		token     string
		algorithm jose.SignatureAlgorithm
		key       any
		want      string
	}{
		"the server's": {idp.Mint(nil, map[string]any{"sub": "a"}, nil), jose.ES256, keys.Keys[0].Key, `{"sub":"a"}`},
		"foreign":      {idp.Mint(nil, map[string]any{"sub": "a"}, foreign), jose.ES256, foreign.Public(), `{"sub":"a"}`},
		"RSA":          {idp.Mint(map[string]any{"alg": "RS256", "kid": nil}, json.RawMessage(`{"a":1,"a":2`), big), jose.RS256, big.Public(), `{"a":1,"a":2`},
		"HMAC":         {idp.Mint(map[string]any{"alg": "HS256"}, "text", []byte(strings.Repeat("k", 32))), jose.HS256, []byte(strings.Repeat("k", 32)), `"text"`},
	} {
		parsed, err := jose.ParseSignedCompact(row.token, []jose.SignatureAlgorithm{row.algorithm})
		require.NoError(t, err, name)
		payload, err := parsed.Verify(row.key)
		require.NoError(t, err, name)
		require.Equal(t, row.want, string(payload), name)
		require.Equal(t, name == "RSA", parsed.Signatures[0].Header.KeyID == "")
	}
	require.True(t, strings.HasSuffix(idp.Mint(map[string]any{"alg": "none"}, 1, nil), "."))
	require.Panics(t, func() { idp.Mint(nil, func() {}, nil) })
	require.Panics(t, func() { idp.Mint(nil, 1, "a string") })
}
