package idp

import (
	"context"
	"net/http"
	"net/url"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/pages"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// asked is an authorization request, as far as it was checked.
type asked struct {
	form        url.Values
	pushed      bool // ahead of its browser (RFC 9126)
	pushing     bool // and that is now
	client      *store.Client
	object      url.Values        // that is to be remembered of it, and no more
	redirectURI string            // known and registered, or empty
	request     store.Transaction // what is asked for
}

// objection is what a check finds wrong.
type objection struct {
	*engine.Error                // for the client
	page          *pages.Problem // for the person; nil: one that repeats the error
	pageAlways    bool           // though the client could be told
}

// strictChecks are the order of whoever names none.
var strictChecks = []personality.Check{
	personality.CheckClientRepeated, personality.CheckRedirectRepeated, personality.CheckClient, personality.CheckRedirect,
	personality.CheckRepeated, personality.CheckRequestObject, personality.CheckRegistration, personality.CheckResponseType, personality.CheckResponseMode,
	personality.CheckGrant, personality.CheckChallenge, personality.CheckChallengeMethod, personality.CheckChallengeForm,
	personality.CheckPrompt, personality.CheckMaxAge, personality.CheckScope, personality.CheckPushed,
}

// check judges a request in the order of the personality, and fills in what is found on the way.
func (s *Server) check(ctx context.Context, a *asked) *objection {
	order := s.Personality.Authorization.Checks
	if a.pushing && s.Personality.Push.Checks != nil {
		order = s.Personality.Push.Checks
	}
	if order == nil {
		order = strictChecks
	}
	for _, c := range order {
		if o := s.checkOne(ctx, c, a); o != nil {
			return s.toClientAfterAll(ctx, a, o)
		}
	}
	a.request.MaxAge = a.form.Has("max_age")
	a.request.HasNonce = a.form.Has("nonce") // where what is empty counts
	a.request.Nonce, a.request.LoginHint = a.form.Get("nonce"), a.form.Get("login_hint")
	return nil
}

// toClientAfterAll finds out where to answer, where the personality tells the client of what came before.
func (s *Server) toClientAfterAll(ctx context.Context, a *asked, o *objection) *objection {
	if !s.Personality.Authorization.TellsClient || a.redirectURI != "" || o.pageAlways || len(a.form["client_id"]) > 1 || len(a.form["redirect_uri"]) > 1 {
		return o
	}
	if a.client == nil && s.checkClient(ctx, a) != nil {
		return o // nobody is told but whoever asks
	}
	if wrong := s.checkRedirect(a); wrong != nil && a.form.Has("redirect_uri") {
		return wrong
	}
	return o
}

func (s *Server) checkOne(ctx context.Context, c personality.Check, a *asked) *objection {
	switch c {
	case personality.CheckClientRepeated:
		return a.once("client_id")
	case personality.CheckRedirectRepeated:
		return a.once("redirect_uri")
	case personality.CheckClient:
		return s.checkClient(ctx, a)
	case personality.CheckRedirect:
		return s.checkRedirect(a)
	case personality.CheckRepeated:
		return objectionOf(s.engine.Repeated(a.form))
	case personality.CheckRequestObject:
		return s.checkRequestObject(a)
	case personality.CheckRegistration:
		return s.checkRegistration(a)
	case personality.CheckResponseType:
		return s.checkResponseType(a)
	case personality.CheckResponseMode:
		return s.checkResponseMode(a)
	case personality.CheckGrant:
		return s.checkGrant(a)
	case personality.CheckChallenge:
		return s.checkChallenge(a)
	case personality.CheckChallengeMethod:
		return s.checkChallengeMethod(a)
	case personality.CheckChallengeForm:
		return s.checkChallengeForm(a)
	case personality.CheckPrompt:
		return s.checkPrompt(a)
	case personality.CheckMaxAge:
		return s.checkMaxAge(a)
	case personality.CheckScope:
		return s.checkScope(a)
	case personality.CheckPushed:
		return s.checkPushed(a)
	case personality.CheckCreate:
		return checkCreate(a)
	case personality.CheckTypeGiven:
		return s.checkTypeGiven(a)
	case personality.CheckRedirectGiven:
		return s.checkRedirectGiven(a)
	case personality.CheckOpenID:
		return s.checkOpenID(a)
	case personality.CheckHint:
		return s.checkHint(a)
	}
	return nil
}

func objectionOf(refusal *engine.Error) *objection {
	if refusal == nil {
		return nil
	}
	return &objection{Error: refusal}
}

func refused(fault personality.Fault, about, code, description string) *objection {
	return &objection{Error: engine.NewFault(fault, about, code, description)}
}

// object tells what is wrong: the client, if it is known where that is, and else the person (RFC 6749 §4.1.2.1).
func (s *Server) object(w http.ResponseWriter, r *http.Request, a asked, o *objection) {
	if a.redirectURI != "" && !o.pageAlways {
		s.redirectError(w, r, a.request, o.Error)
		return
	}
	if s.Personality.ErrorPages == personality.ErrorPagesNever {
		s.refuseUntrusted(w, r, a, o.Error)
		return
	}
	s.problemAs(w, r, o.Error, o.shown())
}

// refuseUntrusted answers whoever asks, as nobody knows whether the client may be told.
func (s *Server) refuseUntrusted(w http.ResponseWriter, r *http.Request, a asked, e *engine.Error) {
	e = s.engine.Reworded(e)
	s.note(r, e)
	noStore(w)
	body := errorBody{Error: e.Code, Description: e.Description, Issuer: s.Issuer}
	if states := a.form["state"]; len(states) == 1 {
		body.State = states[0]
	}
	s.refuseProgram(w, r, e.Status, body)
}

// shown is the objection as a page.
func (o *objection) shown() pages.Problem {
	if o.page != nil {
		return *o.page
	}
	return malformedRequest(o.Error)
}
