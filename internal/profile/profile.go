// Package profile reads providers/*.yaml: how a provider is reached and which dialect its tokens speak. The resource server and the
// end-to-end tests read the same file, so what one verifies is what the other asks for.
package profile

import (
	"slices"
	"time"

	"mcpharness/internal/guard"
)

// Profile is one provider as a client and a resource server see it. Lists that are empty leave the choice to the guard.
// It is not changed after Load, so reading is safe for concurrent use.
type Profile struct {
	Description string            `yaml:"description"`
	Checked     *Checked          `yaml:"checked"`  // nil: nobody has tried it
	Issuer      string            `yaml:"issuer"`   // as tokens and metadata spell it
	Metadata    Metadata          `yaml:"metadata"` // where the issuer's document is, if not where RFC 8414 or OIDC discovery put it
	JWKSURL     string            `yaml:"jwks_url"` // overrides jwks_uri of the metadata
	Target      Target            `yaml:"target"`
	Scopes      map[string]string `yaml:"scopes"` // this project's name of a scope -> the provider's
	Token       Token             `yaml:"token"`
	Clients     Clients           `yaml:"clients"`
	Roles       Roles             `yaml:"roles"`
	Quirks      []string          `yaml:"quirks"` // ids of known differences from the standards
}

// Checked says how much the profile is worth.
type Checked struct {
	Against string `yaml:"against"` // product and version
	How     string `yaml:"how"`     // "measured" or "documented"
}

// Metadata says where the authorization server's metadata is.
type Metadata struct {
	URL string `yaml:"url"`
}

// Target is how a client says which API it wants a token for.
type Target string

const (
	TargetResource Target = "resource" // the resource parameter (RFC 8707 section 2)
	TargetAudience Target = "audience" // the audience parameter of older providers
	TargetScope    Target = "scope"    // nothing but the scopes
)

// Token is the dialect of access tokens, as guard.Settings understands it.
type Token struct {
	Algorithms   []string      `yaml:"algorithms"`
	Types        []string      `yaml:"types"` // "" is a token without typ
	ScopeClaims  []string      `yaml:"scope_claims"`
	ClientClaims []string      `yaml:"client_claims"`
	RolesClaim   []string      `yaml:"roles_claim"` // the path to it, a step an element
	Audience     string        `yaml:"audience"`    // empty: the resource's own URL
	Leeway       time.Duration `yaml:"leeway"`
}

// Clients are those that the provider knows beforehand.
type Clients struct {
	Registered *Client `yaml:"registered"` // nil: clients must register themselves
}

// Client is one registered client.
type Client struct {
	ID        string `yaml:"id"`
	SecretEnv string `yaml:"secret_env"` // names the environment variable with the secret; empty: a public client
}

// Roles say who signs in to get a role. Tests that need more people than are here must say so, not pass.
type Roles struct {
	Admin []Login `yaml:"admin"`
	User  []Login `yaml:"user"`
}

// Login is one person at the provider's login page.
type Login struct {
	User string `yaml:"user"`
	// Password is for a page that asks for one. A file writes it as ${VAR}, or as ${VAR:-default} if it is no secret: a test realm's.
	Password string `yaml:"password"`
}

// Guard gives the settings that verify this provider's tokens.
func (p *Profile) Guard() guard.Settings {
	return guard.Settings{
		Issuer:       p.Issuer,
		MetadataURL:  p.Metadata.URL,
		JWKSURL:      p.JWKSURL,
		Algorithms:   p.Token.Algorithms,
		TokenTypes:   p.Token.Types,
		ScopeClaims:  p.Token.ScopeClaims,
		ClientClaims: p.Token.ClientClaims,
		RolesClaim:   p.Token.RolesClaim,
		Audience:     p.Token.Audience,
		Leeway:       p.Token.Leeway,
	}
}

// HasQuirk says whether the provider is known to differ in this way.
func (p *Profile) HasQuirk(id string) bool { return slices.Contains(p.Quirks, id) }

// WireScope is what the provider calls a scope. One that the profile does not map goes by the same name on both sides.
func (p *Profile) WireScope(scope string) string {
	if wire, ok := p.Scopes[scope]; ok {
		return wire
	}
	return scope
}
