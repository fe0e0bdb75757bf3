// Package hostile holds tokens and requests that an MCP resource server must refuse, with the exact answer that it must
// give, and honest ones that it must accept, as data. It knows no test framework and no server: a test, or an audit of
// somebody's server, publishes the keys of a [KeyRing] at an issuer and plays the cases.
//
// Every hostile token is as good as it can be but for the one thing that its case names; above all it carries a signature
// that holds wherever that is possible, so that no other check hides the missing one.
package hostile

import (
	"net/http"
	"slices"
	"time"
)

// The protocol revisions that requests are written for.
const (
	Modern = "2026-07-28"
	Legacy = "2025-11-25"
)

// World is what the requests of a case are made for: a resource server, the issuer that it trusts, and somebody who may
// use it with the scope create:todos.
type World struct {
	Issuer, Resource string   // URLs, as tokens state them
	Subject, Client  string   // sub and client_id of honest tokens
	Keys             *KeyRing // whose KeySet the issuer publishes
	Canary           string   // URL of a server that nobody may fetch from
	Victim           string   // id of a todo of somebody else
	IDToken          string   // a real one of the issuer
	RefreshToken     string   // likewise
	Now              time.Time
}

// Case is one request, and the answer to it.
type Case struct {
	Family, Name string // together unique
	Source       string // what demands the answer: an RFC's section, a specification, a CVE
	Algorithm    string // the only signature algorithm that the case is about; empty: any
	Want         Answer

	changes []change
}

// Answer is what a correct server answers.
type Answer struct {
	Status    int
	Challenge bool   // there is a WWW-Authenticate with resource_metadata
	Error     string // of the challenge; empty: none, which is right for the anonymous only
	Scope     string // of the challenge; empty: none
	Code      int    // of the JSON-RPC error; 0: the answer is a result
	NoID      bool   // the request has no id that can be read, so the answer's id is null
	ToolError bool   // the result is a tool's own error
	Allow     string // the Allow header
}

// Honest reports whether the case is one that must be accepted.
func (c Case) Honest() bool { return c.Want.Status == http.StatusOK && !c.Want.ToolError }

// Answerable reports whether the answer finds its way back to a call of a client that sent the case within a session.
func (c Case) Answerable() bool { return !c.Want.NoID }

// Cases returns the cases that can be played for a signature algorithm, ES256 or RS256, family by family.
func Cases(algorithm string) []Case {
	var all []Case
	for _, f := range families {
		for _, c := range f.cases() {
			if c.Algorithm == "" || c.Algorithm == algorithm {
				c.Family = f.name
				all = append(all, c)
			}
		}
	}
	return all
}

// Families returns the names of the families in the order of Cases.
func Families() []string {
	names := make([]string, len(families))
	for i, f := range families {
		names[i] = f.name
	}
	return slices.Clip(names)
}

var families = []struct {
	name  string
	cases func() []Case
}{
	{"algorithm", algorithmCases},
	{"hmac confusion", confusionCases},
	{"kid", kidCases},
	{"embedded key", embeddedCases},
	{"critical header", criticalCases},
	{"issuer", issuerCases},
	{"audience", audienceCases},
	{"time", timeCases},
	{"kind of token", kindCases},
	{"claims", claimCases},
	{"json", jsonCases},
	{"encoding", encodingCases},
	{"nesting", nestingCases},
	{"ecdsa", ecdsaCases},
	{"rsa", rsaCases},
	{"http", httpCases},
	{"origin", originCases},
	{"scope", scopeCases},
	{"body", bodyCases},
	{"header agreement", agreementCases},
	{"order of checks", orderCases},
	{"honest token", honestTokenCases},
	{"honest request", honestRequestCases},
}
