package idp

import "net/http"

// jwks publishes the signing keys (RFC 7517 §5).
func (s *Server) jwks(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache") // keys rotate whenever a test says so
	writeJSON(w, http.StatusOK, s.engine.JWKS())
}
