package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"mcpharness/internal/todo"
)

var _ todo.Store = (*Store)(nil)

// Create implements todo.Store.
func (s *Store) Create(ctx context.Context, t todo.Todo) error {
	_, err := s.write.ExecContext(ctx,
		`INSERT INTO todos (id, issuer, subject, content, created_at) VALUES (?, ?, ?, ?, ?)`,
		t.ID, t.Owner.Issuer, t.Owner.Subject, t.Content, t.CreatedAt.UnixMilli())
	return err
}

// within is the condition that keeps a statement within reach, and its arguments.
func within(reach todo.Reach) (condition string, args []any) {
	if reach.WholeIssuer {
		return `issuer = ?`, []any{reach.Owner.Issuer}
	}
	return `issuer = ? AND subject = ?`, []any{reach.Owner.Issuer, reach.Owner.Subject}
}

// columns is what collect reads.
const columns = `id, issuer, subject, content, created_at`

// collect reads all rows. For a DELETE that matters: SQLite commits, or fails to, only after the last row.
func collect(rows *sql.Rows) ([]todo.Todo, error) {
	defer rows.Close()
	var todos []todo.Todo
	for rows.Next() {
		var t todo.Todo
		var createdAt int64
		if err := rows.Scan(&t.ID, &t.Owner.Issuer, &t.Owner.Subject, &t.Content, &createdAt); err != nil {
			return nil, fmt.Errorf("reading a row: %w", err)
		}
		t.CreatedAt = time.UnixMilli(createdAt).UTC()
		todos = append(todos, t)
	}
	return todos, rows.Err()
}

// List implements todo.Store.
func (s *Store) List(ctx context.Context, reach todo.Reach, after todo.Position, limit int) ([]todo.Todo, error) {
	query, args := listing(reach, after, limit)
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows)
}

func listing(reach todo.Reach, after todo.Position, limit int) (query string, args []any) {
	condition, args := within(reach)
	if after != (todo.Position{}) {
		condition += ` AND (created_at, id) > (?, ?)`
		args = append(args, after.CreatedAt.UnixMilli(), after.ID)
	}
	return `SELECT ` + columns + ` FROM todos WHERE ` + condition + ` ORDER BY created_at, id LIMIT ?`, append(args, limit)
}

// Delete implements todo.Store.
func (s *Store) Delete(ctx context.Context, reach todo.Reach, id string) (todo.Todo, error) {
	condition, args := within(reach)
	rows, err := s.write.QueryContext(ctx,
		`DELETE FROM todos WHERE id = ? AND `+condition+` RETURNING `+columns, append([]any{id}, args...)...)
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
	condition, args := within(reach)
	var found bool
	err := s.read.QueryRowContext(ctx,
		`SELECT EXISTS (SELECT 1 FROM todos WHERE id = ? AND `+condition+`)`, append([]any{id}, args...)...).Scan(&found)
	return found, err
}

// Ping implements todo.Store.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.read.QueryRowContext(ctx, `SELECT 1 FROM todos UNION ALL SELECT 1 LIMIT 1`).Scan(&one)
}
