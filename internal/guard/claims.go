package guard

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// latest is the end of year 9999 (RFC 3339's last), far above every honest time and far below where arithmetic wraps.
const latest = 253402300799

// readClaims judges the claims and gives the identity that the token would have if its signature holds. A name in
// another case is another claim, and no value is taken from another type.
func (g *Guard) readClaims(t *token, now time.Time) (Identity, error) {
	var id Identity
	var err error
	if id.Issuer, err = stringOf(t.claims["iss"]); err != nil || id.Issuer != g.settings.Issuer {
		return Identity{}, refuseToken("iss: this server trusts %s", g.settings.Issuer)
	}
	if audiences, err := stringsOf(t.claims["aud"]); err != nil {
		return Identity{}, refuseToken("aud: want a string or an array of strings, got %s", describeList(t.claims["aud"]))
	} else if !g.isFor(audiences) {
		return Identity{}, refuseToken("audience: this server is %s", g.settings.Audience)
	}
	if id.Expires, err = g.checkTimes(t, now); err != nil {
		return Identity{}, err
	}
	if id.Subject, err = stringOf(t.claims["sub"]); err != nil || id.Subject == "" {
		return Identity{}, refuseToken("sub: want a string that is not empty, got %s", kindOf(t.claims["sub"]))
	}
	if raw, present := t.claims["jti"]; present && kindOf(raw) != "a string" {
		return Identity{}, refuseToken("jti: want a string, got %s", kindOf(raw))
	}
	if id.ClientID, err = g.readClient(t); err != nil {
		return Identity{}, err
	}
	if id.Scopes, err = g.readScopes(t); err != nil {
		return Identity{}, err
	}
	if id.Roles, err = g.readRoles(t); err != nil {
		return Identity{}, err
	}
	return id, nil
}

// checkTimes applies RFC 7519 sections 4.1.4 to 4.1.6, with exp required (RFC 9068 section 2.2).
func (g *Guard) checkTimes(t *token, now time.Time) (expires time.Time, err error) {
	raw, present := t.claims["exp"]
	if !present {
		return time.Time{}, refuseToken("exp: want an expiry, the token has none")
	}
	if expires, err = timeOf("exp", raw); err != nil {
		return time.Time{}, err
	}
	if !now.Before(expires.Add(g.settings.Leeway)) {
		return time.Time{}, refuseToken("the token has expired")
	}
	for name, problem := range map[string]string{"nbf": "the token is not valid yet", "iat": "the token was issued in the future"} {
		raw, present := t.claims[name]
		if !present {
			continue
		}
		from, err := timeOf(name, raw)
		if err != nil {
			return time.Time{}, err
		}
		if now.Add(g.settings.Leeway).Before(from) {
			return time.Time{}, refuseToken("%s (%s)", problem, name)
		}
	}
	return expires, nil
}

// timeOf reads a NumericDate, which may have a fraction.
func timeOf(name string, raw json.RawMessage) (time.Time, error) {
	if kindOf(raw) != "a number" {
		return time.Time{}, refuseToken("%s: want a number of seconds, got %s", name, kindOf(raw))
	}
	seconds, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || seconds < 0 || seconds > latest {
		return time.Time{}, refuseToken("%s: want seconds since 1970, before the year 10000", name)
	}
	whole := math.Floor(seconds)
	return time.Unix(int64(whole), int64((seconds-whole)*1e9)), nil
}

func (g *Guard) readClient(t *token) (string, error) {
	for _, name := range g.settings.ClientClaims {
		if raw, present := t.claims[name]; present {
			client, err := stringOf(raw)
			if err != nil || client == "" {
				return "", refuseToken("%s: want a string that is not empty, got %s", name, kindOf(raw))
			}
			return client, nil
		}
	}
	return "", refuseToken("client: want the claim %s, the token has none", strings.Join(g.settings.ClientClaims, " or "))
}

// readScopes reads every scope claim. The claim scope is the string of RFC 9068 section 2.2.3 and RFC 6749 section 3.3,
// split at single spaces; the claims of other dialects (scp, permissions) may also be arrays. An empty string means no
// scopes: Keycloak writes it.
func (g *Guard) readScopes(t *token) ([]string, error) {
	var scopes []string
	for _, name := range g.settings.ScopeClaims {
		raw, present := t.claims[name]
		if !present {
			continue
		}
		var list []string
		text, err := stringOf(raw)
		switch {
		case err == nil && text != "":
			list = strings.Split(text, " ")
		case err != nil && name == "scope":
			return nil, refuseToken("scope: want a string, got %s", kindOf(raw))
		case err != nil:
			if list, err = stringsOf(raw); err != nil {
				return nil, refuseToken("%s: want a string or an array of strings, got %s", name, describeList(raw))
			}
		}
		for _, scope := range list {
			if !isScopeToken(scope) {
				return nil, refuseToken("%s: want scopes separated by single spaces (RFC 6749 section 3.3)", name)
			}
			if !slices.Contains(scopes, scope) {
				scopes = append(scopes, scope)
			}
		}
	}
	return scopes, nil
}

func (g *Guard) readRoles(t *token) ([]string, error) {
	level := t.claims
	path := g.settings.RolesClaim
	for i, name := range path {
		raw, present := level[name]
		if !present {
			return nil, nil
		}
		var err error
		if i < len(path)-1 {
			if level, err = members(raw); err != nil {
				return nil, refuseToken("%s: want an object, got %s", strings.Join(path[:i+1], "."), kindOf(raw))
			}
			continue
		}
		roles, err := stringsOf(raw)
		if err != nil {
			return nil, refuseToken("%s: want a string or an array of strings, got %s", strings.Join(path, "."), describeList(raw))
		}
		return roles, nil
	}
	return nil, nil
}

// stringsOf reads a string or an array of strings.
func stringsOf(raw json.RawMessage) ([]string, error) {
	if one, err := stringOf(raw); err == nil {
		return []string{one}, nil
	}
	if kindOf(raw) != "an array" {
		return nil, errWrongShape
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, errWrongShape
	}
	list := make([]string, len(items))
	for i, item := range items {
		var err error
		if list[i], err = stringOf(item); err != nil { // null would decode into ""
			return nil, err
		}
	}
	return list, nil
}

func describeList(raw json.RawMessage) string {
	if kind := kindOf(raw); kind != "an array" {
		return kind
	}
	return "an array with something else"
}
