// Package personality holds what differs between authorization servers, as data. The server reads a Personality;
// no provider's name is compared anywhere else. What a field means is said here, why a provider has it stands beside
// the provider's own value.
package personality

// Personality is how the mock behaves towards clients. It is a plain value: copy it, change a field, start a server.
type Personality struct {
	Name        string
	Description string

	Paths     Paths
	Documents Documents

	// SigningAlgorithm signs access and ID tokens where the configuration names none (a JWS "alg", RFC 7518 §3.1).
	SigningAlgorithm string
	AccessToken      AccessToken
	// IssuerParameter adds iss to every authorization response and advertises it (RFC 9207).
	IssuerParameter bool
	// RefreshNeedsOfflineAccess hands out a refresh token only where offline_access was granted (OpenID Connect Core §11).
	RefreshNeedsOfflineAccess bool
	// UnknownScope says what a scope gets that the server does not know.
	UnknownScope UnknownScope
}

// Paths are the endpoints below the issuer.
type Paths struct {
	Authorize, Token, JWKS string
	// These are not there where they are empty, and then not in the metadata either.
	UserInfo, Register, Introspect, Revoke, Logout, Push string
	// Login and Consent are the pages of this server; no specification names them.
	Login, Consent string
}

// Documents says in which placements metadata is served. For an issuer without a path, inserted and appended are one place.
type Documents struct {
	OAuthInserted bool // /.well-known/oauth-authorization-server/issuer-path (RFC 8414 §3.1)
	OAuthAppended bool // /issuer-path/.well-known/oauth-authorization-server (not in RFC 8414; some clients try it)
	OIDCInserted  bool // /.well-known/openid-configuration/issuer-path (RFC 8414 §5, asked for by MCP clients)
	OIDCAppended  bool // /issuer-path/.well-known/openid-configuration (OpenID Connect Discovery §4)
}

// AccessToken is the shape of a JWT access token.
type AccessToken struct {
	Type        string // the JOSE header's typ
	ScopeClaim  string // the claim that carries the scopes, separated by spaces
	ClientClaim string // the claim that carries the client identifier
	RolesClaim  string // the claim that carries role names; empty leaves it out
}

// UnknownScope is the answer to a scope that the server does not know.
type UnknownScope int

const (
	// UnknownScopeRefused answers invalid_scope (RFC 6749 §4.1.2.1).
	UnknownScopeRefused UnknownScope = iota
	// UnknownScopeDropped grants the rest and says so in the answer's scope (RFC 6749 §3.3).
	UnknownScopeDropped
)
