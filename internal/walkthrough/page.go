package walkthrough

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// page lays out what the tour says. Whatever is written goes through hide.
type page struct {
	color bool
	width int
	hide  func(string) string
	text  bytes.Buffer
}

const (
	plain  = ""
	bold   = "\x1b[1m"
	dim    = "\x1b[2m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	red    = "\x1b[31m"
	reset  = "\x1b[0m"
)

const margin = "    "

// flush writes what is on the page and empties it.
func (p *page) flush(w io.Writer) error {
	if _, err := p.text.WriteTo(w); err != nil {
		return fmt.Errorf("writing the walkthrough: %w", err)
	}
	return nil
}

// wrapped writes text, broken at line feeds and at blanks, the first line after first and the others after rest.
func (p *page) wrapped(style, first, rest, text string) {
	for part := range strings.SplitSeq(p.hide(text), "\n") {
		line, empty := first, true
		for _, word := range strings.Fields(part) {
			if !empty && utf8.RuneCountInString(line+" "+word) > p.width {
				p.line(style, line)
				line, empty = rest, true
			}
			if !empty {
				line += " "
			}
			line, empty = line+word, false
		}
		p.line(style, line)
		first = rest
	}
}

func (p *page) line(style, text string) { p.text.WriteString(p.styled(style, text) + "\n") }

func (p *page) styled(style, text string) string {
	if !p.color || style == plain {
		return text
	}
	return style + text + reset
}

func (p *page) blank() { p.text.WriteByte('\n') }

func (p *page) opening(endpoint string) {
	p.line(bold, "MCP authorization, step by step")
	p.blank()
	p.wrapped(plain, "", "", "A todo server lets MCP clients in with tokens of an authorization server. bob, whose role is User, "+
		"and alice, whose role is Admin, use it with the same client. Both servers are real, and run only for this walkthrough. "+
		"The todo server is at "+endpoint+".")
	p.blank()
	p.wrapped(dim, "", "", "→ was sent and ← came back: read from the wire. … was left out; secrets always are.")
}

func (p *page) heading(number int, s step) {
	title := fmt.Sprintf("%2d  %s", number, s.title)
	gap := p.width - utf8.RuneCountInString(title+s.source)
	p.blank()
	if gap >= 2 {
		p.text.WriteString(p.styled(bold, title) + strings.Repeat(" ", gap))
		p.line(dim, s.source)
	} else {
		p.line(bold, title)
		p.wrapped(dim, margin, margin, s.source)
	}
	p.wrapped(plain, margin, margin, s.why)
	p.blank()
}

// say is a sentence between requests.
func (p *page) say(text string) { p.wrapped(plain, margin, margin, text) }

// proved is what the exchange shows.
func (p *page) proved(text string) { p.wrapped(green, margin+"✓ ", margin+"  ", text) }

func (p *page) failed(err error) { p.wrapped(red, margin+"✗ ", margin+"  ", err.Error()) }

// sent shows a request line, and headers if the request has them.
func (p *page) sent(e exchange, headers ...string) {
	p.wrapped(dim, margin+"→ ", margin+"  ", e.method+" "+e.location())
	p.headers(e.header, headers)
}

// received shows the status of an answer, and headers if the answer has them.
func (p *page) received(e exchange, headers ...string) {
	p.wrapped(plain, margin+"← ", margin+"  ", fmt.Sprintf("%d %s", e.status, http.StatusText(e.status)))
	p.headers(e.answer, headers)
}

func (p *page) headers(all http.Header, names []string) {
	for _, name := range names {
		if value := all.Get(name); value != "" {
			p.wrapped(dim, margin+"  ", margin+"    ", name+": "+value)
		}
	}
}

// challenged shows a WWW-Authenticate header, a line for each parameter.
func (p *page) challenged(e exchange) {
	scheme, parameters, _ := strings.Cut(e.answer.Get("WWW-Authenticate"), " ")
	p.wrapped(yellow, margin+"  ", margin+"    ", "WWW-Authenticate: "+scheme)
	for _, parameter := range strings.SplitAfter(parameters, `", `) {
		p.wrapped(yellow, margin+"    ", margin+"      ", parameter)
	}
}

// body shows JSON, wrapped.
func (p *page) body(json string) { p.wrapped(dim, margin+"  ", margin+"    ", json) }

// row is a name with a value, and a note where there is something to say.
type row struct{ name, value, note string }

// table shows rows with the values and the notes in columns.
func (p *page) table(rows []row) {
	name, value := 0, 0
	for i, r := range rows {
		rows[i].value = p.hide(r.value)
		name = max(name, utf8.RuneCountInString(r.name))
		if r.note != "" {
			value = max(value, utf8.RuneCountInString(rows[i].value))
		}
	}
	for _, r := range rows {
		first := fmt.Sprintf("%s  %-*s  ", margin, name, r.name)
		text := r.value
		if r.note != "" {
			// The columns must outlive wrapping, which folds blanks: pad before, not inside.
			first += fmt.Sprintf("%-*s  ", value, r.value)
			text = r.note
		}
		p.wrapped(dim, first, strings.Repeat(" ", utf8.RuneCountInString(first)), text)
	}
}

// fields shows members of a JSON object as a table: the named ones, or all if none is named.
func (p *page) fields(document []byte, names ...string) error {
	all, err := members(document)
	if err != nil {
		return err
	}
	var rows []row
	left := 0
	for _, m := range all {
		if len(names) > 0 && !slices.Contains(names, m.name) {
			left++
			continue
		}
		rows = append(rows, row{name: m.name, value: m.value})
	}
	p.table(rows)
	if left > 0 {
		p.line(dim, fmt.Sprintf("%s  … %d more", margin, left))
	}
	return nil
}

func (p *page) closing() {
	p.blank()
	p.line(bold, "Every step did what it says. What next?")
	p.blank()
	for _, next := range [][2]string{
		{"go run ./cmd/todo-mcp", "starts both servers and says how to go on: todos in ./todos.db, http://localhost:3001/mcp for an MCP client"},
		{"npx @modelcontextprotocol/inspector", "is such a client: connect it to that URL by streamable HTTP, and sign in as bob or alice yourself"},
	} {
		p.line(bold, "  "+next[0])
		p.wrapped(plain, margin, margin, next[1])
	}
}
