package engine

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

const (
	assertionType     = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	assertionLifetime = time.Hour // how far ahead its exp may be, which bounds what is to be remembered
	usedAssertion     = "client assertion"
)

var assertionAlgorithms = []jose.SignatureAlgorithm{
	jose.ES256, jose.ES384, jose.ES512, jose.EdDSA, jose.PS256, jose.PS384, jose.PS512, jose.RS256, jose.RS384, jose.RS512,
}

// AssertionAlgorithms lists what a client may sign its assertions with, for metadata and registration.
func AssertionAlgorithms() []string {
	var names []string
	for _, a := range assertionAlgorithms {
		names = append(names, string(a))
	}
	return names
}

// assertion are the claims of a client assertion (RFC 7523 §3, OpenID Connect Core §9).
type assertion struct {
	Issuer    string           `json:"iss"`
	Subject   string           `json:"sub"`
	Audience  jwt.Audience     `json:"aud"`
	ID        string           `json:"jti"`
	Expires   *jwt.NumericDate `json:"exp"`
	NotBefore *jwt.NumericDate `json:"nbf"`
	IssuedAt  *jwt.NumericDate `json:"iat"`
}

// byAssertion authenticates a client by private_key_jwt. Each assertion is good for one request.
func (e *Engine) byAssertion(r *http.Request) (*store.Client, *Error) {
	form := r.PostForm
	switch {
	case form.Get("client_assertion_type") != assertionType:
		return nil, NewError("invalid_client", "client_assertion_type must be "+assertionType+" (RFC 7523 section 2.2)")
	case !form.Has("client_assertion"):
		return nil, NewError("invalid_client", "client_assertion is missing (RFC 7521 section 4.2)")
	case (form.Has("client_secret") || len(r.Header.Values("Authorization")) > 0) && !e.Personality.ClientAuth.IgnoresSurplus:
		return nil, NewError("invalid_request", "a client assertion beside other credentials; use one method (RFC 6749 section 2.3)")
	}
	signed, err := jwt.ParseSigned(form.Get("client_assertion"), assertionAlgorithms)
	var said assertion
	if err == nil {
		err = signed.UnsafeClaimsWithoutVerification(&said) // to learn who it says it is
	}
	switch {
	case err != nil:
		return nil, NewError("invalid_client", "the client assertion is no signed JWT with the claims of RFC 7523 section 3; want one of the algorithms "+strings.Join(AssertionAlgorithms(), ", "))
	case said.Subject == "" || said.Issuer != said.Subject:
		return nil, NewError("invalid_client", "iss and sub of the client assertion must both be the client_id (OpenID Connect Core section 9)")
	case form.Has("client_id") && form.Get("client_id") != said.Subject:
		return nil, NewError("invalid_client", "client_id is not the sub of the client assertion (RFC 7521 section 4.2)")
	}
	c, refusal := e.FindClient(r.Context(), said.Subject)
	if refusal != nil {
		return nil, refusal
	}
	if c.AuthMethod != store.AuthKey {
		return nil, NewError("invalid_client", "this client is registered for "+c.AuthMethod+", but used "+store.AuthKey)
	}
	keys, err := e.clientKeys.of(r.Context(), c, signed.Headers[0].KeyID)
	if err != nil {
		return nil, NewError("invalid_client", "the key set of this client "+err.Error())
	}
	if err := checkSignature(signed, c, keys); err != nil {
		return nil, badAssertion(personality.AssertionForged, err.Error())
	}
	if refusal := e.checkAssertion(&said); refusal != nil {
		return nil, refusal
	}
	switch err := e.Store.Remember(usedAssertion, c.ID+"\x00"+said.ID, said.Expires.Time()); {
	case errors.Is(err, store.ErrReplayed):
		return nil, badAssertion(personality.AssertionReplayed, "was used before; make a new one, with a new jti, for every request (RFC 7523 section 3)")
	case err != nil:
		return nil, &Error{Code: "temporarily_unavailable", Description: "too many client assertions are remembered; try again when some have expired", Status: http.StatusServiceUnavailable}
	}
	return c, nil
}

// assertionTypes are the typ headers that a client assertion may have. A JWT that says it is something else, a DPoP proof or a request
// object, is no assertion, though the same key signed it (RFC 8725 §3.11).
var assertionTypes = []string{"", "jwt", "client-authentication+jwt", "application/jwt", "application/client-authentication+jwt"}

func checkSignature(signed *jwt.JSONWebToken, c *store.Client, keys []jose.JSONWebKey) error {
	header := signed.Headers[0]
	typ, _ := header.ExtraHeaders[jose.HeaderType].(string)
	switch {
	case c.SigningAlgorithm != "" && header.Algorithm != c.SigningAlgorithm:
		return fmt.Errorf("is signed with %s; this client is registered for %s", header.Algorithm, c.SigningAlgorithm)
	case !slices.Contains(assertionTypes, strings.ToLower(typ)):
		return errors.New("has the typ of another kind of JWT; want JWT, client-authentication+jwt, or none")
	case len(keys) == 0:
		return fmt.Errorf("names a kid that is not in the client's key set: %s", Clip(header.KeyID))
	}
	for _, key := range keys {
		if key.Algorithm != "" && key.Algorithm != header.Algorithm {
			continue
		}
		if signed.Claims(key.Key) == nil {
			return nil
		}
	}
	return errors.New("is not signed by a key of the client's key set; check the key, its kid and its alg")
}

// badAssertion is the refusal of an assertion whose client is known.
func badAssertion(fault personality.Fault, problem string) *Error {
	return NewFault(fault, "", "invalid_client", "the client assertion "+problem)
}

func (e *Engine) checkAssertion(said *assertion) *Error {
	now := time.Now()
	ours, rules := e.audiences(), e.Personality.ClientAuth
	switch {
	case len(said.Audience) == 0:
		return badAssertion(personality.AssertionElsewhere, "has no aud; want "+e.Issuer)
	case len(said.Audience) > 1 && rules.OneAudience:
		return badAssertion(personality.AssertionAudiences, "has several aud; want "+e.Issuer)
	case slices.ContainsFunc(said.Audience, func(aud string) bool { return !slices.Contains(ours, aud) }):
		return badAssertion(personality.AssertionElsewhere, "is not for this server alone: every aud must be "+e.Issuer+", or the URL of its token endpoint (RFC 7523 section 3)")
	case said.Expires == nil:
		return badAssertion(personality.AssertionUnending, "has no exp")
	case !now.Before(said.Expires.Time()):
		return badAssertion(personality.AssertionInactive, "has expired; check the clocks, and make a new one for every request")
	case said.Expires.Time().After(now.Add(assertionLifetime)) && !rules.LongAssertions:
		return NewError("invalid_client", fmt.Sprintf("the client assertion expires in more than %s; want a few minutes (RFC 7523 section 3)", assertionLifetime))
	case said.NotBefore != nil && now.Before(said.NotBefore.Time()):
		return badAssertion(personality.AssertionInactive, "is not valid yet (nbf); check the clocks")
	case said.ID == "":
		return badAssertion(personality.AssertionNameless, "has no jti, without which it could be used twice (OpenID Connect Core section 9)")
	}
	return nil
}

// audiences are the names of this server in an assertion: its issuer identifier, its token endpoint (RFC 7523 §3), and the
// other endpoints where clients authenticate (RFC 9126 §2 for pushed requests).
func (e *Engine) audiences() []string {
	paths := e.Personality.Paths
	ours := []string{e.Issuer}
	for _, path := range []string{paths.Token, paths.Push, paths.Introspect, paths.Revoke} {
		if path != "" {
			ours = append(ours, e.URL(path))
		}
	}
	return ours
}
