package useragent

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Form is a form of a page, with what is filled in. It is not safe for concurrent use.
type Form struct {
	page     *Page
	method   string // GET or POST
	action   string // as written
	base     *url.URL
	enctype  string
	controls []*control // in the page's order, without disabled ones
}

type kind int

const (
	written kind = iota // input and textarea that a person writes into
	hidden              // sent as it is
	choice              // radio button and checkbox
	list                // select
	submit              // sent only if pressed
	ignored             // never sent
)

// control is a field or a button.
type control struct {
	name, value    string
	kind           kind
	on             bool // a choice that is made
	radio          bool
	readonly       bool
	options        []string // of a list
	action, method string   // of a submit control, over the form's
}

// Buttons lists the values of the submit controls with this name.
func (f *Form) Buttons(name string) []string {
	var values []string
	for _, c := range f.controls {
		if c.kind == submit && c.name == name {
			values = append(values, c.value)
		}
	}
	return values
}

// Set fills a field as a person can: text is written, a radio button or checkbox with this value is ticked, a value of a list is chosen.
// Hidden and read-only fields are not for people.
func (f *Form) Set(name, value string) error {
	var offered []string
	for _, c := range f.controls {
		if c.name != name {
			continue
		}
		switch {
		case c.kind == written && !c.readonly:
			c.value = value
			return nil
		case c.kind == list && slices.Contains(c.options, value):
			c.value, c.on = value, true
			return nil
		case c.kind == list:
			offered = append(offered, c.options...)
		case c.kind == choice && c.value == value:
			for _, other := range f.controls {
				if c.radio && other.radio && other.name == name {
					other.on = false
				}
			}
			c.on = true
			return nil
		case c.kind == choice:
			offered = append(offered, c.value)
		}
	}
	if offered == nil {
		return fmt.Errorf("no field %q that a person can fill", name)
	}
	return fmt.Errorf("field %q offers %s, not %q", name, bounded(strings.Join(offered, ", ")), bounded(value))
}

// press finds the submit control. It is nil for the Enter key in a form without one.
func (f *Form) press(name, value string) (*control, error) {
	for _, c := range f.controls {
		if c.kind == submit && (name == "" || c.name == name && c.value == value) {
			return c, nil
		}
	}
	if name == "" {
		return nil, nil
	}
	return nil, fmt.Errorf("no button %s=%q; buttons of this name: %s", name, bounded(value), bounded(strings.Join(f.Buttons(name), ", ")))
}

// submission is the request that the form makes (HTML standard, "form submission algorithm").
func (f *Form) submission(pressed *control) (method string, target *url.URL, body string, err error) {
	method, action := f.method, f.action
	if pressed != nil && pressed.method != "" {
		method = pressed.method
	}
	if pressed != nil && pressed.action != "" {
		action = pressed.action
	}
	target = f.page.URL // an empty action is the page itself, whatever the base
	if action != "" {
		if target, err = f.base.Parse(action); err != nil {
			return "", nil, "", fmt.Errorf("want an action that is a URL, got one that does not parse")
		}
	}
	copied := *target
	copied.Fragment, copied.RawFragment = "", ""
	if method == http.MethodGet {
		copied.RawQuery = f.encode(pressed)
		return method, &copied, "", nil
	}
	if f.enctype != "" && f.enctype != "application/x-www-form-urlencoded" {
		return "", nil, "", fmt.Errorf("enctype %q is not supported; want application/x-www-form-urlencoded", bounded(f.enctype))
	}
	return method, &copied, f.encode(pressed), nil
}

// encode keeps the page's order, as browsers do; url.Values would sort.
func (f *Form) encode(pressed *control) string {
	var pairs []string
	for _, c := range f.controls {
		sent := c.kind == written || c.kind == hidden || (c.kind == choice || c.kind == list) && c.on || c == pressed
		if sent && c.name != "" {
			pairs = append(pairs, url.QueryEscape(c.name)+"="+url.QueryEscape(c.value))
		}
	}
	return strings.Join(pairs, "&")
}
