package realm

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/json"
	"hash"
	"strconv"

	"golang.org/x/crypto/argon2"

	"mcpharness/internal/idp/store"
)

// passwordHash checks a password against what an export has of it (Keycloak 26.7.4: PasswordSecretData and PasswordCredentialData).
type passwordHash struct {
	want   []byte
	derive func(password string, length int) []byte
}

func (h passwordHash) Is(typed string) bool {
	return subtle.ConstantTimeCompare(h.derive(typed, len(h.want)), h.want) == 1
}

// Most of what checking one password may cost. Keycloak's own settings are below a tenth of it.
const (
	mostMemory  = 256 << 10 // KiB
	mostPasses  = 100
	mostThreads = 64
	mostRounds  = 10_000_000
	mostHash    = 1 << 10 // bytes
)

// digests are what Keycloak's PBKDF2 is made of, by the name of the algorithm.
var digests = map[string]func() hash.Hash{"pbkdf2": sha1.New, "pbkdf2-sha256": sha256.New, "pbkdf2-sha512": sha512.New}

// readHash reads a hashed password. It fails for an algorithm that is not known, and for one that would cost too much.
func readHash(secretData, credentialData string) (store.Password, bool) {
	var secret struct{ Value, Salt []byte } // in JSON base64, as Keycloak writes them
	var how struct {
		Algorithm            string
		HashIterations       int
		AdditionalParameters map[string][]string
	}
	if json.Unmarshal([]byte(secretData), &secret) != nil || json.Unmarshal([]byte(credentialData), &how) != nil {
		return nil, false
	}
	if len(secret.Value) < 16 || len(secret.Value) > mostHash || how.HashIterations < 1 {
		return nil, false
	}
	if digest, known := digests[how.Algorithm]; known {
		return passwordHash{secret.Value, func(password string, length int) []byte {
			key, err := pbkdf2.Key(digest, password, secret.Salt, how.HashIterations, length)
			if err != nil { // a policy of the runtime forbids it, as for short salts in FIPS mode
				return nil
			}
			return key
		}}, how.HashIterations <= mostRounds
	}
	parameter := func(name string) string {
		if values := how.AdditionalParameters[name]; len(values) == 1 {
			return values[0]
		}
		return ""
	}
	memory, errMemory := strconv.ParseUint(parameter("memory"), 10, 32)
	threads, errThreads := strconv.ParseUint(parameter("parallelism"), 10, 8)
	switch {
	case how.Algorithm != "argon2" || parameter("type") != "id" && parameter("type") != "i" || parameter("version") != "1.3":
		return nil, false
	case errMemory != nil || errThreads != nil || memory > mostMemory || threads < 1 || threads > mostThreads || how.HashIterations > mostPasses:
		return nil, false
	}
	key := argon2.IDKey
	if parameter("type") == "i" {
		key = argon2.Key
	}
	return passwordHash{secret.Value, func(password string, length int) []byte {
		return key([]byte(password), secret.Salt, uint32(how.HashIterations), uint32(memory), uint8(threads), uint32(length))
	}}, true
}
