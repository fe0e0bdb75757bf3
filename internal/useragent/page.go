package useragent

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Page is what the browser shows. It is not safe for concurrent use.
type Page struct {
	URL    *url.URL // of the page itself, after redirects
	Status int
	Header http.Header

	// Callback is the redirect to the client, with code or error in its query. There is then no page to see.
	Callback *url.URL

	Title   string // <title>, shortened
	Heading string // the first <h1>, shortened
	// Problem is what an error page says in <meta name="problem" content="…"> or in an element with the attribute data-problem, or the
	// beginning of an error in plain text or JSON; shortened.
	Problem string
	Forms   []*Form

	client *url.URL // redirect_uri
}

func newPage(n *navigation, response *http.Response, body []byte) (*Page, error) {
	p := &Page{URL: n.url, Status: response.StatusCode, Header: response.Header, client: n.client}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch {
	case kind == "text/html" || kind == "application/xhtml+xml":
		document, err := html.Parse(bytes.NewReader(body))
		if err != nil {
			return nil, fmt.Errorf("opening %s: parsing the page: %w", plain(n.url), err)
		}
		p.read(document)
	case p.Status >= 400 && (kind == "text/plain" || kind == "application/json"):
		p.Problem = bounded(string(body))
	}
	return p, nil
}

// Form finds the first form with a control of this name that is not disabled, or nil.
func (p *Page) Form(control string) *Form {
	for _, f := range p.Forms {
		for _, c := range f.controls {
			if c.name == control {
				return f
			}
		}
	}
	return nil
}

func (p *Page) read(document *html.Node) {
	base := p.URL
	hasBase := false
	for n := range document.Descendants() {
		switch n.DataAtom {
		case atom.Title:
			if p.Title == "" && n.Namespace == "" { // SVG has titles too
				p.Title = text(n)
			}
		case atom.H1:
			if p.Heading == "" {
				p.Heading = text(n)
			}
		case atom.Meta:
			if content, _ := attribute(n, "content"); strings.EqualFold(value(n, "name"), "problem") && p.Problem == "" {
				p.Problem = bounded(content)
			}
		case atom.Base:
			if href, ok := attribute(n, "href"); ok && !hasBase {
				if u, err := p.URL.Parse(href); err == nil {
					base, hasBase = u, true
				}
			}
		}
		if problem, ok := attribute(n, "data-problem"); ok && p.Problem == "" {
			if p.Problem = bounded(problem); p.Problem == "" {
				p.Problem = text(n)
			}
		}
	}
	p.Forms = readForms(p, document, base)
}

// err is the page as an error.
func (p *Page) err(what string) error { return p.because(errors.New(what)) }

// because is the page as an error of a kind that callers know.
func (p *Page) because(reason error) error {
	parts := []string{fmt.Sprintf("status %d", p.Status)}
	for _, s := range []string{p.Title, p.Heading} {
		if s != "" && !strings.Contains(strings.Join(parts, " "), s) {
			parts = append(parts, fmt.Sprintf("%q", s))
		}
	}
	message := strings.Join(parts, " ") + " at " + plain(p.URL)
	if p.Problem != "" {
		message += ": " + p.Problem
	}
	return fmt.Errorf("%w: %s", reason, message)
}

// text is what a reader sees of an element, on one line.
func text(n *html.Node) string { return bounded(plainText(n)) }

// bounded makes one short line of a stranger's text, fit for an error.
func bounded(s string) string {
	const longest = 300
	runes := []rune(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 }), " "))
	if len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return string(runes)
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func value(n *html.Node, name string) string {
	v, _ := attribute(n, name)
	return v
}
