package fidelity

import (
	"bytes"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// page is what a program reads of a page: the message, if there is one, and what its forms send where.
func (c *talk) page(a *answer) tree {
	document, err := html.Parse(bytes.NewReader(a.body))
	if err != nil {
		return tree{"broken": err.Error()}
	}
	seen := tree{}
	if message := messageOf(document); message != "" {
		seen["message"] = c.plain(message)
	}
	var forms []any
	for _, f := range a.forms() {
		forms = append(forms, c.describe(f))
	}
	if forms != nil {
		seen["forms"] = forms
	}
	return seen
}

// messageOf finds what the page has to say: an element that is marked as the problem, or where sign-in pages show messages.
func messageOf(document *html.Node) string {
	for n := range document.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if problem, found := attribute(n, "data-problem"); found {
			if problem != "" {
				return problem
			}
			return words(n)
		}
		id, _ := attribute(n, "id")
		class, _ := attribute(n, "class")
		kind, _ := attribute(n, "role")
		if id == "kc-error-message" || strings.HasPrefix(id, "input-error-") && !strings.Contains(id, "container") ||
			strings.Contains(class, "kc-feedback-text") || strings.Contains(class, "alert__title") || kind == "alert" {
			if text := words(n); text != "" {
				return text
			}
		}
	}
	return ""
}

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// form is a form of a page.
type form struct {
	method, action string
	fields         []field
}

type field struct{ name, kind, value string }

// forms reads the forms, with the fields that have a name.
func (a *answer) forms() []form {
	document, err := html.Parse(bytes.NewReader(a.body))
	if err != nil {
		return nil
	}
	var all []form
	for n := range document.Descendants() {
		if n.Data != "form" || n.Type != html.ElementNode {
			continue
		}
		f := form{method: "get"}
		if m, _ := attribute(n, "method"); m != "" {
			f.method = strings.ToLower(m)
		}
		f.action, _ = attribute(n, "action")
		for d := range n.Descendants() {
			name, _ := attribute(d, "name")
			if name == "" || d.Type != html.ElementNode || d.Data != "input" && d.Data != "button" && d.Data != "textarea" && d.Data != "select" {
				continue
			}
			kind, _ := attribute(d, "type")
			if kind = strings.ToLower(kind); kind == "" {
				kind = map[string]string{"button": "submit", "input": "text"}[d.Data]
			}
			value, _ := attribute(d, "value")
			f.fields = append(f.fields, field{name, kind, value})
		}
		all = append(all, f)
	}
	return all
}

// describe is a form in a line: method, action with its parameters' names, fields with their kinds. Values are told where the form goes to
// the client.
func (c *talk) describe(f form) string {
	action, err := url.Parse(f.action)
	if err != nil {
		return "a form to no URL"
	}
	bare := *action
	bare.RawQuery = ""
	line := []string{f.method + " " + c.plain(bare.String())}
	if bare.String() == "" {
		line[0] += "the page"
	}
	if bare.Host == "" && bare.Path != "" {
		line[0] = f.method + " " + c.plain(ports.FindString(c.issuer)+bare.Path)
	}
	var names []string
	for pair := range strings.SplitSeq(action.RawQuery, "&") {
		if name, _, _ := strings.Cut(pair, "="); name != "" {
			names = append(names, name)
		}
	}
	if names != nil {
		line[0] += "?" + strings.Join(names, "&")
	}
	for _, field := range f.fields {
		said := field.name + ":" + field.kind
		if bare.Host != "" && !strings.HasPrefix(f.action, ports.FindString(c.issuer)) {
			said += "=" + canonical(c.shape(field.name, field.value))
		}
		line = append(line, said)
	}
	return strings.Join(line, " ")
}

// fill sends the page's first form with a field of this name: hidden fields as they are, others as given in names and values. The button
// of the form is pressed if it is among those.
func (c *talk) fill(a *answer, has string, values ...string) *answer {
	for _, f := range a.forms() {
		known := false
		sent := params{}
		for _, field := range f.fields {
			known = known || field.name == has
			if field.kind != "submit" {
				sent = append(sent, field.name, field.value)
			}
		}
		if !known {
			continue
		}
		target, err := a.url.Parse(f.action)
		if err != nil {
			break
		}
		for i := 0; i < len(values); i += 2 {
			sent = sent.set(values[i], values[i+1])
		}
		return c.send(request{to: target.String(), form: sent, browser: c.browser})
	}
	c.stop("no form with a field %s", has)
	return nil
}

// open goes to a page with the browser's cookies.
func (c *talk) open(to string, query params) *answer {
	return c.land(c.send(request{to: to, query: query, browser: c.browser}))
}

// land follows redirects of the party's own, up to a page or the way back to the client.
func (c *talk) land(a *answer) *answer {
	for range 5 {
		location := a.header.Get("Location")
		target, err := a.url.Parse(location)
		if location == "" || err != nil || !strings.HasPrefix(target.String(), ports.FindString(c.issuer)) {
			break
		}
		a = c.send(request{to: target.String(), browser: c.browser})
	}
	return a
}
