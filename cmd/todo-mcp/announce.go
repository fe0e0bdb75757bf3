package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// announce tells programs on stdout and people on stderr that the server accepts connections, and what to do next.
func announce(a *app, stdout, stderr io.Writer) {
	table := tabwriter.NewWriter(stderr, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "todo-mcp: a todo manager for MCP clients, with OAuth in front\n\n")
	fmt.Fprintf(table, "  MCP endpoint\t%s\n", a.url)
	fmt.Fprintf(table, "  tokens from\t%s\n", a.issuer)
	fmt.Fprintf(table, "  database\t%s\n", a.db)
	for i, origin := range a.origins {
		label := ""
		if i == 0 {
			label = "browsers from"
		}
		fmt.Fprintf(table, "  %s\t%s\n", label, origin)
	}
	if a.idp != nil {
		for i, u := range a.idp.Config().Users {
			label := ""
			if i == 0 {
				label = "sign in as"
			}
			fmt.Fprintf(table, "  %s\t%s (%s)\n", label, u.Username, strings.Join(u.Roles, ", "))
		}
	}
	_ = table.Flush()
	fmt.Fprintf(stderr, "\nNext: give an MCP client the endpoint's URL, for example the Inspector (Node 22.19 or newer):\n\n  npx @modelcontextprotocol/inspector\n\n")
	if a.idp != nil {
		fmt.Fprintf(stderr, "The authorization server beside it is a mock: it signs anybody in, without a password.\n")
	}
	fmt.Fprintf(stderr, "Ctrl+C stops it.\n\n")
	_ = json.NewEncoder(stdout).Encode(map[string]string{"url": a.url, "issuer": a.issuer})
}
