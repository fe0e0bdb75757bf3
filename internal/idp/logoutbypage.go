package idp

import (
	"net/http"
	"net/url"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/pages"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// endByPage answers with a page that posts itself, where the session ends (personality.Logout.ByPage). The request is remembered as a
// sign-in is, and what names it is the proof that the page was this browser's.
func (s *Server) endByPage(w http.ResponseWriter, r *http.Request, form url.Values) {
	noStore(w)
	request, wrong := s.readLogout(r, form)
	if wrong != nil {
		s.logoutProblem(w, r, wrong)
		return
	}
	t := store.Transaction{ForLogout: true, RedirectURI: request.redirectURI, State: form.Get("state"), HasState: form.Has("state")}
	if request.client != nil {
		t.ClientID = request.client.ID
	}
	t = s.Store.Begin(t, s.browser(w, r))
	pages.FormPost{
		Issuer: s.Issuer, Action: s.url(s.Personality.Paths.LogoutConfirm), Client: redirectHost(s.Issuer), SignsOut: true,
		Parameters: []pages.Detail{{Name: "xsrf", Value: t.ID}, {Name: "logout", Value: "yes"}},
	}.Write(w)
}

// confirmByPage ends the session, or without logout=yes only what the client holds in it.
func (s *Server) confirmByPage(w http.ResponseWriter, r *http.Request) {
	noStore(w)
	form, refusal := readBody(w, r, false)
	if _, err := r.Cookie(browserCookie); err != nil {
		s.writeError(w, r, engine.NewFault(personality.LogoutCookieless, "", "invalid_request", "no sign-out is under way at this browser"))
		return
	}
	browser := s.browser(w, r)
	t, ok := s.Store.Transaction(form.Get("xsrf"), browser)
	if ok = ok && refusal == nil && t.ForLogout; ok {
		t, ok = s.Store.End(t.ID, browser)
	}
	if !ok {
		s.writeError(w, r, engine.NewFault(personality.LogoutForged, "", "invalid_request", "the form is not that of a sign-out under way"))
		return
	}
	session, _ := s.session(r)
	if form.Has("logout") {
		s.endSession(w, r)
		s.Logger.InfoContext(r.Context(), "signed out", "username", session.Username)
	} else {
		s.Store.Leave(session.ID, t.ClientID)
	}
	if t.RedirectURI == "" {
		s.redirect(w, s.url(s.Personality.Paths.LogoutDone))
		return
	}
	var state []string
	if t.HasState {
		state = []string{t.State}
	}
	s.signedOut(w, t.RedirectURI, state, session.Username)
}

// loggedOut is the page at the end.
func (s *Server) loggedOut(w http.ResponseWriter, _ *http.Request) {
	noStore(w)
	pages.Logout{Issuer: s.Issuer, EndsTokens: s.Personality.Session.Binds}.Write(w, http.StatusOK)
}
