package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"github.com/ory/fosite"

	"mcpharness/internal/idp/store"
)

// accessTokens makes JWT access tokens (RFC 9068) in the shape of the personality. fosite's own strategy keeps the first
// iat on refresh and knows no narrowing.
type accessTokens struct{ engine *Engine }

func (a accessTokens) AccessTokenSignature(_ context.Context, token string) string { return token }

func (a accessTokens) GenerateAccessToken(_ context.Context, r fosite.Requester) (token, signature string, err error) {
	e, s := a.engine, r.GetSession().(*session)
	shape := e.Personality.AccessToken
	id := rand.Text()
	issued := s.issuedAt.Unix()
	claims := map[string]any{
		"iss":             e.Issuer,
		"sub":             s.grant.ClientID, // without a person the client speaks for itself (RFC 9068 §2.2)
		shape.ClientClaim: s.grant.ClientID,
		"iat":             issued,
		"exp":             issued + int64(e.Lifetimes.AccessToken/time.Second),
		"jti":             id,
	}
	switch len(s.resources) {
	case 0:
	case 1:
		claims["aud"] = s.resources[0]
	default:
		claims["aud"] = s.resources
	}
	if len(s.scopes) > 0 {
		claims[shape.ScopeClaim] = strings.Join(s.scopes, " ")
	}
	if s.grant.Username != "" {
		person, ok := e.Store.Person(s.grant.Username)
		if !ok {
			return "", "", store.ErrUnknown
		}
		claims["sub"] = person.Subject
		claims["auth_time"] = s.grant.AuthTime.Unix() // RFC 9068 §2.2.1
		if shape.RolesClaim != "" && len(person.Roles) > 0 {
			claims[shape.RolesClaim] = person.Roles
		}
	}
	token, err = e.signers.sign(shape.Type, claims)
	return token, id, err
}

func (a accessTokens) ValidateAccessToken(context.Context, fosite.Requester, string) error {
	return errors.New("not used: access tokens are verified by AccessToken")
}

// AccessToken is what a valid access token of this server says.
type AccessToken struct {
	Person store.Person
	Scopes []string
}

// ErrNoPerson says that a valid token speaks for a client and not for a person.
var ErrNoPerson = errors.New("the token speaks for no person")

// AccessToken verifies an access token that this server issued to a client for a person.
func (e *Engine) AccessToken(token string) (*AccessToken, error) {
	var claims map[string]any
	if err := e.verified(token, e.Personality.AccessToken.Type, &claims); err != nil {
		return nil, err
	}
	if iss, _ := claims["iss"].(string); iss != e.Issuer {
		return nil, errors.New("another issuer's token")
	}
	if exp, ok := claims["exp"].(float64); !ok || time.Now().Unix() >= int64(exp) {
		return nil, errors.New("expired")
	}
	subject, _ := claims["sub"].(string)
	person, ok := e.Store.PersonBySubject(subject)
	if !ok {
		return nil, ErrNoPerson
	}
	scope, _ := claims[e.Personality.AccessToken.ScopeClaim].(string)
	return &AccessToken{Person: person, Scopes: strings.Fields(scope)}, nil
}
