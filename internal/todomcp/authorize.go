package todomcp

import (
	"context"

	"mcpharness/internal/guard"
)

// authorize asks the domain's policy about a call before the MCP handler runs, because afterwards it is too late for
// an HTTP 403 with a challenge, which is what makes clients step up. The tool itself asks again.
func (s *Server) authorize(ctx context.Context, id guard.Identity, call guard.Call) *guard.Denial {
	if call.Method != "tools/call" {
		return nil
	}
	t, ok := s.tools[call.Tool]
	if !ok {
		return nil // the SDK answers that there is no such tool
	}
	refusal, err := t.refuse(ctx, id, call.Arguments)
	if err != nil {
		// The call will fail the same way, and can say so as a tool error; its SQL holds the owner condition anyway.
		s.log.ErrorContext(ctx, "check before the call failed", "tool", call.Tool, "error", err)
		return nil
	}
	if refusal == nil {
		return nil
	}
	return &guard.Denial{Scopes: refusal.Scopes, Description: refusal.Reason}
}
