// Package sqlstore keeps todos in a SQLite file, or in PostgreSQL for several replicas. Every commit is on the disk
// before it is answered.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/pressly/goose/v3"
)

// patience bounds each call, the wait for a free connection included. Callers with less bring a context.
const patience = 10 * time.Second

// Store is a todo.Store. It is safe for concurrent use. Several processes may open one database.
type Store struct {
	write    *sql.DB
	read     *sql.DB // may be the same as write
	location string
	dialect  dialect
}

// dialect is what differs between the databases once they are reached. The statements of todos.go suit all.
type dialect struct {
	goose   goose.Dialect                                                           // also the folder of its migrations
	prepare func(ctx context.Context, db *sql.DB) (release func() error, err error) // before the migrations; may be nil
	explain func(error) error                                                       // adds to the database's words what to change
}

// Open opens a database and brings its schema up to date. The name is the path of a SQLite file, InMemory, or the URL
// of a PostgreSQL database, postgres://user:password@host:port/database?options. The error says what to change, and
// holds no password. The caller closes the Store.
//
// A missing file is created, with mode 0600; an existing one keeps its mode. Its folder must exist and be writable:
// SQLite keeps a -wal and a -shm file beside the database. In PostgreSQL the database must exist and its encoding be
// UTF8.
func Open(ctx context.Context, name string) (*Store, error) {
	s, err := connect(name)
	if err != nil {
		return nil, fmt.Errorf("opening the todo database %w", err)
	}
	if err := s.migrate(ctx); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("opening the todo database %q: %w", s.location, s.dialect.explain(err))
	}
	return s, nil
}

var urlScheme = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*)://`)

func connect(name string) (*Store, error) {
	switch scheme := urlScheme.FindStringSubmatch(name); {
	case scheme == nil:
		return connectSQLite(name)
	case scheme[1] == "postgres" || scheme[1] == "postgresql":
		return connectPostgres(name)
	default:
		return nil, fmt.Errorf("of type %q: want the path of a SQLite file, or a URL that starts with postgres://", scheme[1])
	}
}

// Location returns where the database is: the path of the file, or a URL without password and options.
func (s *Store) Location() string { return s.location }

// Close ends all connections. The Store cannot be used afterwards.
func (s *Store) Close() error {
	if s.read == s.write {
		return s.write.Close()
	}
	return errors.Join(s.read.Close(), s.write.Close())
}
