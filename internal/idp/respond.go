package idp

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/pages"
	"mcpharness/internal/personality"
)

// errorBody is an OAuth error as JSON (RFC 6749 §5.2). The first two members are the personality's decoration.
type errorBody struct {
	Code        string `json:"code,omitempty"`
	Message     string `json:"message,omitempty"`
	URI         string `json:"error_uri,omitempty"`
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
	Scope       string `json:"scope,omitempty"` // which the error is about
	State       string `json:"state,omitempty"` // of an authorization request whose redirect URI is not to be trusted
	Issuer      string `json:"iss,omitempty"`
}

// refuseProgram answers with an error, in the personality's decoration.
func (s *Server) refuseProgram(w http.ResponseWriter, r *http.Request, status int, body errorBody) {
	d := s.Personality.Decoration
	if plain := r.URL.Query()[d.Plain]; d.CodePrefix != "" && !slices.Equal(plain, []string{"false"}) {
		body.Code = cmp.Or(d.Codes[body.Description], d.CodePrefix+body.Error)
		body.Message = cmp.Or(d.Messages[body.Code], strings.ReplaceAll(d.Message, "%s", body.Code))
		body.URI = d.URIs[body.Error]
	}
	writeJSON(w, status, body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(body) // fails only when the client has gone
}

// noStore marks an answer that holds tokens, codes or secrets (RFC 6749 §5.1).
func noStore(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Pragma", "no-cache")
}

// writeErrorAt is writeError for an endpoint where some faults have other answers than elsewhere.
func (s *Server) writeErrorAt(w http.ResponseWriter, r *http.Request, place personality.Place, e *engine.Error) {
	here := *e
	here.At = place
	s.writeError(w, r, &here)
}

// writeError answers a program with an OAuth error and notes it in the log.
func (s *Server) writeError(w http.ResponseWriter, r *http.Request, e *engine.Error) {
	e = s.engine.Reworded(e)
	s.note(r, e)
	if s.hidden(r, e.Fault) {
		s.hideFromScripts(w)
	}
	noStore(w)
	switch rules := s.Personality.ClientAuth; {
	case e.Status != http.StatusUnauthorized || rules.Unchallenged:
	case rules.HeaderOnly && r.Header.Get("Authorization") != "":
		w.Header().Set("WWW-Authenticate", `Basic realm="`+s.Issuer+`", error="`+e.Code+`", error_description="`+e.Description+`"`)
	case !rules.HeaderOnly:
		// RFC 6749 §5.2 wants it where the client used the header; RFC 9110 §15.5.2 wants it always.
		w.Header().Set("WWW-Authenticate", `Basic realm="`+s.Issuer+`"`)
	}
	s.refuseProgram(w, r, e.Status, errorBody{Error: e.Code, Description: e.Description, Scope: e.Scope})
}

func (s *Server) note(r *http.Request, e *engine.Error) {
	attributes := []any{"path", r.URL.Path, "error", e.Code, "description", e.Description}
	if e.Cause != nil {
		s.Logger.ErrorContext(r.Context(), "failed", append(attributes, "cause", e.Cause)...)
		return
	}
	s.Logger.InfoContext(r.Context(), "refused", attributes...)
}

// problem answers a person with a page.
func (s *Server) problem(w http.ResponseWriter, r *http.Request, p pages.Problem) {
	p.Issuer = s.Issuer
	s.Logger.InfoContext(r.Context(), "refused with a page", "path", r.URL.Path, "status", p.Status, "title", p.Title)
	p.Write(w)
}

// problemAs is problem for a fault that the provider has words for: they are on the page too, or all of the answer to a program that
// wants JSON.
func (s *Server) problemAs(w http.ResponseWriter, r *http.Request, fault *engine.Error, p pages.Problem) {
	if s.Personality.ErrorPages == personality.ErrorPagesNever {
		fault.Code, fault.Status = cmp.Or(fault.Code, "invalid_request"), cmp.Or(fault.Status, p.Status)
		fault.Description = cmp.Or(fault.Description, p.Title)
		s.writeError(w, r, fault)
		return
	}
	own, has := s.Personality.Errors[fault.Fault]
	if has && own.Text != "" {
		p.Said = s.engine.Reworded(fault).Description
		p.Status = cmp.Or(own.Status, p.Status)
	}
	if p.Said != "" && s.Personality.ErrorPages == personality.ErrorPagesOrJSON && strings.Contains(r.Header.Get("Accept"), "application/json") {
		s.Logger.InfoContext(r.Context(), "refused", "path", r.URL.Path, "status", p.Status, "title", p.Title)
		writeJSON(w, p.Status, errorBody{Error: p.Said})
		return
	}
	s.problem(w, r, p)
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	rules := s.Personality.Routes
	switch {
	case rules.AnswersOptions && r.Method == http.MethodOptions:
		w.WriteHeader(http.StatusOK)
		return
	case !rules.NoPages && strings.Contains(r.Header.Get("Accept"), "text/html"):
		s.problem(w, r, pages.Problem{
			Status: http.StatusNotFound, Title: "There is nothing here",
			Wrong:    "This server has no page at " + r.URL.Path + ".",
			Expected: "One of the endpoints of " + s.Issuer + ".",
			Change:   "Open the issuer's own page, which lists the endpoints, the users and the clients.",
		})
		return
	}
	s.noRoute(w, r, s.whatIsMissing(r.URL.Path), engine.NewError("not_found", "no endpoint at this path; the metadata of "+s.Issuer+" lists them"), http.StatusNotFound)
}

// whatIsMissing tells a path of this issuer, of one beside it, and any other apart.
func (s *Server) whatIsMissing(requested string) personality.Fault {
	bare := requested
	if after, inserted := strings.CutPrefix(requested, "/.well-known/"); inserted && strings.Contains(after, "/") {
		bare = after[strings.Index(after, "/"):] // what a document would be of
	}
	beside := path.Dir(s.path)
	switch {
	case bare == s.path || strings.HasPrefix(bare, s.path+"/"):
		return personality.NoRoute
	case beside != "/" && beside != "." && strings.HasPrefix(bare, beside+"/"):
		return personality.NoIssuer
	}
	return personality.NoRouteOutside
}

// noRoute answers where there is nothing, or nothing for the method.
func (s *Server) noRoute(w http.ResponseWriter, r *http.Request, fault personality.Fault, refusal *engine.Error, status int) {
	refusal.Status, refusal.Fault, refusal.About = status, fault, r.Method+" on "+r.URL.Path
	refusal = s.engine.Reworded(refusal)
	if said := s.Personality.Routes.OutsideText; said != "" && !strings.HasPrefix(r.URL.Path, s.path+"/") {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(refusal.Status)
		_, _ = io.WriteString(w, said) // fails only when the client has gone
		return
	}
	if refusal.Status != http.StatusMethodNotAllowed || s.Personality.Routes.HidesAllow {
		w.Header().Del("Allow")
	}
	s.refuseProgram(w, r, refusal.Status, errorBody{Error: refusal.Code, Description: refusal.Description})
}

// logged writes one line a request. Queries and bodies stay out of it: they hold codes, states and secrets.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK, labels: s.Personality.Headers}
		next.ServeHTTP(seen, r)
		s.Logger.DebugContext(r.Context(), "request", "method", r.Method, "path", r.URL.Path, "status", seen.status, "took", time.Since(begin).Round(time.Microsecond))
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
	labels personality.Headers
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	h := w.Header()
	if w.labels.JSON != "" && h.Get("Content-Type") == "application/json" {
		h.Set("Content-Type", w.labels.JSON)
	}
	if w.labels.NoPragma {
		h.Del("Pragma")
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

const browserCookie = "mock_idp_browser"

// browser names the browser that a sign-in belongs to, by a cookie that says nothing else. It makes a name where there is none.
func (s *Server) browser(w http.ResponseWriter, r *http.Request) string {
	if c, err := r.Cookie(browserCookie); err == nil && c.Value != "" {
		return c.Value
	}
	name := rand.Text()
	http.SetCookie(w, s.cookie(browserCookie, name))
	return name
}

// sameOrigin keeps other sites from posting our forms. A transaction is bound to its browser already; this is the second lock.
func (s *Server) sameOrigin(next http.HandlerFunc) http.HandlerFunc {
	own := strings.ToLower(s.origin) // as browsers write it: in lower case and without the default port
	if s.secure {
		own = strings.TrimSuffix(own, ":443")
	} else {
		own = strings.TrimSuffix(own, ":80")
	}
	check := http.NewCrossOriginProtection()
	if err := check.AddTrustedOrigin(own); err != nil {
		panic(err) // New has checked the issuer
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if err := check.Check(r); err != nil {
			s.problem(w, r, pages.Problem{
				Status: http.StatusForbidden, Title: "This form came from another site",
				Wrong:    "The request says that a page of another origin sent it.",
				Expected: "Forms posted by the pages of " + s.origin + ".",
				Change:   "Start the sign-in at the client again.",
			})
			return
		}
		next(w, r)
	}
}
