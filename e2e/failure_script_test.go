package e2e

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// script is a page's fetch: it asks first where the request is not simple, and sees no more of the answer than CORS lets it
// (Fetch standard, CORS protocol). It sends no cookies.
type script struct {
	origin string
	next   *http.Client
}

// fetch returns the headers that the page may read, or why it may read nothing.
func (s *script) fetch(t *testing.T, method, location string, header http.Header) (http.Header, error) {
	t.Helper()
	var unsafe []string
	for name, values := range header {
		if !simple(name, values[0]) {
			unsafe = append(unsafe, strings.ToLower(name))
		}
	}
	slices.Sort(unsafe)
	if len(unsafe) > 0 {
		asked := http.Header{"Access-Control-Request-Method": {method}, "Access-Control-Request-Headers": {strings.Join(unsafe, ",")}}
		preflight := s.do(t, http.MethodOptions, location, asked)
		if preflight.StatusCode < 200 || preflight.StatusCode > 299 || !s.allowed(preflight) {
			return nil, fmt.Errorf("preflight: status %d, Access-Control-Allow-Origin %q", preflight.StatusCode, preflight.Header.Get("Access-Control-Allow-Origin"))
		}
		allowed := strings.ToLower(preflight.Header.Get("Access-Control-Allow-Headers"))
		for _, name := range unsafe { // an asterisk does not stand for Authorization
			if !slices.Contains(words(allowed), name) && (allowed != "*" || name == "authorization") {
				return nil, fmt.Errorf("preflight: header %s is not in %q", name, allowed)
			}
		}
		if methods := words(preflight.Header.Get("Access-Control-Allow-Methods")); method != http.MethodGet && method != http.MethodPost && !slices.Contains(methods, method) {
			return nil, fmt.Errorf("preflight: method %s is not in %q", method, methods)
		}
	}
	response := s.do(t, method, location, header)
	if !s.allowed(response) {
		return nil, fmt.Errorf("status %d, and the page may not read it", response.StatusCode)
	}
	seen := http.Header{}
	for _, name := range append(words(response.Header.Get("Access-Control-Expose-Headers")), "Content-Type", "Cache-Control") {
		seen[http.CanonicalHeaderKey(name)] = response.Header.Values(name)
	}
	return seen, nil
}

func (s *script) do(t *testing.T, method, location string, header http.Header) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, location, strings.NewReader(""))
	require.NoError(t, err)
	request.Header = header.Clone()
	if request.Header == nil {
		request.Header = http.Header{}
	}
	request.Header.Set("Origin", s.origin)
	response, err := s.next.Do(request)
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, response.Body)
	require.NoError(t, response.Body.Close())
	return response
}

func (s *script) allowed(response *http.Response) bool {
	allowed := response.Header.Values("Access-Control-Allow-Origin")
	return len(allowed) == 1 && (allowed[0] == "*" || allowed[0] == s.origin)
}

// simple reports whether a page may send the header without asking.
func simple(name, value string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Accept", "Accept-Language", "Content-Language":
		return true
	case "Content-Type":
		return slices.Contains([]string{"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}, value)
	}
	return false
}

func words(list string) (all []string) {
	for _, word := range strings.Split(list, ",") {
		if word = strings.TrimSpace(word); word != "" {
			all = append(all, word)
		}
	}
	return all
}
