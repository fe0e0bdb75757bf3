package engine

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// AnyOrigin stands among the origins of a client for those of all pages.
const AnyOrigin = "*"

// OwnOrigin refuses a script of an origin that is not one of the client's, where the personality looks at that.
func (e *Engine) OwnOrigin(c *store.Client, r *http.Request) *Error {
	origin := r.Header.Get("Origin")
	rules := e.Personality.CORS
	switch {
	case origin == "" || !rules.OwnOriginsOnly || slices.Contains(c.WebOrigins, origin), strings.HasPrefix(e.Base+"/", origin+"/"):
		return nil
	case slices.Contains(c.WebOrigins, AnyOrigin):
		return nil
	case rules.RedirectOrigins && slices.ContainsFunc(c.RedirectURIs, func(uri string) bool { return originOf(uri) == origin }):
		return nil
	}
	refusal := ForeignOrigin(origin)
	refusal.About += " not allowed for client: " + c.ID
	return refusal
}

// ForeignOrigin is the refusal of a script by where it comes from.
func ForeignOrigin(origin string) *Error {
	refusal := NewFault(personality.ForeignOrigin, origin, "invalid_request", "scripts of this origin are not allowed here")
	refusal.Status = http.StatusForbidden
	return refusal
}

// originOf is the origin of a URI as browsers write it; that of a private scheme is null.
func originOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "null"
	}
	return u.Scheme + "://" + u.Host
}
