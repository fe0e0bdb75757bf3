package idp

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/pages"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// logout ends a person's session at a client's request (OpenID Connect RP-Initiated Logout 1.0). Tokens stay what they are:
// a client that is done with its own revokes them.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	form, refusal := s.authorizationForm(w, r)
	if refusal != nil {
		s.logoutProblem(w, r, &unfit{wrong: refusal.Description + ".", change: "Correct how the client builds the logout request."})
		return
	}
	switch {
	case s.Personality.Logout.NamedSession:
		s.endNamed(w, r, form)
		return
	case s.Personality.Logout.ByPage:
		s.endByPage(w, r, form)
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
	hint        engine.Hint   // zero: no ID token was sent
	redirectURI string
}

func (s *Server) endAs(w http.ResponseWriter, r *http.Request, form url.Values, confirmed bool) {
	noStore(w)
	request, wrong := s.readLogout(r, form)
	if wrong != nil {
		s.logoutProblem(w, r, wrong) // on an error nobody is redirected (§4)
		return
	}
	session, signedIn := s.session(r)
	person, _ := s.Store.Person(session.Username)
	// §2: ask where the request does not prove that it is about the person who is signed in. A POST from another site comes
	// without the cookie, so who is signed in shows only when our own page is posted.
	unknown := s.Sessions && !signedIn && r.Method == http.MethodPost
	if !confirmed && (signedIn && (request.hint.Subject != person.Subject) || unknown) {
		s.confirmLogout(w, request, form, session.Username)
		return
	}
	s.endSession(w, r)
	s.Logger.InfoContext(r.Context(), "signed out", "username", session.Username)
	s.signedOut(w, request.redirectURI, form["state"], session.Username)
}

// signedOut answers when it is done.
func (s *Server) signedOut(w http.ResponseWriter, redirectURI string, state []string, username string) {
	if redirectURI == "" {
		pages.Logout{Issuer: s.Issuer, Username: username, EndsTokens: s.Personality.Session.Binds}.Write(w, http.StatusOK)
		return
	}
	if len(state) > 0 {
		redirectURI = withQuery(redirectURI, url.Values{"state": state[:1]}.Encode())
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	s.redirect(w, redirectURI)
}

func (s *Server) confirmLogout(w http.ResponseWriter, request logoutRequest, form url.Values, username string) {
	view := pages.Logout{Issuer: s.Issuer, Action: s.url(s.Personality.Paths.Logout), Username: username, RedirectURI: request.redirectURI, EndsTokens: s.Personality.Session.Binds}
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

// unfit is why a logout request cannot be carried out, and what to change.
type unfit struct {
	fault         personality.Fault
	wrong, change string
	about         string // for the personality's words
}

// readLogout reads a logout request, or says what is wrong with it.
func (s *Server) readLogout(r *http.Request, form url.Values) (request logoutRequest, _ *unfit) {
	if name := s.repeated(form); name != "" && !s.Personality.Forms.RepeatedLast {
		return request, &unfit{0, "The parameter " + name + " stands in the request more than once.", "Send each parameter once.", ""}
	}
	clientID, uri := form.Get("client_id"), form.Get("post_logout_redirect_uri")
	if hint := form.Get("id_token_hint"); hint != "" {
		said, err := s.engine.IDToken(hint) // §4: also an expired one
		switch {
		case err != nil && !strings.Contains(hint, ".") && s.Personality.Logout.ByPage:
			return request, &unfit{personality.LogoutHintUnreadable, "The id_token_hint is no JWT.", "Send an ID token that this server issued, or client_id instead.", ""}
		case err != nil:
			return request, &unfit{personality.LogoutHint, "The id_token_hint is no ID token of this server, or its key is not published any more.", "Send an ID token that this server issued, or client_id instead. A server without a signing key of its own makes a new one at every start.", ""}
		case clientID != "" && clientID != said.ClientID:
			return request, &unfit{s.mismatched(), "The client_id is not the client that the ID token was issued to.", "Send the client_id of the ID token, or leave it out.", ""}
		}
		request.hint, clientID = said, said.ClientID
	}
	if clientID == "" && s.Personality.Logout.ByPage {
		uri = "" // nobody can say whether it is registered
	}
	if clientID != "" {
		c, refusal := s.client(r.Context(), clientID)
		if known, ok := s.Store.Client(clientID); ok && known.Disabled && s.Personality.Logout.NamedSession {
			c, refusal = known, nil // measured
		}
		if refusal != nil && form.Has("client_id") && (uri != "" || !s.Personality.Logout.NamedSession) {
			return request, &unfit{s.strangers(), "No client with this client_id is registered.", "Register the client again; this server may have been restarted since.", clientID}
		}
		request.client = c
	}
	switch {
	case uri == "":
	case request.client == nil:
		return request, &unfit{personality.LogoutClientless, "The request has a post_logout_redirect_uri, and does not say which client it is from.", "Send id_token_hint or client_id as well.", ""}
	case !s.mayLeaveTo(request.client, uri):
		return request, &unfit{personality.LogoutRedirect, "The post_logout_redirect_uri is none that this client registered.", "Register it under post_logout_redirect_uris, character for character, port included.", ""}
	}
	request.redirectURI = uri
	return request, nil
}

// mismatched and strangers are faults that only some personalities tell from others.
func (s *Server) mismatched() personality.Fault {
	if s.engine.Minds(personality.LogoutMismatch) {
		return personality.LogoutMismatch
	}
	return personality.LogoutHint
}

func (s *Server) strangers() personality.Fault {
	if s.engine.Minds(personality.LogoutClient) {
		return personality.LogoutClient
	}
	return personality.LogoutRedirect
}

// mayLeaveTo reports whether a client may be answered at a URI after a logout.
func (s *Server) mayLeaveTo(c *store.Client, uri string) bool {
	switch {
	case !s.Personality.Logout.AtRedirects:
		return slices.Contains(c.LogoutURIs, uri)
	case len(c.LogoutURIs) == 0:
		return s.redirectIsOneOf(c.RedirectURIs, uri)
	}
	return s.redirectIsOneOf(c.LogoutURIs, uri)
}

func (s *Server) logoutProblem(w http.ResponseWriter, r *http.Request, u *unfit) {
	s.problemAs(w, r, &engine.Error{Fault: u.fault, About: u.about}, pages.Problem{
		Status: http.StatusBadRequest, Title: "This logout request cannot be carried out", Wrong: u.wrong,
		Expected: "A request as OpenID Connect RP-Initiated Logout 1.0 section 2 says: id_token_hint or client_id, and a registered post_logout_redirect_uri.",
		Change:   u.change,
	})
}
