package fidelity

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
)

var (
	uuids  = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`)
	opaque = regexp.MustCompile(`[A-Za-z0-9_-]{11,}`)
	ports  = regexp.MustCompile(`^https?://[^/]+`)
)

// plain replaces what is local to a party in a text: its issuer, its host, identifiers that it made.
func (c *talk) plain(text string) string {
	text = strings.ReplaceAll(text, c.issuer, "ISSUER")
	text = strings.ReplaceAll(text, ports.FindString(c.issuer), "ORIGIN")
	for i, k := range c.made {
		text = strings.ReplaceAll(text, k.id, fmt.Sprintf("<client %d>", i+1))
	}
	return uuids.ReplaceAllString(text, "<uuid>")
}

// shape reduces a value of JSON or of a redirect: what is random to its form, times to their distance from now or from iat, tokens to
// what is in them. Lists have no order.
func (c *talk) shape(name string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		return c.members(v)
	case []any:
		return c.list(name, v)
	case float64:
		return number(name, v)
	case string:
		return c.text(name, v)
	}
	return value
}

func (c *talk) members(object map[string]any) tree {
	issued, _ := object["iat"].(float64)
	seen := tree{}
	for name, value := range object {
		if at, isNumber := value.(float64); isNumber && (name == "exp" || name == "nbf") && issued > 0 {
			seen[name] = after(at, issued)
			continue
		}
		if name == "code" { // one of an error: an authorization code is in redirects only
			seen[name] = c.shape("", value)
			continue
		}
		seen[name] = c.shape(name, value)
	}
	return seen
}

func after(at, issued float64) string {
	if at == 0 {
		return "0"
	}
	return fmt.Sprintf("iat+%.0f", math.Round((at-issued)/5)*5)
}

// number keeps a number, but what counts seconds from now is rounded, as two answers take time.
func number(name string, v float64) any {
	now := float64(time.Now().Unix())
	switch {
	case v > 1e9 && math.Abs(v-now) < 120:
		return "now"
	case v > 1e9 && name != "exp":
		return "a time"
	case v > 1e9:
		return fmt.Sprintf("now+%.0f", math.Round((v-now)/60)*60)
	case strings.HasSuffix(name, "expires_in"):
		return math.Ceil(v/5) * 5
	}
	return v
}

func (c *talk) list(name string, values []any) any {
	switch name {
	case "x5c":
		return fmt.Sprintf("%d certificates", len(values))
	}
	shaped := make([]any, len(values))
	for i, v := range values {
		shaped[i] = c.shape("", v)
	}
	slices.SortFunc(shaped, func(a, b any) int { return strings.Compare(canonical(a), canonical(b)) })
	return shaped
}

func canonical(value any) string {
	written, _ := json.Marshal(value) // what was read from JSON can be written
	return string(written)
}

// text keeps a text, but not what nobody can foresee.
func (c *talk) text(name, v string) any {
	switch name {
	case "access_token", "id_token", "logout_token", "response":
		token := c.token(v)
		switch {
		case token == nil:
			return "opaque"
		case c.readsTokens:
			return token
		}
		return "JWT"
	case "refresh_token": // to be given back as it is, though there are clients that read it where it can be read
		if token := c.token(v); token != nil && c.readsRefresh {
			return token
		}
		if v == "" {
			return ""
		}
		return "given"
	case "code", "session_state", "registration_access_token", "client_secret", "registration_client_uri", "request_uri":
		// to be given back as it is (RFC 6749 §1.3.1): its kind is nobody's business
		if v == "" {
			return ""
		}
		return "given"
	case "scope":
		words := strings.Fields(v)
		slices.Sort(words)
		return strings.Join(words, " ")
	case "kid", "n", "x", "y", "x5t", "x5t#S256", "public_key", "at_hash", "c_hash", "s_hash":
		return "<random>"
	case "jti", "sid":
		return opaque.ReplaceAllString(uuids.ReplaceAllString(v, "<uuid>"), "<random>")
	}
	return c.plain(v)
}

// token reads a JWT without a look at its signature; nil for anything else.
func (c *talk) token(v string) any {
	parts := strings.Split(v, ".")
	if len(parts) != 3 {
		return nil
	}
	read := func(part string) map[string]any {
		var object map[string]any
		if raw, err := base64.RawURLEncoding.DecodeString(part); err == nil {
			_ = json.Unmarshal(raw, &object)
		}
		return object
	}
	header, claims := read(parts[0]), read(parts[1])
	if header == nil || claims == nil {
		return nil
	}
	return tree{"header": c.members(header), "claims": c.members(claims)}
}
