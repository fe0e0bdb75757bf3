package guard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

var (
	errNotJSON    = errors.New("not JSON")
	errUTF8       = errors.New("not UTF-8")
	errDuplicate  = errors.New("a member name occurs twice")
	errTooDeep    = errors.New("nested too deeply")
	errWrongShape = errors.New("wrong type")
)

// checkJSON demands one JSON value in UTF-8 whose objects name no member twice, nested at most depth levels: text that
// every decoder reads the same way. The standard decoder forgives all three.
func checkJSON(data []byte, depth int) error {
	if !utf8.Valid(data) {
		return errUTF8
	}
	if !json.Valid(data) {
		var ignored json.RawMessage
		return fmt.Errorf("%w: %w", errNotJSON, json.Unmarshal(data, &ignored))
	}
	w := walker{rest: data}
	return w.value(depth)
}

// walker goes over text that json.Valid has accepted, so it need not look for syntax errors.
type walker struct{ rest []byte }

func (w *walker) value(depth int) error {
	w.space()
	switch w.rest[0] {
	case '{':
		return w.object(depth - 1)
	case '[':
		return w.array(depth - 1)
	case '"':
		w.str()
	default:
		end := bytes.IndexAny(w.rest, ",]} \t\r\n")
		if end < 0 {
			end = len(w.rest)
		}
		w.rest = w.rest[end:]
	}
	return nil
}

func (w *walker) object(depth int) error {
	if depth < 0 {
		return errTooDeep
	}
	var seen map[string]bool
	for !w.closes('}') {
		raw := w.str()
		name := string(raw[1 : len(raw)-1])
		if bytes.IndexByte(raw, '\\') >= 0 {
			if err := json.Unmarshal(raw, &name); err != nil {
				return fmt.Errorf("%w: %w", errNotJSON, err)
			}
		}
		if seen[name] {
			return errDuplicate
		}
		if seen == nil {
			seen = make(map[string]bool, 8)
		}
		seen[name] = true
		w.space()
		w.rest = w.rest[1:] // the colon
		if err := w.value(depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) array(depth int) error {
	if depth < 0 {
		return errTooDeep
	}
	for !w.closes(']') {
		if err := w.value(depth); err != nil {
			return err
		}
	}
	return nil
}

// closes steps over an opening bracket or a comma, and over the closing bracket if that is what follows.
func (w *walker) closes(bracket byte) bool {
	w.space()
	if w.rest[0] != bracket {
		w.rest = w.rest[1:]
		w.space()
		if w.rest[0] != bracket {
			return false
		}
	}
	w.rest = w.rest[1:]
	return true
}

// str steps over a string and returns it with its quotes.
func (w *walker) str() []byte {
	for i := 1; ; i++ {
		switch w.rest[i] {
		case '\\':
			i++
		case '"':
			s := w.rest[:i+1]
			w.rest = w.rest[i+1:]
			return s
		}
	}
}

func (w *walker) space() {
	for len(w.rest) > 0 && (w.rest[0] == ' ' || w.rest[0] == '\t' || w.rest[0] == '\r' || w.rest[0] == '\n') {
		w.rest = w.rest[1:]
	}
}

// members splits an object that checkJSON has passed. Names are matched exactly, as JSON means them.
func members(raw json.RawMessage) (map[string]json.RawMessage, error) {
	var m map[string]json.RawMessage
	if kindOf(raw) != "an object" || json.Unmarshal(raw, &m) != nil {
		return nil, errWrongShape
	}
	return m, nil
}

func stringOf(raw json.RawMessage) (string, error) {
	var s string
	if len(raw) >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 { // nothing to decode
		return string(raw[1 : len(raw)-1]), nil
	}
	if kindOf(raw) != "a string" || json.Unmarshal(raw, &s) != nil {
		return "", errWrongShape
	}
	return s, nil
}

// kindOf names the type of a JSON value in messages.
func kindOf(raw json.RawMessage) string {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 {
		return "nothing"
	}
	switch c := raw[0]; {
	case c == '{':
		return "an object"
	case c == '[':
		return "an array"
	case c == '"':
		return "a string"
	case c == 't' || c == 'f':
		return "a boolean"
	case c == 'n':
		return "null"
	}
	return "a number"
}
