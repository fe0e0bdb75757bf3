package engine

import (
	"errors"
)

// Hint is what an ID token of this server says. It may have expired: it is a hint, and proves nothing about the present.
type Hint struct {
	Subject   string
	ClientID  string
	SessionID string // empty: it does not say
}

// IDToken reads an ID token that this server issued (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2).
func (e *Engine) IDToken(token string) (Hint, error) {
	var claims struct {
		Issuer   string `json:"iss"`
		Subject  string `json:"sub"`
		Audience string `json:"aud"`
		Session  string `json:"sid"`
		Hash     string `json:"at_hash"`
	}
	switch err := e.verified(token, &claims, e.Personality.IDToken.Type); {
	case err != nil:
		return Hint{}, err
	case claims.Issuer != e.Issuer:
		return Hint{}, errors.New("another issuer's token")
	case claims.Hash == "" && !e.Personality.IDToken.NoHash || claims.Subject == "": // no access token has the hash; without it the typ is another
		return Hint{}, errors.New("no ID token")
	}
	return Hint{claims.Subject, claims.Audience, claims.Session}, nil
}
