package idp

import (
	"net/http"
	"net/url"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/pages"
	"mcpharness/internal/idp/store"
)

// How an authorization response travels: in the query of a redirect (OAuth 2.0 Multiple Response Type Encoding Practices
// §2.1), or in a form that the browser posts (OAuth 2.0 Form Post Response Mode §2).
const (
	modeQuery    = "query"
	modeFormPost = "form_post"
)

var responseModes = []string{modeQuery, modeFormPost}

// responseMode is how the client wants to hear of this request, errors included. What cannot be done falls back to the query:
// a mode that is repeated or unknown, and a form for a private scheme, which is no place to post to.
func responseMode(form url.Values, redirectURI string) string {
	modes := form["response_mode"]
	if len(modes) == 1 && modes[0] == modeFormPost && (strings.HasPrefix(redirectURI, "http://") || strings.HasPrefix(redirectURI, "https://")) {
		return modeFormPost
	}
	return modeQuery
}

// answer sends an authorization response to the client (RFC 6749 §4.1.2). State is repeated where the request had one, and
// iss says who answers (RFC 9207).
func (s *Server) answer(w http.ResponseWriter, t store.Transaction, parameters url.Values) {
	if t.State != "" {
		parameters.Set("state", t.State)
	}
	if s.Personality.IssuerParameter {
		parameters.Set("iss", s.Issuer)
	}
	if s.Personality.Session.Named && t.SessionID != "" && parameters.Has("code") {
		parameters.Set("session_state", t.SessionID) // OpenID Connect Session Management §2
	}
	noStore(w)
	if t.ResponseMode == modeFormPost {
		page := pages.FormPost{Issuer: s.Issuer, Action: t.RedirectURI, Client: redirectHost(t.RedirectURI)}
		for _, name := range append(responseParameters, "session_state") {
			if value := parameters.Get(name); value != "" {
				page.Parameters = append(page.Parameters, pages.Detail{Name: name, Value: value})
			}
		}
		page.Write(w)
		return
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Location", withQuery(t.RedirectURI, parameters))
	w.WriteHeader(http.StatusSeeOther) // 303, so that a posted form is not posted again (RFC 9700 §4.12)
}

// withQuery adds parameters to the query that a URI has or has not.
func withQuery(uri string, parameters url.Values) string {
	separator := "?"
	if _, query, has := strings.Cut(uri, "?"); has {
		separator = "&"
		if query == "" || strings.HasSuffix(query, "&") {
			separator = ""
		}
	}
	return uri + separator + parameters.Encode()
}

func (s *Server) redirectError(w http.ResponseWriter, r *http.Request, t store.Transaction, e *engine.Error) {
	e = s.engine.Reworded(e)
	s.note(r, e)
	parameters := url.Values{"error": {e.Code}}
	if e.Description != "" {
		parameters.Set("error_description", e.Description)
	}
	s.answer(w, t, parameters)
}
