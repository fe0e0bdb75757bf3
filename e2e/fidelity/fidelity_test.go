// Package fidelity asks a provider and the mock's personality of it the same questions, and reports every answer that differs.
//
// A probe (probe_test.go) is a name and a few requests that name no provider. It talks to a party: endpoints from the party's metadata,
// people and clients from the provider's profile. Its answers become observations: what a client could act on, with all that is
// random or local reduced to its shape (observe_test.go, shape_test.go). Three things are compared, as far as they are there:
// the mock in its personality, the recording of the provider in e2e/testdata/recorded, and the live provider.
//
//	go test ./e2e/fidelity                                     the mock with the recording
//	E2E_PROFILE=../../providers/keycloak.yaml go test -count=1 ./e2e/fidelity          mock, recording and the live provider
//	E2E_PROFILE=../../providers/keycloak.yaml go test -count=1 ./e2e/fidelity -record  writes the recording anew
//	OIDC_PROVIDER=1 go test -count=1 ./e2e/fidelity        the same with Logto's engine, which the test starts: see oidc-provider/setup.sh
//
// # Known differences
//
// known/PAIR/AREA.txt lists the differences of the mock that are known, one a line: reason, probe, path of the observation. The path may
// end with * or have one within. A reason is mend:OWNER for what is still to be mended, or the name of a row of "Differences that stay" in
// docs/personalities.md. A difference that is not listed fails the test, and so does an entry that no longer occurs. After mending:
//
//	go test -count=1 ./e2e/fidelity -prune    drops the entries that no longer occur; nothing else changes
//
// For new probes, -adopt adds what is not listed as mend:OWNER of the area. Use it on probes that are new, never on a regression. Git merges
// the lists line by line (.gitattributes says union), which may bring a dropped entry back: prune again.
//
// # Add a probe
//
// Write it into the file of its area (authorize_probes_test.go, …); most are a line of a table. Then record it of each provider, adopt, and mend:
//
//	E2E_PROFILE=../../providers/keycloak.yaml go test -count=1 ./e2e/fidelity -record -adopt
//	OIDC_PROVIDER=1 go test -count=1 ./e2e/fidelity -record -adopt        needs npm and no more
//
// Where it is not recorded it is left out offline, and fails on the live provider. The summary counts what was left out, by reason and area.
//
// # Add a pair
//
// A pair is a personality and what it is compared with: see pairs in pair_test.go. It needs a profile, a way to reach the live provider, and
// a folder for the recording. What the other side cannot do is told by its metadata (a missing endpoint skips the probes that need it, and says
// so) or by pair.lacks.
package fidelity

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	record = flag.Bool("record", false, "write the answers of the live provider (E2E_PROFILE, OIDC_PROVIDER) to e2e/testdata/recorded")
	prune  = flag.Bool("prune", false, "drop the known differences that no longer occur")
	adopt  = flag.Bool("adopt", false, "list differences that are not listed, to be mended; for new probes")
)

func TestPersonalityAnswersAsTheProviderDoes(t *testing.T) {
	t.Parallel()
	for _, p := range pairs {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			r := &run{pair: p, recorded: readRecording(t, p), known: readKnown(t, p), fresh: recording{}, compared: map[string]bool{}, skipped: map[string]int{}}
			r.mock = p.startMock(t)
			if r.live = p.started(t); p.isLive() {
				r.live = p.reachLive(t)
			}
			t.Run("probes", func(t *testing.T) {
				for _, probe := range probes() {
					if p.areas != nil && !slices.Contains(p.areas, probe.area()) {
						continue
					}
					t.Run(probe.name, func(t *testing.T) {
						t.Parallel()
						r.ask(t, probe)
					})
				}
			})
			r.finish(t)
		})
	}
}

// run compares one pair.
type run struct {
	pair
	mock, live *party // live may be nil
	recorded   recording
	known      *known

	sync.Mutex
	fresh             recording       // what the live provider answered
	compared          map[string]bool // probes that were not skipped
	observations      int
	equal, differing  int
	skipped           map[string]int // probes, by reason and area
	lines, unexpected []string       // differences, those that are not listed
}

// ask puts one probe to both sides.
func (r *run) ask(t *testing.T, p probe) {
	want, recorded := r.recorded[p.name]
	if r.live != nil {
		answered := p.run(t, r.live)
		if recorded && !*record {
			for _, d := range differences(want, answered) {
				t.Errorf("%s is not as recorded: %s; record again with -record, or find out what is wrong with the live provider", r.live.name, d)
			}
		}
		if _, lacking := answered["skipped"]; !recorded && !lacking && !*record {
			t.Error("not recorded yet: record it with -record")
		}
		want, recorded = answered, true
		r.Lock()
		r.fresh[p.name] = answered
		r.Unlock()
	}
	reason, _ := want["skipped"].(string)
	if !recorded {
		reason = "not recorded yet: run it on the live provider (E2E_PROFILE) with -record"
	}
	if reason != "" {
		r.Lock()
		r.skipped[reason+" ("+p.area()+")"]++
		r.Unlock()
		t.Log("skipped: " + reason) // t.Skip of hundreds would hide one that means something: finish counts them
		return
	}
	found := differences(want, p.run(t, r.mock))
	r.Lock()
	defer r.Unlock()
	r.compared[p.name] = true
	total := leaves(want)
	r.observations += total
	r.equal += max(0, total-len(found))
	for _, d := range found {
		r.differing++
		line := p.name + " " + d.String()
		r.lines = append(r.lines, line)
		if r.known.expects(p.name, d.path) {
			t.Log("known: " + d.String())
			continue
		}
		r.unexpected = append(r.unexpected, p.name+" "+d.path)
		if !*adopt {
			t.Errorf("not as %s: %s", r.name, d)
		}
	}
}

// finish writes what was asked for, and judges the list of known differences by the probes that ran.
func (r *run) finish(t *testing.T) {
	if *record && r.live != nil {
		r.fresh.write(t, r.pair)
	}
	if *adopt {
		r.known.add(r.unexpected)
	}
	unused := r.known.unused(r.compared)
	if *prune {
		r.known.drop(unused)
	}
	if *prune || *adopt {
		r.known.write(t)
	} else {
		for _, e := range unused {
			t.Errorf("%s: no such difference any more: %s; go test ./e2e/fidelity -prune drops it", e.file, e)
		}
	}
	reasons := r.known.reasons(r.compared)
	skipped := 0
	for _, count := range r.skipped {
		skipped += count
	}
	fmt.Fprintf(os.Stderr, "fidelity of %s to %s: %d probes, %d observations, %d equal, %d known differences%s, %d unknown, %d probes skipped\n",
		r.name, r.reference(), len(r.compared), r.observations, r.equal, r.differing-len(r.unexpected), reasons, len(r.unexpected), skipped)
	for _, why := range slices.Sorted(maps.Keys(r.skipped)) {
		fmt.Fprintf(os.Stderr, "  skipped %d: %s\n", r.skipped[why], why)
	}
	if testing.Verbose() {
		slices.Sort(r.lines)
		t.Log("differences:\n" + strings.Join(r.lines, "\n"))
	}
}

func (r *run) reference() string {
	if r.live != nil {
		return "the live provider at " + r.live.issuer
	}
	return "the recording " + r.recordedAt
}

func TestProbesHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range probes() {
		require.False(t, seen[p.name], p.name)
		require.Regexp(t, `^[a-z]+/[^ ]+$`, p.name)
		require.Contains(t, slices.Collect(maps.Keys(owners)), p.area(), p.name)
		seen[p.name] = true
	}
	require.Greater(t, len(seen), 150)
}
