package idp

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// proceed takes a checked authorization request to where it can be answered: to the login page, to the consent page, or back to
// the client at once (OpenID Connect Core §3.1.2.3 and §3.1.2.4).
func (s *Server) proceed(w http.ResponseWriter, r *http.Request, request store.Transaction, form url.Values) {
	if r.Method == http.MethodHead {
		unopened(w)
		return
	}
	prompts := strings.Fields(form.Get("prompt"))
	silent := slices.Contains(prompts, "none")
	if refusal := s.onlyUser(&request, form); refusal != nil {
		s.redirectError(w, r, request, refusal)
		return
	}
	if person, ok := s.hinted(request.LoginHint); ok && s.AutoLogin && (request.OnlyUser == "" || request.OnlyUser == person.Username) {
		request.Username = person.Username
		if s.Personality.Session.Always {
			session, _ := s.Store.Open(person.Username) // of this request only: the next hint may name somebody else
			request.SessionID = session.ID
		}
		s.allow(w, r, request)
		return
	}
	session, hasSession := s.session(r)
	signedIn := hasSession && s.suits(session, request, form)
	switch {
	case signedIn:
		request.Username, request.AuthTime, request.SessionID, request.BySession = session.Username, session.AuthTime, session.ID, true
	case hasSession && s.Personality.Login == personality.LoginForm:
		request.Again = session.Username
	}
	request.PromptConsent = slices.Contains(prompts, "consent")
	allowed := signedIn && !s.asksConsent(request, false)
	page := s.Personality.Paths.Login
	switch {
	case allowed:
		s.allow(w, r, request)
		return
	case silent && signedIn:
		fault := personality.ConsentNeeded
		if client, known := s.Store.Client(request.ClientID); known && s.Personality.Session.NativeAsks && native(client) {
			fault = personality.NativeSilent
		}
		s.redirectError(w, r, request, engine.NewFault(fault, "", "consent_required", request.Username+" has not allowed this client all that it asks for"))
		return
	case silent:
		s.redirectError(w, r, request, engine.NewFault(s.whyNobody(session, hasSession, request, form), "", "login_required", s.nobody()))
		return
	case signedIn:
		page = s.Personality.Paths.Consent
	}
	request = s.Store.Begin(request, s.browser(w, r))
	noStore(w)
	switch form := s.Personality.Login == personality.LoginForm && page == s.Personality.Paths.Login; {
	case form && request.Pushed != "":
		s.redirect(w, s.formURL(page, request, "", ""))
	case form:
		s.showLoginForm(w, request, request.LoginHint, "") // without a redirect to it
	default:
		s.toPage(w, r, page, request)
	}
}

// whyNobody tells apart why a request is not answered by who is signed in.
func (s *Server) whyNobody(session store.Session, signedIn bool, request store.Transaction, form url.Values) personality.Fault {
	switch {
	case form.Get("max_age") == "0" && s.Personality.Authorization.MaxAgeZeroAsks:
		return personality.LoginUnresolved
	case !signedIn:
		return personality.LoginNeeded
	case request.OnlyUser != "" && request.OnlyUser != session.Username:
		return personality.HintOfAnother
	}
	return personality.LoginTooOld
}

// unopened answers a HEAD, which link checkers and chat programs send: it is safe, so it begins no sign-in, uses up no pushed
// request and gives no code (RFC 9110 §9.2.1).
func unopened(w http.ResponseWriter) {
	noStore(w)
	w.WriteHeader(http.StatusOK)
}

func (s *Server) nobody() string {
	if s.Sessions {
		return "nobody is signed in at this browser, or not the person or not as lately as the request wants (max_age, id_token_hint, login_hint)"
	}
	return "nobody is signed in: this server keeps no session, so prompt=none never succeeds; start it with --sessions, or with --auto-login and send login_hint to sign in without a page"
}

// suits reports whether a session answers a request, or somebody must sign in for it.
func (s *Server) suits(session store.Session, request store.Transaction, form url.Values) bool {
	prompts := strings.Fields(form.Get("prompt"))
	binding := !s.Personality.Authorization.HintsFill
	if slices.Contains(prompts, "login") || form.Get("max_age") == "0" && s.Personality.Authorization.MaxAgeZeroAsks || binding && slices.Contains(prompts, "select_account") {
		return false
	}
	if _, known := s.Store.Person(session.Username); !known {
		return false
	}
	if s.Personality.Authorization.LevelAsksAgain && asksLevel(form) {
		return false
	}
	if request.OnlyUser != "" && request.OnlyUser != session.Username {
		return false
	}
	if hinted, known := s.hinted(request.LoginHint); binding && !s.Personality.Authorization.LoginHintFills && known && hinted.Username != session.Username {
		return false
	}
	if !form.Has("max_age") {
		return true
	}
	most, err := strconv.ParseUint(form.Get("max_age"), 10, 64) // no error but for one below zero, which every sign-in is too old for
	// auth_time tells whole seconds, so that is how old a sign-in looks to the client.
	old := time.Now().Unix() - session.AuthTime.Unix()
	return err == nil && most > 0 && uint64(max(0, old)) <= most
}

// asksLevel reports whether a request wants a level of authentication (OpenID Connect Core §3.1.2.1 and §5.5.1.1).
func asksLevel(form url.Values) bool {
	return form.Has("acr_values") || strings.Contains(form.Get("claims"), `"acr"`)
}

// onlyUser notes the one user who may answer the request: the one that an ID token of this server names, however old it is.
func (s *Server) onlyUser(request *store.Transaction, form url.Values) *engine.Error {
	if !form.Has("id_token_hint") || s.Personality.Authorization.HintsFill {
		return nil
	}
	hint, err := s.engine.IDToken(form.Get("id_token_hint"))
	if err != nil {
		return engine.NewError("invalid_request", "id_token_hint is no ID token of this server, or its key is not published any more")
	}
	person, known := s.Store.PersonBySubject(hint.Subject)
	if !known {
		return engine.NewError("login_required", "id_token_hint names somebody who cannot sign in here")
	}
	request.OnlyUser = person.Username
	return nil
}
