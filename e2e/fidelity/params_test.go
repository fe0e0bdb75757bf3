package fidelity

import (
	"net/url"
	"strings"
)

// params are names and values in turn, in the order in which they are sent.
type params []string

func (p params) encode() string {
	var pairs []string
	for i := 0; i < len(p); i += 2 {
		pairs = append(pairs, url.QueryEscape(p[i])+"="+url.QueryEscape(p[i+1]))
	}
	return strings.Join(pairs, "&")
}

// with returns changed parameters: "name=value" sets one, "-name" takes it out, "+name=value" says it once more.
func (p params) with(edits ...string) params {
	changed := append(params(nil), p...)
	for _, edit := range edits {
		name, value, _ := strings.Cut(strings.TrimLeft(edit, "+-"), "=")
		switch {
		case strings.HasPrefix(edit, "-"):
			changed = changed.without(name)
		case strings.HasPrefix(edit, "+"):
			changed = append(changed, name, value)
		default:
			changed = changed.set(name, value)
		}
	}
	return changed
}

func (p params) without(name string) params {
	kept := params{}
	for i := 0; i < len(p); i += 2 {
		if p[i] != name {
			kept = append(kept, p[i], p[i+1])
		}
	}
	return kept
}

func (p params) set(name, value string) params {
	for i := 0; i < len(p); i += 2 {
		if p[i] == name {
			p[i+1] = value
			return p
		}
	}
	return append(p, name, value)
}

// The example of RFC 7636, appendix B.
const (
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

// authorization is an authorization request without a fault, changed by edits.
func (c *talk) authorization(edits ...string) params {
	return params{
		"response_type", "code", "client_id", c.client.id, "redirect_uri", c.client.redirect, "scope", "openid", "state", "af0ifjsldkj",
		"code_challenge", challenge, "code_challenge_method", "S256",
	}.with(c.edits(edits)...)
}

// redemption is a token request for a code without a fault, changed by edits.
func (c *talk) redemption(code string, edits ...string) params {
	return c.client.identify(params{"grant_type", "authorization_code", "code", code, "redirect_uri", c.client.redirect, "code_verifier", verifier}).with(c.edits(edits)...)
}

// renewal is a token request for a refresh token, changed by edits.
func (c *talk) renewal(token string, edits ...string) params {
	return c.client.identify(params{"grant_type", "refresh_token", "refresh_token", token}).with(c.edits(edits)...)
}

// identify adds who the client is, in the body.
func (k client) identify(p params) params {
	p = append(p, "client_id", k.id)
	if k.secret != "" {
		p = append(p, "client_secret", k.secret)
	}
	return p
}

// edits puts in who the clients of this party are: {client}, {other} public one, {resource} server and its {secret}.
func (c *talk) edits(edits []string) []string {
	named := strings.NewReplacer("{client}", c.party.client.id, "{other}", c.other.id, "{resource}", c.resource.id, "{secret}", c.resource.secret)
	put := make([]string, len(edits))
	for i, edit := range edits {
		put[i] = named.Replace(edit)
	}
	return put
}
