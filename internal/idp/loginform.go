package idp

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"

	"mcpharness/internal/idp/pages"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// showLoginForm shows a form with the fields and the action that programs know from providers which ask for a password.
func (s *Server) showLoginForm(w http.ResponseWriter, t store.Transaction, username, refused string) {
	action := s.formAction(s.Personality.Paths.Login, t)
	if s.Personality.Login == personality.LoginAPI {
		action = s.interactionURL(s.Personality.Paths.Login, t)
	}
	view := pages.LoginForm{
		Issuer: s.Issuer, Action: action, ClientID: t.ClientID,
		RedirectHost: redirectHost(t.RedirectURI), RedirectURI: t.RedirectURI, Username: username, Refused: refused,
	}
	if s.Personality.Login == personality.LoginAPI {
		view.API = s.pageAt(s.Personality.Paths.LoginAPI)
	}
	if c, ok := s.Store.Client(t.ClientID); ok {
		view.ClientName = c.Name
	}
	view.Write(w)
}

// formAction is where a form of a transaction is posted to. The tab names the transaction; the session code is new on every page.
func (s *Server) formAction(path string, t store.Transaction) string {
	action := url.Values{"client_id": {t.ClientID}, "tab_id": {t.ID}, "client_data": {rand.Text()}}
	if path == s.Personality.Paths.Login {
		action.Set("session_code", rand.Text())
		action.Set("execution", rand.Text())
	}
	return s.pageAt(path) + "?" + action.Encode()
}

// logInByForm checks name and password. Who is wrong about either hears the same, and may try again.
func (s *Server) logInByForm(w http.ResponseWriter, r *http.Request, t store.Transaction, form url.Values) {
	username := form.Get("username")
	person, known := s.typed(username)
	if !person.PasswordIs(form.Get("password")) || !known || t.OnlyUser != "" && t.OnlyUser != person.Username {
		s.showLoginForm(w, t, username, "Invalid username or password.")
		return
	}
	if s.Personality.Login == personality.LoginAPI {
		s.submitted(w, r, t, person)
		return
	}
	s.signedIn(w, r, t, person)
}

// typed finds who is meant by what somebody types: a user name or an email address, in any case.
func (s *Server) typed(name string) (store.Person, bool) {
	for _, person := range s.Store.People() {
		if strings.EqualFold(name, person.Username) || person.Email != "" && strings.EqualFold(name, person.Email) {
			return person, true
		}
	}
	return store.Person{}, false
}
