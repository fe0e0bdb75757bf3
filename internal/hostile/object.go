package hostile

import "strings"

// object is the text of a JSON object in the making. Names and values are JSON text, so that duplicates, escapes and
// broken values can be written down as they are sent.
type object struct {
	members []member
	text    string // instead of the members, if isText; $self in it stands for them
	isText  bool
}

type member struct{ name, value string }

// set gives a member a value, or takes it out if the value is empty.
func (o *object) set(name, value string) {
	for i, m := range o.members {
		if m.name != name {
			continue
		}
		if value == "" {
			o.members = append(o.members[:i:i], o.members[i+1:]...)
		} else {
			o.members[i].value = value
		}
		return
	}
	if value != "" {
		o.members = append(o.members, member{name, value})
	}
}

func (o *object) first(name, value string) { o.members = append([]member{{name, value}}, o.members...) }

func (o *object) last(name, value string) { o.members = append(o.members, member{name, value}) }

func (o *object) String() string {
	var b strings.Builder
	b.WriteByte('{')
	for i, m := range o.members {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + m.name + `":` + m.value)
	}
	b.WriteByte('}')
	if o.isText {
		return strings.ReplaceAll(o.text, "$self", b.String())
	}
	return b.String()
}
