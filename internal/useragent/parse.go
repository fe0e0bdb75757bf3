package useragent

import (
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// readForms finds the forms and their controls; a control may stand outside its form and name it by id.
func readForms(p *Page, document *html.Node, base *url.URL) []*Form {
	var forms []*Form
	byNode, byID := map[*html.Node]*Form{}, map[string]*Form{}
	for n := range document.Descendants() {
		if n.DataAtom != atom.Form {
			continue
		}
		f := &Form{page: p, base: base, method: methodOf(value(n, "method")), action: strings.TrimSpace(value(n, "action")), enctype: strings.ToLower(value(n, "enctype"))}
		if f.method == "" {
			f.method = http.MethodGet
		}
		forms, byNode[n] = append(forms, f), f
		if id := value(n, "id"); id != "" && byID[id] == nil {
			byID[id] = f
		}
	}
	for n := range document.Descendants() {
		c := readControl(n)
		if c == nil || c.kind == ignored {
			continue
		}
		if f := owner(n, byNode, byID); f != nil && !disabled(n) {
			f.controls = append(f.controls, c)
		}
	}
	return forms
}

func owner(n *html.Node, byNode map[*html.Node]*Form, byID map[string]*Form) *Form {
	if id, ok := attribute(n, "form"); ok {
		return byID[id]
	}
	for a := range n.Ancestors() {
		if f := byNode[a]; f != nil {
			return f
		}
	}
	return nil
}

// disabled also holds in a disabled fieldset, except in its first legend.
func disabled(n *html.Node) bool {
	if _, ok := attribute(n, "disabled"); ok {
		return true
	}
	var legend *html.Node
	for a := range n.Ancestors() {
		switch _, off := attribute(a, "disabled"); {
		case a.DataAtom == atom.Legend:
			legend = a
		case a.DataAtom == atom.Fieldset && off && (legend == nil || legend != firstLegend(a)):
			return true
		}
		if a.DataAtom == atom.Template { // what is in a template is not on the page
			return true
		}
	}
	return false
}

func firstLegend(fieldset *html.Node) *html.Node {
	for c := range fieldset.ChildNodes() {
		if c.DataAtom == atom.Legend {
			return c
		}
	}
	return nil
}

// readControl is nil for what is no control.
func readControl(n *html.Node) *control {
	c := &control{name: value(n, "name"), value: value(n, "value"), action: strings.TrimSpace(value(n, "formaction")), method: methodOf(value(n, "formmethod"))}
	_, c.readonly = attribute(n, "readonly")
	switch kindOf := strings.ToLower(value(n, "type")); n.DataAtom {
	case atom.Button:
		c.kind = submit
		if kindOf == "button" || kindOf == "reset" {
			c.kind = ignored
		}
	case atom.Input:
		c.readInput(n, kindOf)
	case atom.Textarea:
		c.value = plainText(n)
	case atom.Select:
		c.readList(n)
	default:
		return nil
	}
	return c
}

func (c *control) readInput(n *html.Node, kindOf string) {
	switch kindOf {
	case "submit":
		c.kind = submit
	case "hidden":
		c.kind = hidden
	case "radio", "checkbox":
		c.kind, c.radio = choice, kindOf == "radio"
		_, c.on = attribute(n, "checked")
		if _, ok := attribute(n, "value"); !ok {
			c.value = "on"
		}
	case "button", "reset", "file", "image": // an image sends coordinates, a file a multipart body: no page of ours has them
		c.kind = ignored
	}
}

// readList reads a select for one choice: the selected option, else the first that can be chosen.
func (c *control) readList(n *html.Node) {
	c.kind, c.value = list, ""
	for o := range n.Descendants() {
		if o.DataAtom != atom.Option {
			continue
		}
		if _, off := attribute(o, "disabled"); off {
			continue
		}
		v, ok := attribute(o, "value")
		if !ok {
			v = strings.Join(strings.Fields(plainText(o)), " ")
		}
		c.options = append(c.options, v)
		if _, selected := attribute(o, "selected"); selected || !c.on {
			c.value, c.on = v, true
		}
	}
}

func methodOf(attribute string) string {
	switch strings.ToLower(attribute) {
	case "post":
		return http.MethodPost
	case "get":
		return http.MethodGet
	}
	return ""
}

func plainText(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}
