// Package sqlstore keeps todos in a SQLite file. Every commit is on the disk before it is answered.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"modernc.org/sqlite"
)

// InMemory is the path of a database that lives and dies with its Store.
const InMemory = ":memory:"

// readers is the size of the reader pool. In WAL mode they neither wait for the writer nor hold it up.
const readers = 4

// Store is a todo.Store. It is safe for concurrent use. Several processes may open one file.
type Store struct {
	write *sql.DB // one connection: SQLite has one writer at a time, and queueing in Go is fairer than SQLITE_BUSY
	read  *sql.DB // the same as write if the database is in memory
}

// Open opens the database at the path, creates the file (mode 0600) if there is none, and brings its schema up to
// date. An existing file keeps its mode. The folder must exist and be writable: SQLite keeps a -wal and a -shm file
// beside the database. The error says what to change. The caller closes the Store.
func Open(ctx context.Context, path string) (*Store, error) {
	s, err := connect(path)
	if err != nil {
		return nil, fmt.Errorf("opening the todo database %q: %w", path, err)
	}
	if err := migrate(ctx, s.write); err != nil {
		s.Close()
		return nil, fmt.Errorf("opening the todo database %q: %w", path, explain(err))
	}
	return s, nil
}

// Close ends all connections. The Store cannot be used afterwards.
func (s *Store) Close() error {
	if s.read == s.write {
		return s.write.Close()
	}
	return errors.Join(s.read.Close(), s.write.Close())
}

func connect(path string) (*Store, error) {
	if path == InMemory {
		// Each connection would have a database of its own, so there is one, and it never idles out.
		db, err := pool("file::memory:?_foreign_keys=1", 1)
		if err != nil {
			return nil, err
		}
		return &Store{write: db, read: db}, nil
	}
	if err := createFile(path); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// As a URI, so that a "?" or "%" in a name is part of the name.
	dsn := (&url.URL{Scheme: "file", OmitHost: true, Path: abs}).String() +
		"?_busy_timeout=5000&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1&_dqs=0&_defensive=1&_error_rc=1"
	write, err := pool(dsn+"&_txlock=immediate", 1)
	if err != nil {
		return nil, err
	}
	read, err := pool(dsn+"&_query_only=1", readers)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return &Store{write: write, read: read}, nil
}

func pool(dsn string, connections int) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// createFile makes the file before SQLite does, because SQLite would make it readable for everybody that the umask
// lets. The -wal and -shm files copy its mode.
func createFile(path string) error {
	if path == "" {
		return errors.New("want the path of a file, got an empty one")
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	switch {
	case err == nil:
		return f.Close()
	case errors.Is(err, syscall.EISDIR):
		return errors.New("want a file, got a folder: add a file name")
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the folder %q does not exist: create it, or choose another path", filepath.Dir(path))
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%q is not a folder: choose another path", filepath.Dir(path))
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("it may not be read and written by this user: change its mode or its folder's, or choose another path: %w", err)
	}
	return err
}

// explain adds to SQLite's words what they leave out.
func explain(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	const cantOpen, readOnly, notADB = 14, 8, 26 // https://www.sqlite.org/rescode.html, primary codes
	switch e.Code() & 0xff {
	case notADB:
		return fmt.Errorf("the file is not a SQLite database: choose another path: %w", err)
	case cantOpen, readOnly:
		return fmt.Errorf("the file and its folder must be writable (SQLite keeps a -wal and a -shm file there): %w", err)
	}
	return err
}
