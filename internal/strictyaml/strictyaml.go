// Package strictyaml reads profiles and configurations. It accepts one YAML document that fits a Go struct and nothing
// else, and it tells every fault at once, each with its file, line and path.
//
// Refused: unknown and duplicate keys, values of another type (nothing is converted: a number is no string), null, a second
// document, an empty file, bytes that are not UTF-8, anchors, aliases, merge keys and tags, and files over MaxSize. Messages
// quote keys, but no values that could be secrets.
package strictyaml

import (
	"fmt"
	"io"
	"os"
	"reflect"
)

// MaxSize is the largest file accepted, in bytes.
const MaxSize = 1 << 20

// Checker is a value that knows rules beyond its type. Decode asks every value that the file mentions, and always the
// outermost one, even if there are other faults already, so Check must bear half-filled values. A complaint is dropped where its
// path is known to be faulty. The path is relative to the value ("users[2].role", "" for the value itself); if the file
// does not mention it, the line of what encloses it is told. Check only reads: it may be given a copy.
type Checker interface {
	Check(report func(path string, format string, args ...any))
}

// Decode reads the one YAML document in data into v, a pointer to a struct. What the file does not mention keeps the value it has
// in v, which makes defaults; lists and maps are replaced whole. Keys are named by `yaml` tags, else by the field's name in
// lower case. Fields are strings, bools, signed integers, time.Duration (written as "10m"), and structs, pointers, slices and maps with
// string keys of these; other types panic, as they are the caller's mistake. An error is of type Faults, and
// v is then half filled. The file's name only serves the messages.
func Decode(file string, data []byte, v any) error {
	return DecodeExpanded(file, data, v, func(s string) (string, error) { return s, nil })
}

// DecodeExpanded is Decode with every string value (not keys) passed through expand, whose error becomes a fault on its line.
func DecodeExpanded(file string, data []byte, v any, expand func(string) (string, error)) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() || target.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("strictyaml: want a pointer to a struct, got %T", v))
	}
	d := decoder{file: file, expand: expand, lines: map[string]int{}, broken: map[string]bool{}}
	if root := d.parse(data); root != nil {
		d.value("", root.Line, root, target.Elem())
		d.check()
	}
	return d.sorted()
}

// ReadFile reads a file as os.ReadFile does, but no more of it than Decode needs to refuse it as too large.
func ReadFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return data, nil
}
