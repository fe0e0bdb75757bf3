package idp

import (
	"net/http"
	"path"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/personality"
)

// challenge is a refusal of a bearer token (RFC 6750 §3).
type challenge struct {
	status            int
	code, description string // no code where no token was sent
	scope             string // what a token would need
	fault             personality.Fault
}

// bearer reads the one bearer token of a request (RFC 6750 §2.1), where the personality says so also from a form (§2.2).
func (s *Server) bearer(w http.ResponseWriter, r *http.Request) (string, *challenge) {
	rules := s.Personality.Bearer
	token, problem := bearer(r)
	if rules.Particular {
		token, problem = particular(r, token, problem)
	}
	if problem != nil && rules.Lax {
		problem.status, problem.code = http.StatusUnauthorized, ""
	}
	if !rules.InForm || r.Method != http.MethodPost || !isForm(r) {
		return token, problem
	}
	form, refusal := readBody(w, r, false)
	posted := form.Get("access_token")
	switch {
	case refusal != nil || posted == "":
		return token, problem
	case len(form["access_token"]) > 1 && s.engine.Minds(personality.TokenRepeated):
		return "", &challenge{http.StatusBadRequest, "invalid_request", "the form has access_token twice", "", personality.TokenRepeated}
	case token != "" || rules.Particular && r.Header.Get("Authorization") != "":
		return "", &challenge{http.StatusBadRequest, "invalid_request", "the token is both in the header and in the form", "", personality.TwoTokens}
	}
	return posted, nil
}

// particular refuses a token in a query, and credentials of another kind.
func particular(r *http.Request, token string, problem *challenge) (string, *challenge) {
	refused := func(description string, fault personality.Fault) (string, *challenge) {
		return "", &challenge{http.StatusBadRequest, "invalid_request", description, "", fault}
	}
	header := r.Header.Get("Authorization")
	scheme, _, _ := strings.Cut(header, " ")
	switch inQuery := r.URL.Query().Get("access_token") != ""; {
	case inQuery && header != "":
		return refused("the token is both in the header and in the query", personality.TwoTokens)
	case inQuery:
		return refused("the token is in the query", personality.BearerInQuery)
	case header != "" && strings.Count(header, " ") != 1:
		return refused("want a scheme and a token", personality.BearerMalformed)
	case header != "" && !strings.EqualFold(scheme, "Bearer"):
		return refused("want the scheme Bearer", personality.BearerScheme)
	}
	return token, problem
}

func bearer(r *http.Request) (string, *challenge) {
	headers := r.Header.Values("Authorization")
	scheme, token, _ := strings.Cut(strings.Join(headers, ","), " ")
	switch {
	case len(headers) == 0 || !strings.EqualFold(scheme, "Bearer"):
		return "", &challenge{http.StatusUnauthorized, "", "no access token; send Authorization: Bearer and the token", "", personality.BearerMissing}
	case len(headers) > 1 || token == "" || strings.ContainsAny(token, " ,"):
		return "", &challenge{http.StatusBadRequest, "invalid_request", "want one Authorization header with one token", "", 0}
	}
	return token, nil
}

func (s *Server) challenge(w http.ResponseWriter, r *http.Request, c challenge) {
	rules := s.Personality.Bearer
	unsaid := c.code == "" && s.Personality.Errors[c.fault].Status == 0 // the header has no error for those who sent no token (RFC 6750 §3.1)
	if s.engine.Minds(c.fault) {
		said := s.engine.Reworded(&engine.Error{Fault: c.fault, Code: c.code, Description: c.description, Status: c.status})
		c = challenge{said.Status, said.Code, said.Description, "", c.fault}
	}
	realm := s.Issuer
	if rules.ShortRealm {
		realm = path.Base(realm)
	}
	value := `Bearer realm="` + realm + `"`
	if c.code != "" && !unsaid {
		value += `, error="` + c.code + `", error_description="` + c.description + `"`
	}
	if c.scope != "" {
		value += `, scope="` + c.scope + `"`
	}
	w.Header().Set("WWW-Authenticate", value)
	exposeToScripts(w, "WWW-Authenticate")
	if rules.Bare {
		w.Header().Set("Content-Type", "text/plain;charset=utf-8")
		w.WriteHeader(c.status)
		return
	}
	if c.code == "" {
		c.code = "invalid_request" // the header has none for those who sent no token (RFC 6750 §3.1); a JSON body needs one
	}
	s.refuseProgram(w, r, c.status, errorBody{Error: c.code, Description: c.description})
}
