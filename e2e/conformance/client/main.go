// Command client is the client that the conformance suite tests: go-sdk's MCP client with its OAuth handler, set up as this
// project's end-to-end tests set it up. It connects to the server whose URL is its last argument, lists the tools, calls
// each, and exits with 1 if something of that failed.
//
// The suite says more by environment variables: MCP_CONFORMANCE_PROTOCOL_VERSION, and MCP_CONFORMANCE_CONTEXT with the
// credentials of a client that is registered already.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const patience = 20 * time.Second

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	err := run(ctx, os.Args[1:], os.Getenv)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, getenv func(string) string) error {
	if len(args) == 0 {
		return fmt.Errorf("want the URL of an MCP server as last argument")
	}
	var known credentials
	if given := getenv("MCP_CONFORMANCE_CONTEXT"); given != "" {
		if err := json.Unmarshal([]byte(given), &known); err != nil {
			return fmt.Errorf("reading MCP_CONFORMANCE_CONTEXT: %w", err)
		}
	}
	browser := &http.Client{Timeout: patience}
	handler, err := newHandler(browser, known)
	if err != nil {
		return err
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "e2e", Version: "1"}, nil)
	transport := &mcp.StreamableClientTransport{Endpoint: args[len(args)-1], HTTPClient: browser, OAuthHandler: handler, MaxRetries: -1}
	session, err := client.Connect(ctx, transport, &mcp.ClientSessionOptions{ProtocolVersion: getenv("MCP_CONFORMANCE_PROTOCOL_VERSION")})
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer session.Close()
	for tool, err := range session.Tools(ctx, nil) {
		if err != nil {
			return fmt.Errorf("listing tools: %w", err)
		}
		if _, err := session.CallTool(ctx, &mcp.CallToolParams{Name: tool.Name, Arguments: map[string]any{}}); err != nil {
			return fmt.Errorf("calling %s: %w", tool.Name, err)
		}
	}
	return nil
}
