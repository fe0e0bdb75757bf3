package profile

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"mcpharness/internal/guard"
)

var (
	// RFC 7518 section 3.1 and RFC 8037 section 3.1, without "none" and the HMACs: with these whoever verifies can also forge.
	algorithms = []string{"ES256", "ES384", "ES512", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"}

	scopeToken      = regexp.MustCompile(`^[\x21\x23-\x5b\x5d-\x7e]+$`) // RFC 6749 section 3.3
	quirkID         = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	environmentName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// maxLeeway in the words of RFC 7519 section 4.1.4: "usually no more than a few minutes".
const maxLeeway = 5 * time.Minute

// maxRecheck bounds how long a token that was withdrawn is still good here.
const maxRecheck = 5 * time.Minute

// Check tells what is wrong beyond the types, for strictyaml.
func (p *Profile) Check(report func(path, format string, args ...any)) {
	if p.Issuer == "" {
		report("issuer", "an issuer is needed: the URL as the provider's tokens spell it")
	} else if why := notURL(p.Issuer); why != "" {
		report("issuer", "%s", why)
	} else if strings.Contains(p.Issuer, "?") {
		report("issuer", "want a URL without a query (RFC 8414 section 2), got %q", p.Issuer)
	}
	for path, value := range map[string]string{"metadata.url": p.Metadata.URL, "jwks_url": p.JWKSURL,
		"introspection.url": p.Introspection.URL, "userinfo.url": p.Userinfo.URL} {
		if why := notURL(value); value != "" && why != "" {
			report(path, "%s", why)
		}
	}
	unique("issuer_alt", p.IssuerAlt, report, notEmpty)
	if !slices.Contains([]Target{TargetResource, TargetAudience, TargetScope}, p.Target) {
		report("target", "want resource, audience or scope, got %q", p.Target)
	}
	verify := []guard.Verification{guard.VerifyJWKS, guard.VerifyIntrospection, guard.VerifyUserinfo, guard.VerifyEither}
	oneOf("verify", p.Verify, verify, report)
	if slices.Contains([]guard.Verification{guard.VerifyIntrospection, guard.VerifyEither}, p.Verify) {
		if p.Introspection.ClientID == "" {
			report("introspection.client_id", "with verify %s want a client, issuers answer nobody else (RFC 7662 section 2.1)", p.Verify)
		}
		if p.Introspection.SecretEnv == "" {
			report("introspection.secret_env", "with verify %s want the name of an environment variable that holds the client's secret", p.Verify)
		}
	}
	if p.RecheckAfter < 0 || p.RecheckAfter > maxRecheck {
		report("recheck_after", "want 0s to %s, got %s", maxRecheck, p.RecheckAfter)
	}
	for canonical, wire := range p.Scopes {
		for _, name := range []string{canonical, wire} {
			if why := aScope(name); why != "" {
				report("scopes."+canonical, "%s", why)
			}
		}
	}
	unique("quirks", p.Quirks, report, func(id string) string {
		if !quirkID.MatchString(id) {
			return fmt.Sprintf("want an id such as no-iss-in-response, got %q", id)
		}
		return ""
	})
}

// Check tells what is wrong beyond the types, for strictyaml.
func (c *Checked) Check(report func(path, format string, args ...any)) {
	if c.Against == "" {
		report("against", "say against which product and version")
	}
	if c.How != "measured" && c.How != "documented" {
		report("how", "want measured or documented, got %q", c.How)
	}
}

// Check tells what is wrong beyond the types, for strictyaml.
func (t *Token) Check(report func(path, format string, args ...any)) {
	unique("algorithms", t.Algorithms, report, func(alg string) string {
		if !slices.Contains(algorithms, alg) {
			return fmt.Sprintf("want one of %s, got %q", strings.Join(algorithms, ", "), alg)
		}
		return ""
	})
	unique("types", t.Types, report, func(typ string) string {
		if lower := strings.ToLower(typ); typ != lower { // media types have no case (RFC 2045 section 5.1), so one spelling does
			return fmt.Sprintf("want lower case, %q, got %q", lower, typ)
		}
		return ""
	})
	aClaim := func(s string) string {
		if s == "" {
			return "want the name of a claim, got an empty string"
		}
		return ""
	}
	unique("scope_claims", t.ScopeClaims, report, aClaim)
	unique("client_claims", t.ClientClaims, report, aClaim)
	for i, step := range t.RolesClaim { // a path may go through the same name twice
		if why := aClaim(step); why != "" {
			report(fmt.Sprintf("roles_claim[%d]", i), "%s", why)
		}
	}
	unique("audience_alt", t.AudienceAlt, report, notEmpty)
	unique("bound_clients", t.BoundClients, report, notEmpty)
	modes := []guard.AudienceMode{guard.AudienceContains, guard.AudienceExact, guard.AudienceClientID, guard.AudienceAbsent, guard.AudienceUnbound}
	oneOf("audience_mode", t.AudienceMode, modes, report)
	oneOf("roles_effect", t.RolesEffect, []guard.RolesEffect{guard.RolesGrant, guard.RolesLimit}, report)
	for role, scopes := range t.RolesToScopes {
		unique("roles_to_scopes."+role, scopes, report, aScope)
	}
	if t.Leeway < 0 || t.Leeway > maxLeeway {
		report("leeway", "want 0s to %s, got %s", maxLeeway, t.Leeway)
	}
}

// Check tells what is wrong beyond the types, for strictyaml.
func (c *Client) Check(report func(path, format string, args ...any)) {
	if c.ID == "" {
		report("id", "want the client_id, got an empty string; leave the client out if there is none")
	}
	if c.SecretEnv != "" && !environmentName.MatchString(c.SecretEnv) { // it may be the secret itself: do not quote it
		report("secret_env", "want the name of an environment variable that holds the secret, not the secret")
	}
}

// Check tells what is wrong beyond the types, for strictyaml.
func (i *Introspection) Check(report func(path, format string, args ...any)) {
	oneOf("auth", i.Auth, []guard.ClientAuth{guard.AuthBasic, guard.AuthPost}, report)
	if i.SecretEnv != "" && !environmentName.MatchString(i.SecretEnv) { // it may be the secret itself: do not quote it
		report("secret_env", "want the name of an environment variable that holds the secret, not the secret")
	}
}

// Check tells what is wrong beyond the types, for strictyaml.
func (u *Userinfo) Check(report func(path, format string, args ...any)) {
	unique("scopes", u.Scopes, report, aScope)
}

// Check tells what is wrong beyond the types, for strictyaml.
func (l *Login) Check(report func(path, format string, args ...any)) {
	if l.User == "" {
		report("user", "want who signs in, got an empty string")
	}
}

func notEmpty(s string) string {
	if s == "" {
		return "want a text, got an empty string"
	}
	return ""
}

func aScope(s string) string {
	if !scopeToken.MatchString(s) {
		return fmt.Sprintf("want a scope without spaces, quotes and backslashes (RFC 6749 section 3.3), got %q", s)
	}
	return ""
}

// oneOf reports a value that is none of those known; empty leaves the choice to the guard.
func oneOf[T ~string](path string, value T, known []T, report func(path, format string, args ...any)) {
	if value != "" && !slices.Contains(known, value) {
		report(path, "want one of %s, got %q", strings.Trim(fmt.Sprint(known), "[]"), value)
	}
}

// unique reports the elements that wrong finds a reason against and those that are there twice.
func unique(path string, list []string, report func(path, format string, args ...any), wrong func(string) string) {
	for i, element := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		if why := wrong(element); why != "" {
			report(at, "%s", why)
		} else if first := slices.Index(list, element); first < i {
			report(at, "%q is here twice, first as %s[%d]; keep one", element, path, first)
		}
	}
}

// notURL says why a string is no URL that can be fetched. Plain http is allowed: in a container network nothing else is at hand.
func notURL(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil: // it may hold a password that did not parse: do not quote it
		return "want an absolute http or https URL, got something that is none"
	case (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.Opaque != "":
		return fmt.Sprintf("want an absolute http or https URL, got %q", u.Redacted())
	case u.User != nil:
		return "want a URL without user and password"
	case strings.Contains(raw, "#"):
		return fmt.Sprintf("want a URL without a fragment, got %q", raw)
	}
	return ""
}
