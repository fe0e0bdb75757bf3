package engine

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/ory/fosite"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// verifierForm is a code_verifier (RFC 7636 §4.1).
var verifierForm = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)

// presentation is what a token request is to be granted for.
type presentation struct {
	artefact, handle string // the code or refresh token; both empty: client_credentials
	client           *store.Client
	form             url.Values
}

// presented finds what a request presents to be granted tokens, or refuses one that lacks it or that its client may not make.
func (e *Engine) presented(ctx context.Context, grantType string, c *store.Client, form url.Values) (presentation, *Error) {
	r := presentation{client: c, form: form}
	if !c.May(grantType) && !(e.Personality.ClientAuth.AnyGrant && grantType != GrantClientCredentials) {
		fault := personality.GrantDenied
		if grantType == GrantClientCredentials {
			fault = ownTokenFault(c)
		}
		return r, NewFault(fault, "", "unauthorized_client", "this client is registered for "+strings.Join(c.GrantTypes, ", ")+", not for "+grantType)
	}
	switch grantType {
	case GrantCode:
		r.artefact, r.handle = artefactCode, e.handles.AuthorizeCodeSignature(ctx, form.Get("code"))
		missing, lacks := personality.CodeMissing, e.lacks(c, form)
		if lacks == nil {
			missing = personality.VerifierMissing
		}
		last := missing == personality.VerifierMissing && e.Personality.Errors[missing].Code == "invalid_grant"
		if lacks != nil || !form.Has("code_verifier") && !last {
			return r, NewFault(missing, strings.Join(lacks, " "), "invalid_request", "code and code_verifier are both required (RFC 6749 section 4.1.3, RFC 7636 section 4.5)")
		}
	case GrantRefresh:
		r.artefact, r.handle = artefactRefresh, e.refreshSignature(form.Get("refresh_token"))
		if !form.Has("refresh_token") {
			return r, NewFault(personality.RefreshTokenMissing, "", "invalid_request", "refresh_token is missing")
		}
		if e.Personality.ClientScopes { // scopes are the client's, whatever the token says
			if _, refusal := e.askClientScopes(c, form); refusal != nil {
				return r, refusal
			}
		}
	case GrantClientCredentials:
		if c.Public() {
			return r, NewFault(ownTokenFault(c), "", "unauthorized_client", "a public client cannot use client_credentials (RFC 6749 section 4.4)")
		}
	}
	if !c.May(grantType) { // what it presents is no good, or another client's
		return r, e.failed(fosite.ErrInvalidGrant, r)
	}
	return r, nil
}

// lacks names what a request with a code must have and has not, in the order in which it is told.
func (e *Engine) lacks(c *store.Client, form url.Values) (names []string) {
	if !form.Has("code") {
		names = append(names, "code")
	}
	if e.Personality.RedirectEachTime && !form.Has("redirect_uri") && len(c.RedirectURIs) != 1 {
		names = append(names, "redirect_uri")
	}
	return names
}

// MalformedProof says what is wrong with a code_verifier or a code_challenge (RFC 7636 §4.1), as the subject of a sentence goes on.
func MalformedProof(verifier string) string {
	switch {
	case len(verifier) < 43:
		return "must be a string with a minimum length of 43 characters"
	case len(verifier) > 128:
		return "must be a string with a maximum length of 128 characters"
	}
	return "contains invalid characters"
}

func ownTokenFault(c *store.Client) personality.Fault {
	if c.Public() {
		return personality.OwnTokenOfPublic
	}
	return personality.OwnTokenDenied
}

// failed tells why fosite did not issue tokens, and ends what is in wrong hands: the grant of a code or refresh token that is
// replayed, be it at the same instant as its first use, and the code that met a wrong verifier, redirect URI or client.
func (e *Engine) failed(err error, r presentation) *Error {
	refusal := fromFosite(err, r.artefact, e.faultOf(err, r))
	if refusal.Fault == personality.VerifierMalformed {
		refusal.About = MalformedProof(r.form.Get("code_verifier"))
	}
	switch {
	case errors.Is(err, store.ErrReplayed):
		e.storage.void(r.handle)
	case r.artefact == artefactCode && refusal.Code == "invalid_grant" && !e.Personality.FailedExchangeKeepsCode:
		e.storage.burn(r.handle)
	}
	return refusal
}

// faultOf finds again what fosite found wrong, as fosite tells only in prose. Of several faults it is the one that Keycloak tells; the
// code of the error is the same.
func (e *Engine) faultOf(err error, r presentation) personality.Fault {
	request, no := e.storage.look(r.handle)
	switch {
	case r.artefact == "":
		return 0
	case r.artefact == artefactRefresh && e.isOver(r.form.Get("refresh_token")):
		return personality.RefreshTokenOver
	case errors.Is(err, store.ErrUnknown) && r.handle != "" && e.isOffline(r.form.Get("refresh_token")):
		return personality.OfflineEnded
	case no != nil:
		return badFault(errors.Join(err, no), r.artefact)
	}
	grant := request.GetSession().(*session).grant
	switch verifier := r.form.Get("code_verifier"); {
	case r.artefact == artefactRefresh && grant.ClientID != r.client.ID:
		return personality.RefreshTokenOfAnother
	case r.artefact == artefactRefresh:
		return personality.BadRefreshToken
	case e.Personality.RedirectEachTime && grant.ClientID == r.client.ID && r.form.Has("code_verifier") && !verifierForm.MatchString(verifier):
		return personality.VerifierMalformed // before all else
	case grant.RedirectURI != "" && grant.RedirectURI != r.form.Get("redirect_uri"):
		return personality.WrongRedirect
	case grant.ClientID != r.client.ID:
		return personality.CodeOfAnother
	case grant.CodeChallenge == "":
		return personality.VerifierUnasked
	case !r.form.Has("code_verifier"):
		return personality.VerifierMissing
	case !verifierForm.MatchString(verifier):
		return personality.VerifierMalformed
	}
	return personality.WrongVerifier
}
