package idp

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"

	"mcpharness/internal/idp/store"
)

// interactionEndpoints are what the scripts of pages call, step by step, and where they lead.
func (s *Server) interactionEndpoints() []endpoint {
	login, consent := s.pagePath(s.Personality.Paths.LoginAPI), s.pagePath(s.Personality.Paths.ConsentAPI)
	return []endpoint{
		{path: s.basePath + s.Personality.Paths.Authorize + "/{transaction}", get: s.resume},
		{path: login, put: s.beginLogin},
		{path: login + "/verification/password", post: s.begun(s.provePassword)},
		{path: login + "/identification", post: s.begun(s.identify)},
		{path: login + "/submit", post: s.begun(s.submit)},
		{path: consent, get: s.consenting(s.describeConsent), post: s.consenting(s.giveConsent)},
		{path: s.pagePath(unknownSession), get: s.transactionGone},
	}
}

// interacting finds the sign-in that a script's request is about.
func (s *Server) interacting(w http.ResponseWriter, r *http.Request) (store.Transaction, bool) {
	t, ok := s.transaction(r, interactionOf(r, r.Header.Get(appHeader)))
	if !ok {
		s.sessionNotFound(w, r)
	}
	return t, ok
}

// step notes how far a sign-in has come and answers.
func (s *Server) step(w http.ResponseWriter, r *http.Request, t store.Transaction, status int, answer any) {
	if !s.Store.Step(t.ID, s.browser(w, r), t.Steps) {
		s.sessionNotFound(w, r)
		return
	}
	if answer == nil {
		w.WriteHeader(status)
		return
	}
	writeJSON(w, status, answer)
}

// beginLogin starts over.
func (s *Server) beginLogin(w http.ResponseWriter, r *http.Request) {
	t, ok := s.interacting(w, r)
	if !ok {
		return
	}
	body, issue := readStep(w, r)
	event := ""
	if issue == nil {
		event, issue = body.text("interactionEvent")
	}
	events := []string{"SignIn", "Register", "ForgotPassword"}
	switch {
	case issue != nil:
		s.invalidInput(w, r, issue)
	case !slices.Contains(events, event):
		s.invalidInput(w, r, oneOf("interactionEvent", event, events))
	case event != "SignIn": // nobody signs up here
		s.refuseStep(w, r, http.StatusForbidden, "auth.forbidden", "Forbidden. Please check your user roles and permissions.")
	default:
		t.Steps = store.Steps{Begun: true}
		s.step(w, r, t, http.StatusNoContent, nil)
	}
}

// begun lets a step through if the sign-in has begun.
func (s *Server) begun(next func(http.ResponseWriter, *http.Request, store.Transaction)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t, ok := s.interacting(w, r)
		switch {
		case !ok:
		case !t.Steps.Begun:
			s.refuseStep(w, r, http.StatusNotFound, "session.interaction_not_found", "Interaction session not found. Please go back and start the session again.")
		default:
			next(w, r, t)
		}
	}
}

// provePassword takes a name and a password. Who is wrong about either hears the same.
func (s *Server) provePassword(w http.ResponseWriter, r *http.Request, t store.Transaction) {
	body, issue := readStep(w, r)
	var kind, name, password string
	if issue == nil {
		kind, name, password, issue = body.credentials()
	}
	if issue != nil {
		s.invalidInput(w, r, issue)
		return
	}
	person, known := s.called(kind, name)
	if !person.PasswordIs(password) || !known {
		s.refuseStep(w, r, http.StatusUnprocessableEntity, "session.invalid_credentials", "Incorrect account or password. Please check your input.")
		return
	}
	t.Steps.Proof, t.Steps.Proved = strings.ToLower(rand.Text()[:21]), person.Username
	s.step(w, r, t, http.StatusOK, map[string]string{"verificationId": t.Steps.Proof})
}

// called finds who has a name of a kind, to the letter.
func (s *Server) called(kind, name string) (store.Person, bool) {
	if kind == "username" {
		return s.Store.Person(name)
	}
	for _, person := range s.Store.People() {
		if kind == "email" && person.Email != "" && strings.EqualFold(person.Email, name) {
			return person, true
		}
	}
	return store.Person{}, false
}

// identify says who the person is, by the proof.
func (s *Server) identify(w http.ResponseWriter, r *http.Request, t store.Transaction) {
	body, issue := readStep(w, r)
	proof := ""
	if issue == nil {
		proof, issue = body.text("verificationId")
	}
	switch {
	case issue != nil:
		s.invalidInput(w, r, issue)
	case proof == "" || proof != t.Steps.Proof:
		s.refuseStep(w, r, http.StatusNotFound, "session.verification_session_not_found", "The verification was not successful. Restart the verification flow and try again.")
	case t.Steps.Identified != "" && t.Steps.Identified != t.Steps.Proved:
		s.refuseStep(w, r, http.StatusConflict, "session.identity_conflict", "Identity mismatch detected. Please initiate a new session to proceed with a different identity.")
	default:
		t.Steps.Identified = t.Steps.Proved
		s.step(w, r, t, http.StatusNoContent, nil)
	}
}

// submit says where the browser is to go on.
func (s *Server) submit(w http.ResponseWriter, r *http.Request, t store.Transaction) {
	if t.Steps.Identified == "" {
		s.refuseStep(w, r, http.StatusNotFound, "session.identifier_not_found", "User identifier not found. Please go back and sign in again.")
		return
	}
	t.Steps.Submitted = t.Steps.Identified
	s.step(w, r, t, http.StatusOK, map[string]string{"redirectTo": s.resumption(t)})
}
