package guard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// ErrUnavailable means that the token could not be judged: the issuer's keys cannot be had now.
var ErrUnavailable = errors.New("the issuer's keys are unavailable")

// TokenError is the verdict on a token that is refused.
type TokenError struct {
	Description string // what was wrong and what was expected, without the token's content; fits error_description
}

func (e *TokenError) Error() string { return "token refused: " + e.Description }

func refuseToken(format string, args ...any) error {
	return &TokenError{Description: fmt.Sprintf(format, args...)}
}

// Verify judges an access token: a [*TokenError] says why it is refused, [ErrUnavailable] that it cannot be judged.
//
// The claims are read before a key is looked up, so that a token which would be refused anyway costs no signature check
// and no fetch, and gets its answer also while the issuer is down. Nothing from it is returned before the signature held.
func (g *Guard) Verify(ctx context.Context, token string) (Identity, error) {
	t, err := parseToken(token)
	if err != nil {
		return Identity{}, err
	}
	if err := g.checkHeader(t); err != nil {
		return Identity{}, err
	}
	id, err := g.readClaims(t, time.Now())
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
		if _, err := signed.Verify(key); err == nil {
			return id, nil
		}
	}
	return Identity{}, refuseToken("the signature does not hold")
}

// Ready reports whether tokens can be judged: keys are at hand, or can be fetched now. The error says why not and is
// meant for the operator.
func (g *Guard) Ready(ctx context.Context) error {
	_, err := g.keys.ensure(ctx)
	return err
}
