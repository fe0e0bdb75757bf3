package guard

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	minRSABits = 2048 // RFC 7518 section 3.3
	maxTries   = 4    // keys tried for one signature
)

// keySet holds the usable keys of a JWK set. It is not changed after it was decoded.
type keySet struct {
	keys    []publicKey
	number  int // of the fetch that brought it
	expires time.Time
}

type publicKey struct {
	id    string // kid, may be empty
	alg   string // the one algorithm the key is for; empty: any that fits
	key   any
	print fingerprint
}

// fingerprint stands for a key with its kid and alg, in whichever fetch it came.
type fingerprint [sha256.Size]byte

// holds reports whether the key is in the set as it was when it verified a token.
func (s *keySet) holds(print fingerprint) bool {
	return slices.ContainsFunc(s.keys, func(k publicKey) bool { return k.print == print })
}

// errUnknownKey is the one verdict that another fetch may change.
var errUnknownKey error = &TokenError{Description: "kid: the issuer has no such key"}

// find returns the keys for a signature. Several keys may share a kid (RFC 7517 section 4.5), then all that fit are
// tried. Without a kid the key must be beyond doubt: the only one that fits.
func (s *keySet) find(kid, alg string) ([]publicKey, error) {
	var found []publicKey
	sameID := false
	for _, k := range s.keys {
		if kid != "" && k.id != kid {
			continue
		}
		sameID = true
		if k.fits(alg) {
			found = append(found, k)
		}
	}
	switch {
	case len(found) == 0 && sameID:
		return nil, refuseToken("alg: no key of the issuer with the token's kid is for this algorithm")
	case len(found) == 0:
		return nil, errUnknownKey
	case kid == "" && len(found) > 1:
		return nil, refuseToken("kid: want one, the issuer has several keys")
	}
	return found[:min(len(found), maxTries)], nil
}

func (k publicKey) fits(alg string) bool {
	if k.alg != "" && k.alg != alg {
		return false
	}
	switch key := k.key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(alg, "RS") || strings.HasPrefix(alg, "PS")
	case *ecdsa.PublicKey:
		return alg == curveAlgorithms[key.Curve.Params().Name]
	case ed25519.PublicKey:
		return alg == "EdDSA"
	}
	return false
}

var curveAlgorithms = map[string]string{"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}

// decodeKeySet reads the keys one by one and skips what it does not know or cannot use (RFC 7517 section 5). An empty
// set is valid: that is how an issuer withdraws every key.
func decodeKeySet(body []byte, logger *slog.Logger) (*keySet, error) {
	if !json.Valid(body) {
		return nil, errNotJSON
	}
	document, err := members(body)
	if err != nil {
		return nil, fmt.Errorf("want an object, got %s", kindOf(body))
	}
	var raw []json.RawMessage
	if kindOf(document["keys"]) != "an array" || json.Unmarshal(document["keys"], &raw) != nil {
		return nil, fmt.Errorf("member keys: want an array, got %s", kindOf(document["keys"]))
	}
	set := &keySet{}
	for i, jwk := range raw {
		key, err := decodeKey(jwk)
		if err != nil {
			logger.Debug("skipping a key of the issuer", "index", i, "reason", err)
			continue
		}
		set.keys = append(set.keys, key)
	}
	return set, nil
}

func decodeKey(raw json.RawMessage) (publicKey, error) {
	jwk, err := members(raw)
	if err != nil {
		return publicKey{}, err
	}
	if use, present := jwk["use"]; present {
		if s, err := stringOf(use); err != nil || s != "sig" {
			return publicKey{}, errors.New("use: not for signatures")
		}
	}
	if ops, present := jwk["key_ops"]; present {
		if list, err := stringsOf(ops); err != nil || !slices.Contains(list, "verify") {
			return publicKey{}, errors.New("key_ops: not for verifying")
		}
	}
	// Certificates are not used, and a wrong one should not cost the key.
	for _, name := range []string{"x5c", "x5u", "x5t", "x5t#S256"} {
		delete(jwk, name)
	}
	if raw, err = json.Marshal(jwk); err != nil {
		return publicKey{}, err
	}
	var decoded jose.JSONWebKey
	if err := decoded.UnmarshalJSON(raw); err != nil {
		return publicKey{}, err
	}
	switch key := decoded.Key.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() < minRSABits || key.E < 3 || key.E%2 == 0 {
			return publicKey{}, fmt.Errorf("want an RSA key of at least %d bits with an odd exponent", minRSABits)
		}
	case *ecdsa.PublicKey, ed25519.PublicKey:
	default: // with a private or symmetric key, whoever reads the set can sign
		return publicKey{}, fmt.Errorf("want a public key, got %T", key)
	}
	material, err := x509.MarshalPKIXPublicKey(decoded.Key)
	if err != nil {
		return publicKey{}, fmt.Errorf("encoding the key: %w", err)
	}
	print := sha256.Sum256([]byte(strconv.Quote(decoded.KeyID) + strconv.Quote(decoded.Algorithm) + string(material)))
	return publicKey{id: decoded.KeyID, alg: decoded.Algorithm, key: decoded.Key, print: print}, nil
}
