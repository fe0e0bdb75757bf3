package command

import (
	"fmt"
	"io"
	"log/slog"
)

// Logger writes to w in the format of the flag --log-format.
func Logger(w io.Writer, format string) (*slog.Logger, error) {
	options := &slog.HandlerOptions{Level: slog.LevelInfo}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	}
	return nil, fmt.Errorf("--log-format %s: want text or json", format)
}
