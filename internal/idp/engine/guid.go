package engine

import (
	"crypto/sha256"
	"fmt"
)

// guid is a GUID that is always the same for a name (RFC 9562 §5.8, version 8).
func guid(name string) string {
	sum := sha256.Sum256([]byte("mock-idp GUID " + name))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
