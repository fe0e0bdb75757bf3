package guard

import (
	"net/http"
	"strings"
)

// bearerToken finds the token in the Authorization header, the only place it is taken from (RFC 6750 section 2.1;
// MCP forbids the query). No credentials and another scheme give "" and "": that caller is anonymous. A credential that
// breaks the grammar gives what is wrong with it. The value itself is never repeated.
func bearerToken(r *http.Request) (token, malformed string) {
	values := r.Header["Authorization"]
	switch len(values) {
	case 0:
		return "", ""
	case 1:
	default:
		return "", "several Authorization headers, want one"
	}
	value := values[0]
	end := 0
	for end < len(value) && isTokenByte(value[end]) {
		end++
	}
	scheme, rest := value[:end], value[end:]
	if scheme == "" {
		return "", "the Authorization header names no scheme, want: Bearer TOKEN"
	}
	if !strings.EqualFold(scheme, "Bearer") {
		return "", ""
	}
	token = strings.TrimLeft(rest, " ")
	if len(token) == len(rest) || !isB64Token(token) {
		return "", "the Authorization header is malformed, want: Bearer TOKEN, one token of letters, digits and -._~+/"
	}
	return token, ""
}

// isB64Token is b64token of RFC 6750 section 2.1.
func isB64Token(s string) bool {
	body := strings.TrimRight(s, "=")
	for i := range len(body) {
		if c := body[i]; !isAlphanumeric(c) && !strings.ContainsRune("-._~+/", rune(c)) {
			return false
		}
	}
	return body != ""
}

// isToken is token of RFC 9110 section 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isTokenByte(c byte) bool {
	return isAlphanumeric(c) || c < 0x80 && strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
