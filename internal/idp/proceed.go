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
	only, refusal := s.onlyUser(form)
	if refusal != nil {
		s.redirectError(w, r, request, refusal)
		return
	}
	request.OnlyUser = only
	if person, ok := s.hinted(request.LoginHint); ok && s.AutoLogin && (only == "" || only == person.Username) {
		request.Username = person.Username
		s.allow(w, r, request)
		return
	}
	session, signedIn := s.session(r)
	if signedIn = signedIn && s.suits(session, request, form); signedIn {
		request.Username, request.AuthTime, request.SessionID = session.Username, session.AuthTime, session.ID
	}
	request.PromptConsent = slices.Contains(prompts, "consent")
	allowed := signedIn && !s.asksConsent(request, false)
	page := s.Personality.Paths.Login
	switch {
	case allowed:
		s.allow(w, r, request)
		return
	case silent && signedIn:
		s.redirectError(w, r, request, engine.NewError("consent_required", request.Username+" has not allowed this client all that it asks for"))
		return
	case silent:
		s.redirectError(w, r, request, engine.NewError("login_required", s.nobody()))
		return
	case signedIn:
		page = s.Personality.Paths.Consent
	}
	request = s.Store.Begin(request, s.browser(w, r))
	noStore(w)
	if s.Personality.Login == personality.LoginForm && page == s.Personality.Paths.Login {
		s.showLoginForm(w, request, request.LoginHint, "") // without a redirect to it
		return
	}
	s.toPage(w, r, page, request)
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
	if slices.Contains(prompts, "login") || slices.Contains(prompts, "select_account") {
		return false
	}
	if _, known := s.Store.Person(session.Username); !known {
		return false
	}
	if request.OnlyUser != "" && request.OnlyUser != session.Username {
		return false
	}
	if hinted, known := s.hinted(request.LoginHint); known && hinted.Username != session.Username {
		return false
	}
	if !form.Has("max_age") {
		return true
	}
	most, err := strconv.ParseUint(form.Get("max_age"), 10, 64)
	// auth_time tells whole seconds, so that is how old a sign-in looks to the client.
	old := time.Now().Unix() - session.AuthTime.Unix()
	return err == nil && most > 0 && uint64(max(0, old)) <= most
}

// onlyUser is the one user who may answer the request: the one that an ID token of this server names, however old it is.
func (s *Server) onlyUser(form url.Values) (string, *engine.Error) {
	if !form.Has("id_token_hint") {
		return "", nil
	}
	subject, _, err := s.engine.IDToken(form.Get("id_token_hint"))
	if err != nil {
		refusal := engine.NewError("invalid_request", "id_token_hint is no ID token of this server, or its key is not published any more")
		return "", refusal
	}
	person, known := s.Store.PersonBySubject(subject)
	if !known {
		return "", engine.NewError("login_required", "id_token_hint names somebody who cannot sign in here")
	}
	return person.Username, nil
}
