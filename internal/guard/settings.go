package guard

import "time"

// Settings say how the tokens of one issuer are judged. A profile fills them; the zero value of everything but Issuer is
// the strict choice: RFC 9068 tokens for this resource, verified by the issuer's keys.
type Settings struct {
	Issuer         string   // compared as a raw string with the token's iss and the metadata's issuer
	IssuerAlt      []string // other iss values of the same people's tokens; Identity.Issuer is Issuer all the same
	MetadataURL    string   // the one metadata document; empty: every placement of RFC 8414 and OIDC discovery is tried
	MetadataIssuer string   // the issuer that the document names, where it is not Issuer; empty: Issuer
	JWKSURL        string   // the key set; empty: jwks_uri of the metadata

	Verify        Verification // empty: VerifyJWKS
	Introspection Introspection
	Userinfo      Userinfo
	RecheckAfter  time.Duration // how long the issuer's word on a token is good; 0: 10 s. No is good for a quarter of it

	Algorithms []string // JWS algorithms accepted, asymmetric ones only; empty: ES256 and RS256
	TokenTypes []string // typ values accepted, lower case, "" for a token without typ; empty: at+jwt and application/at+jwt
	// RequiredClaims tell access tokens from other tokens where typ does not: the claims that a token with another typ
	// than at+jwt must have, with this value, "" for any. Empty: one of ScopeClaims. An introspection answer must have
	// them too; if there are none, it must have the token_type Bearer.
	RequiredClaims map[string]string

	ScopeClaims []string          // claims that carry scopes, all are read; "scope" is a string, others a string or an array; empty: scope
	ScopeArray  bool              // scope may be an array, too
	ScopeNames  map[string]string // this server's name of a scope -> the name in tokens; who is not in it has one name
	ScopePrefix string            // what clients put before the name when they ask for it, and tokens leave out

	ClientClaims []string // claims that carry the client, first one present counts; empty: client_id

	RolesClaim    []string            // path of the claim that carries role names; empty: roles
	RolesAreKeys  bool                // the claim may be an object, then its member names are the roles
	RolesToScopes map[string][]string // role -> this server's scopes; empty: roles are for information
	RolesEffect   RolesEffect         // empty: RolesGrant

	Audience         string       // the audience that tokens must carry; empty: the resource
	AudienceAlt      []string     // other audiences that are this server
	AudienceMode     AudienceMode // empty: AudienceContains
	BoundClients     []string     // the only clients whose tokens are accepted; empty: any
	BoundScopePrefix string       // one scope of the token, as the token names it, must begin with this; empty: none need

	Leeway time.Duration // clock skew forgiven; 0: none
}

// Verification is how a token is judged.
type Verification string

const (
	VerifyJWKS          Verification = "jwks"          // a JWT, by the issuer's keys (RFC 9068)
	VerifyIntrospection Verification = "introspection" // any token, by asking the issuer (RFC 7662)
	VerifyUserinfo      Verification = "userinfo"      // any token, by asking who it is for (OpenID Connect Core section 5.3)
	// VerifyEither takes what looks like a JWT by keys and asks about everything else.
	VerifyEither Verification = "jwks-or-introspection"
)

// Introspection says how this server asks the issuer about tokens.
type Introspection struct {
	URL      string // empty: introspection_endpoint of the metadata
	Auth     ClientAuth
	ClientID string
	Secret   Secret
}

// ClientAuth is how a client shows its secret (RFC 6749 section 2.3.1).
type ClientAuth string

const (
	AuthBasic ClientAuth = "basic" // in the Authorization header; the default
	AuthPost  ClientAuth = "post"  // in the body
)

// Secret is a string that shows itself to nobody who prints or logs it.
type Secret string

// String returns a placeholder.
func (Secret) String() string { return "(secret)" }

// GoString returns a placeholder.
func (Secret) GoString() string { return "(secret)" }

// MarshalText returns a placeholder.
func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// Userinfo says where the issuer tells whom a token is for, and what follows from it.
type Userinfo struct {
	URL    string   // empty: userinfo_endpoint of the metadata
	Scopes []string // this server's scopes that everybody has, since the answer tells of none
}

// AudienceMode is how a token must name this server.
type AudienceMode string

const (
	AudienceContains AudienceMode = "contains" // aud is or contains an audience that is this server
	AudienceExact    AudienceMode = "exact"    // aud is such an audience and nothing else
	// AudienceClientID wants the token's own client in aud, as providers do that know no APIs. ID tokens have it there,
	// too. It needs BoundClients: the client stands for the API.
	AudienceClientID AudienceMode = "client_id"
	// AudienceAbsent lets tokens without aud pass; an aud that is there must contain this server. It needs BoundClients or
	// BoundScopePrefix: without either, a token for any API of the issuer would pass.
	AudienceAbsent AudienceMode = "absent"
	// AudienceUnbound asks nothing. It is for VerifyUserinfo, whose answer does not tell: every client that a user signed
	// in to at this issuer can use that user's token here.
	AudienceUnbound AudienceMode = "unbound"
)

// RolesEffect is what RolesToScopes does.
type RolesEffect string

const (
	RolesGrant RolesEffect = "grant" // the roles' scopes are added: for tokens that carry roles and no scopes
	// RolesLimit takes away the scopes in RolesToScopes that none of the roles has: for issuers that grant scopes whatever
	// the user's role is.
	RolesLimit RolesEffect = "limit"
)
