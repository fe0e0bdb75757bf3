package engine

import (
	"context"
	"errors"
	"fmt"
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
	id := e.tokenID(s)
	claims, err := e.accessClaims(s, id)
	switch {
	case err != nil:
		return "", "", err
	case s.opaque:
		token, err = e.envelopes.seal(claims)
	default:
		token, err = e.signers.sign(e.accessType(s.grant.ClientID), claims)
	}
	return token, id, err
}

// tokenID makes a jti.
func (e *Engine) tokenID(s *session) string {
	words := e.Personality.AccessToken.IDPrefix
	if !e.references.uuids {
		return e.references.jti(s.grantID)
	}
	of, by := words.Online, words.Code
	switch {
	case s.grantType == GrantClientCredentials:
		of, by = words.Own, words.Credentials
	case s.offline():
		of = words.Offline
	}
	switch s.grantType {
	case GrantRefresh:
		by = words.Refresh
	case GrantPassword:
		by = words.Password
	}
	return of + by + e.references.jti(s.grantID)
}

// ProfiledType is the typ of RFC 9068 §2.1, for store.Client.TokenType.
const ProfiledType = "at+jwt"

// accessType is the typ of a client's access tokens.
func (e *Engine) accessType(clientID string) string {
	if c, known := e.Store.Client(clientID); known && c.TokenType != "" {
		return c.TokenType
	}
	return e.Personality.AccessToken.Type
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
	Opaque   bool        // no client can read it
	id       string      // what it is revoked by
	grant    store.Grant // zero where it names none
}

const revokedToken = "revoked access token" // what the store remembers

// ErrGrantEnded says that an access token was good, and is over before its time.
var ErrGrantEnded = errors.New("its grant has ended: revoked, replayed, or older than this server's last start")

// ErrGrantBefore is ErrGrantEnded of a token that is older than its client's part in the session.
var ErrGrantBefore = fmt.Errorf("%w: its client has come to the session again", ErrGrantEnded)

var errRevoked = errors.New("revoked")

// ended tells a grant that is over from one that its client took along.
func (e *Engine) ended(claims map[string]any, grant store.GrantID) error {
	id, _ := claims[e.Personality.AccessToken.ClientClaim].(string)
	if _, known := e.Store.Client(id); !known {
		return errors.New("its client is gone")
	}
	if e.Store.CameAgain(grant) {
		return ErrGrantBefore
	}
	return ErrGrantEnded
}

// AccessToken verifies that an access token is of this server and active: not expired, not revoked, and of a grant that
// lives. A token that names no grant is a client's own, or one that a test minted with the server's key.
func (e *Engine) AccessToken(token string) (*AccessToken, error) {
	claims, opaque, err := e.readAccessToken(token)
	if err != nil {
		return nil, err
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
	access := &AccessToken{Claims: claims, Opaque: opaque, Expires: time.Unix(int64(exp), 0)}
	if access.id, _ = claims["jti"].(string); access.id == "" {
		access.id = token[:strings.LastIndexByte(token, '.')] // not the signature, which can be written in several ways
	}
	if e.Store.Remembers(revokedToken, access.id) {
		return nil, errRevoked
	}
	if grant := e.references.grant(access.id); grant != (store.GrantID{}) {
		var lives bool
		if access.grant, lives = e.Store.Grant(grant); !lives {
			return nil, e.ended(claims, grant)
		}
	}
	access.ClientID, _ = claims[e.Personality.AccessToken.ClientClaim].(string)
	access.Scopes = e.readScopes(claims)
	subject, _ := claims["sub"].(string)
	if subject == "" { // no mapper writes it
		access.Person, _ = e.Store.Person(access.grant.Username)
	} else {
		access.Person, _ = e.Store.PersonBySubject(subject)
	}
	return access, nil
}

// readAccessToken reads the claims of a token that this server made. Whether they still hold is not its question.
func (e *Engine) readAccessToken(token string) (claims map[string]any, opaque bool, err error) {
	if !strings.Contains(token, ".") {
		claims, err = e.envelopes.open(token)
		return claims, true, err
	}
	types := []string{e.Personality.AccessToken.Type}
	if e.Personality.ClientScopes {
		types = append(types, ProfiledType)
	}
	if err := e.verified(token, &claims, types...); err != nil {
		return nil, false, err
	}
	if _, isIDToken := claims["at_hash"]; isIDToken { // a personality may give both the same typ
		return nil, false, errors.New("an ID token")
	}
	return claims, false, nil
}
