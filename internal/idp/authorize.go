package idp

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/pages"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// authorize answers authorization requests (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1): it checks everything before it
// shows anything.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	form, refusal := s.authorizationForm(w, r)
	if refusal != nil {
		s.problem(w, r, malformedRequest(refusal))
		return
	}
	pushed := isPushed(form)
	switch {
	case pushed && r.Method == http.MethodHead:
		unopened(w)
		return
	case pushed:
		var problem *pages.Problem
		if form, problem = s.unpushed(form); problem != nil {
			s.problem(w, r, *problem)
			return
		}
	}
	client, redirectURI, problem := s.whereTo(r.Context(), form)
	if problem != nil {
		s.problem(w, r, *problem)
		return
	}
	state := form.Get("state")
	if len(form["state"]) > 1 {
		state = "" // which one is not ours to choose
	}
	request, refusal := s.check(client, redirectURI, form)
	request.RedirectURI, request.RedirectNamed, request.State = redirectURI, form.Has("redirect_uri"), state
	request.ResponseMode = responseMode(form, redirectURI)
	if refusal == nil && !pushed && (s.RequirePushed || client.PushOnly) {
		refusal = engine.NewError("invalid_request", "authorization requests must be pushed; send the parameters to "+s.url(s.Personality.Paths.Push)+" first, then client_id and the request_uri of the answer (RFC 9126 section 5)")
	}
	if refusal != nil {
		s.redirectError(w, r, request, refusal)
		return
	}
	s.proceed(w, r, request, form)
}

// authorizationForm reads the parameters from the query, or from the body of a POST (OpenID Connect Core §3.1.2.1).
func (s *Server) authorizationForm(w http.ResponseWriter, r *http.Request) (url.Values, *engine.Error) {
	if r.Method != http.MethodPost {
		if len(r.URL.RawQuery) > maxRemembered {
			return nil, tooLongToRemember(http.StatusRequestURITooLong)
		}
		return parseForm(r.URL.RawQuery, false)
	}
	if r.URL.RawQuery != "" && !s.Personality.IgnoresQuery {
		return nil, engine.NewError("invalid_request", "a POST carries its parameters in the body, and none in the query")
	}
	form, refusal := readBody(w, r, false)
	if refusal == nil && len(form.Encode()) > maxRemembered {
		refusal = tooLongToRemember(http.StatusRequestEntityTooLarge)
	}
	return form, refusal
}

func tooLongToRemember(status int) *engine.Error {
	refusal := engine.NewError("invalid_request", fmt.Sprintf("the request is longer than %d KiB", maxRemembered>>10))
	refusal.Status = status
	return refusal
}

func malformedRequest(refusal *engine.Error) pages.Problem {
	return pages.Problem{
		Status: refusal.Status, Title: "The authorization request cannot be read",
		Wrong:    refusal.Description + ".",
		Expected: "Parameters as RFC 6749 section 4.1.1 names them, form-encoded.",
		Change:   "Correct how the client builds the authorization URL.",
	}
}

// whereTo finds the client and the redirect URI. Until both are known nothing may be redirected (RFC 6749 §4.1.2.1), so what
// is wrong with them is told to the person.
func (s *Server) whereTo(ctx context.Context, form url.Values) (*store.Client, string, *pages.Problem) {
	asked := []pages.Detail{{Name: "client_id", Value: strings.Join(form["client_id"], " ")}, {Name: "redirect_uri", Value: strings.Join(form["redirect_uri"], " ")}}
	for _, name := range []string{"client_id", "redirect_uri"} {
		if len(form[name]) > 1 {
			return nil, "", &pages.Problem{
				Status: http.StatusBadRequest, Title: "A parameter is repeated",
				Wrong: name + " stands in the request more than once.", Expected: "Each parameter once (RFC 6749 section 3.1).",
				Change: "Correct how the client builds the authorization URL.", Details: asked,
			}
		}
	}
	id := form.Get("client_id")
	client, refusal := s.client(ctx, id)
	switch {
	case id == "":
		return nil, "", &pages.Problem{
			Status: http.StatusBadRequest, Title: "The client does not say who it is",
			Wrong: "The authorization request has no client_id.", Expected: "The identifier of a client that is registered here.",
			Change: s.howToBeKnown(), Details: asked,
		}
	case refusal != nil && s.Personality.ClientDocuments && namesDocument(id):
		return nil, "", &pages.Problem{
			Status: http.StatusBadRequest, Title: "This client's metadata document cannot be used",
			Wrong: refusal.Description + ".", Expected: "An https URL with a path; at it, with status 200 and Content-Type application/json, an object of at most 5 KiB whose client_id is that URL, with client_name and redirect_uris.",
			Change: "Correct the document. " + s.howToBeKnown() + " A document on this machine or in a private network needs client_documents: {allow_private: true} in this server's configuration, and a certificate of an authority that it trusts (ca_file).", Details: asked,
		}
	case refusal != nil:
		return nil, "", &pages.Problem{
			Status: http.StatusBadRequest, Title: "This client is not known here",
			Wrong: "No client with this client_id is registered.", Expected: "The identifier of a configured client, one that was registered since this server started, or the https URL of a client metadata document.",
			Change: "This server keeps registrations in memory, unless it is started with --state: if it was restarted, the client still holds the old one. Clear the client's stored OAuth state and connect again; a fixed client belongs under clients: in the configuration.", Details: asked,
		}
	}
	redirectURI := form.Get("redirect_uri")
	problem := &pages.Problem{
		Status: http.StatusBadRequest, Title: "This redirect URI is not registered",
		Wrong:    "The client asks to be answered at an address that it did not register.",
		Expected: "One of the registered redirect URIs, character for character; only the port of http://127.0.0.1, http://[::1] and http://localhost is free.",
		Change:   "Register this redirect URI, or let the client use a registered one. Mind 127.0.0.1 against localhost, http against https, and trailing slashes.",
		Details:  asked,
	}
	for _, known := range client.RedirectURIs {
		problem.Details = append(problem.Details, pages.Detail{Name: "registered", Value: known})
	}
	switch {
	case redirectURI == "" && len(client.RedirectURIs) == 1 && !slices.Contains(strings.Fields(strings.Join(form["scope"], " ")), "openid"):
		return client, client.RedirectURIs[0], nil // RFC 6749 §3.1.2.3; OpenID Connect always wants it named
	case redirectURI == "":
		problem.Title, problem.Wrong = "The client does not say where to answer", "The authorization request has no redirect_uri, and it is needed here."
		return nil, "", problem
	case !redirectMatches(client.RedirectURIs, redirectURI):
		return nil, "", problem
	}
	return client, redirectURI, nil
}

// howToBeKnown tells how a client gets an identifier here.
func (s *Server) howToBeKnown() string {
	if s.Personality.Paths.Register == "" {
		return "Configure the client under clients: in this server's configuration; " + s.Personality.Name + " has no registration."
	}
	return "Let the client register at " + s.url(s.Personality.Paths.Register) + ", or configure it under clients: in this server's configuration."
}

var promptValues = []string{"none", "login", "consent", "select_account"}

// challengeForm is the base64url of a SHA-256 hash (RFC 7636 §4.2).
var challengeForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// check judges what is told to the client by redirect.
func (s *Server) check(client *store.Client, redirectURI string, form url.Values) (store.Transaction, *engine.Error) {
	none := store.Transaction{}
	if name := s.repeated(form); name != "" {
		return none, engine.NewError("invalid_request", "parameter "+name+" is repeated (RFC 6749 section 3.1)")
	}
	switch {
	case form.Has("request"):
		return none, engine.NewError("request_not_supported", "request objects are not supported; send plain parameters")
	case form.Has("request_uri"):
		return none, engine.NewError("request_uri_not_supported", "request_uri can only name a request that was pushed, and this one does not; push it first, or send plain parameters")
	case form.Has("registration"):
		return none, engine.NewError("registration_not_supported", "the registration parameter is not supported. "+s.howToBeKnown())
	case !form.Has("response_type"):
		return none, engine.NewError("invalid_request", "response_type is missing; want code")
	case form.Get("response_type") != "code":
		return none, engine.NewError("unsupported_response_type", "this server issues codes only; want response_type=code")
	case form.Has("response_mode") && !slices.Contains(responseModes, form.Get("response_mode")):
		return none, engine.NewError("invalid_request", "response_mode is not supported; want "+strings.Join(responseModes, " or ")+", or leave it out for query")
	case form.Get("response_mode") == modeFormPost && responseMode(form, redirectURI) != modeFormPost:
		return none, engine.NewError("invalid_request", "response_mode form_post needs an http or https redirect URI; this one gets query")
	case !client.May(engine.GrantCode):
		return none, engine.NewError("unauthorized_client", "this client is not registered for the grant type authorization_code")
	case !form.Has("code_challenge"):
		return none, engine.NewFault(personality.ChallengeMissing, form.Get("code_challenge_method"), "invalid_request", "code_challenge is missing; PKCE is required of every client (RFC 7636, OAuth 2.1)")
	case form.Get("code_challenge_method") != "S256":
		return none, engine.NewFault(personality.ChallengeMethod, form.Get("code_challenge_method"), "invalid_request", "code_challenge_method must be S256; absent means plain, which is refused (RFC 7636 section 4.3)")
	case !challengeForm.MatchString(form.Get("code_challenge")):
		return none, engine.NewError("invalid_request", "code_challenge is no S256 challenge; want the 43 base64url characters of a SHA-256 hash, without padding")
	}
	if refusal := checkPrompt(form); refusal != nil {
		return none, refusal
	}
	scopes, resources, refusal := s.engine.Ask(client, form)
	if refusal != nil {
		return none, refusal
	}
	return store.Transaction{
		ClientID: client.ID, Scopes: scopes, Resources: resources, CodeChallenge: form.Get("code_challenge"),
		Nonce: form.Get("nonce"), LoginHint: form.Get("login_hint"),
	}, nil
}

func checkPrompt(form url.Values) *engine.Error {
	if !form.Has("prompt") {
		return checkMaxAge(form)
	}
	prompts := strings.Split(form.Get("prompt"), " ")
	for _, p := range prompts {
		if !slices.Contains(promptValues, p) {
			return engine.NewError("invalid_request", fmt.Sprintf("prompt value %q is not known; want %s", engine.Clip(p), strings.Join(promptValues, ", ")))
		}
	}
	if slices.Contains(prompts, "none") && len(prompts) > 1 {
		return engine.NewError("invalid_request", "prompt=none stands alone (OpenID Connect Core section 3.1.2.1)")
	}
	return checkMaxAge(form)
}

func checkMaxAge(form url.Values) *engine.Error {
	if !form.Has("max_age") {
		return nil
	}
	if _, err := strconv.ParseUint(form.Get("max_age"), 10, 64); err != nil {
		return engine.NewError("invalid_request", "max_age must be a number of seconds")
	}
	return nil
}

// hinted finds the person that a login_hint names, by user name or email address.
func (s *Server) hinted(hint string) (store.Person, bool) {
	if hint == "" {
		return store.Person{}, false
	}
	if person, ok := s.Store.Person(hint); ok {
		return person, true
	}
	for _, person := range s.Store.People() {
		if person.Email != "" && person.Email == hint {
			return person, true
		}
	}
	return store.Person{}, false
}
