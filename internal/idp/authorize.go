package idp

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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
		s.problemAs(w, r, &engine.Error{Fault: personality.AuthorizeUnreadable}, malformedRequest(refusal))
		return
	}
	a, name := asked{form: form, pushed: isPushed(form)}, ""
	switch {
	case a.pushed && r.Method == http.MethodHead:
		unopened(w)
		return
	case a.pushed:
		full, named, problem := s.unpushed(form)
		if problem != nil {
			s.object(w, r, a, &objection{Error: &engine.Error{Fault: personality.PushedRequest, Code: "invalid_request", Status: http.StatusBadRequest}, page: problem})
			return
		}
		a.form, name = full, named
	}
	s.dropLong(a.form)
	if o := s.check(r.Context(), &a); o != nil {
		s.object(w, r, a, o)
		return
	}
	a.request.Pushed = name
	s.proceed(w, r, a.request, a.form)
}

// authorizationForm reads the parameters from the query, or from the body of a POST (OpenID Connect Core §3.1.2.1).
func (s *Server) authorizationForm(w http.ResponseWriter, r *http.Request) (url.Values, *engine.Error) {
	if query := r.URL.RawQuery; r.Method != http.MethodPost {
		if s.Personality.Forms.Loose {
			query = strings.ReplaceAll(query, ";", "%3B")
		}
		if len(r.URL.RawQuery) > maxRemembered {
			return nil, tooLongToRemember(http.StatusRequestURITooLong)
		}
		form, refusal := parseForm(query, s.Personality.Forms.KeepsEmpty)
		return s.printed(form), refusal
	}
	if r.URL.RawQuery != "" && !s.Personality.IgnoresQuery {
		return nil, engine.NewError("invalid_request", "a POST carries its parameters in the body, and none in the query")
	}
	if s.Personality.Forms.Loose && !isForm(r) {
		return url.Values{}, nil
	}
	form, refusal := readBody(w, r, s.Personality.Forms.KeepsEmpty)
	if refusal == nil && len(form.Encode()) > maxRemembered {
		refusal = tooLongToRemember(http.StatusRequestEntityTooLarge)
	}
	return s.printed(form), refusal
}

// printed drops control characters out of values, where the personality reads parameters loosely.
func (s *Server) printed(form url.Values) url.Values {
	if !s.Personality.Forms.Loose {
		return form
	}
	for _, values := range form {
		for i, value := range values {
			values[i] = strings.Map(func(r rune) rune {
				if unicode.IsControl(r) {
					return -1
				}
				return r
			}, value)
		}
	}
	return form
}

// dropLong takes out parameters that are longer than the personality reads. How a client is called and where it is are read all the same.
func (s *Server) dropLong(form url.Values) {
	most := s.Personality.Authorization.LongestParameter
	for name, values := range form {
		if most > 0 && len(values) == 1 && utf8.RuneCountInString(values[0]) > most && !slices.Contains([]string{"client_id", "redirect_uri", "max_age"}, name) {
			delete(form, name)
		}
	}
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

// howToBeKnown tells how a client gets an identifier here.
func (s *Server) howToBeKnown() string {
	if s.Personality.Paths.Register == "" {
		return "Configure the client under clients: in this server's configuration; " + s.Personality.Name + " has no registration."
	}
	return "Let the client register at " + s.url(s.Personality.Paths.Register) + ", or configure it under clients: in this server's configuration."
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
