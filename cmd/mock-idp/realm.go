package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"mcpharness/internal/strictyaml"
	"mcpharness/mockidp"
)

// realmFlags are what only some personalities take.
type realmFlags struct{ file, features string }

func (f realmFlags) apply(options *mockidp.Options) {
	options.Realm = f.file
	options.Features = strings.FieldsFunc(f.features, func(r rune) bool { return r == ',' || r == ' ' })
}

// misuse tells flags that do not go together.
func (f realmFlags) misuse(as string, resources []string) error {
	var takers, featured []string
	for _, p := range mockidp.Personalities() {
		if p.Realms {
			takers = append(takers, p.Name)
		}
		if p.Features != nil {
			featured = append(featured, p.Name)
		}
	}
	switch {
	case f.file != "" && !slices.Contains(takers, as):
		return fmt.Errorf("--realm is for servers that have realms; want it with --as %s", strings.Join(takers, " or "))
	case f.file != "" && len(resources) > 0:
		return errors.New("--resource does not go with --realm: what tokens are for is said by the audience mappers of the realm file")
	case f.features != "" && !slices.Contains(featured, as):
		return fmt.Errorf("--features turns on what a provider has off; want it with --as %s", strings.Join(featured, " or "))
	}
	return nil
}

// sayings of a realm file are the sections of a configuration that it takes the place of.
var sayings = []string{"roles", "users", "resources", "default_resource", "default_scopes", "accept_audience", "scope_meanings", "clients", "lifetimes"}

// besideRealm refuses a configuration that says what the realm file says.
func besideRealm(path string, config []byte) error {
	both := slices.DeleteFunc(strictyaml.Keys(config), func(key string) bool { return !slices.Contains(sayings, key) })
	if len(both) > 0 {
		return fmt.Errorf("--config %s: with --realm the realm file says who signs in, to what and for how long; leave out: %s", path, strings.Join(both, ", "))
	}
	return nil
}

// announceRealm tells people what a realm file brought: which scopes there are, how people sign in, and what has no effect here.
func announceRealm(server *mockidp.Server, file string, w io.Writer) {
	if file == "" {
		return
	}
	fmt.Fprintf(w, "\nThe realm file %s: people sign in with the user names and passwords in it.\n\nScopes:\n", file)
	for _, scope := range server.Scopes() {
		if !scope.Hidden {
			fmt.Fprintf(w, "  %s%s\n", scope.Name, forRoles(scope.Roles))
		}
	}
	list(w, "What to know of it", server.Remarks())
	var lines []string
	for _, u := range server.Unimitated() {
		lines = append(lines, u.String())
	}
	list(w, "What it holds and mock-idp does not imitate", lines)
}

func list(w io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s:\n", title)
	for _, line := range lines {
		fmt.Fprintf(w, "  %s\n", line)
	}
}

func forRoles(roles []string) string {
	if len(roles) == 0 {
		return ", for everybody"
	}
	return ", for whoever is " + strings.Join(roles, " or ")
}
