package idp

import (
	"net/http"
	"path"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/personality"
)

// plainPaths refuses paths that other programs might read as another one, where the mux would clean them.
func (s *Server) plainPaths(next http.Handler) http.Handler {
	if !s.Personality.Routes.PlainPaths {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fault := personality.OddPath
		if strings.Contains(r.URL.Path, ";") && r.URL.RawPath == "" {
			fault = personality.PathSemicolon
		}
		if odd(r) || fault == personality.PathSemicolon {
			refusal := engine.NewFault(fault, r.URL.Path, "invalid_request", "the path has empty or dotted segments, a semicolon, or escapes what needs none")
			refusal = s.engine.Reworded(refusal)
			s.refuseProgram(w, r, refusal.Status, errorBody{Error: refusal.Code, Description: refusal.Description})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func odd(r *http.Request) bool {
	plain := strings.TrimSuffix(r.URL.Path, "/")
	return plain != "" && plain != path.Clean(plain) || r.URL.RawPath != ""
}
