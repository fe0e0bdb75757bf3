package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"mcpharness/mockidp"
)

// listPersonalities shows what --as takes.
func listPersonalities(stdout io.Writer) int {
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	for _, p := range mockidp.Personalities() {
		fmt.Fprintf(table, "%s\t%s\t%s (%s)\n", p.Name, p.What, p.Version, p.Sure)
	}
	_ = table.Flush()
	return 0
}

// known refuses a personality that there is not.
func known(as string) error {
	names := []string{""}
	for _, p := range mockidp.Personalities() {
		names = append(names, p.Name)
	}
	if small := strings.ToLower(as); small != as && slices.Contains(names, small) {
		return fmt.Errorf("--as %s: names are in small letters; want --as %s", as, small)
	}
	if !slices.Contains(names, as) {
		return fmt.Errorf("--as %s: want one of %s, or list", as, strings.Join(names[1:], ", "))
	}
	return nil
}

// strangers says which clients get in beside the configured ones; empty: none.
func strangers(as string) string {
	for i, p := range mockidp.Personalities() {
		switch {
		case i == 0 && (as == "" || as == p.Name):
			return "any other, by dynamic registration or a client metadata document"
		case p.Name == as && p.Registers:
			return "any other, by dynamic registration"
		}
	}
	return ""
}

// oneTarget says whether tokens are for the default resource, whatever a client asks for.
func oneTarget(as string) bool {
	return slices.ContainsFunc(mockidp.Personalities(), func(p mockidp.Imitated) bool { return p.Name == as && p.OneTarget })
}

// unreachable tells a resource that no token is for. A realm file lists only those that its mappers write.
func unreachable(as, realm, defaultResource, uri string) string {
	if !oneTarget(as) || realm != "" || uri == defaultResource || defaultResource == "" {
		return ""
	}
	return " (no token is for it: clients cannot choose here)"
}

// asAudience says what tokens call a resource where they do not call it by its URI.
func asAudience(server *mockidp.Server, uri string) string {
	switch audience := server.Audience(uri); audience {
	case uri:
		return ""
	case "":
		return " (tokens have no aud)"
	default:
		return " (aud " + audience + ")"
	}
}
