// Command setup makes a Logto tenant ready for todo-mcp and MCP clients through Logto's Management API: the API resource with its scopes,
// the roles, the people and the applications of the tutorial. Run again it changes nothing.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}
