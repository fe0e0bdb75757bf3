package engine

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"strings"

	"mcpharness/internal/idp/store"
)

// references hide in the jti of an access token which grant it comes from, so that the token ends with the grant without an
// entry of its own. On the wire it is base64url(nonce, grant XOR AES(nonce)): to everybody else each jti is random, and no
// two of one grant look alike. It needs no MAC, as it stands in a signed token.
type references struct{ block cipher.Block }

const (
	nonceSize     = 12
	referenceSize = nonceSize + len(store.GrantID{})
)

// The grant must fit into one block.
var _ = [1]struct{}{}[len(store.GrantID{})-aes.BlockSize]

func newReferences() references {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the size of the key is right
	}
	return references{block}
}

// jti makes an identifier for a token of a grant; of the zero grant, for a token that belongs to none.
func (r references) jti(grant store.GrantID) string {
	var wire [referenceSize]byte
	_, _ = rand.Read(wire[:nonceSize])
	r.mask(wire[:nonceSize], &grant)
	copy(wire[nonceSize:], grant[:])
	return base64.RawURLEncoding.EncodeToString(wire[:])
}

// grant reads a jti, whatever the personality begins it with; it is zero for a token that belongs to no grant, be it a client's own or one that a test minted.
func (r references) grant(jti string) (grant store.GrantID) {
	wire, err := base64.RawURLEncoding.Strict().DecodeString(jti[strings.LastIndexByte(jti, ':')+1:])
	if err != nil || len(wire) != referenceSize {
		return store.GrantID{}
	}
	copy(grant[:], wire[nonceSize:])
	r.mask(wire[:nonceSize], &grant)
	return grant
}

func (r references) mask(nonce []byte, grant *store.GrantID) {
	var pad [aes.BlockSize]byte
	copy(pad[:], nonce)
	r.block.Encrypt(pad[:], pad[:])
	for i := range grant {
		grant[i] ^= pad[i]
	}
}
