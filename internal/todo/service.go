package todo

import (
	"context"
	"errors"
	"fmt"
)

// Sizes of a page of todos.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// Service is the todo manager: every operation checks the policy, then acts on the store. It is safe for concurrent
// use.
//
// Its methods return a *Refusal if the principal may not, an *InputError if an input was wrong, ErrNotFound, or
// another error if the store failed. Only the last kind is not meant for the caller's eyes.
type Service struct {
	store Store
	ids   ids
}

// NewService returns a service over the store.
func NewService(store Store) *Service { return &Service{store: store} }

// Create adds a todo that belongs to the principal. White space around the content is cut.
func (s *Service) Create(ctx context.Context, p Principal, content string) (Todo, error) {
	if err := p.check(); err != nil {
		return Todo{}, err
	}
	if refusal := MayCreate(p); refusal != nil {
		return Todo{}, refusal
	}
	content, err := cleanContent(content)
	if err != nil {
		return Todo{}, err
	}
	t := Todo{Content: content, Owner: p.Owner()}
	t.ID, t.CreatedAt = s.ids.next()
	if err := s.store.Create(ctx, t); err != nil {
		return Todo{}, fmt.Errorf("creating a todo: %w", err)
	}
	return t, nil
}

// PageRequest asks for a page. Its zero value asks for the first one, of the default size.
type PageRequest struct {
	Limit  int    // 1 to MaxLimit; 0: DefaultLimit
	Cursor string // Next of the page before; empty: the first page
}

// Page is a part of a listing.
type Page struct {
	Todos []Todo // never nil
	Next  string // cursor of the next page; empty: this is the last one
}

// List returns the todos that the principal may read, oldest first, and those that this process created in the order of that. A todo that exists during the whole walk over
// the pages appears exactly once, whatever others create or delete meanwhile.
func (s *Service) List(ctx context.Context, p Principal, req PageRequest) (Page, error) {
	if err := p.check(); err != nil {
		return Page{}, err
	}
	if req.Limit == 0 {
		req.Limit = DefaultLimit
	}
	if req.Limit < 1 || req.Limit > MaxLimit {
		return Page{}, &InputError{Field: "limit", Fault: fmt.Sprintf("want 1 to %d, got %d", MaxLimit, req.Limit)}
	}
	var after Position
	if req.Cursor != "" {
		var err error
		if after, err = parseCursor(req.Cursor); err != nil {
			return Page{}, err
		}
	}
	// One more than asked tells whether another page follows, so the last page never points to an empty one.
	todos, err := s.store.List(ctx, ReadReach(p), after, req.Limit+1)
	if err != nil {
		return Page{}, fmt.Errorf("listing todos: %w", err)
	}
	page := Page{Todos: todos}
	if len(todos) > req.Limit {
		page.Todos = todos[:req.Limit]
		last := page.Todos[req.Limit-1]
		page.Next = Position{CreatedAt: last.CreatedAt, ID: last.ID}.cursor()
	}
	if page.Todos == nil {
		page.Todos = []Todo{}
	}
	return page, nil
}

// Delete removes a todo and returns what it was.
func (s *Service) Delete(ctx context.Context, p Principal, id string) (Todo, error) {
	if err := p.check(); err != nil {
		return Todo{}, err
	}
	reach := DeleteReach(p)
	t, err := s.store.Delete(ctx, reach, id)
	switch {
	case errors.Is(err, ErrNotFound) && !reach.WholeIssuer:
		return Todo{}, refuseForeignDelete()
	case errors.Is(err, ErrNotFound):
		return Todo{}, ErrNotFound
	case err != nil:
		return Todo{}, fmt.Errorf("deleting a todo: %w", err)
	}
	return t, nil
}

// MayDelete returns the refusal that Delete would give for this id now, or nil if it would act or find nothing. The
// error says that the store failed.
func (s *Service) MayDelete(ctx context.Context, p Principal, id string) (*Refusal, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	reach := DeleteReach(p)
	if reach.WholeIssuer {
		return nil, nil
	}
	own, err := s.store.Exists(ctx, reach, id)
	if err != nil {
		return nil, fmt.Errorf("looking for a todo: %w", err)
	}
	if !own {
		return refuseForeignDelete(), nil
	}
	return nil, nil
}

// Ready returns nil if the service can answer.
func (s *Service) Ready(ctx context.Context) error {
	if err := s.store.Ping(ctx); err != nil {
		return fmt.Errorf("asking the todo store: %w", err)
	}
	return nil
}
