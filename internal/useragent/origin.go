package useragent

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

const agentName = "mcpharness-useragent"

// setHeaders says what browsers say about where a request comes from; servers decide by it whether a post is forged.
func (n *navigation) setHeaders(h http.Header) {
	h.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	h.Set("User-Agent", agentName)
	h.Set("Sec-Fetch-Mode", "navigate")
	h.Set("Sec-Fetch-Dest", "document")
	h.Set("Sec-Fetch-Site", n.site())
	if n.method == http.MethodPost {
		h.Set("Content-Type", "application/x-www-form-urlencoded")
		h.Set("Origin", n.origin())
	}
}

// site is Sec-Fetch-Site (Fetch Metadata, section 2.3). Two ports of a host are one site.
func (n *navigation) site() string {
	switch {
	case n.from == nil:
		return "none"
	case !n.crossed:
		return "same-origin"
	case n.from.URL.Scheme == n.url.Scheme && n.from.URL.Hostname() == n.url.Hostname():
		return "same-site"
	}
	return "cross-site"
}

// origin is the Origin of a post (Fetch, "append a request Origin header"): null where the page's policy keeps referrers back.
func (n *navigation) origin() string {
	downgrade := n.from.URL.Scheme == "https" && n.url.Scheme == "http"
	switch policy := referrerPolicy(n.from.Header); {
	case n.tainted,
		policy == "no-referrer",
		policy == "same-origin" && n.crossed,
		downgrade && policy != "origin" && policy != "origin-when-cross-origin" && policy != "unsafe-url":
		return "null"
	}
	return serialized(n.from.URL)
}

// referrerPolicy is the last one that the header names: older browsers stop at earlier ones (Referrer Policy, section 4.1).
func referrerPolicy(h http.Header) string {
	all := strings.Split(strings.Join(h.Values("Referrer-Policy"), ","), ",")
	return strings.ToLower(strings.TrimSpace(all[len(all)-1]))
}

// serialized is an origin as browsers write it, without the scheme's own port.
func serialized(u *url.URL) string {
	if u.Port() == port(&url.URL{Scheme: u.Scheme}) {
		return u.Scheme + "://" + strings.TrimSuffix(u.Host, ":"+u.Port())
	}
	return u.Scheme + "://" + u.Host
}

func origin(u *url.URL) string { return u.Scheme + "://" + net.JoinHostPort(u.Hostname(), port(u)) }

func port(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		return p
	case u.Scheme == "https":
		return "443"
	case u.Scheme == "http":
		return "80"
	}
	return ""
}

func (n *navigation) forbidden(target *url.URL) error {
	return fmt.Errorf("browsers stop here: the Content-Security-Policy of %s has no form-action for %s; name it there, as redirects after a post count too",
		plain(n.from.URL), plain(target))
}

// formMayGo asks the page's policies whether a form may lead to the target, at once or by redirects (CSP level 3, section 6.4.1: what
// Chromium does). Paths in sources are not looked at.
func formMayGo(p *Page, target *url.URL) bool {
	for _, policy := range strings.Split(strings.Join(p.Header.Values("Content-Security-Policy"), ","), ",") {
		for directive := range strings.SplitSeq(policy, ";") {
			words := strings.Fields(directive)
			if len(words) == 0 || !strings.EqualFold(words[0], "form-action") {
				continue
			}
			allowed := false
			for _, source := range words[1:] {
				allowed = allowed || sourceMatches(strings.ToLower(source), p.URL, target)
			}
			if !allowed {
				return false
			}
			break // only the first directive of a name counts
		}
	}
	return true
}

// sourceMatches is the part of CSP level 3, section 6.7.2 that form-action needs: 'self', *, scheme: and [scheme://]host[:port].
func sourceMatches(source string, self, target *url.URL) bool {
	switch {
	case source == "'self'":
		return origin(self) == origin(target)
	case source == "*":
		return target.Scheme == "http" || target.Scheme == "https" || target.Scheme == self.Scheme
	case strings.HasPrefix(source, "'"):
		return false
	case strings.HasSuffix(source, ":"):
		return schemeMatches(strings.TrimSuffix(source, ":"), target.Scheme)
	}
	scheme, rest, found := strings.Cut(source, "://")
	if !found {
		scheme, rest = self.Scheme, source
	}
	authority, _, _ := strings.Cut(rest, "/")
	host, wantPort, hasPort := strings.Cut(authority, ":")
	if !schemeMatches(scheme, target.Scheme) {
		return false
	}
	if hasPort && wantPort != "*" && wantPort != port(target) ||
		!hasPort && port(target) != port(&url.URL{Scheme: target.Scheme}) {
		return false
	}
	name := strings.ToLower(target.Hostname())
	if suffix, wildcard := strings.CutPrefix(host, "*."); wildcard {
		return strings.HasSuffix(name, "."+suffix)
	}
	return host == name
}

// schemeMatches lets http stand for https too, never the other way round.
func schemeMatches(source, target string) bool {
	return source == target || source == "http" && target == "https"
}
