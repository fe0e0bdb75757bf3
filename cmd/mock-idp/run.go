package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"text/tabwriter"

	"mcpharness/internal/command"
	"mcpharness/internal/strictyaml"
	"mcpharness/mockidp"
)

const name = "mock-idp"

const usage = `mock-idp is a strict OAuth 2.1 and OpenID Connect authorization server for tests. It signs anybody in.

Usage:
  mock-idp [flags]     start the server
  mock-idp config      print the built-in configuration, with comments
  mock-idp check-provider ISSUER|PROFILE
                       ask another authorization server whether it is fit for MCP; --help there says more

Flags:
  --listen ADDR        where to listen; localhost means 127.0.0.1 and ::1, port 0 a free port (default localhost:4444)
  --as NAME            stand in for a provider (default strict); "--as list" shows which, and how sure each is
  --issuer URL         the issuer that tokens and metadata state, for containers and proxies; it may have a path
  --config FILE        users, roles, resources, clients, lifetimes, as YAML; "mock-idp config" shows how
  --realm FILE         with --as keycloak: people, roles, clients, scopes and lifetimes of a Keycloak realm file, written by hand or exported
  --features LIST      with --as keycloak: resource-indicators, cimd, as Keycloak's own --features has them
  --resource URL       one more resource with the default scopes (RFC 8707); may be given more than once; where clients cannot
                       choose what a token is for (keycloak, okta), the first one is what all tokens are for
  --sessions           a browser stays signed in, and prompt and max_age mean what OpenID Connect says
  --state FILE         keep registered clients and signing keys in a file over a restart
  --tls                https, with a certificate of an authority that is made at the start
  --tls-ca FILE        where --tls writes that authority, for clients to trust (default a temporary file)
  --tls-cert FILE      https, with this certificate (PEM)
  --tls-key FILE       and its private key
  --auto-login         a login_hint that names a user signs in and consents without a page
  --fault NAME         misbehave, for tests of clients; may be given more than once; "--fault list" shows how
  --insecure-listen    allow an address that other machines can reach
  --log-format FORMAT  text or json (default text)

Once it accepts connections it prints one line of JSON on stdout; everything else goes to stderr.
`

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		if args[0] == "check-provider" {
			return checkProvider(ctx, args[1:], stdout, stderr)
		}
		if args[0] == "config" && len(args) == 1 {
			fmt.Fprint(stdout, mockidp.DefaultYAML)
			return 0
		}
		if args[0] == "config" {
			return command.Misused(stderr, name, errors.New("config takes no flags: it prints the built-in configuration, which every --as starts from"))
		}
		return command.Misused(stderr, name, fmt.Errorf("unknown command %q; want config, check-provider, or flags only", strings.Join(args, " ")))
	}
	var (
		options   mockidp.Options
		secure    tlsFlags
		realm     realmFlags
		resources command.Strings
		flags     = flag.NewFlagSet(name, flag.ContinueOnError)
		listen    = flags.String("listen", "localhost:4444", "")
		config    = flags.String("config", "", "")
		sessions  = flags.Bool("sessions", false, "")
		insecure  = flags.Bool("insecure-listen", false, "")
		logFormat = flags.String("log-format", "text", "")
	)
	flags.StringVar(&options.As, "as", "", "")
	flags.StringVar(&realm.file, "realm", "", "")
	flags.StringVar(&realm.features, "features", "", "")
	flags.StringVar(&options.Issuer, "issuer", "", "")
	flags.StringVar(&options.StateFile, "state", "", "")
	flags.BoolVar(&secure.made, "tls", false, "")
	flags.StringVar(&secure.authority, "tls-ca", "", "")
	flags.StringVar(&secure.cert, "tls-cert", "", "")
	flags.StringVar(&secure.key, "tls-key", "", "")
	flags.BoolVar(&options.AutoLogin, "auto-login", false, "")
	flags.Var(&resources, "resource", "")
	flags.Var((*command.Strings)(&options.Faults), "fault", "")
	if status, ok := command.Parse(flags, args, stderr, usage); !ok {
		return status
	}
	if options.As == "list" {
		return listPersonalities(stdout)
	}
	if slices.Contains(options.Faults, "list") {
		return listFaults(stdout)
	}
	var err error
	if err := known(options.As); err != nil {
		return command.Misused(stderr, name, err)
	}
	if err := knownFaults(options.Faults); err != nil {
		return command.Misused(stderr, name, err)
	}
	if options.Logger, err = command.Logger(stderr, *logFormat); err != nil {
		return command.Misused(stderr, name, err)
	}
	if err := secure.misuse(); err != nil {
		return command.Misused(stderr, name, err)
	}
	if err := realm.misuse(options.As, resources); err != nil {
		return command.Misused(stderr, name, err)
	}
	realm.apply(&options)
	options.Resources = resources
	if options.Config, err = readConfig(*config, realm.file != ""); err != nil {
		return command.Failed(stderr, name, err)
	}
	if oneTarget(options.As) && len(resources) > 0 {
		options.Config.DefaultResource = resources[0]
	}
	options.Config.Sessions = options.Config.Sessions || *sessions
	if err := secure.apply(&options); err != nil {
		return command.Failed(stderr, name, err)
	}
	listeners, authority, err := command.Listen("listen", *listen, *insecure)
	if err != nil {
		return command.Failed(stderr, name, err)
	}
	options.Origin = "http://" + authority
	if secure.on() {
		options.Origin = "https://" + authority
	}
	server, err := mockidp.Start(options, listeners...)
	if err != nil {
		return command.Failed(stderr, name, err)
	}
	defer server.Close()
	defer secure.cleanUp()
	ca, err := secure.publish(server)
	if err != nil {
		return command.Failed(stderr, name, err)
	}
	fmt.Fprint(stderr, elsewhere(*listen, options.Issuer))
	announce(server, options.As, realm.file, ca, options.Faults, stdout, stderr)
	<-ctx.Done()
	fmt.Fprintln(stderr, "mock-idp: stopping")
	if err := server.Shutdown(); err != nil {
		return command.Failed(stderr, name, err)
	}
	return 0
}

func readConfig(path string, withRealm bool) (*mockidp.Config, error) {
	if path == "" {
		config := mockidp.DefaultConfig()
		return &config, nil
	}
	data, err := strictyaml.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if withRealm {
		if err := besideRealm(path, data); err != nil {
			return nil, err
		}
	}
	config, err := mockidp.ParseConfig(path, data)
	var faults strictyaml.Faults
	if errors.As(err, &faults) {
		return nil, fmt.Errorf("the configuration has faults; \"mock-idp config\" prints a good one\n%w", err)
	}
	return &config, err
}

// elsewhere warns whoever opens the server to other machines under an issuer that means another place there.
func elsewhere(listen, issuer string) string {
	host, _, err := net.SplitHostPort(listen)
	if err != nil || issuer != "" || host != "" && !net.ParseIP(host).IsUnspecified() {
		return ""
	}
	return "other machines can reach this server, but its issuer says localhost, which is another place there; if they are to use it,\n" +
		"start it with --issuer and the address by which they reach it\n\n"
}

// mostListed people and clients are shown at the start: a realm file may have thousands.
const mostListed = 20

// announce tells programs on stdout and people on stderr that the server accepts connections.
func announce(server *mockidp.Server, as, realm, ca string, faults []string, stdout, stderr io.Writer) {
	issuer, config := server.Issuer(), server.Config()
	metadata := server.MetadataURL()
	table := tabwriter.NewWriter(stderr, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "mock-idp signs anybody in: for tests, never to be exposed\n\n")
	fmt.Fprintf(table, "  issuer\t%s\n  metadata\t%s\n", issuer, metadata)
	if as != "" {
		fmt.Fprintf(table, "  stands for\t%s\n", as)
	}
	for i, fault := range faults {
		fmt.Fprintf(table, "  %s\t%s\n", once(i, "faults"), fault)
	}
	ready := map[string]string{"issuer": issuer, "metadata": metadata}
	if as != "" {
		ready["as"] = as
	}
	if ca != "" {
		ready["ca"] = ca
		fmt.Fprintf(table, "  trust\t%s\n", ca)
	}
	for i, r := range config.Resources {
		fmt.Fprintf(table, "  %s\t%s%s\n", once(i, "resources"), r.URI, unreachable(as, realm, config.DefaultResource, r.URI)+asAudience(server, r.URI))
	}
	for i, u := range config.Users {
		if i == mostListed {
			fmt.Fprintf(table, "  \tand %d more\n", len(config.Users)-i)
			break
		}
		fmt.Fprintf(table, "  %s\t%s%s\n", once(i, "users"), u.Username, inBrackets(u.Roles))
	}
	for i, c := range config.Clients {
		if i == mostListed {
			fmt.Fprintf(table, "  \tand %d more\n", len(config.Clients)-i)
			break
		}
		fmt.Fprintf(table, "  %s\t%s (%s)\n", once(i, "clients"), c.ID, c.AuthMethod)
		if document := server.ClientDocumentURL(c.ID); document != "" {
			fmt.Fprintf(table, "  \t  described at %s\n", document)
		}
	}
	if strangers := strangers(as); strangers != "" && realm == "" {
		fmt.Fprintf(table, "  \t%s\n", strangers)
	}
	_ = table.Flush()
	announceRealm(server, realm, stderr)
	fmt.Fprintf(stderr, "\nOpen %s/ to see what it has. Ctrl+C stops it.\n\n", issuer)
	_ = json.NewEncoder(stdout).Encode(ready)
}

func inBrackets(roles []string) string {
	if len(roles) == 0 {
		return ""
	}
	return " (" + strings.Join(roles, ", ") + ")"
}

func once(i int, label string) string {
	if i == 0 {
		return label
	}
	return ""
}
