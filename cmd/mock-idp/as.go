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
	if !slices.Contains(names, as) {
		return fmt.Errorf("--as %s: want one of %s, or list", as, strings.Join(names[1:], ", "))
	}
	return nil
}
