package tutorial

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// kind is what the words behind the language of a command block say of it.
type kind string

const (
	command kind = ""         // runs, and exits with 0
	fails   kind = "fails"    // runs, and exits with another status
	server  kind = "server"   // runs on, and prints a line of JSON once it is ready
	skip    kind = "skip"     // is not run: it gets something from elsewhere, or is only for a person
	standIn kind = "stand-in" // is not run: it starts a provider, whose personality is started in its place
	stop    kind = "stop"     // no block, but a comment in the text where the reader is told to press Ctrl+C
)

// step is what a reader does next: a command block, or what a comment says that a sentence asks for.
type step struct {
	kind    kind
	line    int      // in the file
	text    string   // of the commands
	names   []string // of programs that stop, or of the provider that is stood in for
	output  string   // what the reader sees, "" where the page does not show it
	checked bool     // the page shows the output
}

// page is a tutorial as far as programs understand it.
type page struct {
	headings []string // levels, "##", in order
	steps    []step
}

var (
	fence   = regexp.MustCompile("^```(.*)$")
	comment = regexp.MustCompile(`<!-- stop: ([a-z -]+) -->`)
)

// read finds the steps of a page. A block of text belongs to the command block before it.
func read(markdown string) (page, error) {
	var p page
	lines := strings.Split(markdown, "\n")
	for i := 0; i < len(lines); i++ {
		if m := comment.FindStringSubmatch(lines[i]); m != nil {
			p.steps = append(p.steps, step{kind: stop, line: i + 1, names: strings.Fields(m[1])})
		}
		if strings.HasPrefix(lines[i], "#") {
			level, _, _ := strings.Cut(lines[i], " ")
			p.headings = append(p.headings, level)
		}
		m := fence.FindStringSubmatch(lines[i])
		if m == nil {
			continue
		}
		begin := i + 1
		end := slices.Index(lines[begin:], "```")
		if end < 0 {
			return page{}, fmt.Errorf("line %d: a block without an end", begin)
		}
		i = begin + end
		if err := p.block(m[1], begin, strings.Join(lines[begin:i], "\n")); err != nil {
			return page{}, fmt.Errorf("line %d: %w", begin, err)
		}
	}
	return p, nil
}

func (p *page) block(info string, line int, text string) error {
	language, words, _ := strings.Cut(info, " ")
	first, names, _ := strings.Cut(words, " ")
	switch language {
	case "sh":
		s := step{kind: kind(first), line: line, text: text, names: strings.Fields(names)}
		if !slices.Contains([]kind{command, fails, server, skip, standIn}, s.kind) || (s.kind == standIn) != (len(s.names) == 1) {
			return fmt.Errorf("want sh, sh fails, sh server, sh skip or sh stand-in NAME, got %q", info)
		}
		p.steps = append(p.steps, s)
	case "text":
		if len(p.steps) == 0 || p.steps[len(p.steps)-1].text == "" || p.steps[len(p.steps)-1].checked {
			return fmt.Errorf("a block of output stands behind a block of commands")
		}
		last := &p.steps[len(p.steps)-1]
		last.output, last.checked = text, true
	default:
		return fmt.Errorf("want a block of sh or text, got %q", info)
	}
	return nil
}

// looks compares what a program printed with what the page shows: … is anything within a line, and a line of … any lines.
func looks(shown, printed string) bool {
	var b strings.Builder
	b.WriteString(`^`)
	lines := strings.Split(shown, "\n")
	for _, line := range lines {
		if line == "…" {
			b.WriteString(`(?:.*\n)*?`)
			continue
		}
		parts := strings.Split(strings.TrimRight(line, " "), "…")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		b.WriteString(strings.Join(parts, `.+`) + ` *\n`)
	}
	b.WriteString(`$`)
	return regexp.MustCompile(b.String()).MatchString(strings.TrimRight(printed, "\n") + "\n")
}
