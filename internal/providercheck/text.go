package providercheck

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	textWidth = 120
	// label is where texts begin: two spaces, the level, two spaces, the code, two spaces.
	levelWidth = 7
	codeWidth  = 24
	textStart  = 2 + levelWidth + 2 + codeWidth + 2
)

// colors are those of ANSI terminals (ECMA-48 §8.3.117).
var colors = map[Level]string{OK: "32", Info: "36", Warning: "33", Error: "31"}

// WriteText writes the report for people: a line a finding, more for what is not well, and the verdict.
func (r Report) WriteText(w io.Writer, color bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", printable(r.Issuer))
	group := ""
	for _, f := range r.Findings {
		if f.Group != group {
			group = f.Group
			fmt.Fprintf(&b, "\n%s\n", group)
		}
		fmt.Fprintf(&b, "  %s  %-*s  ", paint(f.Level, color), codeWidth, f.Code)
		wrap(&b, f.Seen)
		if f.Level == Warning || f.Level == Error {
			detail(&b, "why", f.Why)
		}
		if f.Change != "" {
			detail(&b, "change", f.Change)
		}
	}
	verdict := r.Sentence()
	if color {
		level := map[Verdict]Level{Fit: OK, FitWarnings: Warning}[r.Verdict()]
		if level == "" {
			level = Error
		}
		verdict = "\x1b[" + colors[level] + "m" + verdict + "\x1b[0m"
	}
	fmt.Fprintf(&b, "\n%s\n(%s, %s)\n", verdict, plural(r.Requests, "request"), r.Took.Round(time.Millisecond))
	_, err := io.WriteString(w, b.String())
	return err
}

func paint(level Level, color bool) string {
	word := fmt.Sprintf("%-*s", levelWidth, level)
	if !color {
		return word
	}
	return "\x1b[" + colors[level] + "m" + word + "\x1b[0m"
}

func detail(b *strings.Builder, label, text string) {
	fmt.Fprintf(b, "%*s", textStart, label+": ")
	wrap(b, text)
}

// wrap writes a text from where texts begin, and breaks it between words.
func wrap(b *strings.Builder, text string) {
	at := textStart
	for i, word := range strings.Fields(printable(text)) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+n > textWidth:
			fmt.Fprintf(b, "\n%*s", textStart, "")
			at = textStart
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	b.WriteByte('\n')
}

// printable keeps a provider's words from moving the terminal's cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || r == ' ' {
			return r
		}
		return ' '
	}, text)
}
