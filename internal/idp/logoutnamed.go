package idp

import (
	"net/http"
	"net/url"

	"mcpharness/internal/idp/pages"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// endNamed ends the session that a request names (personality.Logout.NamedSession).
func (s *Server) endNamed(w http.ResponseWriter, r *http.Request, form url.Values) {
	noStore(w)
	if r.Method == http.MethodPost && form.Has("refresh_token") {
		s.endByToken(w, r, form)
		return
	}
	request, wrong := s.readLogout(r, form)
	if wrong != nil {
		s.logoutProblem(w, r, wrong)
		return
	}
	session, signedIn := s.session(r)
	named := request.hint.SessionID
	switch {
	case request.hint.Subject == "" && (signedIn || request.redirectURI == ""), signedIn && named != session.ID:
		s.askToLogOut(w, r, request, form, session.Username)
		return
	case named != "":
		s.Store.EndSession(named)
	}
	if signedIn {
		s.endSession(w, r)
	}
	s.Logger.InfoContext(r.Context(), "signed out", "username", session.Username)
	s.signedOut(w, request.redirectURI, form["state"], session.Username)
}

// askToLogOut remembers the request as a sign-in is remembered, and asks the person.
func (s *Server) askToLogOut(w http.ResponseWriter, r *http.Request, request logoutRequest, form url.Values, username string) {
	t := store.Transaction{ForLogout: true, ClientID: "account", RedirectURI: request.redirectURI, State: form.Get("state"), HasState: form.Has("state")}
	view := pages.Logout{Issuer: s.Issuer, Username: username, RedirectURI: request.redirectURI, EndsTokens: s.Personality.Session.Binds}
	if c := request.client; c != nil {
		t.ClientID, view.ClientName = c.ID, c.Name
	}
	t = s.Store.Begin(t, s.browser(w, r))
	view.Action = s.url(s.Personality.Paths.LogoutConfirm) + "?" + url.Values{"client_id": {t.ClientID}, "tab_id": {t.ID}}.Encode()
	view.Code = t.Code
	view.Write(w, http.StatusOK)
}

// confirmNamed is the answer to askToLogOut.
func (s *Server) confirmNamed(w http.ResponseWriter, r *http.Request) {
	noStore(w)
	form, refusal := readBody(w, r, false)
	id, browser := r.URL.Query().Get("tab_id"), s.browser(w, r)
	t, ok := s.Store.Transaction(id, browser)
	if ok = ok && refusal == nil && t.ForLogout && form.Get("session_code") == t.Code; ok {
		t, ok = s.Store.End(id, browser)
	}
	if !ok {
		s.logoutProblem(w, r, &unfit{personality.LogoutGone, "Nobody was asked to log out here, or the answer was given before.", "Log out at the client again.", ""})
		return
	}
	session, _ := s.session(r)
	s.endSession(w, r)
	s.Logger.InfoContext(r.Context(), "signed out", "username", session.Username)
	var state []string
	if t.HasState {
		state = []string{t.State}
	}
	s.signedOut(w, t.RedirectURI, state, session.Username)
}

// endByToken ends the session of a refresh token, at the request of its client and without a browser.
func (s *Server) endByToken(w http.ResponseWriter, r *http.Request, form url.Values) {
	r.Form, r.PostForm = form, form
	client, refusal := s.engine.Client(r)
	if refusal == nil {
		refusal = s.engine.OwnOrigin(client, r)
	}
	if refusal == nil {
		refusal = s.engine.EndSession(client, form.Get("refresh_token"))
	}
	if refusal != nil {
		s.writeError(w, r, refusal)
		return
	}
	s.Logger.InfoContext(r.Context(), "ended the session of a refresh token", "client_id", client.ID)
	w.WriteHeader(http.StatusNoContent)
}
