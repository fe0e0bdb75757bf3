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
	Description   string             `yaml:"description"`
	Checked       *Checked           `yaml:"checked"`    // how much the profile is worth; without it nobody has tried it
	Issuer        string             `yaml:"issuer"`     // as tokens and metadata spell it: compared letter by letter, a trailing slash counts
	IssuerAlt     []string           `yaml:"issuer_alt"` // other iss values of the same people's tokens
	Metadata      Metadata           `yaml:"metadata"`   // the issuer's document, if it is not where RFC 8414 or OIDC discovery put it, or is broken
	JWKSURL       string             `yaml:"jwks_url"`   // the key set, in place of jwks_uri of the metadata
	Verify        guard.Verification `yaml:"verify"`     // how tokens are judged; jwks by default
	Introspection Introspection      `yaml:"introspection"`
	Userinfo      Userinfo           `yaml:"userinfo"`
	RecheckAfter  time.Duration      `yaml:"recheck_after"` // how long the issuer's word on a token is good; 10s by default
	Target        Target             `yaml:"target"`        // how a client says which API it wants a token for
	Scopes        map[string]string  `yaml:"scopes"`        // this project's name of a scope -> the provider's, as it is in tokens
	ScopePrefix   string             `yaml:"scope_prefix"`  // what clients put before the provider's name when they ask, and tokens leave out
	Token         Token              `yaml:"token"`
	Clients       Clients            `yaml:"clients"`
	Roles         Roles              `yaml:"roles"`
	Quirks        []string           `yaml:"quirks"` // ids of known differences from the standards
}

// Checked says how much the profile is worth.
type Checked struct {
	Against string `yaml:"against"` // product and version
	How     string `yaml:"how"`     // measured, or documented: read in the provider's pages, not run
}

// Metadata says where the authorization server's metadata is.
type Metadata struct {
	URL    string `yaml:"url"`
	Issuer string `yaml:"issuer"` // what the document says its issuer is, where it is wrong
}

// Introspection says how todo-mcp asks about opaque tokens (RFC 7662).
type Introspection struct {
	URL       string           `yaml:"url"` // in place of introspection_endpoint of the metadata
	Auth      guard.ClientAuth `yaml:"auth"`
	ClientID  string           `yaml:"client_id"`
	SecretEnv string           `yaml:"secret_env"` // names the environment variable with the client's secret

	secret guard.Secret
}

// Userinfo says how todo-mcp learns whom an opaque token is for, where there is no introspection.
type Userinfo struct {
	URL    string   `yaml:"url"`    // in place of userinfo_endpoint of the metadata
	Scopes []string `yaml:"scopes"` // this project's scopes that everybody has, since the answer tells of none
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
	Algorithms     []string          `yaml:"algorithms"`
	Types          []string          `yaml:"types"`           // typ of the header, lower case; "" is a token without typ
	RequiredClaims map[string]string `yaml:"required_claims"` // claims that tell access tokens from others, "" for any value; by default one with scopes

	ScopeClaims   []string            `yaml:"scope_claims"`
	ScopeArray    bool                `yaml:"scope_array"` // scope may be an array, too
	ClientClaims  []string            `yaml:"client_claims"`
	RolesClaim    []string            `yaml:"roles_claim"`     // the path to it, a step an element
	RolesAreKeys  bool                `yaml:"roles_are_keys"`  // the claim may be an object, then its member names are the roles
	RolesToScopes map[string][]string `yaml:"roles_to_scopes"` // role -> this project's scopes
	RolesEffect   guard.RolesEffect   `yaml:"roles_effect"`    // grant: the role's scopes are added; limit: scopes of other roles are taken away

	Audience         string             `yaml:"audience"`           // by default the resource's own URL
	AudienceAlt      []string           `yaml:"audience_alt"`       // other audiences that are this server
	AudienceMode     guard.AudienceMode `yaml:"audience_mode"`      // contains by default
	BoundClients     []string           `yaml:"bound_clients"`      // the only clients whose tokens are accepted
	BoundScopePrefix string             `yaml:"bound_scope_prefix"` // one scope of a token must begin with this

	Leeway time.Duration `yaml:"leeway"` // clock skew forgiven
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
	t := p.Token
	return guard.Settings{
		Issuer:           p.Issuer,
		IssuerAlt:        p.IssuerAlt,
		MetadataURL:      p.Metadata.URL,
		MetadataIssuer:   p.Metadata.Issuer,
		JWKSURL:          p.JWKSURL,
		Verify:           p.Verify,
		Introspection:    p.Introspection.guard(),
		Userinfo:         guard.Userinfo{URL: p.Userinfo.URL, Scopes: p.Userinfo.Scopes},
		RecheckAfter:     p.RecheckAfter,
		Algorithms:       t.Algorithms,
		TokenTypes:       t.Types,
		RequiredClaims:   t.RequiredClaims,
		ScopeClaims:      t.ScopeClaims,
		ScopeArray:       t.ScopeArray,
		ScopeNames:       p.Scopes,
		ScopePrefix:      p.ScopePrefix,
		ClientClaims:     t.ClientClaims,
		RolesClaim:       t.RolesClaim,
		RolesAreKeys:     t.RolesAreKeys,
		RolesToScopes:    t.RolesToScopes,
		RolesEffect:      t.RolesEffect,
		Audience:         t.Audience,
		AudienceAlt:      t.AudienceAlt,
		AudienceMode:     t.AudienceMode,
		BoundClients:     t.BoundClients,
		BoundScopePrefix: t.BoundScopePrefix,
		Leeway:           t.Leeway,
	}
}

func (i Introspection) guard() guard.Introspection {
	return guard.Introspection{URL: i.URL, Auth: i.Auth, ClientID: i.ClientID, Secret: i.secret}
}

// HasQuirk says whether the provider is known to differ in this way.
func (p *Profile) HasQuirk(id string) bool { return slices.Contains(p.Quirks, id) }

// WireScope is what clients ask the provider for to get a scope. One that the profile does not map goes by the same name on
// both sides.
func (p *Profile) WireScope(scope string) string {
	if wire, ok := p.Scopes[scope]; ok {
		return p.ScopePrefix + wire
	}
	return scope
}
