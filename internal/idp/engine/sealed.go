package engine

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// sealed makes JWTs that are for this server alone, and that no other can verify (HS512). Clients can read them, and should not.
type sealed struct {
	key    []byte
	signer jose.Signer
}

func newSealed() sealed {
	key := make([]byte, 64)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS512, Key: key}, (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", UUID()))
	if err != nil {
		panic(err) // the key has the size that HS512 wants
	}
	return sealed{key, signer}
}

func (s sealed) sign(claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encoding claims: %w", err)
	}
	object, err := s.signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	return object.CompactSerialize()
}

// read verifies that this server made a token. Whether it holds is not its question.
func (s sealed) read(token string, claims any) error {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.HS512})
	if err != nil {
		return err
	}
	return parsed.Claims(s.key, claims)
}

// RegistrationToken makes a registration access token that can be read (RFC 7592 §3).
func (e *Engine) RegistrationToken(claims map[string]any) (string, error) {
	said := map[string]any{"iss": e.Issuer, "aud": e.Issuer, "iat": time.Now().Unix(), "jti": UUID()}
	for name, value := range claims {
		said[name] = value
	}
	return e.sealed.sign(said)
}

// Kind says what a token is that came where it does not belong.
type Kind int

const (
	UnreadableToken Kind = iota // none of this server
	PersonalToken               // an access token
	OtherToken                  // another one of this server
)

// KindOf says what a token is.
func (e *Engine) KindOf(token string) Kind {
	if _, err := e.AccessToken(token); err == nil {
		return PersonalToken
	}
	var claims map[string]any
	if e.sealed.read(token, &claims) == nil || e.isIDToken(token) {
		return OtherToken
	}
	return UnreadableToken
}
