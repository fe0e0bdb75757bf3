package idp

import (
	"net/http"
	"slices"
	"strings"

	"mcpharness/internal/idp/engine"
)

// userinfo tells about the person that an access token speaks for (OpenID Connect Core §5.3, RFC 6750 §3).
func (s *Server) userinfo(w http.ResponseWriter, r *http.Request) {
	noStore(w)
	headers := r.Header.Values("Authorization")
	scheme, token, _ := strings.Cut(strings.Join(headers, ","), " ")
	switch {
	case len(headers) == 0 || !strings.EqualFold(scheme, "Bearer"):
		s.challenge(w, http.StatusUnauthorized, "", "no access token; send Authorization: Bearer and the token")
		return
	case len(headers) > 1 || token == "" || strings.ContainsAny(token, " ,"):
		s.challenge(w, http.StatusBadRequest, "invalid_request", "want one Authorization header with one token")
		return
	}
	access, err := s.engine.AccessToken(token)
	switch {
	case err != nil:
		s.Logger.InfoContext(r.Context(), "refused an access token", "path", r.URL.Path, "cause", err)
		s.challenge(w, http.StatusUnauthorized, "invalid_token", "the token is no active access token of this server")
	case access.Person.Subject == "":
		s.challenge(w, http.StatusUnauthorized, "invalid_token", "the token speaks for no person at this server")
	case !slices.Contains(access.Scopes, "openid"):
		s.challenge(w, http.StatusForbidden, "insufficient_scope", "the token lacks the scope openid")
	default:
		claims := engine.PersonClaims(access.Person, access.Scopes)
		claims["sub"] = access.Person.Subject
		writeJSON(w, http.StatusOK, claims)
	}
}

func (s *Server) challenge(w http.ResponseWriter, status int, code, description string) {
	value := `Bearer realm="` + s.Issuer + `"`
	if code != "" {
		value += `, error="` + code + `", error_description="` + description + `"`
	}
	if code == "insufficient_scope" {
		value += `, scope="openid"`
	}
	w.Header().Set("WWW-Authenticate", value)
	if code == "" {
		code = "invalid_request" // the header has none for those who sent no token (RFC 6750 §3.1); a JSON body needs one
	}
	writeJSON(w, status, errorBody{code, description})
}
