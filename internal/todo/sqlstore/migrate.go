package sqlstore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the schema up to date. A database of a newer program is left alone.
func (s *Store) migrate(ctx context.Context) (err error) {
	if s.dialect.prepare != nil {
		release, err := s.dialect.prepare(ctx, s.write)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, release()) }()
	}
	files, err := fs.Sub(migrations, "migrations/"+string(s.dialect.goose))
	if err != nil {
		return err
	}
	// The global registry is goose's only shared state; other users of goose in the process must not add to ours.
	provider, err := goose.NewProvider(s.dialect.goose, s.write, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating its schema: %w", err)
	}
	has, knows, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("reading its schema version: %w", err)
	}
	if has > knows {
		return fmt.Errorf("want schema version %d or older, got %d: a newer program wrote it, use that one", knows, has)
	}
	return nil
}
