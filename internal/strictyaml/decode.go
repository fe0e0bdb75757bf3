package strictyaml

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// decoder walks the nodes itself: the library's own decoding stops at duplicate keys, converts types, and forgets lines.
type decoder struct {
	file   string
	expand func(string) (string, error)
	faults Faults
	lines  map[string]int  // path -> line, for the checkers
	broken map[string]bool // paths with a fault
	checks []pendingCheck
}

type pendingCheck struct {
	path  string
	value Checker
}

// maxKey bounds the paths, which are kept for every value, in bytes.
const maxKey = 256

var durationType = reflect.TypeFor[time.Duration]()

// value decodes a node into out, which is addressable. The line is the key's, or the node's own in a list.
func (d *decoder) value(path string, line int, n *yaml.Node, out reflect.Value) {
	if _, twice := d.lines[path]; !twice {
		d.lines[path] = line
	}
	if why := refused(n); why != "" {
		d.fault(line, path, "%s", why)
		return
	}
	if out.Kind() == reflect.Pointer {
		out.Set(reflect.New(out.Type().Elem()))
		out = out.Elem()
	}
	if c, ok := out.Addr().Interface().(Checker); ok {
		d.checks = append(d.checks, pendingCheck{path, c})
	}
	switch kind := out.Kind(); {
	case out.Type() == durationType:
		d.duration(path, line, n, out)
	case kind == reflect.Struct && d.is(yaml.MappingNode, "", "a mapping", path, line, n):
		d.structure(path, n, out)
	case kind == reflect.Map && d.is(yaml.MappingNode, "", "a mapping", path, line, n):
		d.mapping(path, n, out)
	case kind == reflect.Slice && d.is(yaml.SequenceNode, "", "a list", path, line, n):
		d.list(path, n, out)
	case kind == reflect.String && d.is(yaml.ScalarNode, "!!str", "a string", path, line, n):
		text, err := d.expand(n.Value)
		if err != nil {
			d.fault(line, path, "%v", err)
		}
		out.SetString(text)
	case kind == reflect.Bool && d.is(yaml.ScalarNode, "!!bool", "true or false", path, line, n):
		out.SetBool(strings.EqualFold(n.Value, "true"))
	case out.CanInt() && d.is(yaml.ScalarNode, "!!int", "a whole number", path, line, n):
		number, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil || out.OverflowInt(number) || strconv.FormatInt(number, 10) != n.Value {
			d.fault(line, path, "want a whole number in plain decimal digits, between %d and %d", -1<<(out.Type().Bits()-1), 1<<(out.Type().Bits()-1)-1)
			return
		}
		out.SetInt(number)
	case !supported(kind):
		panic(fmt.Sprintf("strictyaml: %s: type %s is not supported", path, out.Type()))
	}
}

func supported(k reflect.Kind) bool {
	switch k {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.String, reflect.Bool,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return true
	}
	return false
}

func (d *decoder) structure(path string, n *yaml.Node, out reflect.Value) {
	fields := map[string]reflect.Value{}
	var names []string
	for i := range out.NumField() {
		if name := keyOf(out.Type().Field(i)); name != "" {
			fields[name] = out.Field(i)
			names = append(names, name)
		}
	}
	var meant []string
	d.entries(path, n, func(key, child string, line int, v *yaml.Node, twice bool) {
		field, known := fields[key]
		switch {
		case !known:
			near := nearest(key, names)
			d.fault(line, child, "unknown key %s; %s", quote(key), remedy(near, names))
			meant = append(meant, join(path, near))
		case twice:
			d.value(child, line, v, reflect.New(field.Type()).Elem())
		default:
			d.value(child, line, v, field)
		}
	})
	for _, p := range meant { // that these are missing needs no second fault
		if _, present := d.lines[p]; !present {
			d.broken[p] = true
		}
	}
}

// keyOf is the field's name in the file, empty for a field that is not read from it.
func keyOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	switch {
	case !f.IsExported() || name == "-":
		return ""
	case name == "":
		return strings.ToLower(f.Name)
	}
	return name
}

func (d *decoder) mapping(path string, n *yaml.Node, out reflect.Value) {
	m := reflect.MakeMap(out.Type())
	d.entries(path, n, func(key, child string, line int, v *yaml.Node, twice bool) {
		element := reflect.New(out.Type().Elem()).Elem()
		d.value(child, line, v, element)
		if !twice {
			m.SetMapIndex(reflect.ValueOf(key).Convert(out.Type().Key()), element)
		}
	})
	out.Set(m)
}

// entries calls each for the keys in the file's order, after telling the faults of the keys themselves. A key that is there
// twice is a fault, but its value is looked at all the same: it may have faults of its own.
func (d *decoder) entries(path string, n *yaml.Node, each func(key, child string, line int, v *yaml.Node, twice bool)) {
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if why := refused(k); why != "" {
			d.fault(k.Line, path, "%s", why)
			continue
		}
		if k.ShortTag() != "!!str" {
			d.fault(k.Line, path, "a key must be a string, got %s; put it in quotes", describe(k))
			continue
		}
		if len(k.Value) > maxKey {
			d.fault(k.Line, path, "key %s is longer than %d bytes", quote(k.Value), maxKey)
			continue
		}
		child := join(path, k.Value)
		line, twice := first[k.Value]
		if twice {
			d.fault(k.Line, child, "key %s is here twice, first on line %d; keep one", quote(k.Value), line)
		} else {
			first[k.Value] = k.Line
		}
		each(k.Value, child, k.Line, v, twice)
	}
}

func (d *decoder) list(path string, n *yaml.Node, out reflect.Value) {
	out.Set(reflect.MakeSlice(out.Type(), len(n.Content), len(n.Content)))
	for i, element := range n.Content {
		d.value(fmt.Sprintf("%s[%d]", path, i), element.Line, element, out.Index(i))
	}
}

func (d *decoder) duration(path string, line int, n *yaml.Node, out reflect.Value) {
	switch tag := n.ShortTag(); {
	case n.Kind == yaml.ScalarNode && (tag == "!!int" || tag == "!!float"):
		d.fault(line, path, "a duration needs a unit: for seconds write %s", quote(n.Value+"s"))
	case d.is(yaml.ScalarNode, "!!str", `a duration such as "90s", "10m" or "1h30m"`, path, line, n):
		v, err := time.ParseDuration(n.Value)
		if err != nil {
			d.fault(line, path, `want a duration such as "90s", "10m" or "1h30m", got %s`, quote(n.Value))
			return
		}
		out.SetInt(int64(v))
	}
}
