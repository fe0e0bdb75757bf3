package idp

import (
	"cmp"
	"net/http"

	"mcpharness/internal/personality"
)

// closed is an endpoint for what no client of this server is set up for: it authenticates the client, and refuses.
func (s *Server) closed(said personality.Answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if _, refusal := s.authenticated(w, r); refusal != nil {
			s.writeError(w, r, refusal)
			return
		}
		s.refuseProgram(w, r, cmp.Or(said.Status, http.StatusBadRequest), errorBody{Error: said.Code, Description: said.Text})
	}
}
