package guard

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

const (
	maxToken        = 16 << 10
	maxHeaderDepth  = 4
	maxPayloadDepth = 16
)

// token is a JWT in compact serialisation whose parts are well-formed. Nothing in it is verified.
type token struct {
	header, claims map[string]json.RawMessage
	signature      []byte

	alg, kid string // set by checkHeader; kid is empty if there is none
}

// parseToken is stricter than JOSE libraries: the JSON serialisation, base64 with padding, line breaks or stray bits,
// duplicate members and invalid UTF-8 all end here.
func parseToken(compact string) (*token, error) {
	t := &token{}
	if len(compact) > maxToken {
		return nil, refuseToken("the token is longer than %d bytes", maxToken)
	}
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		got := ""
		if len(parts) == 1 { // Logto and Auth0 give them to clients that do not say which API they want
			got = ", got an opaque token; let the client name the API (resource) in every token request"
		}
		return nil, refuseToken("the token is not a signed JWT: want three parts separated by dots%s", got)
	}
	var err error
	if t.header, err = decodeObject(parts[0], maxHeaderDepth); err != nil {
		return nil, refuseToken("the token's header is malformed: %v", err)
	}
	if t.claims, err = decodeObject(parts[1], maxPayloadDepth); err != nil {
		return nil, refuseToken("the token's claims are malformed: %v", err)
	}
	if t.signature, err = decodeBase64(parts[2]); err != nil {
		return nil, refuseToken("the token's signature is malformed: %v", err)
	}
	return t, nil
}

func decodeObject(part string, depth int) (map[string]json.RawMessage, error) {
	raw, err := decodeBase64(part)
	if err != nil {
		return nil, err
	}
	switch err := checkJSON(raw, depth); {
	case errors.Is(err, errNotJSON): // its detail quotes the token
		return nil, errNotJSON
	case err != nil:
		return nil, err
	}
	if hasHalfPair(raw) {
		return nil, errHalfPair
	}
	return members(raw)
}

var errHalfPair = errors.New("half of a surrogate pair is no character")

// hasHalfPair finds escapes of half a UTF-16 surrogate pair in valid JSON. Decoders make U+FFFD of each, so two names that
// the issuer holds apart would become one (RFC 7493 section 2.1).
func hasHalfPair(raw []byte) bool {
	for {
		at := bytes.IndexByte(raw, '\\')
		if at < 0 {
			return false
		}
		switch raw = raw[at:]; {
		case !utf16.IsSurrogate(escapedUnit(raw)):
			raw = raw[2:]
		case utf16.DecodeRune(escapedUnit(raw), escapedUnit(raw[6:])) == unicode.ReplacementChar:
			return true
		default:
			raw = raw[12:]
		}
	}
}

// escapedUnit is the code unit of the \uXXXX that the text starts with, else 0.
func escapedUnit(text []byte) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	return rune(unit)
}

var errBase64 = errors.New("want base64url without padding")

// decodeBase64 is base64url of RFC 7515 appendix C. Go's decoder skips CR and LF, so the alphabet is checked first.
func decodeBase64(part string) ([]byte, error) {
	for i := range len(part) {
		if c := part[i]; !isAlphanumeric(c) && c != '-' && c != '_' {
			return nil, errBase64
		}
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil || len(raw) == 0 {
		return nil, errBase64
	}
	return raw, nil
}

// forbiddenHeaders bring a key along, change what is signed, or are meant to be understood or refused (RFC 7515
// section 4.1, RFC 7797); the last ones belong to encryption.
var forbiddenHeaders = []string{"crit", "b64", "jwk", "jku", "x5u", "x5c", "enc", "zip", "epk"}

// signatureSizes are the exact ones of RFC 7518 section 3.4.
var signatureSizes = map[string]int{"ES256": 64, "ES384": 96, "ES512": 132, "EdDSA": 64}

func (g *Guard) checkHeader(t *token) error {
	for _, name := range forbiddenHeaders {
		if _, present := t.header[name]; present {
			return refuseToken("the token's header parameter %s is not accepted", name)
		}
	}
	var err error
	if t.alg, err = stringOf(t.header["alg"]); err != nil || !slices.Contains(g.settings.Algorithms, t.alg) {
		return refuseToken("alg: want %s", strings.Join(g.settings.Algorithms, " or "))
	}
	if size := signatureSizes[t.alg]; size != 0 && len(t.signature) != size {
		return refuseToken("signature: want %d bytes for %s, got %d", size, t.alg, len(t.signature))
	}
	if raw, present := t.header["kid"]; present {
		if t.kid, err = stringOf(raw); err != nil || t.kid == "" {
			return refuseToken("kid: want a string that is not empty, got %s", kindOf(raw))
		}
	}
	return g.checkKind(t)
}
