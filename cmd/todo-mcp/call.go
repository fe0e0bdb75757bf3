package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"

	"mcpharness/internal/command"
	"mcpharness/internal/profile"
	"mcpharness/internal/toolcall"
	"mcpharness/internal/useragent"
)

// defaultURL is the MCP endpoint of a todo-mcp without flags.
const defaultURL = "http://localhost:3001/mcp"

const callUsage = `todo-mcp call calls a tool of a running MCP server as an MCP client does: whoever calls signs in on the way.

Usage:
  todo-mcp call [flags] TOOL [ARGUMENTS]

  todo-mcp call --user bob create-todo '{"content": "Buy milk"}'

Flags:
  --url URL        the MCP endpoint (default http://localhost:3001/mcp)
  --provider NAME  the profile, by name or path, that names the client and has the people's passwords; without it the client
                   registers itself, and nobody needs a password
  --user NAME      sign in as this person, without a browser; default: print a URL, and wait for whoever opens it

What happens on the way is told on stderr, the tool's result goes to stdout as JSON. The client is public, and comes back to
http://127.0.0.1/callback, on any port. Exit status: 0 done; 1 refused, or it failed; 2 wrong usage.
`

func runCall(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	const callName = name + " call"
	flags := flag.NewFlagSet(callName, flag.ContinueOnError)
	o := toolcall.Options{Out: stdout, Tell: stderr}
	flags.StringVar(&o.Endpoint, "url", defaultURL, "")
	provider := flags.String("provider", "", "")
	user := flags.String("user", "", "")
	flagArgs, words := splitWords(args)
	if status, ok := command.Parse(flags, flagArgs, stderr, callUsage); !ok {
		return status
	}
	if err := aimCall(&o, words, *provider, *user, getenv); err != nil {
		return command.Misused(stderr, callName, err)
	}
	if err := toolcall.Run(ctx, o); err != nil {
		if ctx.Err() != nil {
			err = errors.New("stopped")
		}
		status := command.Failed(stderr, callName, err)
		var refused *toolcall.Refused
		if !errors.As(err, &refused) && onLoopbackAddress(o.Endpoint) {
			fmt.Fprintln(stderr, "The server may call itself localhost: give --url letter by letter as the server prints it, as it is the name of the resource.")
		}
		if errors.Is(err, useragent.ErrNoPassword) {
			fmt.Fprintln(stderr, "A profile has the passwords of its people: give --provider NAME, and --user one of them.")
		}
		return status
	}
	return 0
}

// onLoopbackAddress says whether a URL has an IP address of this machine where servers here usually have a name.
func onLoopbackAddress(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && net.ParseIP(u.Hostname()).IsLoopback()
}

// splitWords parts the flags, each with a value, from the tool and its arguments behind them.
func splitWords(args []string) (flags, words []string) {
	for i := 0; i < len(args); i++ {
		if !strings.HasPrefix(args[i], "-") {
			return args[:i], args[i:]
		}
		if !strings.Contains(args[i], "=") && !slices.Contains([]string{"-h", "-help", "--help"}, args[i]) {
			i++ // its value
		}
	}
	return args, nil
}

// aimCall fills in what the words, the profile and the person say.
func aimCall(o *toolcall.Options, words []string, provider, user string, getenv func(string) string) error {
	if len(words) == 0 || len(words) > 2 {
		return errors.New("want a tool, such as whoami, and at most one JSON object with its arguments, behind the flags")
	}
	o.Tool, o.Arguments = words[0], map[string]any{}
	if len(words) == 2 {
		if err := json.Unmarshal([]byte(words[1]), &o.Arguments); err != nil || o.Arguments == nil {
			return fmt.Errorf("arguments of %s: want a JSON object such as '{\"content\": \"Buy milk\"}'", o.Tool)
		}
	}
	if u, err := url.Parse(o.Endpoint); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("--url %s: want the URL of an MCP endpoint, such as http://localhost:3001/mcp", o.Endpoint)
	}
	if user != "" {
		o.Person = &useragent.Person{Username: user}
	}
	if provider == "" {
		return nil
	}
	p, err := profile.Load(provider, getenv)
	if err != nil {
		return err
	}
	if p.Clients.Registered != nil {
		o.ClientID = p.Clients.Registered.ID
	}
	for _, login := range slices.Concat(p.Roles.Admin, p.Roles.User) {
		if o.Person != nil && login.User == user {
			o.Person.Password = login.Password
		}
	}
	return nil
}
