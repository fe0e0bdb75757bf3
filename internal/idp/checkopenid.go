package idp

import (
	"slices"
	"strings"

	"mcpharness/internal/personality"
)

// These checks are for personalities that judge what OpenID Connect adds by itself.

func (s *Server) checkTypeGiven(a *asked) *objection {
	if a.form.Has("response_type") {
		return nil
	}
	return s.checkResponseType(a)
}

// checkRedirectGiven wants a redirect URI, registered or not.
func (s *Server) checkRedirectGiven(a *asked) *objection {
	if a.form.Has("redirect_uri") || len(a.client.RedirectURIs) == 1 {
		return nil
	}
	return s.checkRedirect(a)
}

// openIDParameters mean nothing without openid.
var openIDParameters = []string{"id_token_hint", "max_age", "nonce"}

func (s *Server) checkOpenID(a *asked) *objection {
	if slices.Contains(strings.Fields(a.form.Get("scope")), "openid") {
		return nil
	}
	for _, name := range openIDParameters {
		if a.form.Has(name) {
			return refused(personality.OpenIDWanted, name, "invalid_request", name+" is of OpenID Connect, and scope has no openid")
		}
	}
	return nil
}

func (s *Server) checkHint(a *asked) *objection {
	if !a.form.Has("id_token_hint") {
		return nil
	}
	if _, err := s.engine.IDToken(a.form.Get("id_token_hint")); err != nil {
		return refused(personality.HintBad, "", "invalid_request", "id_token_hint is no ID token of this server, or its key is not published any more")
	}
	return nil
}
