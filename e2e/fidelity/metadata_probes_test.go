package fidelity

import (
	"net/url"
	"slices"
	"strings"
)

// wholeMetadata is the one probe that shows the document; elsewhere it is enough that it is the same.
const wholeMetadata = "metadata/oidc-appended"

// The documents that clients ask for, in every placement, and the key set.
func metadataProbes() []probe {
	const oauth, oidc = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"
	at := func(name string, place func(origin, path string) string, header ...string) probe {
		return probe{name: "metadata/" + name, talk: func(c *talk) {
			issuer, _ := url.Parse(c.issuer)
			c.see("answer", c.send(request{to: place(issuer.Scheme+"://"+issuer.Host, issuer.Path), header: header}))
		}}
	}
	all := []probe{
		at("oauth-inserted", func(o, p string) string { return o + oauth + p }),
		at("oauth-appended", func(o, p string) string { return o + p + oauth }),
		at("oidc-inserted", func(o, p string) string { return o + oidc + p }),
		at("oidc-appended", func(o, p string) string { return o + p + oidc }),
		at("oauth-inserted-slash", func(o, p string) string { return o + oauth + p + "/" }),
		at("oauth-appended-slash", func(o, p string) string { return o + p + oauth + "/" }),
		at("oidc-appended-slash", func(o, p string) string { return o + p + oidc + "/" }),
		at("oauth-root", func(o, p string) string { return o + oauth }),
		at("oidc-root", func(o, p string) string { return o + oidc }),
		at("other-realm", func(o, p string) string { return o + strings.TrimSuffix(p, "o") + "x" + oidc }),
		at("other-realm-inserted", func(o, p string) string { return o + oauth + p + "x" }),
		at("upper-case", func(o, p string) string { return o + strings.ToUpper(p[:len(p)-1]) + p[len(p)-1:] + oidc }),
		at("query", func(o, p string) string { return o + p + oidc + "?x=1" }),
		at("protected-resource", func(o, p string) string { return o + "/.well-known/oauth-protected-resource" + p }),
		at("protected-resource-appended", func(o, p string) string { return o + p + "/.well-known/oauth-protected-resource" }),
		at("accept-html", func(o, p string) string { return o + p + oidc }, "Accept", "text/html"),
		at("accept-nothing-here", func(o, p string) string { return o + p + oidc }, "Accept", "image/png"),
		at("double-slash", func(o, p string) string { return o + p + "/" + oidc }),
		at("dots", func(o, p string) string { return o + p + "/x/.." + oidc }),
		at("nothing-here", func(o, p string) string { return o + p + "/nothing-here" }),
		at("nothing-here-html", func(o, p string) string { return o + p + "/nothing-here" }, "Accept", "text/html"),
		at("nothing-outside", func(o, p string) string { return o + "/nothing-here" }),
		at("issuer", func(o, p string) string { return o + p }, "Accept", "application/json"),
	}
	for _, method := range []string{"POST", "HEAD", "PUT", "DELETE"} {
		all = append(all,
			probe{name: "metadata/oidc-by-" + strings.ToLower(method), talk: func(c *talk) {
				c.see("answer", c.send(request{method: method, to: c.issuer + oidc}))
			}},
			probe{name: "metadata/oauth-inserted-by-" + strings.ToLower(method), talk: func(c *talk) {
				issuer, _ := url.Parse(c.issuer)
				c.see("answer", c.send(request{method: method, to: issuer.Scheme + "://" + issuer.Host + oauth + issuer.Path}))
			}},
		)
	}
	return append(all,
		probe{name: "metadata/all-placements-are-one", talk: func(c *talk) {
			a := c.send(request{to: c.issuer + oidc})
			b := c.send(request{to: c.issuer + oauth})
			c.note("same", canonical(c.shape("", a.json())) == canonical(c.shape("", b.json())))
		}},
		probe{name: "metadata/endpoints-are-below-the-issuer", talk: func(c *talk) {
			var below []any
			for name, value := range c.metadata {
				if text, _ := value.(string); strings.HasPrefix(text, c.issuer+"/") {
					below = append(below, name)
				}
			}
			slices.SortFunc(below, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
			c.note("below", below)
		}},
		probe{name: "jwks/keys", talk: func(c *talk) { c.see("answer", c.send(request{to: "jwks"})) }},
		probe{name: "jwks/slash", talk: func(c *talk) { c.see("answer", c.send(request{to: c.endpoints["jwks"] + "/"})) }},
		probe{name: "jwks/head", talk: func(c *talk) { c.see("answer", c.send(request{method: "HEAD", to: "jwks"})) }},
		probe{name: "jwks/post", talk: func(c *talk) {
			c.see("answer", c.send(request{to: "jwks", form: params{"x", "1"}}))
		}},
	)
}
