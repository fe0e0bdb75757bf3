package engine

import (
	"context"
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
	id := e.references.jti(s.grantID)
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

// AccessToken is what an active access token of this server says.
type AccessToken struct {
	Claims   map[string]any
	ClientID string
	Person   store.Person // zero where the token speaks for a client only
	Scopes   []string
	Expires  time.Time
	id       string // what it is revoked by
}

const revokedToken = "revoked access token" // what the store remembers

// AccessToken verifies that an access token is of this server and active: not expired, not revoked, and of a grant that
// lives. A token that names no grant is a client's own, or one that a test minted with the server's key.
func (e *Engine) AccessToken(token string) (*AccessToken, error) {
	var claims map[string]any
	if err := e.verified(token, e.Personality.AccessToken.Type, &claims); err != nil {
		return nil, err
	}
	if _, isIDToken := claims["at_hash"]; isIDToken { // a personality may give both the same typ
		return nil, errors.New("an ID token")
	}
	if iss, _ := claims["iss"].(string); iss != e.Issuer {
		return nil, errors.New("another issuer's token")
	}
	now := time.Now().Unix()
	exp, ok := claims["exp"].(float64)
	if !ok || now >= int64(exp) {
		return nil, errors.New("expired")
	}
	if nbf, has := claims["nbf"]; has {
		if at, ok := nbf.(float64); !ok || now < int64(at) {
			return nil, errors.New("not valid yet")
		}
	}
	access := &AccessToken{Claims: claims, Expires: time.Unix(int64(exp), 0)}
	if access.id, _ = claims["jti"].(string); access.id == "" {
		access.id = token[:strings.LastIndexByte(token, '.')] // not the signature, which can be written in several ways
	}
	if e.Store.Remembers(revokedToken, access.id) {
		return nil, errors.New("revoked")
	}
	if grant := e.references.grant(access.id); grant != (store.GrantID{}) {
		if _, lives := e.Store.Grant(grant); !lives {
			return nil, errors.New("its grant has ended: revoked, replayed, or older than this server's last start")
		}
	}
	access.ClientID, _ = claims[e.Personality.AccessToken.ClientClaim].(string)
	scope, _ := claims[e.Personality.AccessToken.ScopeClaim].(string)
	access.Scopes = strings.Fields(scope)
	subject, _ := claims["sub"].(string)
	access.Person, _ = e.Store.PersonBySubject(subject)
	return access, nil
}
