package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"mcpharness/mockidp"
)

// listFaults shows what --fault takes.
func listFaults(stdout io.Writer) int {
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	for _, f := range mockidp.Faults() {
		fmt.Fprintf(table, "%s\t%s\n", f.Name, f.What)
	}
	_ = table.Flush()
	return 0
}

// knownFaults refuses a fault that there is not.
func knownFaults(asked []string) error {
	var names []string
	for _, f := range mockidp.Faults() {
		names = append(names, f.Name)
	}
	for _, name := range asked {
		if !slices.Contains(names, name) {
			return fmt.Errorf("--fault %s: want one of %s, or list", name, strings.Join(names, ", "))
		}
	}
	return nil
}
