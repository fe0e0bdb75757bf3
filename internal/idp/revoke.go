package idp

import (
	"net/http"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/personality"
)

// revoke ends a token that its client does not need any more (RFC 7009). The answer to a token that is over or was never
// known is the same: the client has what it wanted (§2.2).
func (s *Server) revoke(w http.ResponseWriter, r *http.Request) {
	client, refusal := s.authenticated(w, r)
	if refusal == nil {
		refusal = s.engine.OwnOrigin(client, r)
	}
	if refusal == nil && !r.PostForm.Has("token") {
		refusal = engine.NewFault(personality.TokenMissing, "", "invalid_request", "token is missing (RFC 7009 section 2.1)")
	}
	if refusal == nil {
		refusal = s.engine.Revoke(client, r.PostForm.Get("token"))
	}
	if refusal != nil {
		s.writeErrorAt(w, r, personality.AtRevocation, refusal)
		return
	}
	s.Logger.InfoContext(r.Context(), "revoked a token", "client_id", client.ID)
	noStore(w)
	w.WriteHeader(http.StatusOK)
}
