package strictyaml

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// is reports whether the node is of the kind and, for a scalar, of the tag; if not, it tells the fault.
func (d *decoder) is(kind yaml.Kind, tag, want, path string, line int, n *yaml.Node) bool {
	if n.Kind == kind && (tag == "" || n.ShortTag() == tag) {
		return true
	}
	hint := ""
	switch {
	case n.ShortTag() == "!!null":
		hint = "; write a value or leave the key out"
	case n.Kind == yaml.ScalarNode && tag == "!!str":
		hint = "; put it in quotes"
	case n.Kind == yaml.ScalarNode && kind == yaml.SequenceNode:
		hint = "; put it in [ ]"
	}
	d.fault(line, path, "want %s, got %s%s", want, describe(n), hint)
	return false
}

// refused says why a node is not looked at, whatever its type: an alias can make a small file huge, and what it stands for is hard
// to see; a tag would make the types of the reader's choosing.
func refused(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.AliasNode:
		return fmt.Sprintf("the alias *%s is not allowed; write the value out", short(n.Value))
	case n.Anchor != "":
		return fmt.Sprintf("the anchor &%s is not allowed; write the value out wherever it is used", short(n.Anchor))
	case n.Style&yaml.TaggedStyle != 0:
		return fmt.Sprintf("the tag %s is not allowed; leave it out", quote(n.Tag))
	case n.Kind == yaml.ScalarNode && n.Tag == "!!merge":
		return "the merge key << is not allowed; write the keys out"
	}
	return ""
}

// describe names what a node holds, never its value, which may be a secret.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "true or false"
	case "!!int", "!!float":
		return "a number"
	case "!!timestamp":
		return "a date"
	}
	return "a string"
}

// remedy says what to write instead of an unknown key.
func remedy(near string, names []string) string {
	const short = 12
	switch {
	case near != "":
		return fmt.Sprintf("did you mean %q?", near)
	case len(names) <= short:
		return "known keys: " + strings.Join(names, ", ")
	}
	return "leave it out"
}

// nearest is the name that a key was probably meant to be, or empty: about a third of the letters may differ, case does not count.
func nearest(key string, names []string) string {
	const longest = 64
	if len(key) > longest {
		return ""
	}
	best, found := (len(key)+2)/3+1, ""
	for _, name := range names {
		if d := distance(strings.ToLower(key), strings.ToLower(name)); d < best {
			best, found = d, name
		}
	}
	return found
}

// distance counts the letters to insert, delete or replace (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

func quote(s string) string { return fmt.Sprintf("%q", short(s)) }

func short(s string) string {
	const longest = 40
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return s
}
