package todomcp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"mcpharness/internal/todo"
)

// arguments are the members of a call's arguments object. They are read more strictly than encoding/json and the SDK
// read into structs: names count by case and once, and no byte is silently replaced. The check before the call and
// the call itself share this reading, so they cannot disagree on what was asked.
type arguments map[string]json.RawMessage

// readArguments reads an object with no other members than the known ones. No object at all counts as an empty one.
// Its errors are meant for the caller.
func readArguments(raw json.RawMessage, known ...string) (arguments, error) {
	args := arguments{}
	if len(raw) == 0 {
		return args, nil
	}
	if kind := kindOf(raw); kind != "an object" {
		return nil, fmt.Errorf("arguments: want an object, got %s", kind)
	}
	if !utf8.Valid(raw) || !json.Valid(raw) {
		return nil, errors.New("arguments: want valid JSON in UTF-8, got something else")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.Token(); err != nil { // {
		return nil, err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string) // a member's name is always a string
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("arguments: got an unknown %.64q, %s", name, expected(known))
		}
		if _, twice := args[name]; twice {
			return nil, &todo.InputError{Field: name, Fault: "want it once, got it several times"}
		}
		args[name] = value
	}
	return args, nil
}

func expected(known []string) string {
	if len(known) == 0 {
		return "want none: this tool takes no arguments"
	}
	return "want only: " + strings.Join(known, ", ")
}

// text returns a string argument, and whether it was given.
func (a arguments) text(name string) (value string, given bool, err error) {
	raw, given := a[name]
	if !given {
		return "", false, nil
	}
	fault := func(text string) (string, bool, error) {
		return "", true, &todo.InputError{Field: name, Fault: text}
	}
	if kind := kindOf(raw); kind != "a string" {
		return fault("want a string, got " + kind)
	}
	if hasLoneSurrogate(raw) { // encoding/json would make U+FFFD of it
		return fault("want valid Unicode, got half of a surrogate pair")
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		return fault("want a string, got broken JSON")
	}
	return value, true, nil
}

// requiredText returns a string argument that must be there.
func (a arguments) requiredText(name string) (string, error) {
	value, given, err := a.text(name)
	if err == nil && !given {
		err = &todo.InputError{Field: name, Fault: "want a string, got nothing: it is required"}
	}
	return value, err
}

// integer returns a whole number, and whether it was given. As in JSON Schema, 5.0 and 5e0 are whole numbers.
func (a arguments) integer(name string) (value int, given bool, err error) {
	raw, given := a[name]
	if !given {
		return 0, false, nil
	}
	fault := func(got string) (int, bool, error) {
		return 0, true, &todo.InputError{Field: name, Fault: "want a whole number, got " + got}
	}
	if kind := kindOf(raw); kind != "a number" {
		return fault(kind)
	}
	var number float64
	if err := json.Unmarshal(raw, &number); err != nil {
		return fault("one that is too large")
	}
	const exact = 1 << 31 // far more than any argument here means, and exact as a float64
	switch {
	case number != math.Trunc(number):
		return fault("a fraction")
	case math.Abs(number) > exact:
		return fault("one that is too large")
	}
	return int(number), true, nil
}

// kindOf names the kind of a JSON value for people.
func kindOf(raw json.RawMessage) string {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// hasLoneSurrogate reports whether a JSON string escapes half of a UTF-16 surrogate pair (RFC 8259 §8.2).
func hasLoneSurrogate(raw []byte) bool {
	const none, high, low = 0, 1, 2
	kind := func(at int) int { // of the escape \uXXXX at this place, if there is one
		if at+6 > len(raw) || raw[at] != '\\' || raw[at+1] != 'u' || raw[at+2]|0x20 != 'd' {
			return none
		}
		switch c := raw[at+3] | 0x20; {
		case c == '8' || c == '9' || c == 'a' || c == 'b':
			return high
		case c >= 'c' && c <= 'f':
			return low
		}
		return none
	}
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		switch kind(i) {
		case low:
			return true
		case high:
			if kind(i+6) != low {
				return true
			}
			i += 11
		default:
			i++ // the character after the backslash is no start of an escape
		}
	}
	return false
}
