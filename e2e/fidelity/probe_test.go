package fidelity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mcpharness/internal/useragent"
)

// probe is a small conversation with a party. Its name is AREA/WHAT, without spaces.
type probe struct {
	name  string
	needs []string // endpoints by their metadata's name without _endpoint, or other abilities that pair.lacks may name
	talk  func(c *talk)
}

func (p probe) area() string { return strings.Split(p.name, "/")[0] }

// owners of the areas, for known differences that are to be mended.
var owners = map[string]string{
	"metadata": "fidelity", "jwks": "fidelity", "cors": "fidelity", "wire": "fidelity",
	"authorize": "front", "order": "front", "signin": "front", "session": "front", "consent": "front", "logout": "front",
	"token": "back", "code": "back", "claims": "back", "refresh": "back", "service": "back", "introspect": "back", "userinfo": "back", "revoke": "back",
	"register": "back", "manage": "back", "push": "back", "resource": "back", "assertion": "fidelity", "document": "fidelity",
}

// probes returns all of them, in the order of their areas.
func probes() []probe {
	return slices.Concat(
		metadataProbes(), wireProbes(), corsProbes(),
		authorizeProbes(), pairProbes(), signinProbes(),
		tokenProbes(), codeProbes(), claimsProbes(), refreshProbes(),
		introspectProbes(), userinfoProbes(), revokeProbes(),
		resourceProbes(), documentProbes(), assertionProbes(), registerProbes(), manageProbes(), serviceProbes(), sessionProbes(), consentProbes(), logoutProbes(), pushProbes(),
	)
}

// tree is what was observed: a step of the probe, then what was seen of it; text, numbers, booleans, lists and trees.
type tree = map[string]any

// talk is a probe under way. Its methods end the probe where the party does not answer as the probe needs, which is itself an observation.
type talk struct {
	*party
	ctx     context.Context
	browser *browser
	who     useragent.Person
	client  client // which a probe comes as: the profile's, if it does not say otherwise
	seen    tree
	made    []client // registered, to be deleted
	ends    []func() // what the probe serves

	// What differs everywhere is observed in one place only.
	readsTokens   bool // what is in tokens
	readsRefresh  bool // what is in refresh tokens
	readsCORS     bool // headers that a browser looks at where there is an Origin
	readsMetadata bool // the members of the metadata
}

type stopped string

// stop ends the probe: what comes next needs what was not got.
func (c *talk) stop(format string, args ...any) { panic(stopped(fmt.Sprintf(format, args...))) }

// see keeps an observation of an answer under the name of a step.
func (c *talk) see(step string, a *answer) *answer {
	if _, twice := c.seen[step]; twice {
		panic("two steps are called " + step)
	}
	c.seen[step] = c.observe(a)
	return a
}

// note keeps an observation that is no answer.
func (c *talk) note(step string, value any) { c.seen[step] = value }

// run puts the probe to a party and returns what was seen.
func (p probe) run(t *testing.T, side *party) (seen tree) {
	t.Helper()
	for _, need := range p.needs {
		if why := side.missing(need); why != "" {
			return tree{"skipped": why}
		}
	}
	c := &talk{party: side, ctx: t.Context(), who: side.people["alice"], client: side.client, seen: tree{}, readsTokens: p.area() == "claims", readsRefresh: p.area() == "claims", readsCORS: p.area() == "cors", readsMetadata: p.name == wholeMetadata}
	c.browser = c.newBrowser()
	defer func() {
		c.unregister()
		for _, end := range c.ends {
			end()
		}
		switch reason := recover().(type) {
		case nil:
		case stopped:
			c.seen["stopped"] = c.plain(string(reason))
		default:
			panic(reason)
		}
		seen = c.seen
	}()
	p.talk(c)
	return c.seen
}

// missing says why this party cannot do something, or "".
func (side *party) missing(need string) string {
	if why := side.lacks[need]; why != "" {
		return why
	}
	if supported, _ := side.metadata["client_id_metadata_document_supported"].(bool); need == "documents" && !supported {
		return "no client_id_metadata_document_supported in the metadata"
	}
	if side.endpoints[need] == "" && !slices.Contains([]string{"sessions", "refresh", "form", "documents"}, need) {
		return "no " + need + "_endpoint in the metadata"
	}
	return ""
}
