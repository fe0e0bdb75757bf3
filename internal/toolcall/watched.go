package toolcall

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"golang.org/x/oauth2"
)

// watched is an OAuth handler that tells what its server refuses, what it asks for then, and what it gets. Safe for concurrent use.
type watched struct {
	inner *auth.AuthorizationCodeHandler
	tell  io.Writer

	mu       sync.Mutex
	signedIn bool
	reason   string // of the last 403
	failed   error  // why somebody did not get in
}

func (w *watched) TokenSource(ctx context.Context) (oauth2.TokenSource, error) {
	return w.inner.TokenSource(ctx)
}

// Authorize is called for every 401 and 403. After a failure nobody is asked again: the SDK tries another protocol revision then.
func (w *watched) Authorize(ctx context.Context, request *http.Request, response *http.Response) error {
	if err := w.failure(); err != nil {
		return err
	}
	status, reason := response.StatusCode, ""
	challenges, _ := oauthex.ParseWWWAuthenticate(response.Header.Values("WWW-Authenticate"))
	for _, c := range challenges {
		if c.Scheme == "bearer" {
			reason = plain(c.Params["error_description"])
		}
	}
	line := fmt.Sprintf("← %d %s", status, http.StatusText(status))
	if reason != "" {
		line += ": " + reason
	}
	fmt.Fprintln(w.tell, line)
	err := w.again(status, reason)
	if err == nil {
		err = w.inner.Authorize(ctx, request, response)
	}
	if err == nil {
		err = w.got(ctx)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed, w.signedIn = err, err == nil
	return err
}

// again notes why the server refuses. A token that was got a moment ago and is not taken would be the same the next time.
func (w *watched) again(status int, reason string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case status == http.StatusForbidden:
		w.reason = reason
	case w.signedIn:
		return fmt.Errorf("the server does not take the token: %s", cmp.Or(reason, "it does not say why"))
	}
	return nil
}

func (w *watched) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

// asks tells what somebody signs in for.
func (w *watched) asks(name, authorizationURL string) {
	u, err := url.Parse(authorizationURL)
	if err != nil {
		return // whoever opens it says so
	}
	fmt.Fprintf(w.tell, "→ %s signs in at %s://%s for %s\n", name, u.Scheme, u.Host, sorted(u.Query().Get("scope")))
}

// got tells what was granted (RFC 6749 section 5.1: without scope in the answer, all that was asked for).
func (w *watched) got(ctx context.Context) error {
	source, err := w.inner.TokenSource(ctx)
	if err != nil || source == nil {
		return err
	}
	token, err := source.Token()
	if err != nil {
		return err
	}
	switch scope, told := token.Extra("scope").(string); {
	case !told:
		fmt.Fprintln(w.tell, "← a token with all of that")
	case strings.TrimSpace(scope) == "":
		fmt.Fprintln(w.tell, "← a token without any scope")
	default:
		fmt.Fprintf(w.tell, "← a token with %s\n", sorted(scope))
	}
	return nil
}

// sorted is a scope parameter, whose order means nothing (RFC 6749 section 3.3).
func sorted(scope string) string {
	words := strings.Fields(plain(scope))
	slices.Sort(words)
	return strings.Join(words, " ")
}

// plain is a server's text without what would move a terminal's cursor.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

// refusal is why the server refused the person, "" if it did not.
func (w *watched) refusal() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reason
}
