package idp

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/pages"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// consentPage shows what the client asks for and what the person's role withholds. Without sessions it is always shown: who
// tests a client wants to see what it asks for.
func (s *Server) consentPage(w http.ResponseWriter, r *http.Request) {
	t, ok := s.transactionOf(w, r, s.transactionName(r))
	if !ok {
		return
	}
	person, ok := s.Store.Person(t.Username)
	client, known := s.Store.Client(t.ClientID)
	if !ok || !known {
		s.toPage(w, r, s.Personality.Paths.Login, t)
		return
	}
	if s.Personality.Consent == personality.ConsentInPassing && !client.Foreign() {
		s.consentInPassing(w, r, t)
		return
	}
	_, loopback := withoutLoopbackPort(t.RedirectURI)
	granted, withheld := s.engine.May(s.toConsent(t), person)
	acceptCancel := s.Personality.Consent == personality.ConsentOfStrangers
	action, switchURL := s.pageAt(s.Personality.Paths.Consent)+"?"+url.Values{"username": {person.Username}}.Encode(), s.pageURL(s.Personality.Paths.Login, t.ID)
	switch {
	case acceptCancel:
		action, switchURL = s.formURL(s.Personality.Paths.Consent, t, "", ""), ""
	case s.Personality.Login == personality.LoginAPI:
		action, switchURL = s.interactionURL(s.Personality.Paths.Consent, t, "username", person.Username), ""
	}
	pages.Consent{
		Issuer: s.Issuer, AcceptCancel: acceptCancel, Action: action, Transaction: t.ID, SwitchURL: switchURL,
		ClientName: client.Name, ClientID: client.ID, ClientURI: client.URI,
		RedirectHost: redirectHost(t.RedirectURI), RedirectURI: t.RedirectURI, LoopbackRedirect: loopback, Registered: client.Registered,
		DocumentHost: documentHost(client), LoopbackOnly: loopbackOnly(client.RedirectURIs),
		Username: person.Username, Name: person.Name, Roles: person.Roles, Resources: t.Resources,
		Granted: s.meanings(granted), Withheld: s.meanings(withheld),
	}.Write(w, http.StatusOK)
}

// toConsent are the scopes that a person is asked about: where consent is remembered, the new ones.
func (s *Server) toConsent(t store.Transaction) []string {
	scopes := s.engine.OnConsent(t.Scopes)
	if t.PromptConsent || s.Personality.Consent != personality.ConsentOfStrangers {
		return scopes
	}
	allowed, _ := s.Store.Consented(t)
	return slices.DeleteFunc(slices.Clone(scopes), func(scope string) bool { return slices.Contains(allowed, scope) })
}

// consent carries out the decision.
func (s *Server) consent(w http.ResponseWriter, r *http.Request) {
	form, t, ok := s.posted(w, r)
	if !ok {
		return
	}
	shown, decision := r.URL.Query().Get("username"), form.Get("decision")
	if s.Personality.Consent == personality.ConsentOfStrangers {
		shown, decision = "", pressed(form) // nobody else can sign in to it: the form is not taken any more
	}
	if shown != "" && shown != t.Username {
		// Another person signed in since, in a second tab: what this one shows must not be decided for the other.
		s.toPage(w, r, s.Personality.Paths.Consent, t)
		return
	}
	if t.Username == "" || decision != "allow" && decision != "deny" {
		s.problem(w, r, pages.Problem{
			Status: http.StatusBadRequest, Title: "The decision is missing",
			Wrong: "Nobody has signed in yet, or the form says neither allow nor deny.", Expected: "decision=allow or decision=deny, after a sign-in.",
			Change: "Go back to the page and press one of its buttons.",
		})
		return
	}
	if s.anotherIsSignedIn(w, r, t.Username) {
		return
	}
	if session, ok := s.session(r); s.Personality.Session.AfterConsent && t.SessionID != "" && (!ok || session.ID != t.SessionID) {
		s.askAnybody(w, r, t) // nobody signed in for it but a session, and that has ended
		return
	}
	t, ok = s.Store.End(t.ID, s.browser(w, r)) // from here on it is answered, once
	if !ok {
		s.transactionGone(w, r)
		return
	}
	if decision == "deny" {
		s.redirectError(w, r, t, engine.NewFault(personality.ConsentDenied, "", "access_denied", "the user denied the request"))
		return
	}
	if s.Sessions {
		s.Store.AddConsent(t)
	}
	if session, ok := s.session(r); s.Personality.Session.AfterConsent && (!ok || session.AuthTime.Before(t.AuthTime)) {
		t.SessionID = s.startSession(w, r, t.Username).ID
	} else if ok && session.Username == t.Username {
		t.SessionID = session.ID
	}
	s.allow(w, r, t)
}

// asksConsent reports whether the person of a transaction has to allow the client anything. Somebody who has just signed in is
// asked every time, but where the personality asks only about strangers: who tests a client wants to see what it asks for.
func (s *Server) asksConsent(t store.Transaction, justSignedIn bool) bool {
	client, known := s.Store.Client(t.ClientID)
	ofStrangers := s.Personality.Consent == personality.ConsentOfStrangers
	switch {
	case ofStrangers && known && !client.Foreign():
		return false
	case s.Personality.Session.NativeAsks && known && native(client):
		return true
	case t.PromptConsent || justSignedIn && !ofStrangers:
		return true
	}
	return !s.Sessions || !s.Store.HasConsent(t)
}

// pressed is the decision that the button accept or cancel stands for.
func pressed(form url.Values) string {
	if form.Has("cancel") {
		return "deny"
	}
	return "allow"
}

// allow issues the code for what the person's roles leave of the request, silently cut: the token response says what it is.
func (s *Server) allow(w http.ResponseWriter, r *http.Request, t store.Transaction) {
	person, _ := s.Store.Person(t.Username)
	granted, withheld := s.engine.May(t.Scopes, person)
	if refusal := s.engine.Refuses(granted, withheld); refusal != nil {
		s.redirectError(w, r, t, refusal)
		return
	}
	grant := store.Grant{
		ClientID: t.ClientID, Username: t.Username, Scopes: granted, Resources: t.Resources,
		AuthTime: t.AuthTime, MaxAge: t.MaxAge, BySession: t.BySession, CodeChallenge: t.CodeChallenge, PlainChallenge: t.PlainChallenge, Nonce: t.Nonce, HasNonce: t.HasNonce,
		SessionID: t.SessionID, Outlives: slices.Contains(granted, "offline_access"),
	}
	grant.Bound = s.Personality.Session.Binds && t.SessionID != "" && (!grant.Outlives || s.Personality.Session.BindsOffline)
	grant.Returns = s.Personality.Session.CodesReturn
	grant.Apart = s.Personality.Session.OfflineApart && t.SessionID != "" && grant.Outlives && !grant.Bound
	if grant.AuthTime.IsZero() {
		grant.AuthTime = time.Now()
	}
	if t.RedirectNamed {
		grant.RedirectURI = t.RedirectURI
	}
	if t.NoCode {
		s.answer(w, t, url.Values{})
		return
	}
	code, err := s.engine.IssueCode(r.Context(), grant)
	if err != nil {
		s.redirectError(w, r, t, &engine.Error{Code: "server_error", Description: "issuing the code failed; the server's log says why", Cause: err})
		return
	}
	if t.Pushed != "" {
		s.Store.DropPushed(t.Pushed)
	}
	s.Logger.InfoContext(r.Context(), "issued a code", "client_id", t.ClientID, "username", t.Username, "granted", granted, "withheld", withheld, "resources", t.Resources)
	s.answer(w, t, url.Values{"code": {code}})
}

func (s *Server) meanings(scopes []string) []pages.Scope {
	var said []pages.Scope
	for _, scope := range scopes {
		said = append(said, pages.Scope{Name: scope, Meaning: s.Catalog.Meaning(scope)})
	}
	return said
}
