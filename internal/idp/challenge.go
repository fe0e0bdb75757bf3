package idp

import (
	"regexp"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

const (
	challengeS256  = "S256"
	challengePlain = "plain"
)

// challengeForm is the base64url of a SHA-256 hash (RFC 7636 §4.2), looseChallenge anything that could be a challenge of some method.
var (
	challengeForm  = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	looseChallenge = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)
)

// mayChoose reports whether a client may leave PKCE out and use any method.
func (s *Server) mayChoose(a *asked) bool {
	return s.Personality.Authorization.PKCE == personality.PKCEByClient && (a.client.Strange() || a.client.Challenge == store.AnyChallenge)
}

// mayLeaveOut reports whether a client may come without PKCE, but only with S256 if it does not.
func (s *Server) mayLeaveOut(a *asked) bool {
	return s.Personality.Authorization.PKCE == personality.PKCEOfPublic && !a.client.Public()
}

func (s *Server) checkChallenge(a *asked) *objection {
	named := a.form.Has("code_challenge_method")
	switch {
	case a.form.Has("code_challenge") || (s.mayChoose(a) || s.mayLeaveOut(a)) && !named:
		return nil
	case named && s.Personality.Authorization.PKCE == personality.PKCEOfPublic:
		return refused(personality.ChallengeWanted, "", "invalid_request", "code_challenge is missing, and its method is there")
	}
	return refused(personality.ChallengeMissing, a.form.Get("code_challenge_method"), "invalid_request", "code_challenge is missing; PKCE is required of every client (RFC 7636, OAuth 2.1)")
}

func (s *Server) checkChallengeMethod(a *asked) *objection {
	method, named := a.form.Get("code_challenge_method"), a.form.Has("code_challenge_method")
	only, wanted := challengeS256, "code_challenge_method must be S256; absent means plain, which is refused (RFC 7636 section 4.3)"
	if s.Personality.Authorization.PKCE == personality.PKCEByClient && a.client.Challenge == challengePlain {
		only, wanted = challengePlain, "code_challenge_method must be plain: this client is configured so"
	}
	switch {
	case s.mayChoose(a) && named && method != challengeS256 && method != challengePlain:
		return refused(personality.ChallengeMethodUnknown, method, "invalid_request", "code_challenge_method must be S256 or plain")
	case s.mayChoose(a), method == only:
		a.request.PlainChallenge = method != challengeS256
		return nil
	case !named && !a.form.Has("code_challenge") && s.Personality.Authorization.PKCE == personality.PKCEOfPublic:
		return nil // whether there must be one is another check
	case !named:
		return refused(personality.ChallengeMethodMissing, "", "invalid_request", wanted)
	}
	return refused(personality.ChallengeMethod, method, "invalid_request", wanted)
}

func (s *Server) checkChallengeForm(a *asked) *objection {
	form := challengeForm
	if s.Personality.Authorization.PKCE != personality.PKCEAlways {
		form = looseChallenge
	}
	challenge := a.form.Get("code_challenge")
	if a.form.Has("code_challenge") && !form.MatchString(challenge) {
		return refused(personality.ChallengeMalformed, engine.MalformedProof(challenge), "invalid_request", "code_challenge is no S256 challenge; want the 43 base64url characters of a SHA-256 hash, without padding")
	}
	a.request.CodeChallenge = challenge
	return nil
}
