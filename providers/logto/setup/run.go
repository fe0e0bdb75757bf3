package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"mcpharness/internal/command"
)

const name = "setup"

const usage = `setup makes a Logto tenant ready for todo-mcp, through its Management API, and says what it made and what it found.

Usage:
  go run ./providers/logto/setup --resource URL [flags]

Flags:
  --resource URL   the MCP endpoint, character for character as clients reach it: Logto compares it as a string, and MCP
                   clients send what todo-mcp says of itself (default $LOGTO_RESOURCE)
  --dry-run        ask only, and say what would be made

In the environment:
  LOGTO_ENDPOINT               where Logto is: https://TENANT.logto.app, or http://localhost:3001 for one of your own
  LOGTO_M2M_ID                 a machine-to-machine application with the role "Logto Management API access"
  LOGTO_M2M_SECRET             and its secret
  LOGTO_ADMIN_PASSWORD         the password of alice, who gets the role Admin
  LOGTO_USER_PASSWORD          the password of bob, who gets the role User
  LOGTO_OTHER_USER_PASSWORD    the password of carol, the same
  LOGTO_MANAGEMENT_API         the Management API's indicator, if it is neither https://TENANT.logto.app/api nor
                               https://default.logto.app/api, which is what one of your own has
  LOGTO_M2M_ISSUER             who gives the token for the Management API (default $LOGTO_ENDPOINT/oidc)

It makes an API resource with the scopes create:todos, read:todos and delete:todos, the roles Admin (all three) and User
(create:todos, given to everybody new), the people, a Native application for MCP clients on this machine and a single-page
application for the MCP Inspector. Twice changes nothing. It adds what is missing, and neither removes nor overwrites: what
differs otherwise is told, and the exit status is then 1. Passwords are sent to Logto and shown nowhere.

todo-mcp itself needs no application: Logto does not let anybody introspect its JWTs, so they are checked by its keys.

A Logto of your own has no machine-to-machine application at first. Make one in the console (Applications, Machine-to-machine) and
give it the role; or take the one that its admin tenant is born with: LOGTO_M2M_ID=m-default, LOGTO_M2M_SECRET out of the
database (SELECT secret FROM applications WHERE id = 'm-default'), and LOGTO_M2M_ISSUER with the admin port, such as
http://localhost:3002/oidc.

Exit status: 0 as wanted; 1 not so, or it failed; 2 wrong usage.
`

func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	resource := flags.String("resource", getenv("LOGTO_RESOURCE"), "")
	dry := flags.Bool("dry-run", false, "")
	if status, ok := command.Parse(flags, args, stderr, usage); !ok {
		return status
	}
	s, err := readSettings(*resource, getenv)
	if err != nil {
		return command.Misused(stderr, name, err)
	}
	api, err := connect(ctx, s)
	if err != nil {
		return command.Failed(stderr, name, err)
	}
	r := &report{out: stderr, dry: *dry}
	made, err := provision(ctx, api, s, r)
	switch {
	case ctx.Err() != nil:
		return command.Failed(stderr, name, errors.New("stopped; what was made stays, and the next run goes on from there"))
	case err != nil:
		return command.Failed(stderr, name, fmt.Errorf("%w\nWhat was made stays: mend the cause and run this again", err))
	}
	return r.finish(stdout, s, made)
}
