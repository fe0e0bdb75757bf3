//go:build unix

// Package conformance runs the official MCP conformance suite against the real binaries and against go-sdk's client as the
// end-to-end tests set it up, and keeps the scores in the README. It also drives the MCP Inspector's web page in Chromium.
// Both come from npm, so the tests run only if asked for: `make conformance`, or e2e/strangers/setup.sh and CONFORMANCE=1.
package conformance

import (
	"flag"
	"net"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the scores into the README, in place of comparing them with it")

const (
	modern = "2026-07-28"
	legacy = "2025-11-25"
)

const readme = "../../README.md"

func TestTheScoresOfTheOfficialSuiteStandInTheReadme(t *testing.T) {
	t.Parallel()
	s := newSuite(t)
	legs := []struct {
		name string
		run  func(*testing.T, suite) score
	}{
		{"authorization", authorizationLeg},
		{"client " + modern, clientLeg(modern)},
		{"client " + legacy, clientLeg(legacy)},
		{"server " + modern, serverLeg(modern)},
		{"server " + legacy, serverLeg(legacy)},
	}
	scores := make([]score, len(legs))
	if !t.Run("legs", func(t *testing.T) {
		for i, leg := range legs {
			t.Run(leg.name, func(t *testing.T) {
				t.Parallel()
				scores[i] = leg.run(t, s)
			})
		}
	}) {
		return
	}
	table := tableOf(scores)
	t.Log("\n" + table)
	content, err := os.ReadFile(readme)
	require.NoError(t, err)
	want, err := withTable(string(content), table)
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(readme, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, string(content), "README.md has other scores than this run: run `make conformance`, and look why they changed")
}

// freePort is for programs that must be told the port of their callback.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
