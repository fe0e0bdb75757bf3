package strictyaml

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// maxShown bounds the error text: a file of the wrong kind can have a fault on every line.
const maxShown = 100

// Fault is one thing wrong with a file.
type Fault struct {
	File    string
	Line    int    // counted from 1; 0 if the fault has no line
	Path    string // "token.algorithms[1]"; empty for the document itself
	Message string // what was wrong, what was expected, what to change
}

// String gives the fault as "providers/mock.yaml:12: token.algorithms[1]: message".
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d", f.Line)
	}
	if f.Path != "" {
		b.WriteString(": " + f.Path)
	}
	return b.String() + ": " + f.Message
}

// Faults are all faults of a file, by line.
type Faults []Fault

// Error gives one fault a line, of very many only the first, and ends with how many there are.
func (fs Faults) Error() string {
	var b strings.Builder
	for _, f := range fs[:min(len(fs), maxShown)] {
		b.WriteString(f.String() + "\n")
	}
	switch {
	case len(fs) == 1:
		b.WriteString("1 fault")
	case len(fs) <= maxShown:
		fmt.Fprintf(&b, "%d faults", len(fs))
	default:
		fmt.Fprintf(&b, "%d faults, the first %d shown", len(fs), maxShown)
	}
	return b.String()
}

func (d *decoder) fault(line int, path, format string, args ...any) {
	shown := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) { // keys may hold line breaks; a fault is one line
			return '?'
		}
		return r
	}, path)
	d.faults = append(d.faults, Fault{File: d.file, Line: line, Path: shown, Message: fmt.Sprintf(format, args...)})
	d.broken[path] = true
}

// sorted returns nil, not an empty Faults, where nothing is wrong.
func (d *decoder) sorted() error {
	if len(d.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(d.faults, func(a, b Fault) int { // by path too, as a checker may walk a map
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Path, b.Path))
	})
	return d.faults
}

// check asks the checkers. A complaint about what is broken already would only repeat the first fault in other words.
func (d *decoder) check() {
	structural := d.broken
	d.broken = map[string]bool{}
	for _, c := range d.checks {
		c.value.Check(func(path, format string, args ...any) {
			at := join(c.path, path)
			line, known := 0, false
			for p, more := at, true; more; p, more = parent(p) {
				if structural[p] {
					return
				}
				if !known {
					line, known = d.lines[p]
				}
			}
			d.fault(line, at, format, args...)
		})
	}
}

// join makes a path of a value's own path and one relative to it.
func join(base, relative string) string {
	if base == "" || relative == "" || strings.HasPrefix(relative, "[") {
		return base + relative
	}
	return base + "." + relative
}

// parent cuts the last step off a path. Keys that contain dots give steps that do not exist, which hurts nobody.
func parent(path string) (string, bool) {
	if path == "" {
		return "", false
	}
	return path[:max(strings.LastIndexAny(path, ".["), 0)], true
}
