package idp

import (
	"net/http"
	"net/url"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/personality"
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
	s.Logger.InfoContext(r.Context(), "issued tokens", "grant_type", r.PostForm.Get("grant_type"), "scope", said(response.Scope))
	noStore(w)
	writeJSON(w, http.StatusOK, response)
}

func said(scope *string) string {
	if scope == nil {
		return ""
	}
	return *scope
}

// readForm parses a posted form into r.PostForm: parameters in the body only, none repeated, empty ones gone, unless the personality
// reads forms in another way.
func (s *Server) readForm(w http.ResponseWriter, r *http.Request) *engine.Error {
	rules := s.Personality.Forms
	if r.URL.RawQuery != "" && !s.Personality.IgnoresQuery {
		return engine.NewError("invalid_request", "parameters belong into the body; the query must be empty (RFC 6749 section 3.2)")
	}
	form, refusal := url.Values{}, (*engine.Error)(nil)
	switch {
	case rules.JSON && isJSON(r):
		form, refusal = readObject(w, r)
	case isForm(r) || !rules.Loose && !(rules.Untyped && r.Header.Get("Content-Type") == ""):
		if form, refusal = readBody(w, r, rules.KeepsEmpty); refusal != nil && refusal.Fault == personality.BodyType {
			refusal.About = r.Method + " " + strings.TrimPrefix(r.URL.Path, s.basePath)
		}
	}
	if refusal != nil {
		return refusal
	}
	r.Form, r.PostForm = form, form
	if rules.RepeatedLast {
		return nil // the engine looks when it knows the client
	}
	return s.engine.Repeated(form)
}

// repeated names a parameter that stands more than once and must not.
func (s *Server) repeated(form url.Values) string {
	if refusal := s.engine.Repeated(form); refusal != nil {
		return engine.Clip(refusal.About)
	}
	return ""
}
