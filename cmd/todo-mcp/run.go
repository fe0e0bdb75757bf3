package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"mcpharness/internal/command"
)

const name = "todo-mcp"

const usage = `todo-mcp is a todo manager as an MCP server, with OAuth in front of it.

Usage:
  todo-mcp [flags]         start the server
  todo-mcp walkthrough     MCP authorization step by step in the terminal, with the HTTP of each step
  todo-mcp call TOOL       call a tool of a running server, as bob, as alice or by a browser; --help there says more

Without --provider and --issuer a mock authorization server, which signs anybody in, starts beside it.

Flags:
  --listen ADDR        where to listen; localhost means 127.0.0.1 and ::1, port 0 a free port (default localhost:3001)
  --public-url URL     the MCP endpoint as clients reach it, behind a proxy or a tunnel (default http://ADDR/mcp);
                       clients of the older HTTP+SSE transport find it at .../sse beside that
  --provider NAME      whose tokens to accept: a profile by name or path (default mock)
  --issuer URL         the issuer, in place of the profile's
  --db DATABASE        the file of a SQLite database (default ./todos.db), or for several replicas the URL of a PostgreSQL
                       database, postgres://user@host/database; PGPASSWORD or ~/.pgpass keep its password off the command line
  --allow-origin URL   a browser origin that may call the server, as scheme://host:port; may be given more than once
  --rate-limit N       requests a second that each user may make, twice as many at once; 0: no limit (default 50)
  --metrics-listen ADDR
                       serve Prometheus metrics at http://ADDR/metrics, apart from the MCP endpoint (default: none)
  --idp-listen ADDR    where the mock authorization server listens (default localhost:4444)
  --insecure-listen    allow addresses that other machines can reach
  --log-format FORMAT  text or json (default text)

Once it accepts connections it prints one line of JSON on stdout; everything else goes to stderr.
`

func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		switch args[0] {
		case "walkthrough":
			return runWalkthrough(ctx, args[1:], getenv, stdout, stderr)
		case "call":
			return runCall(ctx, args[1:], getenv, stdout, stderr)
		}
		return command.Misused(stderr, name, fmt.Errorf("unknown command %q; want walkthrough, call, or flags only", args[0]))
	}
	s := settings{getenv: getenv}
	var origins command.Strings
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.StringVar(&s.listen, "listen", "localhost:3001", "")
	flags.StringVar(&s.publicURL, "public-url", "", "")
	flags.StringVar(&s.provider, "provider", "", "")
	flags.StringVar(&s.issuer, "issuer", "", "")
	flags.StringVar(&s.db, "db", "./todos.db", "")
	flags.Var(&origins, "allow-origin", "")
	flags.StringVar(&s.idpListen, "idp-listen", "localhost:4444", "")
	flags.Float64Var(&s.rateLimit, "rate-limit", 50, "")
	flags.StringVar(&s.metricsListen, "metrics-listen", "", "")
	flags.BoolVar(&s.insecure, "insecure-listen", false, "")
	logFormat := flags.String("log-format", "text", "")
	if status, ok := command.Parse(flags, args, stderr, usage); !ok {
		return status
	}
	var err error
	if s.logger, err = command.Logger(stderr, *logFormat); err != nil {
		return command.Misused(stderr, name, err)
	}
	s.origins = origins
	if s.issuer != "" || s.provider != "" {
		flags.Visit(func(f *flag.Flag) {
			if f.Name == "idp-listen" {
				err = errors.New("--idp-listen is for the mock authorization server, which does not start with --issuer or --provider")
			}
		})
		if err != nil {
			return command.Misused(stderr, name, err)
		}
	}
	app, err := start(ctx, s)
	if err != nil {
		return command.Failed(stderr, name, err)
	}
	defer app.close()
	announce(app, stdout, stderr)
	if err := app.serve(ctx); err != nil {
		return command.Failed(stderr, name, err)
	}
	fmt.Fprintln(stderr, "todo-mcp: stopped")
	return 0
}
