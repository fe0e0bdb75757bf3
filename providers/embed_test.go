package providers_test

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/providers"
)

func TestEveryNameCanBeRead(t *testing.T) {
	t.Parallel()
	require.Contains(t, providers.Names(), "mock")
	require.IsIncreasing(t, append([]string{""}, providers.Names()...))
	for _, name := range providers.Names() {
		data, err := providers.Read(name)
		require.NoError(t, err)
		require.NotEmpty(t, data)
	}
}

func TestAnUnknownNameDoesNotExist(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"nobody", "", "../go", "mock.yaml"} {
		_, err := providers.Read(name)
		require.Error(t, err, name)
	}
	_, err := providers.Read("nobody")
	require.ErrorIs(t, err, fs.ErrNotExist)
}
