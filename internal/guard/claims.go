package guard

import (
	"encoding/json"
	"slices"
	"strings"
)

// claims are the members of a JWT's payload, or of the issuer's answer about a token. A name in another case is another
// claim, and no value is taken from another type.
type claims = map[string]json.RawMessage

// evidence is where claims come from: it decides which must be there.
type evidence int

const (
	signedToken evidence = iota
	introspected
	userinfo
)

// names are the claims to look at: the dialect's, which an introspection answer may write by the name of RFC 7662 section
// 2.2 instead. Okta has scp in tokens and scope in answers.
func (from evidence) names(c claims, dialect []string, standard string) []string {
	present := func(name string) bool { _, there := c[name]; return there }
	if from == introspected && !slices.ContainsFunc(dialect, present) {
		return []string{standard}
	}
	return dialect
}

// readClaims judges the claims and gives the identity that they speak for. Times are read, not judged.
//
// A token's own word must name issuer, expiry and client. An introspection answer is the issuer's word already, and all its
// members are optional (RFC 7662 section 2.2): what is there must be right, and what ties a token to this server must be
// there. A userinfo answer is about a person only.
func (g *Guard) readClaims(c claims, from evidence) (id Identity, v validity, err error) {
	fail := func(err error) (Identity, validity, error) { return Identity{}, validity{}, err }
	id.Issuer = g.settings.Issuer
	if err := g.checkIssuer(c, from); err != nil {
		return fail(err)
	}
	if id.ClientID, err = g.readClient(c, from); err != nil {
		return fail(err)
	}
	var wire []string
	if from != userinfo {
		if err := g.checkAudience(c, id.ClientID); err != nil {
			return fail(err)
		}
		if v, err = readValidity(c); err != nil {
			return fail(err)
		}
		if wire, err = g.wireScopes(c, from); err != nil {
			return fail(err)
		}
	}
	if _, present := c["exp"]; !present && from == signedToken { // RFC 9068 section 2.2
		return fail(refuseToken("exp: want an expiry, the token has none"))
	}
	id.Expires = v.expires
	if id.Subject, err = stringOf(c["sub"]); err != nil || id.Subject == "" {
		return fail(refuseToken("sub: want a string that is not empty, got %s", kindOf(c["sub"])))
	}
	if raw, present := c["jti"]; present && kindOf(raw) != "a string" {
		return fail(refuseToken("jti: want a string, got %s", kindOf(raw)))
	}
	if err := g.checkBinding(id.ClientID, wire); err != nil {
		return fail(err)
	}
	if id.Roles, err = g.readRoles(c); err != nil {
		return fail(err)
	}
	id.Scopes = g.ownScopes(wire)
	if from == userinfo {
		id.Scopes = slices.Clone(g.settings.Userinfo.Scopes)
	}
	id.Scopes = g.applyRoles(id.Scopes, id.Roles)
	return id, v, nil
}

// checkIssuer compares letter by letter (RFC 9068 section 4).
func (g *Guard) checkIssuer(c claims, from evidence) error {
	raw, present := c["iss"]
	if !present && from != signedToken {
		return nil
	}
	if iss, err := stringOf(raw); err != nil || iss != g.settings.Issuer && !slices.Contains(g.settings.IssuerAlt, iss) {
		return refuseToken("iss: this server trusts %s", g.settings.Issuer)
	}
	return nil
}

func (g *Guard) readClient(c claims, from evidence) (string, error) {
	for _, name := range from.names(c, g.settings.ClientClaims, "client_id") {
		if raw, present := c[name]; present {
			client, err := stringOf(raw)
			if err != nil || client == "" {
				return "", refuseToken("%s: want a string that is not empty, got %s", name, kindOf(raw))
			}
			return client, nil
		}
	}
	if from != signedToken {
		return "", nil
	}
	return "", refuseToken("client: want the claim %s, the token has none", strings.Join(g.settings.ClientClaims, " or "))
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
