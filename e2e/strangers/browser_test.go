//go:build unix

package strangers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"mcpharness/internal/useragent"
)

const (
	browserName = "xdg-open"         // what programs on Linux start to open a URL
	personKey   = "STRANGERS_PERSON" // environment of the browser: who sits before it
	deskKey     = "STRANGERS_DESK"   // and the address of the desk that it stands on
)

// browse is the main function of the browser that clients start: it signs the person in at the URL, then follows the redirect
// to the client's listener. It tells the desk, in a line each, that it signed the person in, and what went wrong. Clients leave
// their browsers running, so it ends when the desk hangs up. It returns the exit status.
func browse(args []string, getenv func(string) string) int {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	desk, err := (&net.Dialer{}).DialContext(ctx, "tcp", getenv(deskKey))
	if err != nil {
		fmt.Fprintln(os.Stderr, "calling the desk:", err)
		return 1
	}
	defer desk.Close()
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, desk)
	}()
	if err := visit(ctx, desk, args, getenv(personKey)); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(desk, err)
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func visit(ctx context.Context, desk io.Writer, args []string, person string) error {
	if len(args) != 1 {
		return fmt.Errorf("want one URL, got %d arguments", len(args))
	}
	browser := useragent.New(nil)
	callback, err := browser.SignIn(ctx, args[0], useragent.Person{Username: person})
	if err != nil {
		return err
	}
	fmt.Fprintln(desk, person)
	page, err := browser.Open(ctx, callback.String())
	for errors.Is(err, syscall.ECONNREFUSED) {
		// A person is slower: mcp-remote listens only some time after it has opened the browser for more scopes, or no more.
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
		page, err = browser.Open(ctx, callback.String())
	}
	if err != nil {
		return err
	}
	if page.Status != 200 {
		return fmt.Errorf("the client answers its callback with %d, want 200", page.Status)
	}
	return nil
}
