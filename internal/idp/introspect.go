package idp

import (
	"net/http"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// introspect tells a protected resource about a token (RFC 7662). A confidential client of the configuration may ask about any
// token: a resource server is a client of its own here, and which resources it stands for is not configured. A stranger's
// client learns of its own tokens only, and a public one of none, as anybody could use them to try tokens out (§4).
func (s *Server) introspect(w http.ResponseWriter, r *http.Request) {
	client, refusal := s.authenticated(w, r)
	if client != nil && client.Public() && s.Personality.Introspection != personality.IntrospectionOfOpaque {
		refusal = engine.NewFault(personality.PublicIntrospects, "", "invalid_client", "introspection is for clients that authenticate, and this one is public; use a confidential client, configured under clients: (RFC 7662 section 2.1)")
	}
	if refusal == nil && !r.PostForm.Has("token") {
		refusal = engine.NewFault(personality.TokenMissing, "", "invalid_request", "token is missing (RFC 7662 section 2.1)")
	}
	var answer map[string]any
	if refusal == nil {
		answer, refusal = s.engine.Introspect(client, r.PostForm.Get("token"), r.PostForm.Get("token_type_hint"))
	}
	if refusal != nil {
		s.writeErrorAt(w, r, personality.AtIntrospection, refusal)
		return
	}
	s.Logger.InfoContext(r.Context(), "introspected a token", "client_id", client.ID, "active", answer["active"])
	noStore(w)
	writeJSON(w, http.StatusOK, answer)
}

// authenticated reads a posted form and authenticates the client that posts it.
func (s *Server) authenticated(w http.ResponseWriter, r *http.Request) (*store.Client, *engine.Error) {
	if refusal := s.readForm(w, r); refusal != nil {
		return nil, refusal
	}
	return s.engine.Client(r)
}
