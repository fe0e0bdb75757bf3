package idp

import (
	"net/http"
	"net/url"
	"slices"

	"mcpharness/internal/idp/pages"
	"mcpharness/internal/idp/store"
)

// logout ends a person's session at a client's request (OpenID Connect RP-Initiated Logout 1.0). Tokens stay what they are:
// a client that is done with its own revokes them.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	form, refusal := s.authorizationForm(w, r)
	if refusal != nil {
		s.logoutProblem(w, r, refusal.Description+".", "Correct how the client builds the logout request.")
		return
	}
	if !form.Has("decision") {
		s.endAs(w, r, form, false)
		return
	}
	// Only our own page confirms, or any site could sign people out unasked.
	s.sameOrigin(func(w http.ResponseWriter, r *http.Request) { s.endAs(w, r, form, r.Method == http.MethodPost) })(w, r)
}

// logoutRequest is a logout request whose parameters fit together (§2 and §3).
type logoutRequest struct {
	client      *store.Client // nil: not said, or gone
	subject     string        // of the ID token; empty: none was sent
	redirectURI string
}

func (s *Server) endAs(w http.ResponseWriter, r *http.Request, form url.Values, confirmed bool) {
	noStore(w)
	request, wrong, change := s.readLogout(r, form)
	if wrong != "" {
		s.logoutProblem(w, r, wrong, change) // on an error nobody is redirected (§4)
		return
	}
	session, signedIn := s.session(r)
	person, _ := s.Store.Person(session.Username)
	// §2: ask where the request does not prove that it is about the person who is signed in. A POST from another site comes
	// without the cookie, so who is signed in shows only when our own page is posted.
	unknown := s.Sessions && !signedIn && r.Method == http.MethodPost
	if !confirmed && (signedIn && (request.subject == "" || request.subject != person.Subject) || unknown) {
		s.confirmLogout(w, request, form, session.Username)
		return
	}
	s.endSession(w, r)
	s.Logger.InfoContext(r.Context(), "signed out", "username", session.Username)
	if request.redirectURI == "" {
		pages.Logout{Issuer: s.Issuer, Username: session.Username}.Write(w, http.StatusOK)
		return
	}
	location := request.redirectURI
	if form.Has("state") {
		location = withQuery(location, url.Values{"state": form["state"]}.Encode())
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	s.redirect(w, location)
}

func (s *Server) confirmLogout(w http.ResponseWriter, request logoutRequest, form url.Values, username string) {
	view := pages.Logout{Issuer: s.Issuer, Action: s.url(s.Personality.Paths.Logout), Username: username, RedirectURI: request.redirectURI}
	if c := request.client; c != nil {
		if view.ClientName = c.Name; view.ClientName == "" {
			view.ClientName = c.ID
		}
	}
	for _, name := range []string{"id_token_hint", "client_id", "post_logout_redirect_uri", "state"} {
		if form.Has(name) {
			view.Parameters = append(view.Parameters, pages.Detail{Name: name, Value: form.Get(name)})
		}
	}
	view.Write(w, http.StatusOK)
}

// readLogout says what is wrong with a logout request, and what to change.
func (s *Server) readLogout(r *http.Request, form url.Values) (request logoutRequest, wrong, change string) {
	if name := s.repeated(form); name != "" {
		return request, "The parameter " + name + " stands in the request more than once.", "Send each parameter once."
	}
	clientID := form.Get("client_id")
	if hint := form.Get("id_token_hint"); hint != "" {
		subject, audience, err := s.engine.IDToken(hint) // §4: also an expired one
		switch {
		case err != nil:
			return request, "The id_token_hint is no ID token of this server, or its key is not published any more.", "Send an ID token that this server issued, or client_id instead. A server without a signing key of its own makes a new one at every start."
		case clientID != "" && clientID != audience:
			return request, "The client_id is not the client that the ID token was issued to.", "Send the client_id of the ID token, or leave it out."
		}
		request.subject, clientID = subject, audience
	}
	if clientID != "" {
		c, refusal := s.client(r.Context(), clientID)
		if refusal != nil && form.Has("client_id") {
			return request, "No client with this client_id is registered.", "Register the client again; this server may have been restarted since."
		}
		request.client = c
	}
	uri := form.Get("post_logout_redirect_uri")
	switch {
	case uri == "":
	case request.client == nil:
		return request, "The request has a post_logout_redirect_uri, and does not say which client it is from.", "Send id_token_hint or client_id as well."
	case !s.mayLeaveTo(request.client, uri):
		return request, "The post_logout_redirect_uri is none that this client registered.", "Register it under post_logout_redirect_uris, character for character, port included."
	}
	request.redirectURI = uri
	return request, "", ""
}

// mayLeaveTo reports whether a client may be answered at a URI after a logout.
func (s *Server) mayLeaveTo(c *store.Client, uri string) bool {
	if len(c.LogoutURIs) == 0 && s.Personality.LogoutAtRedirects {
		return s.redirectIsOneOf(c.RedirectURIs, uri)
	}
	return slices.Contains(c.LogoutURIs, uri)
}

func (s *Server) logoutProblem(w http.ResponseWriter, r *http.Request, wrong, change string) {
	s.problem(w, r, pages.Problem{
		Status: http.StatusBadRequest, Title: "This logout request cannot be carried out", Wrong: wrong,
		Expected: "A request as OpenID Connect RP-Initiated Logout 1.0 section 2 says: id_token_hint or client_id, and a registered post_logout_redirect_uri.",
		Change:   change,
	})
}
