package idp

import (
	"context"
	"errors"
	"time"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// client finds the client of a request: one that is configured or registered, or one that a document describes. The refusal is an
// invalid_client that says what to change.
func (s *Server) client(ctx context.Context, id string) (*store.Client, *engine.Error) {
	known, ok := s.Store.Client(id)
	switch {
	case ok && known.Disabled:
	case ok && (!known.Document || s.Personality.DocumentsByPolicy || time.Now().Before(known.FreshUntil)):
		return known, nil
	case s.Personality.ClientDocuments && !s.Personality.DocumentsByPolicy && namesDocument(id):
		return s.documented(ctx, id)
	}
	return nil, engine.NewFault(personality.UnknownClient, id, "invalid_client", "client_id "+engine.Clip(id)+" is not known here; registered clients are forgotten when the server restarts without --state: register again")
}

// How long a client document is used before it is fetched again. Within the bounds its HTTP headers decide. What could not be
// fetched or used is not remembered (draft-ietf-oauth-client-id-metadata-document §5.2).
const (
	leastFresh   = 5 * time.Second
	unsaidFresh  = time.Minute // where the headers say nothing
	longestFresh = 24 * time.Hour
	maxDocument  = 5 << 10 // bytes, as §8.7 of the draft recommends
)

// fetchClient makes a client of the document that its identifier names.
func (s *Server) fetchClient(ctx context.Context, id string) (*store.Client, *engine.Error) {
	if err := checkDocumentURL(id); err != nil {
		return nil, engine.NewError("invalid_client", "client_id "+engine.Clip(id)+" names no client metadata document: it "+err.Error())
	}
	document, err := s.Fetcher.JSON(ctx, id, maxDocument)
	if err != nil {
		return nil, engine.NewError("invalid_client", "the client metadata document at "+engine.Clip(id)+" cannot be fetched: "+err.Error())
	}
	c, refusal := s.documentedClient(id, document.Body)
	if refusal != nil {
		return nil, engine.NewError("invalid_client", "the client metadata document at "+engine.Clip(id)+" cannot be used: "+refusal.Description)
	}
	fresh := document.FreshFor
	if fresh < 0 {
		fresh = unsaidFresh
	}
	c.FreshUntil = time.Now().Add(min(max(fresh, leastFresh), longestFresh))
	s.Store.AddClient(c)
	s.Logger.InfoContext(ctx, "read a client document", "client_id", c.ID, "client_name", c.Name, "redirect_uris", c.RedirectURIs, "fresh_until", c.FreshUntil)
	return &c, nil
}

// documented waits for the client of a document. Everybody who waits for the same document shares one fetch.
func (s *Server) documented(ctx context.Context, id string) (*store.Client, *engine.Error) {
	fetched := s.fetches.DoChan(id, func() (any, error) {
		c, refusal := s.fetchClient(context.WithoutCancel(ctx), id) // the others wait for it still when the first one goes
		if refusal != nil {
			return nil, refusal
		}
		return c, nil
	})
	select {
	case result := <-fetched:
		var refusal *engine.Error
		if errors.As(result.Err, &refusal) {
			return nil, refusal
		}
		return result.Val.(*store.Client), nil
	case <-ctx.Done():
		return nil, engine.NewError("invalid_client", "the request ended before the client metadata document came")
	}
}
