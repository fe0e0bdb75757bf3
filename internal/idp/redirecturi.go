package idp

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// redirectMatches reports whether a redirect URI is one of the registered ones. They are compared as strings (RFC 9700 §4.1.3),
// but for the port of an http loopback URI, which a native app learns only when it runs (RFC 8252 §7.3, OAuth 2.1 §8.4.2).
func redirectMatches(registered []string, redirectURI string) bool {
	if slices.Contains(registered, redirectURI) {
		return true
	}
	anyPort, ok := withoutLoopbackPort(redirectURI)
	if !ok {
		return false
	}
	return slices.ContainsFunc(registered, func(known string) bool {
		knownAnyPort, ok := withoutLoopbackPort(known)
		return ok && knownAnyPort == anyPort
	})
}

// redirectIsOneOf is redirectMatches by the rule of the personality.
func (s *Server) redirectIsOneOf(registered []string, uri string) bool {
	if s.Personality.Authorization.Redirects == personality.RedirectsWithoutPort {
		return slices.Contains(registered, uri) || matchesWildcard(registered, uri) || matchesWithoutPort(registered, uri)
	}
	return redirectMatches(registered, uri)
}

// redirectFits is redirectIsOneOf for a client's own.
func (s *Server) redirectFits(c *store.Client, uri string) bool {
	if s.Personality.Authorization.Redirects == personality.RedirectsAnyPortOfNative && !native(c) {
		return slices.Contains(c.RedirectURIs, uri)
	}
	return s.redirectIsOneOf(c.RedirectURIs, uri)
}

func (s *Server) redirectRule() string {
	if s.Personality.Authorization.Redirects == personality.RedirectsAnyPortOfNative {
		return "One of the registered redirect URIs, character for character; only for a native application the port of http://127.0.0.1, http://[::1] and http://localhost is free."
	}
	if s.Personality.Authorization.Redirects == personality.RedirectsWithoutPort {
		return "One of the registered redirect URIs, character for character; only the port of http://127.0.0.1 and http://localhost is free, where it is registered without one."
	}
	return "One of the registered redirect URIs, character for character; only the port of http://127.0.0.1, http://[::1] and http://localhost is free."
}

var localPort = regexp.MustCompile(`^(http://(?:localhost|127\.0\.0\.1)):[0-9]*(/[^?#]*)?\??$`)

// matchesWithoutPort tries again without a port, and without the mark of a query that is empty.
func matchesWithoutPort(registered []string, uri string) bool {
	portless := localPort.ReplaceAllString(uri, "$1$2")
	return portless != uri && slices.Contains(registered, portless)
}

// withoutLoopbackPort cuts the port out of an http loopback URI. It works on the string, so that no two URI parsers can
// disagree about what the host is.
func withoutLoopbackPort(uri string) (string, bool) {
	for _, host := range []string{"http://127.0.0.1", "http://[::1]", "http://localhost"} {
		rest, ok := strings.CutPrefix(uri, host)
		if !ok {
			continue
		}
		if port, ok := strings.CutPrefix(rest, ":"); ok {
			end := strings.IndexAny(port, "/?")
			if end < 0 {
				end = len(port)
			}
			if n, err := strconv.ParseUint(port[:end], 10, 16); err != nil || n == 0 || port[0] == '0' {
				return "", false
			}
			rest = port[end:]
		}
		if rest == "" || rest[0] == '/' || rest[0] == '?' {
			return host + rest, true
		}
	}
	return "", false
}

// native reports whether a client is an application on a person's device: it says so, or nobody says and it is a public one whose
// answers come to whichever port it has, or to a scheme of its own.
func native(c *store.Client) bool {
	if c.ApplicationType != "" || !c.Public() || len(c.RedirectURIs) == 0 {
		return c.ApplicationType == "native"
	}
	return !slices.ContainsFunc(c.RedirectURIs, func(uri string) bool {
		u, err := url.Parse(uri)
		return err != nil || u.Scheme == "https" || u.Scheme == "http" && u.Port() != ""
	})
}

// loopbackOnly reports whether a client is answered nowhere but on the person's own machine.
func loopbackOnly(registered []string) bool {
	return !slices.ContainsFunc(registered, func(uri string) bool {
		_, loopback := withoutLoopbackPort(uri)
		return !loopback
	})
}

// dangerousSchemes make a browser run or show what the URI holds, or lead to no client.
var dangerousSchemes = []string{"about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source", "ws", "wss", "ftp", "mailto", "tel", "sms", "urn", "intent"}

// responseParameters are what an authorization response adds to a redirect URI (RFC 6749 §4.1.2, RFC 9207 §2).
var responseParameters = []string{"code", "state", "iss", "error", "error_description", "error_uri"}

// CheckRedirectURI says why a redirect URI cannot be registered by an application of a type: "native", "web" or "" for not
// said (OpenID Connect Registration §2, RFC 8252 §7, RFC 6749 §3.1.2).
func CheckRedirectURI(uri, applicationType string) error {
	u, err := url.Parse(uri)
	switch {
	case err != nil:
		return errors.New("is no URI")
	case !u.IsAbs():
		return errors.New("is not absolute; want scheme and host, for example http://127.0.0.1/callback")
	case strings.Contains(uri, "#"):
		return errors.New("has a fragment, which RFC 6749 section 3.1.2 forbids")
	case strings.ContainsFunc(uri, func(r rune) bool { return r <= 0x20 || r >= 0x7f }):
		return errors.New("holds blanks, controls or non-ASCII characters; percent-encode them")
	case strings.ContainsAny(uri, "*\\<>\""):
		return errors.New("holds one of * \\ < > \"; redirect URIs are compared as strings, so there are no wildcards")
	case u.User != nil:
		return errors.New("holds user information")
	case slices.Contains(dangerousSchemes, u.Scheme):
		return fmt.Errorf("has the scheme %s, which no redirect may lead to", u.Scheme)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("has a query that is not form-encoded, which RFC 6749 section 3.1.2 demands")
	}
	for _, name := range responseParameters {
		if query.Has(name) {
			return fmt.Errorf("has %s in its query, which the authorization response adds; a parameter must not be there twice (RFC 6749 section 3.1)", name)
		}
	}
	_, loopback := withoutLoopbackPort(uri)
	switch {
	case (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() == "":
		return errors.New("has no host")
	case u.Scheme == "http" && !loopback:
		return errors.New("is plain http beyond loopback; want https, or http on 127.0.0.1, [::1] or localhost")
	case applicationType == "web" && u.Scheme != "https":
		return errors.New("is not https, which application_type web demands; a program on the user's machine registers as native")
	case applicationType == "native" && u.Scheme == "https":
		return errors.New("is https, which application_type native does not allow: want http loopback or a private-use scheme")
	}
	return nil
}

// redirectHost is what the pages show of a redirect URI: host and port, or the private scheme.
func redirectHost(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return ""
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return u.Scheme + ":"
	}
	return u.Host
}

// WebOrigins are the origins of web pages among redirect URIs, each once.
func WebOrigins(redirectURIs []string) (origins []string) {
	for _, uri := range redirectURIs {
		scheme, rest, _ := strings.Cut(uri, "://")
		if scheme != "http" && scheme != "https" {
			continue
		}
		host, _, _ := strings.Cut(rest, "/")
		if origin := scheme + "://" + host; !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	return origins
}
