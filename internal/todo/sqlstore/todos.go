package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"mcpharness/internal/todo"
)

var _ todo.Store = (*Store)(nil)

// columns is what collect reads.
const columns = `id, issuer, subject, content, created_at`

// Create implements todo.Store.
func (s *Store) Create(ctx context.Context, t todo.Todo) error {
	if !canHold(t.Owner, t.ID) {
		return fmt.Errorf("id, issuer and subject: want valid UTF-8 without NUL, at most %d bytes together", maxKey)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := s.write.ExecContext(ctx, `INSERT INTO todos (`+columns+`) VALUES ($1, $2, $3, $4, $5)`,
		t.ID, t.Owner.Issuer, t.Owner.Subject, t.Content, t.CreatedAt.UnixMilli())
	return err
}

// List implements todo.Store.
func (s *Store) List(ctx context.Context, reach todo.Reach, after todo.Position, limit int) ([]todo.Todo, error) {
	if !canHold(reach.Owner, after.ID) {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	query, args := listing(reach, after, limit)
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows)
}

func listing(reach todo.Reach, after todo.Position, limit int) (query string, args []any) {
	args = []any{limit}
	condition := within(reach, &args)
	if after != (todo.Position{}) {
		condition += ` AND (created_at, id) > (` + bind(&args, after.CreatedAt.UnixMilli()) + `, ` + bind(&args, after.ID) + `)`
	}
	return `SELECT ` + columns + ` FROM todos WHERE ` + condition + ` ORDER BY created_at, id LIMIT $1`, args
}

// Delete implements todo.Store.
func (s *Store) Delete(ctx context.Context, reach todo.Reach, id string) (todo.Todo, error) {
	if !canHold(reach.Owner, id) {
		return todo.Todo{}, todo.ErrNotFound
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	args := []any{id}
	rows, err := s.write.QueryContext(ctx, `DELETE FROM todos WHERE id = $1 AND `+within(reach, &args)+` RETURNING `+columns, args...)
	if err != nil {
		return todo.Todo{}, err
	}
	todos, err := collect(rows)
	switch {
	case err != nil:
		return todo.Todo{}, err
	case len(todos) == 0:
		return todo.Todo{}, todo.ErrNotFound
	}
	return todos[0], nil
}

// Exists implements todo.Store.
func (s *Store) Exists(ctx context.Context, reach todo.Reach, id string) (bool, error) {
	if !canHold(reach.Owner, id) {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	args := []any{id}
	var found bool
	err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM todos WHERE id = $1 AND `+within(reach, &args)+`)`, args...).Scan(&found)
	return found, err
}

// Ping implements todo.Store.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var one int
	return s.read.QueryRowContext(ctx, `SELECT 1 FROM todos UNION ALL SELECT 1 LIMIT 1`).Scan(&one)
}

// bind adds an argument and returns its placeholder, which both databases understand.
func bind(args *[]any, arg any) string {
	*args = append(*args, arg)
	return fmt.Sprintf("$%d", len(*args))
}

// within is the condition that keeps a statement within reach.
func within(reach todo.Reach, args *[]any) string {
	condition := `issuer = ` + bind(args, reach.Owner.Issuer)
	if !reach.WholeIssuer {
		condition += ` AND subject = ` + bind(args, reach.Owner.Subject)
	}
	return condition
}

// collect reads all rows. For a DELETE that matters: the commit is made, or fails, only after the last row.
func collect(rows *sql.Rows) ([]todo.Todo, error) {
	var todos []todo.Todo
	for rows.Next() {
		var t todo.Todo
		var createdAt int64
		if err := rows.Scan(&t.ID, &t.Owner.Issuer, &t.Owner.Subject, &t.Content, &createdAt); err != nil {
			return nil, errors.Join(fmt.Errorf("reading a row: %w", err), rows.Close())
		}
		t.CreatedAt = time.UnixMilli(createdAt).UTC()
		todos = append(todos, t)
	}
	return todos, errors.Join(rows.Err(), rows.Close())
}

// maxKey is in bytes. PostgreSQL's indexes take 2704, lengths and creation time included.
const maxKey = 2048

// canHold reports whether todos with such an owner and id can exist. PostgreSQL's text has neither NUL nor broken
// UTF-8, and the databases must not differ.
func canHold(o todo.Owner, id string) bool {
	for _, text := range []string{o.Issuer, o.Subject, id} {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return false
		}
	}
	return len(o.Issuer)+len(o.Subject)+len(id) <= maxKey
}
