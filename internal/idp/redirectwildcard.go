package idp

import (
	"net/url"
	"slices"
	"strings"
)

// matchesWildcard takes what begins as a registered URI that ends with *, whatever the query says.
func matchesWildcard(registered []string, uri string) bool {
	path, _, _ := strings.Cut(uri, "?")
	if !fitsWildcard(uri) || strings.Contains(uri, "#") || strings.Contains(path, "..") || strings.Contains(path, "%2e") || strings.Contains(path, "%2E") {
		return false
	}
	if u, err := url.Parse(uri); err != nil || u.User != nil {
		return false
	}
	return slices.ContainsFunc(registered, func(known string) bool {
		prefix, wild := strings.CutSuffix(known, "*")
		if prefix == "" && !strings.HasPrefix(path, "http://") && !strings.HasPrefix(path, "https://") {
			return false // measured: any redirect URI is any page of the web, and no javascript: or program
		}
		return wild && !strings.Contains(known, "?") && (strings.HasPrefix(path, prefix) || path == strings.TrimSuffix(prefix, "/"))
	})
}

// wildcardDenies are parameters of responses: a redirect URI that only begins as a registered one must not bring its own. Measured.
var wildcardDenies = []string{
	"code", "state", "iss", "error", "error_description", "session_state", "access_token", "id_token", "response", "token_type", "expires_in", "kc_action_status",
}

// fitsWildcard reports whether a redirect URI is one (RFC 3986 §2), and its query names no parameter of a response.
func fitsWildcard(uri string) bool {
	if strings.ContainsAny(uri, " \"<>\\^`{|}") {
		return false
	}
	if _, err := url.PathUnescape(uri); err != nil {
		return false
	}
	_, query, _ := strings.Cut(uri, "?")
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil || slices.Contains(wildcardDenies, strings.ToLower(name)) {
			return false
		}
	}
	return true
}
