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

// Settings say how the tokens of one issuer are judged. A profile fills them.
type Settings struct {
	Issuer       string        // compared as a raw string with the token's iss and the metadata's issuer
	MetadataURL  string        // the one metadata document; empty: every placement of RFC 8414 and OIDC discovery is tried
	JWKSURL      string        // the key set; empty: jwks_uri of the metadata
	Algorithms   []string      // JWS algorithms accepted, asymmetric ones only; empty: ES256 and RS256
	TokenTypes   []string      // typ values accepted, lower case, "" for a token without typ; empty: at+jwt and application/at+jwt
	ScopeClaims  []string      // claims that carry scopes, all are read; "scope" is a string, others a string or an array; empty: scope
	ClientClaims []string      // claims that carry the client, first one present counts; empty: client_id
	RolesClaim   []string      // path of the claim that carries role names; empty: roles
	Audience     string        // the audience that tokens must carry; empty: the resource
	Leeway       time.Duration // clock skew forgiven; 0: none
}

// Identity is who a verified token speaks for.
type Identity struct {
	Issuer, Subject, ClientID string
	Scopes, Roles             []string
	Expires                   time.Time
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
