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
	fmt.Fprintf(stderr, "todo-mcp: a todo manager for MCP clients, with OAuth in front\n\n")
	table := tabwriter.NewWriter(stderr, 0, 0, 2, ' ', 0)
	rows(table, "MCP endpoint", a.url)
	if !strings.HasPrefix(a.url, a.local+"/") {
		rows(table, "listens on", a.local)
	}
	rows(table, "tokens from", a.tokensFrom())
	rows(table, "sign in as", a.people()...)
	rows(table, "database", a.db)
	rows(table, "browsers from", a.origins...)
	ready := map[string]string{"url": a.url, "issuer": a.issuer, "listen": a.local}
	if a.metrics.url != "" {
		ready["metrics"] = a.metrics.url
		rows(table, "metrics", a.metrics.url)
	}
	_ = table.Flush()
	fmt.Fprintf(stderr, `
Next: connect an MCP client to the endpoint, by streamable HTTP; it opens a browser to sign in. For example the
Inspector (Node 22.19 or newer), as a web page or in the terminal, or the client of this program:

  npx @modelcontextprotocol/inspector
  npx @modelcontextprotocol/inspector --cli %s --transport http --method tools/list
  go run ./cmd/todo-mcp call %swhoami

The walkthrough shows the same without a client: go run ./cmd/todo-mcp walkthrough
Ctrl+C stops the server.

`, a.url, a.callFlags())
	_ = json.NewEncoder(stdout).Encode(ready)
}

// rows writes values below each other, the label beside the first. Without values there is nothing to say.
func rows(table io.Writer, label string, values ...string) {
	for _, value := range values {
		fmt.Fprintf(table, "  %s\t%s\n", label, value)
		label = ""
	}
}

func (a *app) tokensFrom() string {
	if a.idp != nil {
		return a.issuer + ", a mock beside this server: it signs anybody in, without a password"
	}
	return a.issuer + ", which must know the endpoint as a resource; /readyz says whether it answers"
}

// callFlags make todo-mcp call reach this server.
func (a *app) callFlags() string {
	var flags string
	if a.url != defaultURL {
		flags += "--url " + a.url + " "
	}
	if a.provider != "" {
		flags += "--provider " + a.provider + " "
	}
	return flags
}

// people are the mock's users, each with the scopes of the roles.
func (a *app) people() []string {
	if a.idp == nil {
		return nil
	}
	var people []string
	config := a.idp.Config()
	for _, u := range config.Users {
		var scopes []string
		for _, role := range u.Roles {
			scopes = append(scopes, config.Roles[role]...)
		}
		people = append(people, fmt.Sprintf("%s\t%s\t%s", u.Username, strings.Join(u.Roles, ", "), strings.Join(scopes, " ")))
	}
	return people
}
