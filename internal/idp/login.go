package idp

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/pages"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// loginPage shows a card for each person.
func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) {
	t, ok := s.transactionOf(w, r, s.transactionName(r))
	if !ok {
		return
	}
	if s.Personality.Login == personality.LoginForm && t.Username == "" && r.URL.Query().Get("session_code") == t.Code {
		s.showLoginFormAgain(w, r, t, t.LoginHint, wrongPassword) // the form, sent empty
		return
	}
	s.showLogin(w, r, t, t.LoginHint, http.StatusOK)
}

func (s *Server) showLogin(w http.ResponseWriter, r *http.Request, t store.Transaction, hint string, status int) {
	if s.Personality.Login != personality.LoginCards {
		s.showLoginFormAgain(w, r, t, hint, "")
		return
	}
	view := pages.Login{
		Issuer: s.Issuer, Action: s.pageAt(s.Personality.Paths.Login), Transaction: t.ID,
		ClientID: t.ClientID, RedirectHost: redirectHost(t.RedirectURI), Resources: t.Resources,
	}
	if c, ok := s.Store.Client(t.ClientID); ok {
		view.ClientName = c.Name
	}
	hinted, known := s.hinted(hint)
	if hint != "" && !known {
		view.HintUnknown = hint
	}
	for _, person := range s.Store.People() {
		if t.OnlyUser != "" && t.OnlyUser != person.Username {
			continue
		}
		granted, withheld := s.engine.May(t.Scopes, person)
		view.Users = append(view.Users, pages.UserCard{
			Username: person.Username, Name: person.Name, Subject: person.Subject, Roles: person.Roles,
			Allowed: granted, Withheld: withheld, Preselected: known && person.Username == hinted.Username,
		})
	}
	view.Write(w, status)
}

// login notes who pressed which card.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	form, t, ok := s.posted(w, r)
	if !ok {
		return
	}
	if s.Personality.Login != personality.LoginCards {
		s.logInByForm(w, r, t, form)
		return
	}
	username := form.Get("username")
	if username == "" {
		s.problem(w, r, pages.Problem{
			Status: http.StatusBadRequest, Title: "Nobody was chosen",
			Wrong: "The form has no username.", Expected: "username=NAME, where NAME is one of this server's users.",
			Change: "Go back to the page and press the row of a user.",
		})
		return
	}
	person, known := s.Store.Person(username)
	if !known {
		s.showLogin(w, r, t, username, http.StatusBadRequest)
		return
	}
	if t.OnlyUser != "" && t.OnlyUser != person.Username {
		s.problem(w, r, pages.Problem{
			Status: http.StatusBadRequest, Title: "This sign-in is for somebody else",
			Wrong: "The client's id_token_hint names another user than the one who was chosen.", Expected: "username=" + t.OnlyUser + ", or a request without id_token_hint.",
			Change: "Go back to the page and press its row, or start a sign-in without id_token_hint at the client.",
		})
		return
	}
	s.signedIn(w, r, t, person)
}

// signedIn takes somebody who has just signed in to the consent page, or straight to the client where that asks for none.
func (s *Server) signedIn(w http.ResponseWriter, r *http.Request, t store.Transaction, person store.Person) {
	if s.anotherIsSignedIn(w, r, person.Username) {
		return
	}
	browser := s.browser(w, r)
	if !s.Store.SignIn(t.ID, browser, person.Username) {
		s.transactionGone(w, r)
		return
	}
	noStore(w)
	t.Username = person.Username
	asks := s.asksConsent(t, true)
	if asks && !s.Personality.Session.AfterConsent {
		s.startSession(w, r, person.Username)
	}
	if !asks {
		t, ok := s.Store.End(t.ID, browser)
		if !ok {
			s.transactionGone(w, r)
			return
		}
		t.SessionID = s.startSession(w, r, person.Username).ID
		s.allow(w, r, t)
		return
	}
	s.toPage(w, r, s.Personality.Paths.Consent, t)
}

// posted reads a form of our own pages and its transaction.
func (s *Server) posted(w http.ResponseWriter, r *http.Request) (url.Values, store.Transaction, bool) {
	form, refusal := readBody(w, r, false)
	if name := s.repeated(form); refusal == nil && name != "" {
		refusal = engine.NewError("invalid_request", "parameter "+name+" is repeated")
	}
	if refusal != nil {
		s.problem(w, r, pages.Problem{
			Status: refusal.Status, Title: "The form cannot be read", Wrong: refusal.Description + ".",
			Expected: "The form of this server's page, as a browser posts it.", Change: "Start the sign-in at the client again.",
		})
		return nil, store.Transaction{}, false
	}
	id := form.Get("transaction")
	if s.Personality.Login != personality.LoginCards {
		id = s.transactionName(r)
	}
	t, ok := s.transactionOf(w, r, id)
	return form, t, ok
}

// transactionOf finds a sign-in under way that belongs to this browser, or says that it is over.
func (s *Server) transactionOf(w http.ResponseWriter, r *http.Request, id string) (store.Transaction, bool) {
	t, ok := s.transaction(r, id)
	switch {
	case !ok:
		s.transactionGone(w, r)
	case s.Personality.Login == personality.LoginForm && r.URL.Query().Get("client_id") != t.ClientID:
		s.formUnclear(w, r)
		return store.Transaction{}, false
	}
	return t, ok
}

func (s *Server) transaction(r *http.Request, id string) (store.Transaction, bool) {
	c, err := r.Cookie(browserCookie)
	if err != nil {
		return store.Transaction{}, false
	}
	t, ok := s.Store.Transaction(id, c.Value)
	return t, ok && !t.ForLogout
}

func (s *Server) transactionGone(w http.ResponseWriter, r *http.Request) {
	if s.Personality.Login == personality.LoginAPI && r.URL.Path != unknownSession {
		http.Redirect(w, r, s.pageAt(unknownSession), http.StatusFound)
		return
	}
	over := pages.Problem{
		Status: http.StatusBadRequest, Title: "This sign-in is over",
		Wrong:    "It was answered already, took longer than " + fmt.Sprintf("%.0f minutes", store.TransactionLifetime.Minutes()) + ", began in another browser, or the server was restarted. A browser that keeps no cookies cannot sign in.",
		Expected: "The page of a sign-in that began in this browser a moment ago.",
		Change:   "Start the sign-in at the client again.",
	}
	if s.Personality.Login == personality.LoginForm {
		s.formGone(w, r, over)
		return
	}
	s.problem(w, r, over)
}

// transactionName finds what toPage and the actions of forms write into a query, or into a cookie.
func (s *Server) transactionName(r *http.Request) string {
	query := r.URL.Query()
	if s.Personality.Login == personality.LoginAPI {
		return interactionOf(r, query.Get("app_id"))
	}
	return cmp.Or(query.Get("transaction"), query.Get("tab_id"))
}

// toPage sends a browser to the page that comes next in its sign-in.
func (s *Server) toPage(w http.ResponseWriter, r *http.Request, path string, t store.Transaction) {
	noStore(w)
	switch {
	case s.Personality.Login == personality.LoginAPI:
		s.toInteraction(w, r, path, t)
	case s.Personality.Login == personality.LoginForm && path == s.Personality.Paths.Consent:
		s.redirect(w, s.formURL(s.consentPath(), t, consentStep, ""))
	case s.Personality.Login == personality.LoginForm:
		s.redirect(w, s.formURL(path, t, s.execution, ""))
	default:
		s.redirect(w, s.pageURL(path, t.ID))
	}
}

// consentPath is where the consent page is.
func (s *Server) consentPath() string {
	return cmp.Or(s.Personality.Paths.ConsentPage, s.Personality.Paths.Consent)
}

func (s *Server) pageURL(path, transaction string) string {
	return s.pageAt(path) + "?" + url.Values{"transaction": {transaction}}.Encode()
}
