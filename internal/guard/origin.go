package guard

import (
	"net/http"
	"strings"
)

const (
	// What browser clients of both protocol eras send. Mcp-Param-* names come from tools, so they are added on request.
	corsHeaders = "Authorization, Content-Type, Accept, MCP-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id, Last-Event-ID"
	corsExposed = "WWW-Authenticate, Retry-After, Mcp-Session-Id, MCP-Protocol-Version"
	corsMaxAge  = "600"
)

// checkHost stops DNS rebinding: a page whose name was pointed at this server sends its own name as Host.
func (g *Guard) checkHost(r *http.Request) *refusal {
	if g.hosts[canonicalHost(g.scheme, r.Host)] {
		return nil
	}
	return &refusal{status: http.StatusForbidden, code: codeRefused,
		message: "the Host header names another server; reach this one by its public URL"}
}

// checkOrigin refuses foreign web pages on every method (MCP transports, security) and allows the listed ones to read
// the answer. Programs send no Origin.
func (g *Guard) checkOrigin(w http.ResponseWriter, r *http.Request) *refusal {
	w.Header().Add("Vary", "Origin")
	origins := r.Header["Origin"]
	if len(origins) == 0 {
		return nil
	}
	if len(origins) > 1 || !g.origins[origins[0]] {
		return &refusal{status: http.StatusForbidden, code: codeRefused,
			message: "web pages of this Origin may not call this server; its operator can allow the origin"}
	}
	w.Header().Set("Access-Control-Allow-Origin", origins[0])
	w.Header().Set("Access-Control-Expose-Headers", corsExposed)
	return nil
}

// answerPreflight answers a CORS preflight, which never carries credentials, and reports whether it did.
func answerPreflight(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodOptions || r.Header.Get("Origin") == "" || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	allowed := corsHeaders
	for name := range strings.SplitSeq(r.Header.Get("Access-Control-Request-Headers"), ",") {
		name = strings.TrimSpace(name)
		if len(name) > len("mcp-param-") && strings.EqualFold(name[:len("mcp-param-")], "mcp-param-") && isToken(name) {
			allowed += ", " + name
		}
	}
	h := w.Header()
	h.Add("Vary", "Access-Control-Request-Headers")
	h.Set("Access-Control-Allow-Methods", "POST, GET, DELETE")
	h.Set("Access-Control-Allow-Headers", allowed)
	h.Set("Access-Control-Max-Age", corsMaxAge)
	w.WriteHeader(http.StatusNoContent)
	return true
}
