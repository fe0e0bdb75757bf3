package statefile_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/statefile"
	"mcpharness/internal/idp/store"
)

// fill sets every field to something, so that a field which is not kept is noticed.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch target := v.Addr().Interface().(type) {
	case *time.Time:
		*target = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
		return
	case *store.Hash:
		*target = store.HashSecret("secret")
		return
	case *json.RawMessage:
		*target = json.RawMessage(`{"keys":[]}`)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text")
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint8:
		v.SetUint(1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(`{"keys":[]}`))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	default:
		t.Fatalf("a field of type %s: say how to fill it", v.Type())
	}
}

func TestEverythingAboutAClientAndEveryKindOfKeyIsKept(t *testing.T) {
	t.Parallel()
	var full store.Client
	fill(t, reflect.ValueOf(&full).Elem())
	ec, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	want := statefile.State{
		Clients: []store.Client{full, {ID: "least", AuthMethod: "none", Registered: true}},
		Keys:    []store.Key{{ID: "1", Algorithm: "ES384", Signer: ec}, {ID: "2", Algorithm: "PS256", Signer: rs}, {ID: "3", Algorithm: "EdDSA", Signer: ed}},
	}
	path := filepath.Join(t.TempDir(), "state.json")
	f := open(t, path)
	require.NoError(t, f.Write(want))
	got, err := f.Read()
	require.NoError(t, err)
	require.Len(t, got.Clients, 2)
	compact(t, &got.Clients[0])
	compact(t, &want.Clients[0])
	require.Equal(t, want.Clients, got.Clients)
	require.Len(t, got.Keys, len(want.Keys))
	for i, key := range want.Keys {
		require.Equal(t, key.ID, got.Keys[i].ID)
		require.Equal(t, key.Algorithm, got.Keys[i].Algorithm)
		private, comparable := key.Signer.(interface{ Equal(crypto.PrivateKey) bool })
		require.True(t, comparable)
		require.True(t, private.Equal(got.Keys[i].Signer), "by value: leading zeros of numbers may differ")
	}
	about, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), about.Mode(), "it holds private keys")
	require.NotContains(t, string(read(t, path)), `"secret"`)
}

// compact undoes the indentation of JSON inside a client.
func compact(t *testing.T, c *store.Client) {
	t.Helper()
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		if raw, ok := v.Field(i).Interface().(json.RawMessage); ok {
			var value any
			require.NoError(t, json.Unmarshal(raw, &value))
			again, err := json.Marshal(value)
			require.NoError(t, err)
			v.Field(i).Set(reflect.ValueOf(json.RawMessage(again)))
		}
	}
}

func open(t *testing.T, path string) *statefile.File {
	t.Helper()
	f, err := statefile.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

func TestWhereThereIsNoFileThereIsNoState(t *testing.T) {
	t.Parallel()
	state, err := open(t, filepath.Join(t.TempDir(), "state.json")).Read()
	require.NoError(t, err)
	require.Empty(t, state)
}

func TestAnEmptyFileIsTakenAsNew(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	f := open(t, path)
	state, err := f.Read()
	require.NoError(t, err)
	require.Empty(t, state)
	require.NoError(t, f.Write(statefile.State{Clients: []store.Client{{ID: "c", Registered: true, AuthMethod: "none"}}}))
	state, err = f.Read()
	require.NoError(t, err)
	require.Len(t, state.Clients, 1)
}

func TestABrokenOrForeignFileIsAnErrorAndStays(t *testing.T) {
	t.Parallel()
	const head = `{"format":"mock-idp state","version":1,`
	for name, row := range map[string]struct{ file, want string }{
		"a line break":       {"\n", "is no state of mock-idp; it is left as it is"},
		"YAML":               {"users: []", "is no state of mock-idp"},
		"another's JSON":     {`{"name":"x","version":1}`, "is no state of mock-idp"},
		"an array":           {"[]", "is no state of mock-idp"},
		"a newer one":        {`{"format":"mock-idp state","version":2}`, "has version 2, and this mock-idp knows version 1"},
		"cut off":            {head + `"clients":[`, "is no state of mock-idp"},
		"more behind it":     {head + `"clients":[]}{}`, "is no state of mock-idp"},
		"unknown members":    {head + `"users":[]}`, "is damaged, or was written by another mock-idp"},
		"a client of no ID":  {head + `"clients":[{"Registered":true,"AuthMethod":"none"}]}`, "clients[0] is no registered client"},
		"a configured one":   {head + `"clients":[{"ID":"x","AuthMethod":"none"}]}`, "clients[0] is no registered client"},
		"a short hash":       {head + `"clients":[{"ID":"x","SecretHash":"00"}]}`, "is damaged"},
		"a key that is none": {head + `"keys":[{"id":"1","algorithm":"ES256","private_key":"canary"}]}`, "keys[0] is no signing key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "state.json")
			require.NoError(t, os.WriteFile(path, []byte(row.file), 0o600))
			_, err := open(t, path).Read()
			require.ErrorContains(t, err, row.want)
			require.ErrorContains(t, err, path)
			require.NotContains(t, err.Error(), "canary")
			require.Equal(t, row.file, string(read(t, path)))
		})
	}
	_, err := open(t, t.TempDir()).Read()
	require.ErrorContains(t, err, "want a regular file")
}

func TestOneProcessHasTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.json")
	first := open(t, path)
	require.NoError(t, first.Write(statefile.State{}))
	_, err := statefile.Open(path)
	require.ErrorContains(t, err, "another mock-idp uses it")
	link := filepath.Join(t.TempDir(), "link.json")
	require.NoError(t, os.Symlink(path, link))
	_, err = statefile.Open(link)
	require.ErrorContains(t, err, "another mock-idp uses it", "by whatever name")
	require.NoError(t, first.Close())
	second := open(t, link)
	require.NoError(t, second.Write(statefile.State{}))
	about, err := os.Lstat(link)
	require.NoError(t, err)
	require.Equal(t, os.ModeSymlink, about.Mode().Type(), "the link stays one")
}

func TestAWriteThatFailsLeavesTheOldFileAndNothingElse(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "state.json")
	f := open(t, path)
	require.NoError(t, f.Write(statefile.State{Clients: []store.Client{{ID: "kept", AuthMethod: "none", Registered: true}}}))
	before := read(t, path)
	err := f.Write(statefile.State{Keys: []store.Key{{ID: "1", Algorithm: "ES256"}}}) // a key that cannot be written
	require.ErrorContains(t, err, "writing state file "+path)
	require.Equal(t, before, read(t, path))
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, left, 2, "the file and its lock")
}

func TestChangesAreWrittenSoonAndTogether(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.json")
	synctest.Test(t, func(t *testing.T) {
		f, err := statefile.Open(path)
		require.NoError(t, err)
		s := store.New(store.Limits{Clients: 2})
		require.NoError(t, f.Follow(s, slog.New(slog.DiscardHandler)))
		ids := func() (ids []string) {
			state, err := f.Read()
			require.NoError(t, err)
			for _, c := range state.Clients {
				ids = append(ids, c.ID)
			}
			return ids
		}
		require.Empty(t, ids())
		for _, id := range []string{"a", "b", "c"} {
			s.AddClient(store.Client{ID: id, AuthMethod: "none", Registered: true})
		}
		s.AddClient(store.Client{ID: "configured", AuthMethod: "none"})
		s.AddClient(store.Client{ID: "https://app.example/c.json", AuthMethod: "none", Document: true})
		synctest.Wait()
		require.Empty(t, ids(), "not yet: more may come")
		time.Sleep(200 * time.Millisecond)
		require.Equal(t, []string{"c"}, ids(), "oldest first; the oldest were pushed out")

		s.RemoveClient("c")
		time.Sleep(200 * time.Millisecond)
		require.Empty(t, ids())

		s.AddClient(store.Client{ID: "d", AuthMethod: "none", Registered: true})
		require.NoError(t, f.Close())
		again, err := statefile.Open(path)
		require.NoError(t, err)
		f = again
		require.Equal(t, []string{"d"}, ids()[len(ids())-1:], "what changed last is written at the end")
		require.NoError(t, f.Close())
	})
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"format":"mock-idp state","version":1,"clients":[{"ID":"x","AuthMethod":"none","Registered":true}],"keys":[]}`, `{"format":"mock-idp state","version":1,"keys":[{"id":"1","algorithm":"ES256","private_key":"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		state, err := statefile.Parse(data)
		if err != nil {
			require.Empty(t, state)
			require.False(t, strings.ContainsAny(err.Error(), "\n\x00"))
			return
		}
		for _, c := range state.Clients {
			require.True(t, c.Registered)
			require.NotEmpty(t, c.ID)
		}
		for _, k := range state.Keys {
			require.NotNil(t, k.Signer)
		}
	})
}
