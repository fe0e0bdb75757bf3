package realm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"mcpharness/internal/strictyaml"
)

// A realm file is read into a tree that knows its lines, so that every fault can say where it is, and everything that nobody asked
// about can be listed.
type node struct {
	kind    kind
	line    int
	text    string // a string, or a number or truth value as it is written
	members []*member
	items   []*node
}

type member struct {
	name string
	node
	read bool
}

type kind int

const (
	null kind = iota
	text
	number
	truth
	object
	list
)

func (k kind) String() string {
	return [...]string{"null", "a string", "a number", "true or false", "an object", "a list"}[k]
}

const (
	maxFile  = 64 << 20
	maxDepth = 64
)

// parser reads JSON (RFC 8259), and faults a member that stands in an object twice.
type parser struct {
	file    string
	data    []byte
	tokens  *json.Decoder
	counted int // bytes whose lines are counted
	line    int
	faults  strictyaml.Faults
}

func parse(file string, data []byte) (*node, strictyaml.Faults) {
	p := &parser{file: file, data: data, tokens: json.NewDecoder(bytes.NewReader(data)), line: 1}
	p.tokens.UseNumber()
	if len(data) > maxFile {
		p.fault(0, "the file is longer than %d MiB", maxFile>>20)
		return nil, p.faults
	}
	var root node
	err := p.value(&root, "", 0)
	if err == nil {
		if _, more := p.tokens.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("want one JSON value, and nothing behind it")
		}
	}
	if err != nil {
		p.fault(p.here(err), "this is no JSON that a realm can be read from: %v", plain(err))
		return nil, p.faults
	}
	return &root, p.faults
}

func plain(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends too early")
	}
	return err
}

func (p *parser) fault(line int, format string, args ...any) {
	p.faults = append(p.faults, strictyaml.Fault{File: p.file, Line: line, Message: fmt.Sprintf(format, args...)})
}

// here is the line of an error of the decoder.
func (p *parser) here(err error) int {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return 1 + bytes.Count(p.data[:min(int(syntax.Offset), len(p.data))], []byte("\n"))
	}
	return p.lineNow()
}

// lineNow is the line of the token that was read last.
func (p *parser) lineNow() int {
	end := min(int(p.tokens.InputOffset()), len(p.data))
	p.line += bytes.Count(p.data[p.counted:end], []byte("\n"))
	p.counted = end
	return p.line
}

func (p *parser) value(into *node, path string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("it is nested more than %d deep", maxDepth)
	}
	token, err := p.tokens.Token()
	if err != nil {
		return err
	}
	into.line = p.lineNow()
	switch token := token.(type) {
	case string:
		into.kind, into.text = text, token
	case json.Number:
		into.kind, into.text = number, token.String()
	case bool:
		into.kind, into.text = truth, fmt.Sprint(token)
	case json.Delim:
		if token == '[' {
			return p.list(into, path, depth)
		}
		return p.object(into, path, depth)
	}
	return nil
}

func (p *parser) list(into *node, path string, depth int) error {
	into.kind = list
	for p.tokens.More() {
		item := new(node)
		if err := p.value(item, path, depth+1); err != nil {
			return err
		}
		into.items = append(into.items, item)
	}
	_, err := p.tokens.Token()
	return err
}

func (p *parser) object(into *node, path string, depth int) error {
	into.kind = object
	first := map[string]int{}
	for p.tokens.More() {
		name, err := p.tokens.Token()
		if err != nil {
			return err
		}
		m := &member{name: name.(string)} // the decoder takes nothing else here
		at := p.lineNow()
		if err := p.value(&m.node, join(path, m.name), depth+1); err != nil {
			return err
		}
		if line, twice := first[m.name]; twice {
			p.faults = append(p.faults, strictyaml.Fault{File: p.file, Line: at, Path: join(path, m.name), Message: fmt.Sprintf("is here twice, first on line %d; keep one", line)})
			continue
		}
		first[m.name] = at
		into.members = append(into.members, m)
	}
	_, err := p.tokens.Token()
	return err
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
