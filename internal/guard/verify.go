package guard

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// ErrUnavailable means that the token could not be judged: the issuer's keys cannot be had now, or it cannot be asked.
var ErrUnavailable = errors.New("the issuer is unavailable")

// TokenError is the verdict on a token that is refused.
type TokenError struct {
	Description string // what was wrong and what was expected, without the token's content; fits error_description
}

func (e *TokenError) Error() string { return "token refused: " + e.Description }

func refuseToken(format string, args ...any) error {
	return &TokenError{Description: fmt.Sprintf(format, args...)}
}

// Verify judges an access token: a [*TokenError] says why it is refused, [ErrUnavailable] that it cannot be judged.
func (g *Guard) Verify(ctx context.Context, token string) (Identity, error) {
	if len(token) > maxToken {
		return Identity{}, refuseToken("the token is longer than %d bytes", maxToken)
	}
	if by := g.settings.Verify; by == VerifyJWKS || by == VerifyEither && looksLikeJWT(token) {
		return g.verifyJWT(ctx, token)
	}
	return g.verifyByAsking(ctx, token)
}

// verifyJWT judges a signed token.
//
// The claims are read before a key is looked up, so that a token which would be refused anyway costs no signature check
// and no fetch, and gets its answer also while the issuer is down. Nothing from it is returned before the signature held.
func (g *Guard) verifyJWT(ctx context.Context, token string) (Identity, error) {
	now, known := time.Now(), digestOf(token)
	if keys := g.keys.current(); keys != nil {
		if id, found := g.verified.find(known, keys, now, g.settings.Leeway); found {
			g.keys.refreshOld(keys)
			return id, nil
		}
	}
	t, err := parseToken(token)
	if err != nil {
		return Identity{}, err
	}
	if err := g.checkHeader(t); err != nil {
		return Identity{}, err
	}
	id, v, err := g.readClaims(t.claims, signedToken)
	if err == nil {
		err = v.judge(now, g.settings.Leeway)
	}
	if err != nil {
		return Identity{}, err
	}
	keys, err := g.keys.lookup(ctx, t.kid, t.alg)
	if err != nil {
		return Identity{}, err
	}
	signed, err := jose.ParseSignedCompact(token, g.algorithms)
	if err != nil {
		return Identity{}, refuseToken("the token is not a signed JWT")
	}
	for _, key := range keys {
		if _, err := signed.Verify(key.key); err == nil {
			g.verified.add(known, verified{identity: id, validity: v, key: key.print})
			return id, nil
		}
	}
	return Identity{}, refuseToken("the signature does not hold")
}

// verifyByAsking judges a token by the issuer's word. What is no bearer token, or tells itself to be an ID or logout token,
// does not reach the issuer, of which some say yes to it.
func (g *Guard) verifyByAsking(ctx context.Context, token string) (Identity, error) {
	if !isB64Token(token) {
		return Identity{}, refuseToken("the token is malformed, want letters, digits and -._~+/")
	}
	if looksLikeJWT(token) {
		if t, err := parseToken(token); err == nil {
			if err := checkForeign(t.claims); err != nil {
				return Identity{}, err
			}
		}
	}
	return g.inquiries.verify(ctx, token)
}

// looksLikeJWT reports whether the token has three parts of which the first is an object. Logto and Keycloak also write
// opaque values with dots.
func looksLikeJWT(token string) bool {
	first, rest, _ := strings.Cut(token, ".")
	return strings.Count(rest, ".") == 1 && strings.HasPrefix(first, "ey") // {" in base64url
}

// Ready reports whether tokens can be judged: keys are at hand or can be fetched now, and it is known where to ask. The
// error says why not and is meant for the operator.
func (g *Guard) Ready(ctx context.Context) error {
	// Not cancelled with the caller: what is found, or not, is everybody's.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTimeout)
	defer cancel()
	by := g.settings.Verify
	if by == VerifyJWKS || by == VerifyEither {
		if _, err := g.keys.ensure(ctx); err != nil {
			return err
		}
	}
	var err error
	switch by {
	case VerifyIntrospection, VerifyEither:
		_, err = g.authority.endpoint(ctx, introspectionEndpoint)
	case VerifyUserinfo:
		_, err = g.authority.endpoint(ctx, userinfoEndpoint)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if by != VerifyJWKS {
		return g.inquiries.ready()
	}
	return nil
}
