package engine

import (
	"crypto"
	_ "crypto/sha256" // the hashes of leftHalf
	_ "crypto/sha512"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"time"

	"mcpharness/internal/idp/store"
)

// idToken signs the ID token that goes with an access token (OpenID Connect Core §2 and §3.1.3.6).
func (e *Engine) idToken(s *session, accessToken string) (string, error) {
	person, ok := e.speaksFor(s.grant)
	if !ok {
		return "", fmt.Errorf("nobody is called %q", s.grant.Username)
	}
	issued := s.issuedAt.Unix()
	claims := map[string]any{
		"iss": e.Issuer,
		"sub": person.Subject,
		"aud": s.grant.ClientID,
		"iat": issued,
		"exp": issued + int64(e.lives(s, e.Lifetimes.idToken(e.Store, s.grant.ClientID))/time.Second),
	}
	shape := e.Personality.IDToken
	if !s.grant.AuthTime.IsZero() && (s.grant.MaxAge || !shape.AuthTimeIfAsked) { // else nobody signed in
		claims["auth_time"] = s.grant.AuthTime.Unix()
	}
	if shape.ClientClaim != "" {
		claims[shape.ClientClaim] = s.grant.ClientID
	}
	if shape.ID {
		claims["jti"] = UUID()
	}
	e.nameSession(claims, s)
	if !shape.NoHash {
		hash, err := leftHalf(e.Store.SigningKey().Algorithm, accessToken)
		if err != nil {
			return "", err
		}
		claims["at_hash"] = hash
	}
	maps.Copy(claims, shape.Fixed)
	if s.grant.HasNonce { // forgotten with the code, so not after a refresh (OpenID Connect Core §12.2)
		claims["nonce"] = s.grant.Nonce
	}
	if e.Personality.ClientScopes {
		e.mapIntoIDToken(claims, s)
	} else {
		maps.Copy(claims, e.personClaims(person, e.aboutPerson(s)))
	}
	return e.signers.sign(shape.Type, claims)
}

// UserInfo is what the userinfo endpoint tells the holder of an access token (OpenID Connect Core §5.3.2).
func (e *Engine) UserInfo(a *AccessToken) map[string]any {
	var claims map[string]any
	if e.Personality.ClientScopes {
		claims = e.Told(a, store.InUserInfo)
	} else {
		claims = e.personClaims(a.Person, a.Scopes)
	}
	claims["sub"] = a.Person.Subject
	return claims
}

// personClaims returns what scopes tell about a person (OpenID Connect Core §5.4).
func (e *Engine) personClaims(p store.Person, scopes []string) map[string]any {
	claims := map[string]any{}
	if slices.Contains(scopes, "profile") {
		claims["name"], claims["preferred_username"] = p.Name, p.Username
		known := map[string]any{"username": p.Username, "picture": nil, "created_at": e.started.UnixMilli(), "updated_at": e.started.UnixMilli()}
		for _, name := range e.Personality.Profile {
			claims[name] = known[name]
		}
	}
	if slices.Contains(scopes, "email") && p.Email != "" {
		claims["email"], claims["email_verified"] = p.Email, true
	}
	return claims
}

// leftHalf is at_hash: the left half of the hash that goes with the signature algorithm.
func leftHalf(algorithm, token string) (string, error) {
	hashes := map[string]crypto.Hash{
		"ES256": crypto.SHA256, "RS256": crypto.SHA256, "PS256": crypto.SHA256,
		"ES384": crypto.SHA384, "RS384": crypto.SHA384, "PS384": crypto.SHA384,
		"ES512": crypto.SHA512, "RS512": crypto.SHA512, "PS512": crypto.SHA512, "EdDSA": crypto.SHA512,
	}
	hash, ok := hashes[algorithm]
	if !ok {
		return "", fmt.Errorf("no hash for at_hash with %s", algorithm)
	}
	h := hash.New()
	h.Write([]byte(token))
	sum := h.Sum(nil)
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2]), nil
}
