package idp

import (
	"cmp"
	"net/http"
)

// jwks publishes the signing keys (RFC 7517 §5).
func (s *Server) jwks(w http.ResponseWriter, r *http.Request) {
	labels := s.Personality.Headers
	w.Header().Set("Cache-Control", cmp.Or(labels.KeySetCache, "no-cache")) // keys rotate whenever a test says so
	w.Header().Set("Content-Type", cmp.Or(labels.KeySet, "application/json"))
	writeJSON(w, http.StatusOK, s.engine.JWKS())
}
