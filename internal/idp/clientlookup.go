package idp

import (
	"context"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
)

// client finds the client of a request, wherever clients come from. The refusal is an invalid_client that says what to change.
func (s *Server) client(ctx context.Context, id string) (*store.Client, *engine.Error) {
	if c, ok := s.Store.Client(id); ok {
		return c, nil
	}
	return nil, engine.NewError("invalid_client", "client_id "+engine.Clip(id)+" is not known here; registered clients are forgotten when the server restarts: register again")
}
