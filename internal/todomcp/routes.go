package todomcp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// Handler serves the MCP endpoint, the HTTP+SSE transport beside it, the protected-resource metadata, /healthz and /readyz. Every other path gets a 404
// that says where to go.
func (s *Server) Handler() http.Handler {
	// Exact paths instead of a ServeMux, which would redirect "//mcp" and lose the body of a POST.
	routes := map[string]http.Handler{
		"/healthz": s.observed(routeHealth, readOnly(s.serveHealth)),
		"/readyz":  s.observed(routeHealth, readOnly(s.serveReady)),
	}
	for _, path := range s.guard.MetadataPaths() {
		routes[path] = s.observed(routeMetadata, s.guard.Metadata())
	}
	routes[s.path] = s.observed(routeMCP, s.guard.Protect(s.mcpHandler()))
	if s.sse != nil {
		routes[s.sse.path] = s.observed(routeSSE, s.sse.handler())
		for _, path := range s.sse.guard.MetadataPaths() {
			routes[path] = s.observed(routeMetadata, s.sse.guard.Metadata())
		}
	}
	nowhere := s.observed(routeOther, http.HandlerFunc(s.serveNowhere))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h, ok := routes[r.URL.EscapedPath()]; ok {
			h.ServeHTTP(w, r)
			return
		}
		nowhere.ServeHTTP(w, r)
	})
}

// The names of routes, as an Observer is told them.
const (
	routeMCP      = "mcp"
	routeSSE      = "sse"
	routeMetadata = "metadata"
	routeHealth   = "health"
	routeOther    = "other"
)

func (s *Server) serveNowhere(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusNotFound, map[string]string{
		"error":   "not_found",
		"message": fmt.Sprintf("nothing is here; the MCP endpoint is POST %s", s.path),
	})
}

// endpointPath returns the path of the resource's URL. Whether the URL is fit for a resource is the guard's to say.
func endpointPath(resource string) (string, error) {
	u, err := url.Parse(resource)
	if err != nil {
		return "", fmt.Errorf("reading the resource URL: %w", err)
	}
	if u.EscapedPath() == "" {
		return "/", nil
	}
	return u.EscapedPath(), nil
}

// serveHealth says that the process lives, whatever it depends on.
func (s *Server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// serveReady says whether calls can be answered now: whether tokens can be judged and the store answers.
func (s *Server) serveReady(w http.ResponseWriter, r *http.Request) {
	for _, part := range []struct {
		name  string
		ready error
	}{
		{"issuer", s.guard.Ready(r.Context())},
		{"store", s.todos.Ready(r.Context())},
	} {
		if part.ready != nil {
			w.Header().Set("Retry-After", "1")
			writeJSON(w, http.StatusServiceUnavailable, map[string]string{
				"status": "unavailable", "part": part.name, "reason": part.ready.Error(),
			})
			return
		}
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}

// readOnly answers GET and HEAD, and tells other methods so.
func readOnly(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			writeJSON(w, http.StatusMethodNotAllowed, map[string]string{
				"error": "method_not_allowed", "message": fmt.Sprintf("want GET or HEAD, got %.32q", r.Method),
			})
			return
		}
		h(w, r)
	})
}

// writeJSON writes a small answer that no cache may keep.
func writeJSON(w http.ResponseWriter, status int, body map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client left: nobody to tell
}
