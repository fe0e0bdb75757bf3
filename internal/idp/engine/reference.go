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
type references struct {
	block cipher.Block
	uuids bool // jtis are UUIDs behind a word and a colon, as a personality has them
}

const (
	nonceSize     = 12
	referenceSize = nonceSize + len(store.GrantID{})
)

// tail is what fits into one block beside a grant.
type tail [aes.BlockSize - len(store.GrantID{})]byte

func newReferences(uuids bool) references {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the size of the key is right
	}
	return references{block, uuids}
}

// jti makes an identifier for a token of a grant; of the zero grant, for a token that belongs to none.
func (r references) jti(grant store.GrantID) string {
	if r.uuids { // of some ten thousand tokens of one grant two may look alike
		var chance tail
		_, _ = rand.Read(chance[:])
		return r.uuid(grant, chance)
	}
	var wire [referenceSize]byte
	_, _ = rand.Read(wire[:nonceSize])
	r.mask(wire[:nonceSize], &grant)
	copy(wire[nonceSize:], grant[:])
	return base64.RawURLEncoding.EncodeToString(wire[:])
}

// uuid hides a grant, and a little beside it, in a UUID. To everybody else it is random.
func (r references) uuid(grant store.GrantID, beside tail) string {
	var block [aes.BlockSize]byte
	copy(block[copy(block[:], grant[:]):], beside[:])
	r.block.Encrypt(block[:], block[:])
	return hyphened(block[:])
}

// readUUID is the reverse. What is in a UUID of another origin is anything.
func (r references) readUUID(id string) (grant store.GrantID, beside tail, ok bool) {
	block, err := unhyphened(id)
	r.block.Decrypt(block[:], block[:])
	copy(beside[:], block[copy(grant[:], block[:]):])
	return grant, beside, err == nil
}

// grant reads a jti; it is zero for a token that belongs to no grant, be it a client's own or one that a test minted.
func (r references) grant(jti string) (grant store.GrantID) {
	if r.uuids {
		_, id, _ := strings.Cut(jti, ":")
		if grant, _, ok := r.readUUID(id); ok {
			return grant
		}
		return store.GrantID{}
	}
	wire, err := base64.RawURLEncoding.Strict().DecodeString(jti)
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
