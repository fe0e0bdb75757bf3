package idp

import (
	"context"
	"sync"
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
	case ok && (!known.Document || time.Now().Before(known.FreshUntil)):
		return known, nil
	case s.Personality.ClientDocuments && namesDocument(id):
		return s.documents.client(ctx, id, s.fetchClient)
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

// documents lets everybody who waits for the same document share one fetch. The zero value is ready.
type documents struct {
	mu  sync.Mutex
	now map[string]*documentFetch
}

type documentFetch struct {
	done    chan struct{}
	client  *store.Client
	refusal *engine.Error
}

func (d *documents) client(ctx context.Context, id string, fetch func(context.Context, string) (*store.Client, *engine.Error)) (*store.Client, *engine.Error) {
	d.mu.Lock()
	f, underWay := d.now[id]
	if !underWay {
		f = &documentFetch{done: make(chan struct{})}
		if d.now == nil {
			d.now = map[string]*documentFetch{}
		}
		d.now[id] = f
		go func() {
			f.client, f.refusal = fetch(context.WithoutCancel(ctx), id) // the others wait for it still when the first one goes
			d.mu.Lock()
			delete(d.now, id)
			d.mu.Unlock()
			close(f.done)
		}()
	}
	d.mu.Unlock()
	select {
	case <-f.done:
		return f.client, f.refusal
	case <-ctx.Done():
		return nil, engine.NewError("invalid_client", "the request ended before the client metadata document came")
	}
}
