//go:build unix

// Package durability runs the real todo-mcp under load, kills it and its database with SIGKILL, and lets replicas share one
// database. What was acknowledged must be there afterwards, once.
package durability

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// binary is the path of todo-mcp, built once for all tests; nothing in short mode.
var binary string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if testing.Short() {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "durability")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "todo-mcp")
	if out, err := exec.Command("go", "build", "-o", binary, "mcpharness/cmd/todo-mcp").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building todo-mcp: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

func needsServers(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts and kills servers, which takes some seconds: run without -short")
	}
}
