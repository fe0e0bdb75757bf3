package guard

import (
	"fmt"
	"net/http"
	"slices"
)

// Legacy returns a guard for the HTTP+SSE transport of MCP 2024-11-05, which is served at another URL of the same server.
// It judges tokens with the same settings and keys, but:
//
//   - It has metadata of its own that name resource. A client must refuse metadata whose resource is not the URL that
//     it calls (RFC 9728 section 3.3), so a client that is given the other URL could not sign in otherwise.
//   - Where the audience is the resource, it accepts tokens for its own URL and tokens for the first one. The first
//     guard still accepts its own only.
//   - A body may name a protocol version without a header that does: the transport has no such header. A header that is
//     there must agree, as anywhere.
//
// It may not be used with another origin than the first guard's.
func (g *Guard) Legacy(resource string) (*Guard, error) {
	u, err := checkURL("resource", resource)
	if err != nil {
		return nil, err
	}
	if u.RawQuery != "" || u.ForceQuery || g.scheme != u.Scheme || !g.hosts[canonicalHost(u.Scheme, u.Host)] {
		return nil, fmt.Errorf("resource: want a URL without a query on the origin of %s, got %q", g.resource, resource)
	}
	legacy := *g
	legacy.resource, legacy.headerless = resource, true
	if g.settings.Audience == g.resource {
		legacy.settings.Audience = resource
		legacy.settings.AudienceAlt = append(slices.Clone(g.settings.AudienceAlt), g.resource)
	}
	legacy.remember()
	if err := legacy.describe(u); err != nil {
		return nil, err
	}
	legacy.metadataPaths = legacy.metadataPaths[:1] // the one at the root is the first guard's
	return &legacy, nil
}

// Authenticate is the part of the gate that does not look at method and body: Host, Origin, preflights, the bearer token
// and Options.Throttle. It is for endpoints that take no JSON-RPC in, such as the event stream of the HTTP+SSE transport.
// next runs as under [Guard.Protect], and its error answers that are no JSON become JSON-RPC errors.
func (g *Guard) Authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, entered := g.enter(w, r); entered {
			pass(w, withCaller(r, id), next, nil)
		}
	})
}
