package idp

import (
	"cmp"
	"net/http"
)

const jwkSet = "application/jwk-set+json" // RFC 7517 §8.5.2

// jwks publishes the signing keys (RFC 7517 §5).
func (s *Server) jwks(w http.ResponseWriter, r *http.Request) {
	labels := s.Personality.Headers
	w.Header().Set("Cache-Control", cmp.Or(labels.KeySetCache, "no-cache")) // keys rotate whenever a test says so
	media := cmp.Or(labels.KeySet, "application/json")
	if labels.KeySetByAccept && r.Header.Get("Accept") == jwkSet {
		media = jwkSet
	}
	w.Header().Set("Content-Type", media)
	writeJSON(w, http.StatusOK, s.engine.JWKS())
}
