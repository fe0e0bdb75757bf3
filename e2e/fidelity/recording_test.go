package fidelity

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// recording is what a provider answered, by probe.
type recording map[string]tree

func (p pair) folder() string { return filepath.Join("..", "testdata", "recorded", p.recordedAt) }

// readRecording reads the files of all areas. An area that was never recorded is empty.
func readRecording(t *testing.T, p pair) recording {
	t.Helper()
	all := recording{}
	files, err := filepath.Glob(filepath.Join(p.folder(), "*.json"))
	require.NoError(t, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var area recording
		require.NoError(t, json.Unmarshal(data, &area), file)
		maps.Copy(all, area)
	}
	return all
}

// write replaces what it holds in the files of the areas; probes that did not run stay, those that are gone go.
func (r recording) write(t *testing.T, p pair) {
	t.Helper()
	require.NoError(t, os.MkdirAll(p.folder(), 0o755))
	kept := readRecording(t, p)
	maps.Copy(kept, r)
	areas := map[string]recording{}
	for _, probe := range probes() {
		if areas[probe.area()] == nil {
			areas[probe.area()] = recording{}
		}
		if seen, found := kept[probe.name]; found {
			areas[probe.area()][probe.name] = seen
		}
	}
	for area, answers := range areas {
		if len(answers) == 0 {
			continue
		}
		var written bytes.Buffer
		encoder := json.NewEncoder(&written)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", " ")
		require.NoError(t, encoder.Encode(answers))
		require.NoError(t, os.WriteFile(filepath.Join(p.folder(), area+".json"), written.Bytes(), 0o644))
	}
	t.Logf("recorded %s in %s", strings.Join([]string{p.name, p.recordedAt}, ", "), p.folder())
}
