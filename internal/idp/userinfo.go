package idp

import (
	"errors"
	"net/http"
	"slices"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/personality"
)

// userinfo tells about the person that an access token speaks for (OpenID Connect Core §5.3, RFC 6750 §3).
func (s *Server) userinfo(w http.ResponseWriter, r *http.Request) {
	noStore(w)
	token, problem := s.bearer(w, r)
	if problem != nil {
		s.challenge(w, r, *problem)
		return
	}
	access, err := s.engine.AccessToken(token)
	switch {
	case errors.Is(err, engine.ErrGrantBefore) && s.engine.Minds(personality.TokenOfBefore):
		s.challenge(w, r, challenge{http.StatusUnauthorized, "invalid_token", "the token is older than what its client has in the session", "", personality.TokenOfBefore})
	case errors.Is(err, engine.ErrGrantEnded) && s.engine.Minds(personality.TokenOfEndedSession):
		s.challenge(w, r, challenge{http.StatusUnauthorized, "invalid_token", "the session of the token has ended", "", personality.TokenOfEndedSession})
	case err != nil:
		s.Logger.InfoContext(r.Context(), "refused an access token", "path", r.URL.Path, "cause", err)
		s.challenge(w, r, challenge{http.StatusUnauthorized, "invalid_token", "the token is no active access token of this server", "", personality.TokenInactive})
	case s.Personality.UserInfoOfOpaque && !access.Opaque:
		s.challenge(w, r, challenge{http.StatusUnauthorized, "invalid_token", "userinfo takes opaque tokens only, those without a resource", "", personality.BearerNotOpaque})
	case access.Person.Subject == "":
		s.challenge(w, r, challenge{http.StatusUnauthorized, "invalid_token", "the token speaks for no person at this server", "", personality.TokenInactive})
	case !slices.Contains(access.Scopes, "openid"):
		s.challenge(w, r, challenge{http.StatusForbidden, "insufficient_scope", "the token lacks the scope openid", "openid", personality.OpenIDMissing})
	default:
		if refusal := s.ownOrigin(access.ClientID, r); refusal != nil {
			s.writeError(w, r, refusal)
			return
		}
		writeJSON(w, http.StatusOK, s.engine.UserInfo(access))
	}
}
