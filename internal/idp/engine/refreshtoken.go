package engine

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/ory/fosite"

	"mcpharness/internal/idp/store"
)

// refreshTokens serves fosite as the strategy for refresh tokens: the handles as they are, or in a JWT where the personality's
// clients can read one.
type refreshTokens struct {
	handles
	engine *Engine
}

// Names of a refresh token that can be read.
const (
	refreshType = "Refresh"
	offlineType = "Offline"
)

// readable are the claims of such a token that the server reads again. The identifier hides the handle; that of a token which stays
// good has no generation in it, as there is only one.
type readable struct {
	Type    string `json:"typ"`
	ID      string `json:"jti"`
	Expires int64  `json:"exp"`
}

func (r refreshTokens) RefreshTokenSignature(_ context.Context, token string) string {
	return r.engine.refreshSignature(token)
}

func (r refreshTokens) GenerateRefreshToken(ctx context.Context, requester fosite.Requester) (token, signature string, err error) {
	token, signature, err = r.handles.GenerateRefreshToken(ctx, requester)
	if err != nil || !r.engine.Personality.Refresh.Readable {
		return token, signature, err
	}
	of, err := parseSignature(signature)
	if err != nil {
		return "", "", err
	}
	token, err = r.engine.sealed.sign(r.engine.refreshClaims(requester.GetSession().(*session), of))
	return token, signature, err
}

// refreshSignature reads a refresh token; it is empty where the token is not ours.
func (e *Engine) refreshSignature(token string) string {
	if !e.Personality.Refresh.Readable {
		return e.handles.RefreshTokenSignature(context.Background(), token)
	}
	var claims readable
	if e.sealed.read(token, &claims) != nil || claims.Type != refreshType && claims.Type != offlineType {
		return ""
	}
	grant, generation, ok := e.references.readUUID(claims.ID)
	if !ok {
		return ""
	}
	of := handle{grant: grant, generation: binary.BigEndian.Uint32(generation[:])}
	if e.Personality.Refresh.Reusable {
		of.generation = 1
	}
	return of.signature()
}

// isOffline reports whether a refresh token says that it outlives its session.
func (e *Engine) isOffline(token string) bool {
	var claims readable
	return e.Personality.Refresh.Readable && e.sealed.read(token, &claims) == nil && claims.Type == offlineType
}

// isOver reports whether a refresh token says that its time is over.
func (e *Engine) isOver(token string) bool {
	var claims readable
	return e.Personality.Refresh.Readable && e.sealed.read(token, &claims) == nil && claims.Expires != 0 && time.Now().Unix() >= claims.Expires
}

// refreshClaims are those of a refresh token that can be read: about the whole grant, also where the access token is for less of it.
func (e *Engine) refreshClaims(s *session, of handle) map[string]any {
	var generation tail
	binary.BigEndian.PutUint32(generation[:], of.generation)
	if e.Personality.Refresh.Reusable {
		_, _ = rand.Read(generation[:]) // never fails (crypto/rand)
	}
	person, _ := e.speaksFor(s.grant)
	whole := *s
	whole.scopes = s.grant.Scopes
	claims := map[string]any{
		"typ": refreshType, "jti": e.references.uuid(of.grant, generation), "prov": "default",
		"iat": s.issuedAt.Unix(), "iss": e.Issuer, "aud": e.Issuer, "sub": person.Subject, e.Personality.AccessToken.ClientClaim: s.grant.ClientID,
		"scope": strings.Join(s.grant.Scopes, " "),
	}
	if !e.Personality.Refresh.Reusable {
		claims["reuse_id"] = UUID()
	}
	if aud := e.audiencesOf(&whole); len(aud) > 0 {
		claims["aud_x"] = aud
	}
	if s.grant.SessionID != "" {
		claims["sid"] = s.grant.SessionID
	}
	if s.offline() {
		claims["typ"] = offlineType
	}
	if e.tellsEnd(s) {
		claims["exp"] = e.Store.Until(of.grant, e.Lifetimes.refreshToken(e.Store, s.grant)).Unix()
	}
	return claims
}

// tellsEnd reports whether clients hear how long a refresh token is good.
func (e *Engine) tellsEnd(s *session) bool { return !s.offline() || e.Lifetimes.OfflineEnds }

// audiencesOf are those that an access token of the session would have.
func (e *Engine) audiencesOf(s *session) []string {
	aud := e.audience(s)
	if e.Personality.ClientScopes {
		aud = e.mapped(s, store.InAccessToken)["aud"]
	}
	switch aud := aud.(type) {
	case string:
		return []string{aud}
	case []string:
		return slices.Clone(aud)
	}
	return nil
}

// tellExpiry says in an answer how long its refresh token is good.
func (e *Engine) tellExpiry(answer *TokenResponse, s *session) {
	seconds, begin := int64(0), int64(0)
	if answer.RefreshToken != "" && e.tellsEnd(s) {
		seconds = int64(time.Until(e.Store.Expiry(s.grantID)).Round(time.Second) / time.Second)
	}
	answer.RefreshExpiresIn, answer.NotBefore = &seconds, &begin
}
