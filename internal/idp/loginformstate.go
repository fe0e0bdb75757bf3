package idp

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/pages"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// The forms of personality.LoginForm say in their URLs where a sign-in has come: which client's (client_id), which one (tab_id), at
// which step (execution), in which showing of it (session_code), and where to answer if the server has forgotten it (client_data).

const consentStep = "OAUTH_GRANT" // its execution

// newStep names the step at which the password is asked for.
func newStep() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// clientData is what outlives a sign-in.
type clientData struct {
	RedirectURI  string `json:"ru,omitempty"`
	ResponseType string `json:"rt,omitempty"`
	ResponseMode string `json:"rm,omitempty"`
	State        string `json:"st,omitempty"`
}

// formURL is a page or an action in a sign-in. The step and the code are left out where they are empty.
func (s *Server) formURL(path string, t store.Transaction, step, code string) string {
	data := clientData{RedirectURI: t.RedirectURI, ResponseType: "code", State: t.State}
	if t.ResponseMode != modeQuery {
		data.ResponseMode = t.ResponseMode
	}
	encoded, err := json.Marshal(data)
	if err != nil {
		panic(err) // strings: it cannot fail
	}
	var query []string
	for _, p := range []struct{ name, value string }{
		{"session_code", code}, {"execution", step}, {"client_id", t.ClientID}, {"tab_id", t.ID}, {"client_data", base64.RawURLEncoding.EncodeToString(encoded)},
	} {
		if p.value != "" {
			query = append(query, p.name+"="+url.QueryEscape(p.value))
		}
	}
	return s.pageAt(path) + "?" + strings.Join(query, "&")
}

// formIsCurrent reports whether a posted form is the one that was shown last. If it is not, it has answered.
func (s *Server) formIsCurrent(w http.ResponseWriter, r *http.Request, t store.Transaction) bool {
	query := r.URL.Query()
	switch {
	case t.Username != "" || query.Get("execution") != s.execution:
		s.pageExpired(w, r, t)
	case !query.Has("session_code"):
		s.showLoginFormAgain(w, r, t, t.LoginHint, "")
	case query.Get("session_code") != t.Code:
		s.toPage(w, r, s.Personality.Paths.Login, t)
	default:
		return true
	}
	return false
}

func (s *Server) pageExpired(w http.ResponseWriter, r *http.Request, t store.Transaction) {
	next := s.Personality.Paths.Login
	if t.Username != "" {
		next = s.consentPath()
	}
	s.problem(w, r, pages.Problem{
		Status: http.StatusOK, Title: "Page has expired",
		Wrong:    "This form belongs to another step of the sign-in than the one it has come to.",
		Expected: "The form of the page that was shown last.",
		Change:   "Continue where the sign-in is, at the address below, or start it at the client again.",
		Details:  []pages.Detail{{Name: "continue", Value: s.formURL(next, t, "", "")}},
	})
}

// formGone answers who comes to a sign-in that is not there. Somebody who is signed in has sent the form twice: the client hears of that.
// Somebody who is not is taken to the sign-in that is under way.
func (s *Server) formGone(w http.ResponseWriter, r *http.Request, p pages.Problem) {
	if _, signedIn := s.session(r); signedIn {
		if t, ok := s.toldByURL(r); ok {
			s.redirectError(w, r, t, engine.NewFault(personality.SignInOver, "", "temporarily_unavailable", "this sign-in was answered before; start a new authorization"))
			return
		}
	}
	if c, err := r.Cookie(browserCookie); err == nil {
		if t, ok := s.Store.LatestOf(c.Value); ok {
			s.redirect(w, s.formURL(s.Personality.Paths.Login, t, "", ""))
			return
		}
	}
	s.problemAs(w, r, &engine.Error{Fault: personality.SignInGone}, p)
}

// toldByURL is what client_data says of a sign-in. It comes from the browser, so it is checked as a request is.
func (s *Server) toldByURL(r *http.Request) (t store.Transaction, ok bool) {
	query := r.URL.Query()
	var data clientData
	encoded, err := base64.RawURLEncoding.DecodeString(query.Get("client_data"))
	if err != nil || json.Unmarshal(encoded, &data) != nil {
		return t, false
	}
	client, refusal := s.client(r.Context(), query.Get("client_id"))
	if refusal != nil || !s.redirectFits(client, data.RedirectURI) {
		return t, false
	}
	t.ClientID, t.RedirectURI, t.State, t.HasState = client.ID, data.RedirectURI, data.State, data.State != ""
	t.ResponseMode = s.responseMode(url.Values{"response_mode": {data.ResponseMode}}, data.RedirectURI)
	return t, true
}

// formUnclear answers a form whose URL names another client than the sign-in's.
func (s *Server) formUnclear(w http.ResponseWriter, r *http.Request) {
	s.problemAs(w, r, &engine.Error{Fault: personality.SignInUnclear}, pages.Problem{
		Status: http.StatusBadRequest, Title: "This sign-in is another client's",
		Wrong: "The client_id in the address is not the client that the sign-in was started for.", Expected: "The address as the page has it.",
		Change: "Post forms to their action, unchanged.",
	})
}
