package idp

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/pages"
	"mcpharness/internal/idp/store"
)

// How an authorization response travels: in the query or the fragment of a redirect (OAuth 2.0 Multiple Response Type Encoding
// Practices §2.1), or in a form that the browser posts (OAuth 2.0 Form Post Response Mode §2).
const (
	modeQuery    = "query"
	modeFragment = "fragment"
	modeFormPost = "form_post"
)

// responseNone is answered with neither code nor token (OAuth 2.0 Multiple Response Type Encoding Practices §4).
const responseNone = "none"

var strictModes = []string{modeQuery, modeFormPost}

func (s *Server) responseModes() []string {
	if modes := s.Personality.Authorization.ResponseModes; modes != nil {
		return modes
	}
	return strictModes
}

// responseMode is how the client wants to hear of this request, errors included. What cannot be done falls back to the default:
// a mode that is repeated or unknown, and a form for a private scheme, which is no place to post to.
func (s *Server) responseMode(form url.Values, redirectURI string) string {
	modes := form["response_mode"]
	if len(modes) == 1 && slices.Contains(s.responseModes(), modes[0]) {
		if carrier, _ := plainMode(modes[0], modeQuery); carrier != modeFormPost || strings.HasPrefix(redirectURI, "http://") || strings.HasPrefix(redirectURI, "https://") {
			return modes[0]
		}
	}
	if len(modes) == 0 && slices.Contains(s.responseModes(), modeFragment) && bringsTokens(form.Get("response_type")) {
		return modeFragment
	}
	return modeQuery
}

// bringsTokens reports whether a response type asks for tokens from the authorization endpoint.
func bringsTokens(responseType string) bool {
	types := strings.Fields(responseType)
	return slices.Contains(types, "token") || slices.Contains(types, "id_token")
}

// answer sends an authorization response to the client (RFC 6749 §4.1.2). State is repeated where the request had one, and
// iss says who answers (RFC 9207).
func (s *Server) answer(w http.ResponseWriter, t store.Transaction, parameters url.Values) {
	if t.HasState || t.State != "" {
		parameters.Set("state", t.State)
	}
	if s.Personality.IssuerParameter {
		parameters.Set("iss", s.Issuer)
	}
	if s.Personality.Session.Named && t.SessionID != "" && !parameters.Has("error") {
		parameters.Set("session_state", t.SessionID) // OpenID Connect Session Management §2
	}
	noStore(w)
	mode, asJWT := plainMode(t.ResponseMode, modeQuery)
	if asJWT {
		var err error
		if parameters, err = s.signed(t, parameters); err != nil {
			s.Logger.Error("signing an authorization response failed", "cause", err)
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
	}
	if mode == modeFormPost {
		page := pages.FormPost{Issuer: s.Issuer, Action: t.RedirectURI, Client: redirectHost(t.RedirectURI)}
		for _, name := range append(responseParameters, "session_state", "response") {
			if value := parameters.Get(name); value != "" {
				page.Parameters = append(page.Parameters, pages.Detail{Name: name, Value: value})
			}
		}
		page.Failed = s.Personality.Authorization.PostedErrorFails && parameters.Has("error")
		page.Write(w)
		return
	}
	location := t.RedirectURI + "#" + s.inOrder(parameters)
	if mode != modeFragment {
		location = withQuery(t.RedirectURI, s.inOrder(parameters))
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	s.redirect(w, location)
}

// redirect sends a browser elsewhere: with 303, so that a posted form is not posted again (RFC 9700 §4.12), but for personalities that
// trust browsers to do so at 302 too.
func (s *Server) redirect(w http.ResponseWriter, location string) {
	w.Header().Set("Location", location)
	if s.Personality.Authorization.Found {
		w.WriteHeader(http.StatusFound)
		return
	}
	w.WriteHeader(http.StatusSeeOther)
}

// inOrder encodes parameters in the personality's order, and what that does not name by name behind it.
func (s *Server) inOrder(parameters url.Values) string {
	order := s.Personality.Authorization.Order
	rank := func(name string) int {
		if at := slices.Index(order, name); at >= 0 {
			return at
		}
		return len(order)
	}
	names := slices.Sorted(maps.Keys(parameters))
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	var pairs []string
	for _, name := range names {
		pairs = append(pairs, url.QueryEscape(name)+"="+url.QueryEscape(parameters.Get(name)))
	}
	return strings.Join(pairs, "&")
}

// withQuery adds encoded parameters to the query that a URI has or has not.
func withQuery(uri, parameters string) string {
	separator := "?"
	if _, query, has := strings.Cut(uri, "?"); has {
		separator = "&"
		if query == "" || strings.HasSuffix(query, "&") {
			separator = ""
		}
	}
	return uri + separator + parameters
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
