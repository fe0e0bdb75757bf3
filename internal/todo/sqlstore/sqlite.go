package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// InMemory is the path of a database that lives and dies with its Store.
const InMemory = ":memory:"

// sqliteReaders is the size of the reader pool. In WAL mode they neither wait for the writer nor hold it up.
const sqliteReaders = 4

func connectSQLite(path string) (*Store, error) {
	s := &Store{location: path, dialect: dialect{goose: goose.DialectSQLite3, explain: explainSQLite}}
	if path == InMemory {
		// Each connection would have a database of its own, so there is one, and it never idles out.
		db, err := openSQLite("file::memory:?_foreign_keys=1", 1)
		s.write, s.read = db, db
		return s, err
	}
	if err := createFile(path); err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	// As a URI, so that a "?" or "%" in a name is part of the name.
	dsn := (&url.URL{Scheme: "file", OmitHost: true, Path: abs}).String() +
		"?_busy_timeout=5000&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1&_dqs=0&_defensive=1&_error_rc=1"
	// SQLite has one writer at a time, and queueing in Go is fairer than SQLITE_BUSY.
	if s.write, err = openSQLite(dsn+"&_txlock=immediate", 1); err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	if s.read, err = openSQLite(dsn+"&_query_only=1", sqliteReaders); err != nil {
		return nil, fmt.Errorf("%q: %w", path, errors.Join(err, s.write.Close()))
	}
	return s, nil
}

func openSQLite(dsn string, connections int) (*sql.DB, error) {
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

// explainSQLite adds to SQLite's words what they leave out.
func explainSQLite(err error) error {
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
