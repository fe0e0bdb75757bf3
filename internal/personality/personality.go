// Package personality holds what differs between authorization servers, as data. The server reads a Personality;
// no provider's name is compared anywhere else. What a field means is said here, why a provider has it stands beside
// the provider's own value. The zero value of every choice is what strict does.
package personality

// Personality is how the mock behaves towards clients. It is a plain value: copy it, change a field, start a server.
type Personality struct {
	Name        string
	Description string // what it imitates, in which configuration
	Version     string // the version that was looked at
	Sure        Sureness

	// IssuerPath follows scheme and host in the issuer, if nobody chooses another issuer. It may end with a slash, and belongs to the
	// issuer with it.
	IssuerPath string
	// FromHost lets Paths begin at the host, not at the issuer.
	FromHost bool
	// PagesFromHost lets the pages and what their scripts call begin there.
	PagesFromHost bool
	Paths         Paths
	Documents     Documents
	Routes        Routes
	CORS          CORS
	// Omitted are members that the metadata lack, though what they tell of is there.
	Omitted []string
	// Advertised are members that the metadata have beside those of what works here, or in their place. A text that begins with a slash is a
	// path below the issuer.
	Advertised map[string]any
	// HidesPublicMethod leaves none out of the authentication methods in the metadata, though public clients work.
	HidesPublicMethod bool

	// SigningAlgorithm signs access and ID tokens where the configuration names none (a JWS "alg", RFC 7518 §3.1).
	SigningAlgorithm string
	// EncryptionKey publishes a key beside the signing keys that verifies nothing (use enc).
	EncryptionKey bool
	// SpareKey publishes a key for this algorithm that verifies nothing, where another one signs; it is RS256 or empty.
	SpareKey string
	// KeyCertificates puts a certificate into each RSA key of the key set (x5c and its thumbprints).
	KeyCertificates bool
	AccessToken     AccessToken
	IDToken         IDToken

	// Profile are claims that the scope profile brings beside name and preferred_username: username, picture (null), and the times
	// created_at and updated_at, in milliseconds, which are the server's start.
	Profile []string

	Target         Target
	UnknownScope   UnknownScope
	DeniedScope    DeniedScope
	NothingGranted NothingGranted
	ScopeNames     ScopeNames
	// ClientScopes gives scopes to clients one by one: default ones, which are granted unasked, and optional ones. Which roles a scope
	// is for, and what a token says, aud and roles included, is told by the scopes, which a realm file can bring.
	ClientScopes bool
	Features     Features
	// Realms is what the name of a realm follows in the issuer's path; empty: the server takes no realm file.
	Realms string
	// NoScopeIsNone grants nothing where a request names no scope; otherwise the configuration's default scopes hold.
	NoScopeIsNone bool
	// ListsIdentityOnly keeps the scopes of APIs out of the metadata.
	ListsIdentityOnly bool

	Authorization Authorization
	ErrorPages    ErrorPages
	Logout        Logout
	// IssuerParameter adds iss to every authorization response and advertises it (RFC 9207).
	IssuerParameter bool
	// ClientDocuments takes a URL as a client_id (draft-ietf-oauth-client-id-metadata-document).
	ClientDocuments bool
	// DocumentsByPolicy leaves to the server's owner from where documents are taken, and judges them by that policy. Without one there are
	// none.
	DocumentsByPolicy bool
	Refresh           Refresh
	OwnTokens         OwnTokens
	Introspection     Introspection
	// IntrospectionOmits are members that introspection answers lack.
	IntrospectionOmits []string
	Revocation         Revocation
	// UserInfoOfOpaque has userinfo refuse JWTs: they are for APIs.
	UserInfoOfOpaque bool
	Login            Login
	Consent          Consent
	Session          Session
	// FailedExchangeKeepsCode leaves a code good after a wrong verifier, redirect URI or client. A wrong target uses it up, as a success
	// would, and so a refresh token.
	FailedExchangeKeepsCode bool
	Registration            Registration
	Bearer                  Bearer
	Push                    Push
	// ClosedEndpoints are paths below the issuer where every client that is known is refused. Advertised may name them.
	ClosedEndpoints map[string]Answer
	Headers         Headers
	// RedirectEachTime wants the redirect URI in the token request, unless the client has only one. Otherwise it must be there where it was
	// in the authorization request.
	RedirectEachTime bool
	// IgnoresScopeOfCode does not look at the scope of a token request with a code.
	IgnoresScopeOfCode bool
	// UUIDSubjects makes the sub of people to whom the configuration gives none a UUID.
	UUIDSubjects bool
	Forms        Forms
	ClientAuth   ClientAuth
	// OtherGrants are grant types that are known, and refused to a client that is.
	OtherGrants map[string]Answer
	// Errors replace what strict answers to a fault.
	Errors map[Fault]Answer
	// ErrorsAt come before Errors at some endpoints. What an answer leaves empty is as elsewhere.
	ErrorsAt   map[Place]map[Fault]Answer
	Decoration Decoration
	// IgnoresQuery reads a POST as if its URL had no query. Otherwise one is refused.
	IgnoresQuery bool
}

// Sureness says how well a personality is known.
type Sureness string

const (
	Own        Sureness = "this project's own"
	Measured   Sureness = "measured on a live server"
	Documented Sureness = "from documentation, not run"
)

// All returns every personality, strict first.
func All() []Personality {
	return []Personality{Strict(), Logto(), Keycloak(), Auth0(), Entra(), Okta(), Cognito(), OpaqueTokens()}
}

// Paths are the endpoints below the issuer.
type Paths struct {
	Authorize, Token, JWKS string
	// These are not there where they are empty, and then not in the metadata either.
	UserInfo, Register, Introspect, Revoke, Logout, Push string
	// Login and Consent are the pages of this server; no specification names them.
	Login, Consent string
	// LoginAPI and ConsentAPI are what the scripts of those pages call, where they call something.
	LoginAPI, ConsentAPI string
	// ConsentPage is where the page is that posts to Consent; empty: there, too. Restart begins a sign-in anew; LogoutConfirm
	// takes the answer of the page that asks whether to sign out; empty: Logout does.
	ConsentPage, Restart, LogoutConfirm string
	// CookieCheck is a page that tells the one around it whether the browser has cookies for it.
	CookieCheck string
	// LogoutDone is the page at the end of a sign-out that leads nowhere else; empty: it is not a page of its own.
	LogoutDone string
}

// Documents says in which placements metadata is served. For an issuer without a path, inserted and appended are one place.
type Documents struct {
	OAuthInserted bool // /.well-known/oauth-authorization-server/issuer-path (RFC 8414 §3.1)
	OAuthAppended bool // /issuer-path/.well-known/oauth-authorization-server (not in RFC 8414; some clients try it)
	OIDCInserted  bool // /.well-known/openid-configuration/issuer-path (RFC 8414 §5, asked for by MCP clients)
	OIDCAppended  bool // /issuer-path/.well-known/openid-configuration (OpenID Connect Discovery §4)
	SlashToo      bool // each is also there with a slash behind it
	// CacheControl is the header's value; empty for no-cache, Uncached for none.
	CacheControl string
	// Negotiates refuses who accepts no JSON.
	Negotiates bool
}
