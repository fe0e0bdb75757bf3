package engine

import (
	"crypto/hmac"
	"crypto/rand"
	"strings"

	"mcpharness/internal/idp/store"
)

// sessionCode is a code that says of which session it is: the grant and a few random bytes as a UUID, the session, and half of a MAC over
// both as another UUID.
func (h handles) sessionCode(of handle, sessionID string) string {
	var id [16]byte
	_, _ = rand.Read(id[copy(id[:], of.grant[:]):]) // never fails (crypto/rand)
	return hyphened(id[:]) + "." + sessionID + "." + hyphened(h.sessionMAC(id, sessionID))
}

// readSessionCode is empty where the code is not ours.
func (h handles) readSessionCode(code string) (signature string) {
	parts := strings.Split(code, ".")
	if len(parts) != 3 {
		return ""
	}
	id, errID := unhyphened(parts[0])
	mac, errMAC := unhyphened(parts[2])
	if errID != nil || errMAC != nil || parts[0] != hyphened(id[:]) || !hmac.Equal(mac[:], h.sessionMAC(id, parts[1])) {
		return ""
	}
	return handle{grant: store.GrantID(id[:len(store.GrantID{})])}.signature()
}

func (h handles) sessionMAC(id [16]byte, sessionID string) []byte {
	return h.mac("code in a session" + string(id[:]) + sessionID)[:16]
}
