package fidelity

import (
	"maps"
	"slices"
)

// difference is one place where two observations are not the same.
type difference struct {
	path      string // steps and members with dots between
	want, got any    // nil: not there
}

func (d difference) String() string {
	say := func(v any) string {
		if v == nil {
			return "nothing"
		}
		return canonical(v)
	}
	return d.path + ": want " + say(d.want) + ", got " + say(d.got)
}

// differences compares what two parties answered. Where one side has something and the other nothing, that is one difference. A mock
// that stops earlier is one difference: what comes later was not asked. So is an answer with another status.
func differences(want, got tree) []difference {
	if want["stopped"] == nil && got["stopped"] != nil {
		asked := tree{}
		for step, value := range want {
			if got[step] != nil {
				asked[step] = value
			}
		}
		want = asked
	}
	return compare("", want, got)
}

func compare(path string, want, got any) []difference {
	wanted, both := want.(tree)
	gotten, too := got.(tree)
	if !both || !too {
		if canonical(want) == canonical(got) {
			return nil
		}
		return []difference{{path, want, got}}
	}
	for _, first := range []string{"status", "active"} { // what the rest of an answer follows from
		if wanted[first] != nil && gotten[first] != nil && wanted[first] != gotten[first] {
			inner := path + "." + first
			return []difference{{inner, want, got}}
		}
	}
	names := maps.Clone(wanted)
	maps.Copy(names, gotten)
	var all []difference
	for _, name := range slices.Sorted(maps.Keys(names)) {
		inner := name
		if path != "" {
			inner = path + "." + name
		}
		all = append(all, compare(inner, wanted[name], gotten[name])...)
	}
	return all
}

// leaves counts observations.
func leaves(value any) int {
	object, isTree := value.(tree)
	if !isTree {
		return 1
	}
	n := 0
	for _, v := range object {
		n += leaves(v)
	}
	return n
}
