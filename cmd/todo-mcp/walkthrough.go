package main

import (
	"context"
	"fmt"
	"io"
)

func runWalkthrough(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	fmt.Fprintln(stderr, "todo-mcp: not there yet")
	return 1
}
