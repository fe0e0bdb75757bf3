package engine

import (
	"slices"
	"time"

	"github.com/ory/fosite"

	"mcpharness/internal/idp/store"
)

// session is what travels through fosite with a request: the grant, and what of it this token is for.
type session struct {
	grantID    store.GrantID
	generation uint32
	grant      store.Grant

	// scopes and resources are the token's: the grant's, or fewer where the request asked for fewer.
	scopes, resources []string
	address           string   // where a client calls from that signs itself in
	audience          string   // where the client asked for one of those that the mappers write; empty: all of them
	asked             []string // scopes of the request, whatever the token is for
	opaque            bool     // the access token is
	issuedAt          time.Time
	grantType         string
}

// SetExpiresAt does nothing: the store knows when a grant expires, and the token's lifetime is set where it is signed.
func (s *session) SetExpiresAt(fosite.TokenType, time.Time) {}

func (s *session) GetExpiresAt(fosite.TokenType) time.Time { return time.Time{} }
func (s *session) GetUsername() string                     { return s.grant.Username }
func (s *session) GetSubject() string                      { return "" }

// offline reports whether the grant outlives the person's session.
func (s *session) offline() bool { return slices.Contains(s.grant.Scopes, offlineAccess) }

// Clone copies the session, so that no two requests share one.
func (s *session) Clone() fosite.Session {
	c := *s
	return &c
}
