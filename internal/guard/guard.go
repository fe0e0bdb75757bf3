// Package guard is the bearer check of an MCP resource server.
package guard

import (
	"context"
	"encoding/json"
	"time"
)

// Settings say how the tokens of one issuer are judged. A profile fills them.
type Settings struct {
	Issuer       string        // compared as a raw string with the token's iss and the metadata's issuer
	MetadataURL  string        // the one metadata document; empty: every placement of RFC 8414 and OIDC discovery is tried
	JWKSURL      string        // the key set; empty: jwks_uri of the metadata
	Algorithms   []string      // JWS algorithms accepted; empty: ES256 and RS256
	TokenTypes   []string      // typ values accepted, lower case; empty: at+jwt and application/at+jwt
	ScopeClaims  []string      // claims that carry scopes; empty: scope
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
	for _, s := range id.Scopes {
		if s == scope {
			return true
		}
	}
	return false
}

// Call is one JSON-RPC request as the strict parse of its body gave it.
type Call struct {
	ID        json.RawMessage
	Method    string
	Tool      string          // params.name of tools/call, else empty
	Arguments json.RawMessage // params.arguments of tools/call, else nil
}

// Denial is an expected no: the operation needs scopes that the token lacks.
type Denial struct {
	Scopes      []string // every scope that the operation needs
	Description string
}

type contextKey struct{}

// FromContext returns the identity that the guard put into a request's context.
func FromContext(ctx context.Context) (Identity, bool) {
	id, ok := ctx.Value(contextKey{}).(Identity)
	return id, ok
}
