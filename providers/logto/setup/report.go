package main

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode"
)

// report tells a line for each thing, and counts.
type report struct {
	out     io.Writer
	dry     bool
	made    int // things that were not there, or, in a dry run, would be made
	differs int // things that are not as wanted and stay so
}

// is tells that a thing is there already.
func (r *report) is(format string, args ...any) { r.line("found", format, args...) }

// makes tells that a thing was missing, and says whether it is to be made now.
func (r *report) makes(format string, args ...any) bool {
	return r.does("made", "make", format, args...)
}

// adds is makes for what a thing lacked.
func (r *report) adds(format string, args ...any) bool {
	return r.does("added", "add", format, args...)
}

func (r *report) does(done, would, format string, args ...any) bool {
	r.made++
	if r.dry {
		done = "would " + would
	}
	r.line(done, format, args...)
	return !r.dry
}

// leaves tells what is not as wanted and is somebody's own to change.
func (r *report) leaves(format string, args ...any) {
	r.differs++
	r.line("differs", format, args...)
}

func (r *report) line(verb, format string, args ...any) {
	fmt.Fprintf(r.out, "%-10s  %s\n", verb, printable(fmt.Sprintf(format, args...)))
}

// finish says what to do next, and returns the exit status.
func (r *report) finish(stdout io.Writer, s settings, made applications) int {
	switch {
	case r.dry && r.made > 0:
		fmt.Fprintf(r.out, "\nA dry run: nothing was changed, %d would be.\n", r.made)
	case r.made > 0:
		fmt.Fprintf(r.out, "\n%d made or added.\n", r.made)
	default:
		fmt.Fprintf(r.out, "\nNothing to change.\n")
	}
	if r.differs > 0 {
		fmt.Fprintf(r.out, "%d not as wanted: see the lines with \"differs\".\n", r.differs)
	}
	if !r.dry {
		fmt.Fprintf(r.out, "\nGo on with this in the environment; the Inspector's client ID is %s:\n\n", printable(cmp.Or(made.inspector, "unknown")))
		// For eval: what Logto said is a word for the shell, whatever it is.
		fmt.Fprintf(stdout, "export LOGTO_ISSUER=%s\n", quoted(s.endpoint+"/oidc"))
		fmt.Fprintf(stdout, "export LOGTO_RESOURCE=%s\n", quoted(s.resource))
		fmt.Fprintf(stdout, "export LOGTO_CLIENT_ID=%s\n", quoted(made.native))
		fmt.Fprintf(r.out, "\nThen: go run ./cmd/mock-idp check-provider logto\n      go run ./cmd/todo-mcp --provider logto%s\n", listening(s.resource))
	}
	if r.differs > 0 {
		return 1
	}
	return 0
}

// listening is the flag that makes todo-mcp listen where the resource says, if that is this machine and not its default.
func listening(resource string) string {
	u, err := url.Parse(resource)
	switch {
	case err != nil || !loopback(u.Hostname()) || u.Scheme != "http":
		return " --public-url " + quoted(resource)
	case resource == "http://localhost:3001/mcp":
		return ""
	case u.Path == "/mcp" && u.Port() != "":
		return " --listen " + u.Host
	}
	return " --public-url " + quoted(resource)
}

// printable is a text of somebody else's for a terminal: without control characters, and not endless.
func printable(text string) string {
	const longest = 500
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

// quoted is a word for a shell.
func quoted(s string) string {
	if strings.IndexFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,", r)
	}) < 0 && s != "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
