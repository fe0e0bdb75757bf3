package idp

import (
	"net/http"
	"strings"
)

// challenge is a refusal of a bearer token (RFC 6750 §3).
type challenge struct {
	status            int
	code, description string // no code where no token was sent
	scope             string // what a token would need
}

// bearer reads the one bearer token of a request (RFC 6750 §2.1).
func bearer(r *http.Request) (string, *challenge) {
	headers := r.Header.Values("Authorization")
	scheme, token, _ := strings.Cut(strings.Join(headers, ","), " ")
	switch {
	case len(headers) == 0 || !strings.EqualFold(scheme, "Bearer"):
		return "", &challenge{http.StatusUnauthorized, "", "no access token; send Authorization: Bearer and the token", ""}
	case len(headers) > 1 || token == "" || strings.ContainsAny(token, " ,"):
		return "", &challenge{http.StatusBadRequest, "invalid_request", "want one Authorization header with one token", ""}
	}
	return token, nil
}

func (s *Server) challenge(w http.ResponseWriter, r *http.Request, c challenge) {
	value := `Bearer realm="` + s.Issuer + `"`
	if c.code != "" {
		value += `, error="` + c.code + `", error_description="` + c.description + `"`
	}
	if c.scope != "" {
		value += `, scope="` + c.scope + `"`
	}
	w.Header().Set("WWW-Authenticate", value)
	exposeToScripts(w, "WWW-Authenticate")
	if c.code == "" {
		c.code = "invalid_request" // the header has none for those who sent no token (RFC 6750 §3.1); a JSON body needs one
	}
	s.refuseProgram(w, r, c.status, errorBody{Error: c.code, Description: c.description})
}
