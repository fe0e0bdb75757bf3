// Command todo-mcp is a todo manager as an MCP server with OAuth in front of it: the reference resource server of this
// project. Without flags it starts a mock authorization server beside itself.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	// The MCP SDK allocates some 200 KB a call, so the collector runs most of the time at its default (100). The live heap
	// is a few MB: letting it grow fivefold costs little memory and doubles the throughput.
	debug.SetGCPercent(400)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}
