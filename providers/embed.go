// Package providers holds the profiles that are inside the binaries, so that a name is enough to choose one.
package providers

import (
	"embed"
	"strings"
)

// FS holds the profiles as <name>.yaml.
//
//go:embed *.yaml
var FS embed.FS

// Read returns the profile with this name, such as "mock". The error is an fs.ErrNotExist if there is none.
func Read(name string) ([]byte, error) { return FS.ReadFile(name + ".yaml") }

// Names lists the profiles, sorted.
func Names() []string {
	entries, err := FS.ReadDir(".")
	if err != nil {
		panic(err) // embedded: cannot be missing in a binary that was built
	}
	var names []string
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".yaml"))
	}
	return names
}
