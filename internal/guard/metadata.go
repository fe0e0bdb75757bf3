package guard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

const wellKnown = "/.well-known/oauth-protected-resource"

// describe fixes the RFC 9728 document and where it is found. Inserted before the resource's path is the standard's
// placement (section 3.1); clients that MCP allows to guess try the root as well.
func (g *Guard) describe(resource *url.URL) error {
	path := resource.EscapedPath()
	if path == "/" {
		path = ""
	}
	g.metadataPaths = slices.Compact([]string{wellKnown + path, wellKnown})
	g.metadataURL = resource.Scheme + "://" + resource.Host + g.metadataPaths[0]
	document := struct {
		Resource             string   `json:"resource"`
		AuthorizationServers []string `json:"authorization_servers"`
		ScopesSupported      []string `json:"scopes_supported,omitempty"`
		BearerMethods        []string `json:"bearer_methods_supported"`
		ResourceName         string   `json:"resource_name,omitempty"`
	}{g.resource, []string{g.settings.Issuer}, g.scopes, []string{"header"}, g.resourceName}
	var err error
	if g.metadata, err = json.Marshal(document); err != nil {
		return fmt.Errorf("encoding the protected resource metadata: %w", err)
	}
	return nil
}

// MetadataPaths lists the URL paths at which [Guard.Metadata] must be served: the one that challenges name first.
func (g *Guard) MetadataPaths() []string { return slices.Clone(g.metadataPaths) }

// Metadata serves the protected resource metadata (RFC 9728 section 3.2). It is public: every origin may read it.
func (g *Guard) Metadata() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			h.Set("Content-Type", "application/json")
			h.Set("Content-Length", strconv.Itoa(len(g.metadata)))
			h.Set("Cache-Control", "public, max-age=300")
			w.Write(g.metadata)
		case http.MethodOptions:
			h.Set("Allow", "GET, HEAD, OPTIONS")
			h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
			h.Set("Access-Control-Allow-Headers", corsHeaders)
			h.Set("Access-Control-Max-Age", corsMaxAge)
			w.WriteHeader(http.StatusNoContent)
		default:
			h.Set("Allow", "GET, HEAD, OPTIONS")
			http.Error(w, "want GET, HEAD or OPTIONS, got another method", http.StatusMethodNotAllowed)
		}
	})
}
