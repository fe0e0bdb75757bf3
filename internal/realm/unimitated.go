package realm

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Unimitated is something that a realm file holds and the mock does not imitate.
type Unimitated struct {
	What  string   // what the mock does not do
	Paths []string // where the file has it
}

// String is a line for people: what it is, and some of the places.
func (u Unimitated) String() string {
	const shown = 3
	places := strings.Join(u.Paths[:min(shown, len(u.Paths))], ", ")
	if more := len(u.Paths) - shown; more > 0 {
		places += fmt.Sprintf(" and %d more", more)
	}
	return u.What + ": " + places
}

// unimitate notes that something in the file has no effect here.
func (r *reader) unimitate(path, what string) {
	u := r.unimitated[what]
	if u == nil {
		u = &Unimitated{What: what}
		r.unimitated[what] = u
		r.reasons = append(r.reasons, what)
	}
	u.Paths = append(u.Paths, path)
}

// leftover is a member that the translation does not ask for.
type leftover struct {
	what string // what the mock does not do; empty: nothing that a client could notice
	same string // the value that means what the mock does; any where it is empty
}

// rest accounts for the members that nobody asked for. What Keycloak does not know either is a fault if it looks like something
// misspelt, as Keycloak refuses the file.
func (o record) rest(kind string) {
	known := leftovers[kind]
	for _, m := range o.node.members {
		path := join(o.path, m.name)
		left, isKnown := known[m.name]
		if !isKnown {
			if at := strings.IndexAny(m.name, "._"); at > 0 {
				left, isKnown = known[m.name[:at+1]+"*"]
			}
		}
		switch {
		case m.read || m.kind == null || isKnown && (m.kind == list && len(m.items) == 0 || m.kind == object && len(m.members) == 0):
		case isKnown && (left.what == "" || left.same != "" && slices.Contains(strings.Split(left.same, "|"), m.node.text)):
		case isKnown:
			o.unimitate(path, left.what)
		default:
			near := o.meant(known, kind, m.name)
			switch {
			case strings.HasPrefix(kind, "attributes") && near != "":
				o.unimitate(path, "unknown, perhaps a slip for "+near)
			case strings.HasPrefix(kind, "attributes"):
				o.unimitate(path, "attributes that mock-idp does not know")
			case near != "":
				o.fault(m.line, path, "is no member that Keycloak knows; did you mean %s?", near)
			default:
				o.unimitate(path, "neither mock-idp nor Keycloak 26.7.4 knows it")
			}
		}
	}
}

// meant is a known member that a name is a slip away from.
func (o record) meant(known map[string]leftover, kind, name string) string {
	if len(name) < 4 {
		return ""
	}
	candidates := slices.Concat(slices.Sorted(maps.Keys(known)), strings.Fields(translated[kind]))
	for _, candidate := range candidates {
		if !strings.HasSuffix(candidate, "*") && slip(name, candidate) {
			return candidate
		}
	}
	return ""
}

// slip reports whether one letter is missing, one too many, another one, or two are swapped; or only their case differs.
func slip(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 1:
		return a[i:] == b[i+1:]
	case 0:
		return i < len(a) && (a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:])
	}
	return false
}
