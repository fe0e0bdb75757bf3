package idp

import (
	"net/http"
	"net/url"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/pages"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// showLoginForm shows a form with the fields and the action that programs know from providers which ask for a password.
func (s *Server) showLoginForm(w http.ResponseWriter, t store.Transaction, username, refused string) {
	view := pages.LoginForm{
		Issuer: s.Issuer, ClientID: t.ClientID,
		RedirectHost: redirectHost(t.RedirectURI), RedirectURI: t.RedirectURI, Username: username, Refused: refused, Again: t.Again,
	}
	switch {
	case s.Personality.Login == personality.LoginAPI:
		view.Action, view.API = s.interactionURL(s.Personality.Paths.Login, t), s.pageAt(s.Personality.Paths.LoginAPI)
	default:
		view.Action = s.formURL(s.Personality.Paths.Login, t, s.execution, t.Code)
		if t.Again != "" && s.Personality.Paths.Restart != "" {
			view.RestartURL = s.formURL(s.Personality.Paths.Restart, t, "", "")
		}
	}
	if c, ok := s.Store.Client(t.ClientID); ok {
		view.ClientName = c.Name
	}
	view.Write(w)
}

// showLoginFormAgain makes earlier showings of the form useless.
func (s *Server) showLoginFormAgain(w http.ResponseWriter, r *http.Request, t store.Transaction, username, refused string) {
	if s.Personality.Login == personality.LoginForm {
		var ok bool
		if t, ok = s.Store.Turn(t.ID, s.browser(w, r)); !ok {
			s.transactionGone(w, r)
			return
		}
	}
	s.showLoginForm(w, t, username, refused)
}

const wrongPassword = "Invalid username or password."

// logInByForm checks name and password. Who is wrong about either hears the same, and may try again.
func (s *Server) logInByForm(w http.ResponseWriter, r *http.Request, t store.Transaction, form url.Values) {
	if s.Personality.Login == personality.LoginForm && !s.formIsCurrent(w, r, t) {
		return
	}
	username := form.Get("username")
	person, known := s.typed(username)
	if t.Again != "" {
		if session, ok := s.session(r); !ok || session.Username != t.Again { // it has ended since
			s.askAnybody(w, r, t)
			return
		}
		person, known = s.Store.Person(t.Again)
	}
	switch {
	case !person.PasswordIs(form.Get("password")) || !known || t.OnlyUser != "" && t.OnlyUser != person.Username:
		s.showLoginFormAgain(w, r, t, username, wrongPassword)
	case person.Disabled:
		s.showLoginFormAgain(w, r, t, username, "Account is disabled, contact your administrator.")
	case s.Personality.Login == personality.LoginAPI:
		s.submitted(w, r, t, person)
	default:
		s.signedIn(w, r, t, person)
	}
}

// typed finds who is meant by what somebody types: a user name or an email address, in any case.
func (s *Server) typed(name string) (store.Person, bool) {
	name = strings.TrimSpace(name)
	for _, person := range s.Store.People() {
		if strings.EqualFold(name, person.Username) || person.Email != "" && strings.EqualFold(name, person.Email) {
			return person, true
		}
	}
	return store.Person{}, false
}

// askAnybody shows the form to whoever wants to sign in.
func (s *Server) askAnybody(w http.ResponseWriter, r *http.Request, t store.Transaction) {
	t, ok := s.Store.Restart(t.ID, s.browser(w, r))
	if !ok {
		s.transactionGone(w, r)
		return
	}
	s.showLoginFormAgain(w, r, t, "", "")
}

// restartLogin lets another person sign in than the one who was asked to do so again.
func (s *Server) restartLogin(w http.ResponseWriter, r *http.Request) {
	t, ok := s.transactionOf(w, r, s.transactionName(r))
	if !ok {
		return
	}
	if t, ok = s.Store.Restart(t.ID, s.browser(w, r)); !ok {
		s.transactionGone(w, r)
		return
	}
	s.endSession(w, r)
	s.toPage(w, r, s.Personality.Paths.Login, t)
}

// anotherIsSignedIn refuses to let a session go over to somebody else: what clients hold of it speaks for the one who opened it.
func (s *Server) anotherIsSignedIn(w http.ResponseWriter, r *http.Request, username string) bool {
	session, signedIn := s.session(r)
	if !signedIn || !s.Personality.Session.Binds || session.Username == username {
		return false
	}
	s.problemAs(w, r, &engine.Error{Fault: personality.SignedInAsAnother, About: session.Username}, pages.Problem{
		Status: http.StatusBadRequest, Title: "Somebody else is signed in",
		Wrong: "This browser has a session of " + session.Username + ", opened since this page was shown.", Expected: "The same person, or a browser without a session.",
		Change: "Sign out first, or use another browser profile for each person.",
	})
	return true
}
