package providercheck

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

const minRSABits = 2048 // RFC 7518 §3.3

// checkKeys reads the key set and judges each key.
func (c *checker) checkKeys(ctx context.Context) {
	location := c.document.urls[jwksURI]
	if location == "" {
		const fix = "Publish the signing keys, and name them in jwks_uri."
		if c.document.urls[introspectionEndpoint] != "" {
			c.warn(Keys, fix, "no jwks_uri: tokens can be checked by introspection only")
		} else {
			c.fail(Keys, fix, "no jwks_uri, and no introspection_endpoint either: nobody can check a token")
		}
		return
	}
	got, err := c.ask.read(ctx, question{what: "the key set", url: location, header: map[string]string{"Origin": c.Origin, "Accept": "application/json, application/jwk-set+json"}})
	if err != nil {
		c.unanswered(Keys, Error, fmt.Errorf("%s: %w", location, err))
		return
	}
	set, problem := keySet(got)
	if problem != "" {
		c.fail(Keys, "Serve a JWK set (RFC 7517 §5) with status 200.", "%s: %s", location, problem)
		return
	}
	c.ok(Keys, "%s with %s", location, plural(len(set), "key"))
	if reason := c.shares(got); reason == "" {
		c.ok(CORSKeys, "%s may read the keys", c.Origin)
	} else {
		c.info(CORSKeys, "", "%s may not read the keys: %s", c.Origin, reason)
	}
	c.judgeKeys(set)
}

// keySet parses a key set key by key: one that cannot be read must not hide the others.
func keySet(got answer) (set []json.RawMessage, problem string) {
	if got.status != 200 {
		return nil, got.says()
	}
	object, err := parseObject(got.body)
	if err != nil {
		return nil, err.Error()
	}
	if keys, ok := object["keys"]; !ok || json.Unmarshal(keys, &set) != nil {
		return nil, "want an array keys, got " + kind(object["keys"])
	}
	return set, ""
}

// secretMembers are those that only the owner of a key may know (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
var secretMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

func (c *checker) judgeKeys(set []json.RawMessage) {
	var usable, private, weak, useless, kids []string
	unnamed := 0
	for i, raw := range set {
		object, err := parseObject(raw)
		name := fmt.Sprintf("key %d", i+1)
		if err != nil {
			useless = append(useless, name+" is no object")
			continue
		}
		key := jose.JSONWebKey{}
		unread := json.Unmarshal(raw, &key)
		if key.KeyID != "" {
			name = fmt.Sprintf("key %q", clip(key.KeyID))
		}
		if leaks := slices.DeleteFunc(slices.Clone(secretMembers), func(m string) bool { return object[m] == nil }); len(leaks) > 0 {
			private = append(private, name+" has "+strings.Join(leaks, ", "))
			continue
		}
		switch reason := unusable(key, object, unread); {
		case reason == "encrypts":
			continue // a key for encryption is no fault
		case reason != "":
			useless = append(useless, name+" "+reason)
			continue
		}
		if public, ok := key.Key.(*rsa.PublicKey); ok && public.N.BitLen() < minRSABits {
			weak = append(weak, fmt.Sprintf("%s has %d bits", name, public.N.BitLen()))
			continue
		}
		usable = append(usable, name)
		if key.KeyID == "" {
			unnamed++
		}
		kids = append(kids, key.KeyID)
	}
	if len(private) > 0 {
		c.fail(KeysPrivate, "Take the set down now, make new keys, and publish public ones only.", "secret material is published: %s", strings.Join(private, "; "))
	}
	if len(weak) > 0 {
		c.fail(KeysWeak, "Replace it by a key of 2048 bits or more, or an elliptic one.", "%s", strings.Join(weak, "; "))
	}
	switch {
	case len(usable) == 0:
		c.fail(KeysUsable, "Publish a public signing key (RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519) whose use is sig or left out.", "no usable signing key%s", because(useless))
	case len(useless) > 0:
		c.info(KeysUsable, "", "%s for signatures; not usable: %s", plural(len(usable), "key"), strings.Join(useless, "; "))
	default:
		c.ok(KeysUsable, "%s for signatures", plural(len(usable), "key"))
	}
	c.judgeKids(kids, unnamed)
}

func (c *checker) judgeKids(kids []string, unnamed int) {
	slices.Sort(kids)
	twice := len(slices.Compact(slices.Clone(kids))) < len(kids)
	switch {
	case len(kids) == 0:
	case unnamed > 0 && len(kids) > 1:
		c.warn(KeysKid, "Give each key a kid.", "%s without kid, of %d", plural(unnamed, "key"), len(kids))
	case twice:
		c.warn(KeysKid, "Give each key a kid of its own.", "two keys have one kid: %s", strings.Join(kids, ", "))
	case unnamed > 0:
		c.info(KeysKid, "", "the only key has no kid; it needs one before the first rotation")
	default:
		c.ok(KeysKid, "each key has its own kid")
	}
}

// unusable says why a key checks no signature.
func unusable(key jose.JSONWebKey, object map[string]json.RawMessage, unread error) string {
	var use string
	var operations []string
	_ = json.Unmarshal(object["use"], &use)
	_ = json.Unmarshal(object["key_ops"], &operations)
	switch {
	case use == "enc" || use == "" && operations != nil && !slices.Contains(operations, "verify"):
		return "encrypts"
	case use != "" && use != "sig":
		return fmt.Sprintf("has the use %q", clip(use))
	case unread != nil:
		return "cannot be read"
	case !key.Valid() || !key.IsPublic():
		return "is no valid public key"
	case key.Algorithm != "" && !signs(key.Algorithm):
		return fmt.Sprintf("is for %q", clip(key.Algorithm))
	}
	return ""
}

func signs(algorithm string) bool {
	return slices.Contains([]string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}, algorithm)
}

func because(reasons []string) string {
	if len(reasons) == 0 {
		return ""
	}
	return ": " + strings.Join(reasons, "; ")
}

// clip keeps a word that a stranger wrote short.
func clip(text string) string { return clipTo(120, text) }

func clipTo(most int, text string) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}
