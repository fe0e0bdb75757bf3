package idp

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
)

// Where a personality's pages are driven by an API (personality.LoginAPI), a cookie says which sign-ins are under way at a browser: an
// object with the transaction of each client, and the newest of all under another name. The address of a page names the client only.
const (
	interactionCookie = "_interaction"
	newestInteraction = "_legacy"
	appHeader         = "Logto-App-Id" // with it a script picks a client's sign-in
	unknownSession    = "/unknown-session"
	mostInteractions  = 20 // of one browser
)

// interactions reads the cookie. Whoever changes it names transactions that are not of this browser, and so none.
func interactions(r *http.Request) map[string]string {
	var named map[string]string
	if c, err := r.Cookie(interactionCookie); err == nil {
		if raw, err := url.QueryUnescape(c.Value); err == nil {
			_ = json.Unmarshal([]byte(raw), &named) // what is no object names none
		}
	}
	if named == nil { // also after a "null"
		named = map[string]string{}
	}
	return named
}

// interactionOf names the transaction of a client at this browser, or the newest one where no client is named.
func interactionOf(r *http.Request, clientID string) string {
	if clientID == "" {
		clientID = newestInteraction
	}
	return interactions(r)[clientID]
}

// toInteraction sends a browser to a page, with the cookie that says about which sign-in.
func (s *Server) toInteraction(w http.ResponseWriter, r *http.Request, path string, t store.Transaction) {
	named := interactions(r)
	if len(named) > mostInteractions {
		clear(named)
	}
	maps.Copy(named, map[string]string{t.ClientID: t.ID, newestInteraction: t.ID})
	value, err := json.Marshal(named)
	if err != nil {
		panic(err) // a map of strings: it cannot fail
	}
	http.SetCookie(w, s.cookie(interactionCookie, url.QueryEscape(string(value))))
	var hint []string
	if t.LoginHint != "" && path == s.Personality.Paths.Login {
		hint = []string{"login_hint", t.LoginHint}
	}
	http.Redirect(w, r, s.interactionURL(path, t, hint...), http.StatusSeeOther)
}

// interactionURL is a page about a client's sign-in. More are names and values for its query.
func (s *Server) interactionURL(path string, t store.Transaction, more ...string) string {
	query := url.Values{"app_id": {t.ClientID}}
	for i := 0; i+1 < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	return s.pagePath(path) + "?" + query.Encode() // without the host, as the provider writes it
}

// resumption is where a browser goes when a page has done its part.
func (s *Server) resumption(t store.Transaction) string {
	return s.url(s.Personality.Paths.Authorize) + "/" + t.ID
}

// resume takes a sign-in to its next page, or back to the client.
func (s *Server) resume(w http.ResponseWriter, r *http.Request) {
	t, ok := s.transaction(r, r.PathValue("transaction"))
	if !ok {
		s.writeError(w, r, engine.NewError("invalid_request", "authorization request has expired"))
		return
	}
	browser := s.browser(w, r)
	if name := t.Steps.Submitted; name != "" && name != t.Username && (t.OnlyUser == "" || t.OnlyUser == name) {
		if !s.Store.SignIn(t.ID, browser, name) {
			s.transactionGone(w, r)
			return
		}
		t.Username = name
		t.SessionID = s.startSession(w, r, name).ID
	}
	switch {
	case t.Username == "":
		s.toPage(w, r, s.Personality.Paths.Login, t)
	case !t.Steps.Allowed && s.asksConsent(t, false):
		s.toPage(w, r, s.Personality.Paths.Consent, t)
	default:
		session := t.SessionID
		if t, ok = s.Store.End(t.ID, browser); !ok { // from here on it is answered, once
			s.transactionGone(w, r)
			return
		}
		if open, ok := s.session(r); session == "" && ok && open.Username == t.Username {
			session = open.ID
		}
		t.SessionID = session
		if s.Sessions {
			s.Store.AddConsent(t)
		}
		s.allow(w, r, t)
	}
}

// consentInPassing answers the consent page for the person: the client is of the house.
func (s *Server) consentInPassing(w http.ResponseWriter, r *http.Request, t store.Transaction) {
	s.allowed(w, r, t)
	noStore(w)
	http.Redirect(w, r, s.resumption(t), http.StatusFound)
}

// allowed notes that the person, or the page in passing, has consented.
func (s *Server) allowed(w http.ResponseWriter, r *http.Request, t store.Transaction) {
	t.Steps.Allowed = true
	s.Store.Step(t.ID, s.browser(w, r), t.Steps) // a transaction that ended a moment ago is told at the next step
}

// submitted is what all steps of the API come to, done by a form.
func (s *Server) submitted(w http.ResponseWriter, r *http.Request, t store.Transaction, person store.Person) {
	t.Steps = store.Steps{Begun: true, Proved: person.Username, Identified: person.Username, Submitted: person.Username}
	if !s.Store.Step(t.ID, s.browser(w, r), t.Steps) {
		s.transactionGone(w, r)
		return
	}
	noStore(w)
	http.Redirect(w, r, s.resumption(t), http.StatusSeeOther)
}
