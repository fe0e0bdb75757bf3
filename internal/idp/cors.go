package idp

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/personality"
)

// scripts says who may call an endpoint from a browser (Fetch, "CORS protocol").
type scripts int

const (
	noScripts       scripts = iota
	readByScripts           // the body, not the headers
	calledByScripts         // both
)

// forScripts reports whether scripts may call an endpoint.
func (s *Server) forScripts(e endpoint) bool {
	return e.scripts != noScripts || s.among(e, s.Personality.CORS.PagesToo)
}

// allowScripts tells a browser that the script which asks may read the answer.
func (s *Server) allowScripts(e endpoint, w http.ResponseWriter, r *http.Request) {
	rules := s.Personality.CORS
	origin := r.Header.Get("Origin")
	switch {
	case !s.forScripts(e):
		return
	case !rules.EchoesOrigin || origin == "" && rules.NoCredentials:
		w.Header().Set("Access-Control-Allow-Origin", "*")
	case origin == "", origin == s.origin: // which is no other origin
		return
	default:
		w.Header().Set("Access-Control-Allow-Origin", origin)
		if !rules.NoCredentials {
			w.Header().Set("Access-Control-Allow-Credentials", "true")
		}
		w.Header().Set("Vary", "Origin")
	}
	if e.scripts != readByScripts || rules.Exposed == nil {
		w.Header().Set("Access-Control-Expose-Headers", cmp.Or(strings.Join(rules.Exposed, ", "), "WWW-Authenticate"))
	}
}

// preflight answers what a browser asks ahead of a script's request.
func (s *Server) preflight(e endpoint, w http.ResponseWriter, r *http.Request) {
	rules := s.Personality.CORS
	allowed := cmp.Or(strings.Join(rules.RequestHeaders, ", "), "Authorization, Content-Type, MCP-Protocol-Version")
	if rules.EchoesHeaders {
		allowed = r.Header.Get("Access-Control-Request-Headers")
	}
	if s.among(e, rules.NoPreflight) {
		s.hideFromScripts(w)
		w.WriteHeader(http.StatusOK)
		return
	}
	w.Header().Del("Access-Control-Expose-Headers") // is of the actual answer
	if w.Header().Get("Access-Control-Allow-Origin") != "" {
		w.Header().Set("Access-Control-Allow-Methods", e.allowed())
		if allowed != "" {
			w.Header().Set("Access-Control-Allow-Headers", allowed)
		}
		w.Header().Set("Access-Control-Max-Age", strconv.Itoa(cmp.Or(rules.MaxAge, 600)))
	}
	status := http.StatusNoContent
	if s.Personality.Routes.AnswersOptions {
		status = http.StatusOK
	}
	w.WriteHeader(status)
}

// exposeToScripts adds a header that scripts may read, where they may read the answer.
func exposeToScripts(w http.ResponseWriter, name string) {
	exposed := w.Header().Get("Access-Control-Expose-Headers")
	if exposed != "" && !strings.Contains(exposed, name) {
		w.Header().Set("Access-Control-Expose-Headers", exposed+", "+name)
	}
}

// hideFromScripts takes back what allowScripts said.
func (s *Server) hideFromScripts(w http.ResponseWriter) {
	for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers"} {
		w.Header().Del(name)
	}
}

// hidden reports whether scripts are not told of this fault.
func (s *Server) hidden(r *http.Request, fault personality.Fault) bool {
	rules := s.Personality.CORS
	return fault != 0 && slices.Contains(rules.Hidden, fault) ||
		slices.ContainsFunc(rules.HiddenRefusals, func(path string) bool { return strings.HasPrefix(r.URL.Path, s.basePath+path) })
}

// registrarOrigin refuses a script of an origin from which nobody may register.
func (s *Server) registrarOrigin(r *http.Request) *engine.Error {
	policies := s.Personality.Registration.Policies
	origin := r.Header.Get("Origin")
	if policies == nil || policies.WebOrigins == nil || origin == "" || slices.Contains(policies.WebOrigins, origin) {
		return nil
	}
	return engine.ForeignOrigin(origin)
}

// ownOrigin refuses a script that holds another client's token, where the personality looks at that.
func (s *Server) ownOrigin(clientID string, r *http.Request) *engine.Error {
	client, refusal := s.client(r.Context(), clientID)
	if refusal != nil {
		return nil // a client that is gone has no origins to compare with
	}
	return s.engine.OwnOrigin(client, r)
}
