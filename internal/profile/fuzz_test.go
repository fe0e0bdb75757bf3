package profile_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
	"mcpharness/internal/profile"
	"mcpharness/internal/strictyaml"
	"mcpharness/internal/todo"
	"mcpharness/providers"
)

// Whatever stands in a profile, it is taken or its faults are told; and what is taken the guard takes too.
func FuzzLoad(f *testing.F) {
	for _, name := range providers.Names() {
		data, err := providers.Read(name)
		require.NoError(f, err)
		f.Add(data)
	}
	for _, seed := range []string{"issuer: https://id.example\ntarget: scope\n", "issuer: ${A}\ntarget: audience\nscopes: {create:todos: x}\n", "token: {types: ['']}", "roles: []"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "profile.yaml")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		p, err := profile.Load(path, environment)
		if err != nil {
			if faults := new(strictyaml.Faults); !errors.As(err, faults) {
				require.ErrorContains(t, err, "introspection.secret_env")
			}
			return
		}
		_, err = guard.New(guard.Options{Settings: p.Guard(), Resource: mcpURL, Scopes: todo.Scopes()})
		require.NoError(t, err)
	})
}
