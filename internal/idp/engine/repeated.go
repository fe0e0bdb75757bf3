package engine

import (
	"maps"
	"net/url"
	"slices"

	"mcpharness/internal/personality"
)

// Repeated refuses a parameter that stands more than once and must not. A resource may (RFC 8707 §2), but for some personalities.
func (e *Engine) Repeated(form url.Values) *Error {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		mayRepeat := name == "resource" && !e.Personality.Forms.OneResource || name == "audience" && e.Catalog.AcceptAudience ||
			e.Personality.Forms.KnownOnly && !slices.Contains(knownParameters, name)
		if len(form[name]) > 1 && !mayRepeat {
			return NewFault(personality.Repeated, name, "invalid_request", "parameter "+Clip(name)+" is repeated (RFC 6749 sections 3.1 and 3.2)")
		}
	}
	return nil
}

// knownParameters are those of requests for authorization and for tokens.
var knownParameters = []string{
	"response_type", "response_mode", "state", "nonce", "prompt", "max_age", "code_challenge", "code_challenge_method", "id_token_hint",
	"login_hint", "request", "request_uri", "registration",
	"grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type", "code", "redirect_uri", "code_verifier",
	"refresh_token", "scope", "token", "token_type_hint",
}
