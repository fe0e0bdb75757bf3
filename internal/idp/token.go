package idp

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"mcpharness/internal/idp/engine"
)

// token answers token requests (RFC 6749 §3.2).
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if refusal := s.readForm(w, r); refusal != nil {
		s.writeError(w, r, refusal)
		return
	}
	response, refusal := s.engine.Exchange(r.Context(), r)
	if refusal != nil {
		s.writeError(w, r, refusal)
		return
	}
	s.Logger.InfoContext(r.Context(), "issued tokens", "grant_type", r.PostForm.Get("grant_type"), "scope", response.Scope)
	noStore(w)
	writeJSON(w, http.StatusOK, response)
}

// readForm parses a posted form into r.PostForm: parameters in the body only, none repeated, empty ones gone.
func (s *Server) readForm(w http.ResponseWriter, r *http.Request) *engine.Error {
	if r.URL.RawQuery != "" && !s.Personality.IgnoresQuery {
		return engine.NewError("invalid_request", "parameters belong into the body; the query must be empty (RFC 6749 section 3.2)")
	}
	form, refusal := readBody(w, r)
	if refusal != nil {
		return refusal
	}
	if name := s.repeated(form); name != "" {
		return engine.NewError("invalid_request", "parameter "+name+" is repeated (RFC 6749 section 3.2)")
	}
	r.Form, r.PostForm = form, form
	return nil
}

// repeated names a parameter that stands more than once and must not. A resource may (RFC 8707 §2).
func (s *Server) repeated(form url.Values) string {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if len(form[name]) > 1 && name != "resource" && !(name == "audience" && s.Catalog.AcceptAudience) {
			return engine.Clip(name)
		}
	}
	return ""
}
