package engine

import (
	"errors"
)

// IDToken reads an ID token that this server issued, and says for whom and to which client. It may have expired: it is a hint,
// and proves nothing about the present (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2).
func (e *Engine) IDToken(token string) (subject, clientID string, err error) {
	var claims struct {
		Issuer   string `json:"iss"`
		Subject  string `json:"sub"`
		Audience string `json:"aud"`
		Hash     string `json:"at_hash"`
	}
	switch err := e.verified(token, &claims, e.Personality.IDToken.Type); {
	case err != nil:
		return "", "", err
	case claims.Issuer != e.Issuer:
		return "", "", errors.New("another issuer's token")
	case claims.Hash == "" && !e.Personality.IDToken.NoHash || claims.Subject == "": // no access token has the hash; without it the typ is another
		return "", "", errors.New("no ID token")
	}
	return claims.Subject, claims.Audience, nil
}
