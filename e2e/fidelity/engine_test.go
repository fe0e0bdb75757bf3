package fidelity

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/e2e/strangers/installation"
	"mcpharness/mockidp"
)

const engineKey = "OIDC_PROVIDER" // "1" starts the engine

// engineLifetimes are those of oidc-provider/server.mjs.
var engineLifetimes = mockidp.Lifetimes{Code: time.Minute, AccessToken: time.Hour, IDToken: time.Hour, RefreshToken: 14 * 24 * time.Hour}

// likeTheEngine is the mock's configuration with the lifetimes of oidc-provider/server.mjs, and with the subjects that people have there.
func likeTheEngine() *mockidp.Config {
	c := mockidp.DefaultConfig()
	c.Lifetimes = engineLifetimes
	for i := range c.Users {
		c.Users[i].Subject = c.Users[i].Username
	}
	return &c
}

// startEngine starts the engine of Logto, which oidc-provider/setup.sh has installed, and returns its issuer; "" if nobody asked for it.
func startEngine(t *testing.T) string {
	t.Helper()
	if os.Getenv(engineKey) != "1" {
		return ""
	}
	folder, err := filepath.Abs("../../.cache/oidc-provider")
	require.NoError(t, err)
	for pinned, installed := range map[string]string{"package-lock.json": "package-lock.json.installed", "server.mjs": "server.mjs"} {
		want, err := os.ReadFile(filepath.Join("oidc-provider", pinned))
		require.NoError(t, err)
		got, _ := os.ReadFile(filepath.Join(folder, installed))
		require.Equal(t, string(want), string(got), "what is installed is not what is pinned: run e2e/fidelity/oidc-provider/setup.sh")
	}
	engine := exec.Command(installation.Node(t, folder), filepath.Join(folder, "server.mjs"))
	engine.Stderr = io.Discard // it warns that it keeps everything in memory
	ends, err := engine.StdinPipe()
	require.NoError(t, err)
	said, err := engine.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, engine.Start())
	t.Cleanup(func() {
		_ = ends.Close() // then it ends
		_ = engine.Wait()
	})
	var ready struct {
		Issuer string `json:"issuer"`
	}
	require.NoError(t, json.NewDecoder(said).Decode(&ready))
	return ready.Issuer
}
