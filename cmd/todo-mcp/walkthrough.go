package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"mcpharness/internal/command"
	"mcpharness/internal/walkthrough"
)

const walkthroughUsage = `todo-mcp walkthrough shows MCP authorization step by step, with the HTTP of each step.

It starts the todo server and the mock authorization server on free ports of this machine, with a database that it
deletes, and uses them as bob and as alice. It exits with 0 only if every step did what it says.

Usage:
  todo-mcp walkthrough [flags]

Flags:
  --color WHEN         auto, always or never (default auto: on a terminal, unless NO_COLOR is set)
`

func runWalkthrough(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet(name+" walkthrough", flag.ContinueOnError)
	color := flags.String("color", "auto", "")
	if status, ok := command.Parse(flags, args, stderr, walkthroughUsage); !ok {
		return status
	}
	options := walkthrough.Options{Out: stdout}
	var err error
	if options.Color, err = wantsColor(*color, getenv, stdout); err != nil {
		return command.Misused(stderr, flags.Name(), err)
	}
	options.Width = columns(stdout)
	if err := tellWalkthrough(ctx, options); err != nil {
		return command.Failed(stderr, flags.Name(), err)
	}
	return 0
}

// tellWalkthrough runs both servers for as long as the walkthrough takes.
func tellWalkthrough(ctx context.Context, options walkthrough.Options) (err error) {
	folder, err := os.MkdirTemp("", "todo-mcp-walkthrough-")
	if err != nil {
		return fmt.Errorf("making a folder for the database: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	app, err := start(ctx, settings{
		listen: "localhost:0", idpListen: "localhost:0", db: filepath.Join(folder, "todos.db"),
		logger: slog.New(slog.DiscardHandler),
		getenv: func(string) string { return "" }, // the walkthrough is the same everywhere
	})
	if err != nil {
		return err
	}
	defer app.close()
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- app.serve(serving) }()
	options.Endpoint = app.url
	err = walkthrough.Run(ctx, options)
	stop()
	return errors.Join(err, <-ended)
}

func wantsColor(when string, getenv func(string) string, stdout io.Writer) (bool, error) {
	switch when {
	case "always", "never":
		return when == "always", nil
	case "auto":
		_, terminal := terminalOf(stdout)
		return terminal && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb", nil
	}
	return false, fmt.Errorf("--color %s: want auto, always or never", when)
}

// columns is a width that is good to read and fits the terminal; 0 where there is none.
func columns(stdout io.Writer) int {
	fd, terminal := terminalOf(stdout)
	if !terminal {
		return 0
	}
	width, _, err := term.GetSize(fd)
	if err != nil {
		return 0
	}
	return min(max(width, 80), 100)
}

func terminalOf(w io.Writer) (fd int, ok bool) {
	f, ok := w.(*os.File)
	if !ok {
		return 0, false
	}
	return int(f.Fd()), term.IsTerminal(int(f.Fd()))
}
