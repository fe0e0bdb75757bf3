package engine

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// UUID is a random UUID (RFC 9562 §5.4, version 4).
func UUID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails (crypto/rand)
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return hyphened(id[:])
}

func hyphened(id []byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:16])
}

// unhyphened reads the bytes of a UUID.
func unhyphened(id string) (bytes [16]byte, err error) {
	decoded, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err == nil && len(decoded) != len(bytes) {
		err = hex.ErrLength
	}
	copy(bytes[:], decoded)
	return bytes, err
}

// guid is a GUID that is always the same for a name (RFC 9562 §5.8, version 8).
func guid(name string) string {
	sum := sha256.Sum256([]byte("mock-idp GUID " + name))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return hyphened(sum[:])
}
