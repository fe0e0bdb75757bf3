package realm

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"mcpharness/internal/strictyaml"
)

// reader collects what is found while a tree is read.
type reader struct {
	file       string
	lookup     func(string) (string, bool) // of the environment
	faults     strictyaml.Faults
	unimitated map[string]*Unimitated // by reason
	reasons    []string               // in the order of the file
	remarks    []string
	mentions   map[string]place // of clients by clientId, each once
}

type place struct {
	line int
	path string
}

// record is an object of the file, whose members are asked for by name. As Jackson, Keycloak's own reader, it takes "true" for true, "5" for 5 and 5
// for "5", and null for nothing at all.
type record struct {
	*reader
	path string
	node *node
}

func (r *reader) fault(line int, path, format string, args ...any) {
	shown := strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return '?'
		}
		return c
	}, path)
	r.faults = append(r.faults, strictyaml.Fault{File: r.file, Line: line, Path: shown, Message: fmt.Sprintf(format, args...)})
}

// member finds a member that is not null, and remembers that somebody asked for it.
func (o record) member(name string) *member {
	at := slices.IndexFunc(o.node.members, func(m *member) bool { return m.name == name })
	if at < 0 {
		return nil
	}
	m := o.node.members[at]
	m.read = true
	if m.kind == null {
		return nil
	}
	return m
}

func (o record) has(name string) bool { return o.member(name) != nil }

func (o record) line(name string) int {
	if m := o.member(name); m != nil {
		return m.line
	}
	return o.node.line
}

func (o record) wants(m *member, what string) {
	o.fault(m.line, join(o.path, m.name), "want %s, got %s", what, m.kind)
}

// text reads a string; "" where there is none.
func (o record) text(name string) string {
	m := o.member(name)
	if m == nil {
		return ""
	}
	if m.kind == object || m.kind == list {
		o.wants(m, "a string")
		return ""
	}
	return o.expand(m.node.text)
}

// required reads a string that must be there.
func (o record) required(name string) string {
	value := o.text(name)
	if value == "" {
		o.fault(o.line(name), join(o.path, name), "is missing")
	}
	return value
}

func (o record) flag(name string, absent bool) bool {
	m := o.member(name)
	if m == nil {
		return absent
	}
	value, err := strconv.ParseBool(m.node.text)
	if err != nil || m.kind == number {
		o.wants(m, "true or false")
	}
	return value
}

func (o record) number(name string, absent int) int {
	m := o.member(name)
	if m == nil {
		return absent
	}
	value, err := strconv.Atoi(m.node.text)
	if err != nil {
		o.fault(m.line, join(o.path, name), "want a whole number")
	}
	return value
}

// seconds reads a number of seconds. What is no lifetime is as if it were not there.
func (o record) seconds(name string, absent time.Duration) time.Duration {
	value := o.number(name, 0)
	switch {
	case value < 0:
		o.fault(o.line(name), join(o.path, name), "want a number of seconds, got %d", value)
	case value == 0:
		return absent
	case value > 100*365*24*60*60:
		o.fault(o.line(name), join(o.path, name), "want a hundred years at most, got %d seconds", value)
	}
	return time.Duration(value) * time.Second
}

// texts reads a list of strings; nil where there is none.
func (o record) texts(name string) []string {
	m := o.member(name)
	switch {
	case m == nil:
		return nil
	case m.kind != list:
		o.wants(m, "a list of strings")
		return nil
	}
	values := make([]string, 0, len(m.items))
	for _, item := range m.items {
		if item.kind == object || item.kind == list || item.kind == null {
			o.fault(item.line, join(o.path, name), "want a list of strings, got %s in it", item.kind)
			continue
		}
		values = append(values, o.expand(item.text))
	}
	return values
}

// record reads an object; one without members where there is none.
func (o record) record(name string) record {
	inner := record{o.reader, join(o.path, name), &node{kind: object, line: o.node.line}}
	m := o.member(name)
	switch {
	case m == nil:
	case m.kind != object:
		o.wants(m, "an object")
	default:
		inner.node = &m.node
	}
	return inner
}

// records reads a list of objects. Each is known by its member called id, or by its place.
func (o record) records(name, id string) iter.Seq[record] {
	return func(yield func(record) bool) {
		m := o.member(name)
		switch {
		case m == nil:
			return
		case m.kind != list:
			o.wants(m, "a list of objects")
			return
		}
		for i, item := range m.items {
			if item.kind != object {
				o.fault(item.line, fmt.Sprintf("%s[%d]", join(o.path, name), i), "want an object, got %s", item.kind)
				continue
			}
			inner := record{o.reader, fmt.Sprintf("%s[%d]", join(o.path, name), i), item}
			if at := slices.IndexFunc(item.members, func(m *member) bool { return m.name == id && m.kind == text && m.node.text != "" }); at >= 0 {
				inner.path = fmt.Sprintf("%s[%s]", join(o.path, name), item.members[at].node.text)
			}
			if !yield(inner) {
				return
			}
		}
	}
}

// names are the members of an object that is used as a map.
func (o record) names() []string {
	var names []string
	for _, m := range o.node.members {
		m.read = true
		if m.kind != null {
			names = append(names, m.name)
		}
	}
	return names
}

// expand puts variables of the environment into a text, as Keycloak's import does: ${NAME} or ${NAME:otherwise}. What is no variable stays.
func (r *reader) expand(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "${")
		b.WriteString(before)
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			if found {
				b.WriteString("${" + rest)
			}
			return b.String()
		}
		variable, otherwise, hasOther := strings.Cut(name, ":")
		value, set := r.lookup(variable)
		switch {
		case set:
			b.WriteString(value)
		case hasOther:
			b.WriteString(otherwise)
		default:
			b.WriteString("${" + name + "}")
		}
		s = after
	}
}
