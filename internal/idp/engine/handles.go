package engine

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/ory/fosite"

	"mcpharness/internal/idp/store"
)

// A handle is what a code and a refresh token say: which grant, and which generation of it. On the wire it is
// base64url(grant, generation, HMAC-SHA256), so nobody but this server makes one, and no used one need be remembered.
type handle struct {
	grant      store.GrantID
	generation uint32
}

const (
	handleSize = len(store.GrantID{}) + 4
	wireSize   = handleSize + sha256.Size
)

// handles makes and reads handles. It serves fosite as the strategy for codes and for refresh tokens; fosite's word for
// what identifies a token in the store is its signature.
type handles struct {
	secret  []byte
	storage storage
	named   bool // codes name their session
}

func newHandles() handles {
	secret := make([]byte, sha256.Size)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	return handles{secret: secret}
}

// signature is a handle as fosite passes it to the storage.
func (of handle) signature() string {
	return string(binary.BigEndian.AppendUint32(of.grant[:], of.generation))
}

func parseSignature(signature string) (of handle, err error) {
	if len(signature) != handleSize {
		return handle{}, store.ErrUnknown
	}
	n := copy(of.grant[:], signature)
	of.generation = binary.BigEndian.Uint32([]byte(signature[n:]))
	return of, nil
}

func (h handles) token(of handle) string {
	said := of.signature()
	return base64.RawURLEncoding.EncodeToString(append([]byte(said), h.mac(said)...))
}

func (h handles) mac(said string) []byte {
	mac := hmac.New(sha256.New, h.secret)
	mac.Write([]byte(said))
	return mac.Sum(nil)
}

// signature reads a token; it is empty where the token is not ours.
func (h handles) signature(token string) string {
	if len(token) != base64.RawURLEncoding.EncodedLen(wireSize) {
		return ""
	}
	wire, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(wire) != wireSize {
		return ""
	}
	said := string(wire[:handleSize])
	if !hmac.Equal(wire[handleSize:], h.mac(said)) {
		return ""
	}
	return said
}

// AuthorizeCodeSignature reads a code, which is generation 0, and nothing else: a refresh token is no code.
func (h handles) AuthorizeCodeSignature(_ context.Context, token string) string {
	if h.named {
		return h.readSessionCode(token)
	}
	if said := h.signature(token); isCode(said) {
		return said
	}
	return ""
}

func (h handles) GenerateAuthorizeCode(_ context.Context, r fosite.Requester) (token, signature string, err error) {
	s := r.GetSession().(*session)
	of := handle{grant: s.grantID}
	if h.named {
		return h.sessionCode(of, s.grant.SessionID), of.signature(), nil
	}
	return h.token(of), of.signature(), nil
}

// ValidateAuthorizeCode has nothing left to ask: a handle is read only if its MAC fits, and the store judges its age.
func (h handles) ValidateAuthorizeCode(context.Context, fosite.Requester, string) error { return nil }

// RefreshTokenSignature reads a refresh token and nothing else: a code sent as a refresh token would get round PKCE.
func (h handles) RefreshTokenSignature(_ context.Context, token string) string {
	if said := h.signature(token); !isCode(said) {
		return said
	}
	return ""
}

func isCode(signature string) bool {
	of, err := parseSignature(signature)
	return err == nil && of.generation == 0
}

func (h handles) GenerateRefreshToken(_ context.Context, r fosite.Requester) (token, signature string, err error) {
	s := r.GetSession().(*session)
	of := handle{grant: s.grantID, generation: s.generation + 1}
	switch {
	case s.generation == 0:
	case h.storage.reusable(r.GetClient()):
		of.generation = s.generation // the same again
	case h.storage.refresh.Grace > 0:
		of.generation = h.storage.store.NextGeneration(s.grantID) // others may have followed the one that is used
	}
	return h.token(of), of.signature(), nil
}

// ValidateRefreshToken: see ValidateAuthorizeCode.
func (h handles) ValidateRefreshToken(context.Context, fosite.Requester, string) error { return nil }
