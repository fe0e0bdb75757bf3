// Package todo is the domain of the todo server: what a todo is, who may do what with it, and the one service that
// every transport goes through. It knows no HTTP, no tokens and no MCP.
package todo

import "time"

// Todo is one entry of one owner. It never changes after it was created.
type Todo struct {
	ID        string    // unguessable, URL-safe
	Content   string    // 1 to MaxContent characters, trimmed, valid UTF-8
	Owner     Owner     // who created it
	CreatedAt time.Time // UTC, whole milliseconds, so that a store's round trip changes nothing
}

// Owner is whom a todo belongs to. A subject means something only together with its issuer (OpenID Connect Core §2,
// RFC 9068 §5): two issuers may both have an "alice", and they share nothing.
type Owner struct {
	Issuer  string
	Subject string
}
