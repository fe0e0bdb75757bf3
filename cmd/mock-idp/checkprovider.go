package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"mcpharness/internal/command"
	"mcpharness/internal/profile"
	"mcpharness/internal/providercheck"
)

const checkUsage = `mock-idp check-provider asks an authorization server over HTTP whether it is fit for MCP.

Usage:
  mock-idp check-provider ISSUER [flags]
  mock-idp check-provider PROFILE [flags]    a profile's name ("keycloak") or path: brings issuer, scopes, resource and client

Flags:
  --client-id ID        a public client that the provider knows: then it is asked what it does, not only read what it promises
  --redirect-uri URI    a redirect URI of that client (default http://127.0.0.1/callback); nothing is ever sent there
  --register            register a client (RFC 7591), ask as that one, and delete it again where the provider lets it
  --scope SCOPE         a scope that clients will ask for; may be given more than once
  --resource URL        an MCP server that the provider is to know (RFC 8707)
  --origin ORIGIN       the browser client whose CORS is checked (default http://localhost:6274, the MCP Inspector)
  --json                write the report as JSON

It sends no secret, signs nobody in and redeems nothing; at most 60 requests in 30 seconds.
Exit status: 0 fit, also with warnings; 1 not fit; 2 wrong usage; 3 nothing answers.
`

// checkStatus is what shells get.
var checkStatus = map[providercheck.Verdict]int{providercheck.Fit: 0, providercheck.FitWarnings: 0, providercheck.NotFit: 1, providercheck.Unreachable: 3}

func checkProvider(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	const checkName = name + " check-provider"
	var (
		flags    = flag.NewFlagSet(checkName, flag.ContinueOnError)
		options  = providercheck.Options{Notice: func(text string) { fmt.Fprintf(stderr, "%s: %s\n", name, text) }}
		clientID = flags.String("client-id", "", "")
		redirect = flags.String("redirect-uri", "", "")
		asJSON   = flags.Bool("json", false, "")
		scopes   command.Strings
	)
	flags.BoolVar(&options.Register, "register", false, "")
	flags.StringVar(&options.Resource, "resource", "", "")
	flags.StringVar(&options.Origin, "origin", "", "")
	flags.Var(&scopes, "scope", "")
	targets, status, ok := command.ParseAround(flags, args, stderr, checkUsage)
	switch {
	case !ok:
		return status
	case len(targets) == 0:
		return command.Misused(stderr, checkName, errors.New("want an issuer or a profile, got neither"))
	case len(targets) > 1:
		return command.Misused(stderr, checkName, fmt.Errorf("want one issuer or profile, got %q and %q", targets[0], targets[1]))
	}
	for _, words := range scopes {
		options.Scopes = append(options.Scopes, strings.Fields(words)...)
	}
	if err := aim(&options, targets[0], os.Getenv); err != nil {
		return command.Misused(stderr, checkName, err)
	}
	if err := chooseClient(&options, *clientID, *redirect); err != nil {
		return command.Misused(stderr, checkName, err)
	}
	report, err := providercheck.Run(ctx, options)
	switch {
	case ctx.Err() != nil:
		return command.Failed(stderr, checkName, errors.New("stopped"))
	case err != nil:
		return command.Misused(stderr, checkName, err)
	}
	if *asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		err = report.WriteText(stdout, colorful(stdout))
	}
	if err != nil {
		return command.Failed(stderr, checkName, err)
	}
	return checkStatus[report.Verdict()]
}

// aim fills in what an issuer or a profile says. Flags that were given stay.
func aim(options *providercheck.Options, target string, getenv func(string) string) error {
	if strings.Contains(target, "://") {
		options.Issuer = target
		return nil
	}
	p, err := profile.Load(target, getenv)
	if errors.Is(err, fs.ErrNotExist) && strings.Contains(target, ":") {
		return fmt.Errorf("%s is no file; for an issuer want its URL with the scheme: https://%s, or http:// on this machine", target, target)
	}
	if err != nil {
		return err
	}
	options.Issuer, options.MetadataURL = p.Issuer, p.Metadata.URL
	if len(options.Scopes) == 0 {
		for scope := range p.Scopes {
			options.Scopes = append(options.Scopes, p.WireScope(scope))
		}
		slices.Sort(options.Scopes)
		options.Scopes = slices.Compact(options.Scopes)
	}
	if u, err := url.Parse(p.Token.Audience); err == nil && u.Host != "" && options.Resource == "" {
		options.Resource = p.Token.Audience
	}
	if registered := p.Clients.Registered; registered != nil && !options.Register {
		options.Client = &providercheck.Client{ID: registered.ID}
	}
	return nil
}

// chooseClient lets the flags choose the client. Profiles name clients that redirect to this machine.
func chooseClient(options *providercheck.Options, id, redirect string) error {
	if id != "" {
		options.Client = &providercheck.Client{ID: id}
	}
	if options.Client == nil {
		if redirect != "" {
			return errors.New("--redirect-uri is of no use without --client-id")
		}
		return nil
	}
	options.Client.RedirectURI = "http://127.0.0.1/callback"
	if redirect != "" {
		options.Client.RedirectURI = redirect
	}
	return nil
}

func colorful(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
