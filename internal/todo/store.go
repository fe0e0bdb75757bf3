package todo

import (
	"context"
	"errors"
)

// ErrNotFound means that no todo within reach has the id.
var ErrNotFound = errors.New("no todo has this id")

// Store keeps todos. Implementations are safe for concurrent use, and hold the conditions of Reach in the very
// statement that reads or deletes. The suite in internal/todo/storetest says what else they owe.
type Store interface {
	// Create adds a todo. It has reached the disk when Create returns nil.
	Create(ctx context.Context, t Todo) error
	// List returns at most limit todos within reach after the position, ordered by CreatedAt, then ID (by bytes).
	List(ctx context.Context, reach Reach, after Position, limit int) ([]Todo, error)
	// Delete removes the todo and returns it, or ErrNotFound if none within reach has the id. Of concurrent calls
	// with one id exactly one gets the todo.
	Delete(ctx context.Context, reach Reach, id string) (Todo, error)
	// Exists reports whether a todo within reach has the id.
	Exists(ctx context.Context, reach Reach, id string) (bool, error)
	// Ping returns nil if the store can answer.
	Ping(ctx context.Context) error
}
