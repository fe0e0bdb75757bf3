// Package guard is the bearer check of an MCP resource server.
//
// A [Guard] stands in front of the MCP endpoint. It checks Host and Origin, turns the bearer token into an
// [Identity], parses the JSON-RPC body strictly, asks the server's own policy, and only then lets the request through.
// It knows no MCP SDK and no domain.
//
// Every refusal that it writes is a JSON-RPC error with the id of the refused request: clients give the whole session
// up over an answer that they cannot match to a call.
package guard

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// Identity is who a verified token speaks for.
type Identity struct {
	Issuer, Subject string
	ClientID        string   // empty if a userinfo or introspection answer does not tell
	Scopes          []string // by this server's names
	Roles           []string
	Expires         time.Time // zero if a userinfo or introspection answer does not tell: the issuer was asked a moment ago
}

// HasScope reports whether the token carries the scope, compared exactly.
func (id Identity) HasScope(scope string) bool {
	return slices.Contains(id.Scopes, scope)
}

// Call is one JSON-RPC request as the strict parse of its body gave it.
type Call struct {
	ID        json.RawMessage // a string or a number; nil for a notification
	Method    string
	Tool      string          // params.name of tools/call, else empty
	Arguments json.RawMessage // params.arguments of tools/call, else nil; valid JSON of any kind
}

// Denial is an expected no: the operation needs scopes that the token lacks.
type Denial struct {
	Scopes      []string // every scope that the operation needs
	Description string   // shown to the client; empty: a sentence that names the scopes
}

type contextKey struct{}

// FromContext returns the identity that the guard put into a request's context.
func FromContext(ctx context.Context) (Identity, bool) {
	id, ok := ctx.Value(contextKey{}).(Identity)
	return id, ok
}

func withIdentity(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, contextKey{}, id)
}
