package todomcp

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"mcpharness/internal/guard"
	"mcpharness/internal/todo"
)

// Observer is told what happens, so that it can be counted. Its arguments are from small fixed sets and say nothing of
// who called. It must be quick and safe for concurrent use.
type Observer interface {
	// Answered is told of every HTTP request when its answer begins. Routes are mcp, sse, metadata, health and other.
	Answered(route string, status int)
	// Refused is told why a request to an MCP endpoint was refused: see refusalReason.
	Refused(reason string)
	// ToolCalled is told of a call. Results are ok, error (the caller's), failure (the server's) and refused (for want of
	// a scope, mostly before the call).
	ToolCalled(tool, result string, took time.Duration)
	// StreamsChanged is told of each event stream that opens (1) or ends (-1).
	StreamsChanged(by int)
}

// refusalReason reads the reason off the answer itself, so that none can be forgotten.
func refusalReason(route string, status int, challenge string) string {
	switch {
	case status == http.StatusUnauthorized && strings.Contains(challenge, `error="invalid_token"`):
		return "invalid_token"
	case status == http.StatusUnauthorized:
		return "no_token"
	case status == http.StatusForbidden && challenge != "":
		return "insufficient_scope"
	case status == http.StatusForbidden:
		return "host_or_origin"
	case status == http.StatusBadRequest && challenge != "":
		return "malformed_credentials"
	case status == http.StatusNotFound && route == routeSSE:
		return "no_stream"
	case status == http.StatusMethodNotAllowed:
		return "method"
	case status == http.StatusTooManyRequests:
		return "too_many"
	case status >= http.StatusInternalServerError:
		return "unavailable"
	}
	return "bad_message"
}

// observed tells the observer of every answer of a route.
func (s *Server) observed(route string, next http.Handler) http.Handler {
	if s.observer == nil {
		return next
	}
	guarded := route == routeMCP || route == routeSSE
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &observedAnswer{ResponseWriter: w}
		answer.begins = func(status int) {
			s.observer.Answered(route, status)
			if guarded && status >= 400 {
				s.observer.Refused(refusalReason(route, status, w.Header().Get("WWW-Authenticate")))
			}
		}
		next.ServeHTTP(answer, r)
		answer.begin(http.StatusOK) // as net/http does for who wrote nothing
	})
}

type observedAnswer struct {
	http.ResponseWriter
	begins func(status int)
	begun  bool
}

func (a *observedAnswer) begin(status int) {
	if !a.begun && status >= 200 {
		a.begun = true
		a.begins(status)
	}
}

func (a *observedAnswer) WriteHeader(status int) {
	a.begin(status)
	a.ResponseWriter.WriteHeader(status)
}

func (a *observedAnswer) Write(p []byte) (int, error) {
	a.begin(http.StatusOK)
	return a.ResponseWriter.Write(p)
}

// Unwrap gives http.ResponseController the server's abilities.
func (a *observedAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// observedTool tells the observer of every call of a tool.
func (s *Server) observedTool(t tool) tool {
	if s.observer == nil {
		return t
	}
	name, refuse, call := t.definition.Name, t.refuse, t.call
	t.refuse = func(ctx context.Context, id guard.Identity, raw json.RawMessage) (*todo.Refusal, error) {
		began := time.Now()
		refusal, err := refuse(ctx, id, raw)
		if refusal != nil {
			s.observer.ToolCalled(name, "refused", time.Since(began))
		}
		return refusal, err
	}
	t.call = func(ctx context.Context, id guard.Identity, raw json.RawMessage) (any, error) {
		began := time.Now()
		out, err := call(ctx, id, raw)
		s.observer.ToolCalled(name, resultOf(err), time.Since(began))
		return out, err
	}
	return t
}
