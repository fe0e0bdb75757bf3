package engine

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// Grant types that the token endpoint takes.
const (
	GrantCode              = "authorization_code"
	GrantRefresh           = "refresh_token"
	GrantClientCredentials = "client_credentials"
)

// GrantTypes lists them for metadata and registration.
func GrantTypes() []string { return []string{GrantCode, GrantRefresh, GrantClientCredentials} }

// TokenResponse is the answer of the token endpoint (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
type TokenResponse struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	SessionState string `json:"session_state,omitempty"`
	// Seconds until the refresh token is over, 0 where there is none or it has no end, and the time before which tokens do not count.
	// RFC 6749 knows neither, so both are nil unless the personality tells them.
	RefreshExpiresIn *int64  `json:"refresh_expires_in,omitempty"`
	NotBefore        *int64  `json:"not-before-policy,omitempty"`
	Scope            *string `json:"scope,omitempty"` // said, as it may be less than was asked, but for what a client gets for itself
}

// Exchange answers a token request whose form is parsed, without repeated parameters and without empty ones, unless the personality takes them.
func (e *Engine) Exchange(ctx context.Context, r *http.Request) (*TokenResponse, *Error) {
	form := r.PostForm
	grantType := form.Get("grant_type")
	other, isOther := e.Personality.OtherGrants[grantType]
	var c *store.Client
	var refusal *Error
	if e.Personality.ClientAuth.BeforeGrant {
		c, refusal = e.Authenticate(r)
	}
	switch {
	case refusal != nil:
		return nil, refusal
	case !form.Has("grant_type"):
		return nil, NewFault(personality.GrantTypeMissing, "", "invalid_request", "grant_type is missing; want one of "+strings.Join(GrantTypes(), ", "))
	case !isOther && !slices.Contains(GrantTypes(), grantType):
		return nil, NewFault(personality.GrantTypeUnknown, grantType, "unsupported_grant_type", "grant_type "+Clip(grantType)+" is not supported; want one of "+strings.Join(GrantTypes(), ", "))
	}
	if c == nil {
		c, refusal = e.Client(r)
	} else if c.May(grantType) && e.Personality.Forms.RepeatedLast {
		refusal = e.Repeated(form)
	}
	if refusal == nil {
		refusal = e.OwnOrigin(c, r)
	}
	if refusal == nil && c.BearerOnly {
		refusal = NewFault(personality.BearerOnly, "", "unauthorized_client", "this client stands for an API, and gets no tokens")
	}
	if refusal != nil {
		return nil, refusal
	}
	signedIn := grantType == GrantPassword && c.May(GrantPassword)
	if isOther && !signedIn {
		return nil, &Error{Code: other.Code, Description: other.Text, Status: cmp.Or(other.Status, http.StatusBadRequest)}
	}
	if signedIn {
		if r, c, refusal = e.byPassword(ctx, r, c); refusal != nil {
			return nil, refusal
		}
		form, grantType = r.PostForm, GrantCode
	}
	asked, refusal := e.presented(ctx, grantType, c, form)
	if refusal != nil {
		return nil, refusal
	}

	fresh := &session{grant: store.Grant{ClientID: c.ID, Scopes: c.Scopes}}
	fresh.address, _, _ = net.SplitHostPort(r.RemoteAddr)
	request, err := e.tokens[grantType].NewAccessRequest(context.WithValue(ctx, authenticatedKey{}, c), withoutTargets(r), fresh)
	if err != nil {
		return nil, e.failed(err, asked)
	}
	s := request.GetSession().(*session)
	if refusal := e.narrow(s, c, grantType, form); refusal != nil {
		if refusal.Code == "invalid_target" && e.Personality.FailedExchangeKeepsCode {
			e.spend(asked)
		}
		return nil, refusal
	}
	if e.Personality.Target == personality.TargetFilter {
		if refusal := e.filterAudiences(s, form); refusal != nil {
			e.spend(asked)
			return nil, refusal
		}
	}
	if grantType == GrantCode {
		if refusal := e.offlineDenied(s, c); refusal != nil {
			e.spend(asked)
			return nil, refusal
		}
	}
	if s.issuedAt, s.grantType = time.Now(), grantType; signedIn {
		s.grantType = GrantPassword
	}
	answer, err := e.tokens[grantType].NewAccessResponse(ctx, request)
	if err != nil {
		return nil, e.failed(err, asked)
	}
	response := &TokenResponse{
		AccessToken: answer.GetAccessToken(),
		TokenType:   "Bearer",
		ExpiresIn:   int64(e.lives(s, e.Lifetimes.accessToken(e.Store, c.ID)) / time.Second),
	}
	if scope := e.answered(s); scope != "" || !e.sparesScope(s) {
		response.Scope = &scope
	}
	response.RefreshToken, _ = answer.GetExtra("refresh_token").(string)
	if e.Personality.Session.Named {
		response.SessionState = s.grant.SessionID
	}
	if e.Personality.Refresh.TellsExpiry {
		e.tellExpiry(response, s)
	}
	if e.identifies(s) {
		if response.IDToken, err = e.idToken(s, response.AccessToken); err != nil {
			return nil, &Error{Code: "server_error", Description: "signing the ID token failed", Status: http.StatusInternalServerError, Cause: err}
		}
	}
	if grantType == GrantCode && s.offline() && e.Personality.Session.OfflineApart {
		e.Store.EndOpened(s.grantID, response.RefreshToken != "")
	}
	return response, nil
}

// identifies reports whether an ID token comes with an access token. Where openid is no client scope, a narrower refresh does not lose it.
func (e *Engine) identifies(s *session) bool {
	scopes := e.aboutPerson(s)
	if e.Personality.ClientScopes && s.grantType == GrantRefresh {
		scopes = s.grant.Scopes
	}
	person, _ := e.speaksFor(s.grant)
	return person.Username != "" && slices.Contains(scopes, "openid")
}

// aboutPerson are the scopes that an ID token goes by.
func (e *Engine) aboutPerson(s *session) []string {
	if e.Personality.AccessToken.OfTarget {
		return s.asked // whatever the access token is for
	}
	return s.scopes
}

// holds says how far a request may go.
func holds(grantType string, scopes []string) string {
	list := strings.Join(scopes, " ")
	if list == "" {
		list = "no scope"
	}
	if grantType == GrantClientCredentials {
		return "what this client is configured for: " + list
	}
	return "the grant, which holds: " + list
}

// withoutTargets hides from fosite what it would judge by its own rules: resource and audience are ours to check.
func withoutTargets(r *http.Request) *http.Request {
	form := url.Values{}
	for name, values := range r.PostForm {
		if name != "scope" && name != "audience" && name != "resource" {
			form[name] = values
		}
	}
	plain := *r
	plain.Form, plain.PostForm, plain.MultipartForm = form, form, nil
	return &plain
}

// narrow sets what the token is for: all of the grant, or the part that the request asks for. More than the grant holds is
// refused, where fosite would answer 200 (RFC 6749 §6 for scope, RFC 8707 §2.2 for resource).
func (e *Engine) narrow(s *session, c *store.Client, grantType string, form url.Values) *Error {
	resources, opaque, refusal := e.exchanged(s, grantType, form)
	if refusal != nil {
		return refusal
	}
	if e.Personality.ClientScopes {
		s.resources, s.opaque = resources, opaque
		return e.narrowClientScopes(s, c, grantType, form)
	}
	granted := s.grant.Scopes // with client_credentials, the client's own
	asked := granted
	silently := grantType == GrantClientCredentials && e.Personality.OwnTokens == personality.OwnTokensAsked
	if silently && !form.Has("scope") {
		asked = nil
	}
	if form.Has("scope") && !(grantType == GrantCode && e.Personality.IgnoresScopeOfCode) {
		words, refusal := ParseScope(form.Get("scope"))
		if refusal != nil {
			return refusal
		}
		asked = nil
		for _, word := range words {
			scope, _, known := e.named(word)
			within := known && slices.Contains(granted, scope)
			if !within && silently {
				continue
			}
			if !within {
				return NewFault(personality.WiderRefresh, e.beyond(granted, words), "invalid_scope", fmt.Sprintf("scope %s is beyond %s", Clip(word), holds(grantType, granted)))
			}
			asked = append(asked, scope)
		}
	}
	s.resources, s.opaque, s.asked = resources, opaque, asked
	s.scopes = slices.DeleteFunc(slices.Clone(asked), func(scope string) bool {
		if e.Personality.AccessToken.OfTarget && IsIdentity(scope) == (len(resources) > 0) {
			return true
		}
		return !e.Catalog.Offers(resources, scope) || grantType == GrantClientCredentials && IsIdentity(scope)
	})
	return nil
}

// beyond are the words of a request that a grant does not hold.
func (e *Engine) beyond(granted, words []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(words), func(word string) bool {
		scope, _, known := e.named(word)
		return known && slices.Contains(granted, scope)
	}), " ")
}

// sparesScope reports whether an empty scope is not said.
func (e *Engine) sparesScope(s *session) bool {
	return s.grant.Username == "" && e.Personality.OwnTokens == personality.OwnTokensAsked
}

// answered is the scope of a token response, as clients write scopes.
func (e *Engine) answered(s *session) string {
	words, told := []string{}, s.scopes
	if e.Personality.ClientScopes && s.offline() {
		told = s.grant.Scopes // measured: of a narrower refresh only the access token tells
	}
	for _, scope := range told {
		if e.shown(scope) {
			words = append(words, e.askedFor(s.grant.Resources, scope))
		}
	}
	return strings.Join(words, " ")
}
