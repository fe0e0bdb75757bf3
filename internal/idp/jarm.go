package idp

import (
	"net/url"
	"strings"
	"time"

	"mcpharness/internal/idp/store"
)

// Response modes of JARM (JWT Secured Authorization Response Mode §2.3): jwt alone is the default mode of the response type.
const (
	modeJWT    = "jwt"
	jwtModes   = ".jwt"
	jwtFreshly = time.Minute // how long such a response is good
)

// plainMode divides a response mode into the one that carries the response, and whether that is a JWT.
func plainMode(mode, otherwise string) (carrier string, signed bool) {
	if mode == modeJWT {
		return otherwise, true
	}
	return strings.CutSuffix(mode, jwtModes)
}

// signed wraps the parameters of a response in one, a JWT.
func (s *Server) signed(t store.Transaction, parameters url.Values) (url.Values, error) {
	claims := map[string]any{"aud": t.ClientID, "exp": time.Now().Add(jwtFreshly).Unix()}
	for name := range parameters {
		claims[name] = parameters.Get(name)
	}
	claims["iss"] = s.Issuer
	response, err := s.engine.SignResponse(claims)
	return url.Values{"response": {response}}, err
}
