// Package walkthrough is the tutorial as a program: it goes the whole way of MCP authorization as two people with the
// official SDK's client, tells each step, shows the HTTP that proves it, and stops at the first thing that is not as told.
// It knows the servers by their URLs only.
package walkthrough

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Options say where the tour goes and how it is told.
type Options struct {
	// Endpoint is the URL of the todo server's MCP endpoint. The server has no todos yet, and accepts tokens of a
	// mock-idp with the built-in users alice (Admin) and bob (User).
	Endpoint string
	Out      io.Writer
	Color    bool         // escape sequences for emphasis; nothing is said by colour alone
	Width    int          // columns, 80 or more; 0: 88
	Client   *http.Client // nil: one with timeouts, without a proxy
}

const (
	defaultWidth = 88
	timeout      = 2 * time.Minute // of the whole tour, which takes some 100 ms
)

// step is one thing that the reader learns.
type step struct {
	title  string
	source string // what it obeys
	why    string
	run    func(*tour, context.Context, *page) error
}

var steps = []step{
	{"A call without a token is refused", "RFC 9728 §5.1, RFC 6750 §3",
		"The refusal is a challenge: it says where to read on, and which scopes there are.", (*tour).challenge},
	{"The todo server says who issues its tokens", "RFC 9728 §3",
		"It names itself, the resource, and its authorization server.", (*tour).resourceMetadata},
	{"The authorization server says what it can do", "RFC 8414 §3",
		"The client learns the endpoints, and that PKCE (S256) and iss are supported.", (*tour).serverMetadata},
	{"The client introduces itself", "RFC 7591 §3",
		"Nobody has heard of this client, so it registers and is given a client_id.", (*tour).registration},
	{"The client asks for authorization", "OAuth 2.1 §4.1.1, RFC 7636, RFC 8707",
		"PKCE ties the answer to this client, resource ties the token to this server.", (*tour).authorization},
	{"bob signs in, and allows", "RFC 6749 §3.3, RFC 9207 §2",
		"What bob's role does not include is withheld, whatever the client asks for.", (*tour).consent},
	{"The client redeems the code for a token", "OAuth 2.1 §4.1.3, RFC 7636 §4.5",
		"The code is worth nothing without the verifier, which only this client has.", (*tour).token},
	{"What the token says", "RFC 9068 §2",
		"It is a signed statement: for whom, for which server, with which rights, until when.", (*tour).claims},
	{"The same call works with the token", "RFC 6750 §2.1, MCP 2026-07-28",
		"The client repeats what was refused in step 1, and asks what else there is.", (*tour).tools},
	{"bob uses his own todos", "MCP 2026-07-28 tools",
		"Creating needs create:todos; reading and deleting one's own needs no scope.", (*tour).ownTodos},
	{"bob may not delete alice's todo", "RFC 6750 §3.1, MCP step-up flow",
		"The refusal names the missing scope; the client asks for it once, then tells bob.", (*tour).refusal},
	{"alice may", "MCP 2026-07-28 tools",
		"Same server, same client, same calls. Only the token differs.", (*tour).admin},
}

// tour is what was learned so far: each step uses what an earlier one saw on the wire.
type tour struct {
	endpoint   string
	wire       *wire
	bob, alice *visitor
	reel       *reel // of bob's first connection
	connected  error // how that ended

	metadataURL string
	issuer      string
	server      serverMetadata
	clientID    string
	request     authorizationRequest
	code        string
	access      tokenAnswer
	subject     string // bob's
	kept        todo   // bob's, for alice to delete
}

// Run makes the tour. The error names the first step that was not as told, and what was wanted and got there. No
// complete token, code, verifier or secret is written to Out or is in the error.
func Run(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	t := newTour(o)
	defer t.close()

	p := &page{color: o.Color, width: cmp.Or(o.Width, defaultWidth), hide: t.wire.secrets.hide}
	t.connected = t.bob.connect(ctx, t.endpoint) // the client does steps 1 to 7 by itself; they are told from the wire
	p.opening(t.endpoint)
	if err := p.flush(o.Out); err != nil {
		return err
	}
	for i, s := range steps {
		p.heading(i+1, s)
		failure := s.run(t, ctx, p)
		if failure != nil {
			failure = fmt.Errorf("step %d (%s): %s", i+1, s.title, t.wire.secrets.hide(failure.Error()))
			p.failed(failure)
		}
		if err := cmp.Or(p.flush(o.Out), failure); err != nil {
			return err
		}
	}
	p.closing()
	return p.flush(o.Out)
}

func newTour(o Options) *tour {
	client := http.Client{Timeout: 30 * time.Second}
	if o.Client != nil {
		client = *o.Client
	}
	if client.Transport == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.Proxy = nil // the servers are on this machine
		client.Transport = transport
	}
	w := &wire{next: client.Transport, secrets: &secrets{}}
	client.Transport = w
	return &tour{
		endpoint: o.Endpoint, wire: w, reel: w.now(),
		bob: &visitor{username: "bob", http: &client}, alice: &visitor{username: "alice", http: &client},
	}
}

func (t *tour) close() {
	t.bob.close()
	t.alice.close()
	t.bob.http.CloseIdleConnections()
}

// ended adds to an error how the client's connection ended, if that may be the cause.
func (t *tour) ended(err error) error {
	if err != nil && t.connected != nil {
		return fmt.Errorf("%w; the client gave up: %w", err, t.connected)
	}
	return err
}

// expect compares. Its errors say what was wanted and got.
func expect[T any](what string, want, got T) error {
	if reflect.DeepEqual(want, got) {
		return nil
	}
	return fmt.Errorf("%s: want %s, got %s", what, quoted(want), quoted(got))
}

func quoted(value any) string {
	switch v := value.(type) {
	case string:
		return fmt.Sprintf("%q", v)
	case []string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprintf("%+v", value)
}

// scopes splits a scope parameter. Its order means nothing (RFC 6749 section 3.3).
func scopes(parameter string) []string {
	list := strings.Fields(parameter)
	slices.Sort(list)
	return list
}
