package providercheck

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Level says how much a finding weighs.
type Level string

const (
	OK      Level = "ok"
	Info    Level = "info"    // worth knowing; nothing to mend
	Warning Level = "warning" // some clients, or some people, will meet it
	Error   Level = "error"   // MCP clients fail, or a rule that protects them is broken
)

// Finding is the answer to one check.
type Finding struct {
	Code   Code   `json:"code"`
	Group  string `json:"group"`
	Level  Level  `json:"level"`
	Seen   string `json:"seen"`
	Why    string `json:"why"`              // why it matters, with the specification's section
	Change string `json:"change,omitempty"` // what to change, where something is not well
	// MCPAuth is what the checker of the MCP Auth library calls this outcome, where it has a word for it.
	MCPAuth string `json:"mcp_auth,omitempty"`
}

// Verdict sums a report up.
type Verdict string

const (
	Fit         Verdict = "fit"
	FitWarnings Verdict = "fit with warnings"
	NotFit      Verdict = "not fit"
	Unreachable Verdict = "unreachable"
)

// Report is what Run found, in the order of the catalog of codes. It is a plain value.
type Report struct {
	Issuer   string
	Findings []Finding
	Requests int // how many were sent
	Took     time.Duration
}

// Verdict is NotFit with any error, and Unreachable where the provider never answered.
func (r Report) Verdict() Verdict {
	switch {
	case slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Code == Reachable && f.Level == Error }):
		return Unreachable
	case r.count(Error) > 0:
		return NotFit
	case r.count(Warning) > 0:
		return FitWarnings
	}
	return Fit
}

// Sentence is the verdict for people, without a full stop.
func (r Report) Sentence() string {
	switch r.Verdict() {
	case Unreachable:
		return "unreachable: nothing answers at " + r.Issuer
	case NotFit:
		var codes []string
		for _, f := range r.Findings {
			if f.Level == Error && !slices.Contains(codes, string(f.Code)) {
				codes = append(codes, string(f.Code))
			}
		}
		sentence := "not fit for MCP: " + strings.Join(codes, ", ")
		if len(codes) == 1 && codes[0] == string(PKCEAdvertised) && holds(r.Findings, PKCEWorks, OK) {
			sentence += "; PKCE works, so clients that do not look get in, and every client behind a proxy that adds it to the metadata"
		}
		return sentence
	case FitWarnings:
		return "fit for MCP, with " + plural(r.count(Warning), "warning")
	}
	return "fit for MCP"
}

func (r Report) count(level Level) int {
	n := 0
	for _, f := range r.Findings {
		if f.Level == level {
			n++
		}
	}
	return n
}

// MarshalJSON writes what programs read: the verdict and its counts beside the findings.
func (r Report) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Issuer   string    `json:"issuer"`
		Verdict  Verdict   `json:"verdict"`
		Sentence string    `json:"sentence"`
		Errors   int       `json:"errors"`
		Warnings int       `json:"warnings"`
		Requests int       `json:"requests"`
		Took     int64     `json:"took_ms"`
		Findings []Finding `json:"findings"`
	}{r.Issuer, r.Verdict(), r.Sentence(), r.count(Error), r.count(Warning), r.Requests, r.Took.Milliseconds(), r.Findings})
}

// holds reports whether a check came to a level.
func holds(findings []Finding, code Code, level Level) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Code == code && f.Level == level })
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// maxSeen keeps a report short, however long the lists of a document are; in characters.
const maxSeen = 600

// The checker notes what it finds by these. Format strings say what was seen.

func (c *checker) ok(code Code, format string, args ...any) {
	c.note(code, OK, "", format, args...)
}

func (c *checker) info(code Code, fix, format string, args ...any) {
	c.note(code, Info, fix, format, args...)
}

func (c *checker) warn(code Code, fix, format string, args ...any) {
	c.note(code, Warning, fix, format, args...)
}

func (c *checker) fail(code Code, fix, format string, args ...any) {
	c.note(code, Error, fix, format, args...)
}

// unanswered notes a request without an answer. One that was not sent is told once, by Unfinished.
func (c *checker) unanswered(code Code, level Level, err error) {
	if !errors.Is(err, errSpent) {
		c.note(code, level, "See why this request gets no answer while others do.", "%v", err)
	}
}

func (c *checker) note(code Code, level Level, fix, format string, args ...any) {
	about := catalog[slices.IndexFunc(catalog, func(t topic) bool { return t.code == code })]
	name := about.mcpAuthOK
	if level != OK {
		name = about.mcpAuthNot
	}
	c.findings = append(c.findings, Finding{Code: code, Group: about.group, Level: level,
		Seen: clipTo(maxSeen, fmt.Sprintf(format, args...)), Why: about.why, Change: clipTo(maxSeen, fix), MCPAuth: name})
}

// sorted puts the findings in the order of the catalog; those of one code stay as they came.
func sorted(findings []Finding) []Finding {
	place := map[Code]int{}
	for i, t := range catalog {
		place[t.code] = i
	}
	slices.SortStableFunc(findings, func(a, b Finding) int { return place[a.Code] - place[b.Code] })
	return findings
}
