package command

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// Strings is a flag that may be given more than once.
type Strings []string

func (s *Strings) String() string { return strings.Join(*s, " ") }

// Set adds a value.
func (s *Strings) Set(value string) error {
	*s = append(*s, value)
	return nil
}

// Parse reads flags that leave nothing over. It reports false where the command is to end with the status: after --help with 0,
// after a mistake with 2, which is told on stderr.
func Parse(flags *flag.FlagSet, args []string, stderr io.Writer, usage string) (status int, ok bool) {
	rest, status, ok := ParseAround(flags, args, stderr, usage)
	if ok && len(rest) > 0 {
		return Misused(stderr, flags.Name(), fmt.Errorf("unexpected argument %q", rest[0])), false
	}
	return status, ok
}

// ParseAround is Parse for commands with arguments, which may stand before, between and after the flags. It returns them.
func ParseAround(flags *flag.FlagSet, args []string, stderr io.Writer, usage string) (arguments []string, status int, ok bool) {
	flags.SetOutput(io.Discard) // one message, ours
	for {
		switch err := flags.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			fmt.Fprint(stderr, usage)
			return nil, 0, false
		case err != nil:
			return nil, Misused(stderr, flags.Name(), err), false
		case flags.NArg() == 0:
			return arguments, 0, true
		}
		arguments, args = append(arguments, flags.Arg(0)), flags.Args()[1:]
	}
}

// Misused tells a mistake on the command line and returns the exit status for it.
func Misused(stderr io.Writer, name string, err error) int {
	fmt.Fprintf(stderr, "%s: %v\nSee %s --help.\n", name, err, name)
	return 2
}

// Failed tells why a command could not do its work and returns the exit status for it.
func Failed(stderr io.Writer, name string, err error) int {
	fmt.Fprintf(stderr, "%s: %v\n", name, err)
	return 1
}
