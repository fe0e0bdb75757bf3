package personality

import "time"

// Target is how a client says which API it wants a token for.
type Target int

const (
	// TargetResource is the resource parameter (RFC 8707). Where it is missing, the configuration's default holds.
	TargetResource Target = iota
	// TargetResourceEachTime is the resource parameter, without any default. A token request with openid must repeat it.
	TargetResourceEachTime
	// TargetAudience is the audience parameter, or resource where there is no audience. Without both a token is for no API.
	TargetAudience
	// TargetConfigured is the configuration's default resource, whatever the client says. A malformed resource is refused.
	TargetConfigured
	// TargetFilter is one of the audiences that the mappers write, if the client names it; else all of them.
	TargetFilter
	// TargetConfiguredAlways is the same, and resource is not even looked at.
	TargetConfiguredAlways
	// TargetScopePrefix is what stands before the scopes. A resource parameter that says otherwise is refused.
	TargetScopePrefix
	// TargetScopePrefixAlone is the same, and resource is not looked at.
	TargetScopePrefixAlone
)

// UnknownScope is the answer to a scope that the server does not know, or not at this resource.
type UnknownScope int

const (
	// UnknownScopeRefused answers invalid_scope (RFC 6749 §4.1.2.1).
	UnknownScopeRefused UnknownScope = iota
	// UnknownScopeDropped grants the rest and says so in the answer's scope (RFC 6749 §3.3).
	UnknownScopeDropped
)

// DeniedScope is the answer to a scope that the person's roles do not allow.
type DeniedScope int

const (
	// DeniedScopeDropped grants the rest.
	DeniedScopeDropped DeniedScope = iota
	// DeniedScopeRefused answers access_denied.
	DeniedScopeRefused
	// DeniedScopeGranted looks at no roles: whoever reads the token has to.
	DeniedScopeGranted
)

// NothingGranted is the answer where no scope at all is left.
type NothingGranted int

const (
	// NothingGrantedIsFine gives a token without scopes.
	NothingGrantedIsFine NothingGranted = iota
	// NothingGrantedIsDenied answers access_denied.
	NothingGrantedIsDenied
)

// ScopeNames are how a scope of a resource is written.
type ScopeNames struct {
	Prefixed   bool // clients put the resource and a slash before it
	InToken    bool // and tokens carry it so
	Underscore bool // a colon is written as an underscore
}

// Refresh says who gets refresh tokens, and whether one is good more than once.
type Refresh struct {
	Rule     RefreshRule
	Reusable bool // a refresh token stays good when it is used
	Readable bool // it is a JWT (HS512) that a client can read, and should not
	// TellsExpiry adds to token answers for how many seconds the refresh token is good (refresh_expires_in; 0: there is none, or no end),
	// and from when on tokens count (not-before-policy).
	TellsExpiry bool
	// ReusableBySecret is that for clients that authenticate. Those of others rotate.
	ReusableBySecret bool
	// Grace is how long a used one works again, and gives another one. All that come of it are good.
	Grace time.Duration
}

// RefreshRule is what a refresh token needs, beside a client that is registered for it.
type RefreshRule int

const (
	// RefreshAlways needs nothing.
	RefreshAlways RefreshRule = iota
	// RefreshWithOfflineAccess needs the scope offline_access (OpenID Connect Core §11).
	RefreshWithOfflineAccess
	// RefreshWithConsent needs offline_access and prompt=consent; without the latter offline_access is dropped.
	RefreshWithConsent
)

// Introspection says which tokens are told about to whom (RFC 7662).
type Introspection int

const (
	// IntrospectionOfAll tells every confidential client about every token.
	IntrospectionOfAll Introspection = iota
	// IntrospectionOfOpaque refuses JWTs with unsupported_token_type.
	IntrospectionOfOpaque
	// IntrospectionInAudience tells only who is in aud, of ID tokens, too, and all that a token says. It believes the hint: with
	// refresh_token it tells a client of its own refresh tokens, and of nothing else.
	IntrospectionInAudience
)

// Login is how the sign-in page is made, for programs that fill it.
type Login int

const (
	// LoginCards has a button for everybody, and wants no password.
	LoginCards Login = iota
	// LoginForm has the fields username and password.
	LoginForm
	// LoginAPI is a page whose script calls Paths.LoginAPI step by step, and Paths.ConsentAPI. The mock's page has a form that does the
	// same without a script.
	LoginAPI
)

// Consent is whom the consent page is shown for.
type Consent int

const (
	// ConsentAlways asks for every client.
	ConsentAlways Consent = iota
	// ConsentOfStrangers asks only for clients that registered themselves or are of a third party, with the buttons accept and cancel.
	ConsentOfStrangers
	// ConsentInPassing asks for the same clients. For all others, too, the browser comes by at the page, which answers for the person.
	ConsentInPassing
)

// Session is what a sign-in leaves behind at a browser.
type Session struct {
	// Always lets people stay signed in, whether the configuration says so or not, and remembers what they allowed.
	Always bool
	// AfterConsent opens the session only when the client may be answered.
	AfterConsent bool
	// Binds lets what a client was granted end with the session, but for offline_access. What would end one grant (a replay, a
	// revocation) ends everything that the client was granted in the session.
	Binds bool
	// BindsOffline is Binds for offline_access, too: it outlives the session, but ends with what else the client was granted in it.
	BindsOffline bool
	// OutlivesClients leaves a session open when a revocation has ended the last client's part in it.
	OutlivesClients bool
	// Consents are good for a session only, as long as the client has a part in it.
	Consents bool
	// NativeAsks sends people with a native application by the consent page each time, so that prompt=none never works for it.
	NativeAsks bool
	// Named tells clients which session it is: session_state in responses, sid in tokens, a part of codes.
	Named bool
}

// Bearer is how an endpoint for bearer tokens reads and refuses them (RFC 6750).
type Bearer struct {
	InForm     bool // a posted form may hold one (§2.2)
	Particular bool // one in a query is refused, as are other schemes; otherwise both are nothing
	Lax        bool // what is no well-formed credential is none
	ShortRealm bool // the realm of a challenge is the last step of the issuer's path, not the issuer
	Bare       bool // a refusal has no body
}

// Push is how authorization requests are pushed (RFC 9126).
type Push struct {
	Seconds int // how long one waits; 0: 90
	// ResourceLater looks at resource only when the request is opened.
	ResourceLater bool
	// UntilAnswered lets a request be opened again until it gets a code, and redirects to the sign-in page.
	UntilAnswered bool
}

// Forms is how endpoints for programs read what is posted to them.
type Forms struct {
	Loose        bool // a body of another type holds no parameters; strict refuses it
	KeepsEmpty   bool // a parameter without a value is there; by RFC 6749 §3.1 and §3.2 it counts as left out
	RepeatedLast bool // what is repeated is refused when the client is known, and not before. Until then the first counts
	OneResource  bool // a repeated resource is refused, too
	KnownOnly    bool // what is repeated, and nothing that is known here, is no fault
	JSON         bool // a JSON object is a form, too
	Untyped      bool // a body without a type holds no parameters
}

// ClientAuth is how endpoints for programs learn which client calls.
type ClientAuth struct {
	FormFirst      bool // what the form says counts, not the header; a header that cannot be read says nothing
	EitherSecret   bool // a configured client sends its secret either way; one that registered is held to its method
	IgnoresSurplus bool // a secret of a public client is not looked at
	AnyGrant       bool // whose code or refresh token it is counts, not for which grant types the client is registered
	Unchallenged   bool // a refusal names no scheme: there is no WWW-Authenticate
	HeaderOnly     bool // only who came with a header is told a scheme, and the error with it
	BeforeGrant    bool // the client is known before the grant type is looked at
	NoEmptySecret  bool // a header must have a secret in it, of a public client too
}

// Fault is what is wrong with a request, where providers answer differently and clients look at it.
type Fault int

const (
	_               Fault = iota
	UnknownClient         // at an endpoint for programs
	ClientNotNamed        // no client_id anywhere
	WrongSecret           // missing, too
	BadCode               // unknown, used, expired
	WrongVerifier         // of PKCE
	WrongRedirect         // at the token endpoint
	BadRefreshToken       // unknown, used, expired
	ReusedRefreshToken
	WiderRefresh        // a scope that the grant does not hold
	ChallengeMissing    // of PKCE
	ChallengeMethod     // not S256
	ScopeUnknown        // %s is what was asked
	ScopeDenied         // by the person's roles
	NothingLeft         // of what was asked
	ResourceUnknown     // or malformed
	ResourceMismatch    // not the one of the scopes, or not the one of the authorization request
	ResourceUnfiltered  // and there is no audience at all
	ResourceMissing     // and needed
	GrantTypeMissing    //
	GrantTypeUnknown    //
	StructuredToken     // a JWT at an endpoint that takes opaque tokens only
	NoRoute             // at a path; %s is method and path
	NoRouteOutside      // the same, not below the issuer
	NoIssuer            // the same, below another issuer beside this one
	NoMethod            // for a path; %s is both
	NotAcceptable       // the request's Accept has no type that there is
	OddPath             // empty or dotted segments, or needless escapes
	ForeignOrigin       // none of the client's
	PublicIntrospects   // a client without a secret asks about tokens
	SessionEnded        // and with it a refresh token
	ClientLeftSession   // as what it had there was revoked or replayed
	ClientCameToSession // again, after its refresh token was made
	BadEncoding         // of a form
	Repeated            // %s is the parameter
	WrongMethod         // of client authentication; %s is the one that the client is registered for
	CodeMissing
	VerifierMissing // an answer that is an invalid_grant is given last, and burns the code
	VerifierMalformed
	VerifierUnasked // the authorization request had no challenge
	CodeOfAnother   // client
	RefreshTokenMissing
	OfflineEnded          // a refresh token for offline_access, whose grant is over
	RefreshTokenOfAnother // client
	OwnTokenOfPublic      // client_credentials, and no secret
	OwnTokenDenied        // client_credentials, for a client that is not registered for it
	GrantDenied           // for a client that is not registered for another grant type
	SeveralMechanisms     // of client authentication
	HeaderMalformed       // Authorization, of a client
	HeaderSecretMissing   // in it
	ClientMismatch        // one in the header, another in the form
	ResourceSeveral       // for client_credentials
	BodyType              // is none that is read; %s is method and path
	BearerMissing         // the access token
	BearerInQuery         //
	BearerScheme          // another than Bearer
	BearerMalformed       // the header
	BearerNotOpaque       // and userinfo takes no others
	NativeSilent          // prompt=none of a native application whose people are asked each time
	TargetMalformed       // %s is what a resource must be, or must not

	// Faults at the other endpoints for programs. What stands in the second group is only refused where Errors has an answer.

	TokenMissing        // where a client asks about one, or revokes it
	RevocationOfAnother // client's token
	RevocationOfIDToken //
	TokenInactive       // a bearer token
	TokenOfEndedSession // a bearer token
	OpenIDMissing       // among the scopes of a bearer token
	PushedName          // a request_uri in a pushed request

	HintUnknown     // token_type_hint
	RevocationOfAny // a token that is over, or none of this server
	TwoTokens       // a bearer token in the header, and in the form

	// Faults of registrations. What stands in the second group is only refused where Errors has an answer.

	NotJSON          // the Content-Type
	BadJSON          // no JSON
	WrongJSON        // a member has another type
	MetadataInvalid  // a value that is not known or does not fit
	RedirectFragment // in a redirect URI
	RedirectHostless // a redirect URI that has no host, where hosts are judged
	HostUntrusted    // %s is URI or URL
	SenderUntrusted
	ScopeUntrusted
	RegistrationForeign     // who reads a registration has no token for it
	RegistrationUnalterable // who changes or deletes a registration has no token for it
	IdentifierChanged       // client_id in an update

	MemberUnknown    // %s is its name, and where it stands
	IdentifierChosen // client_id in a registration
	BearerUnreadable // an Authorization header that registration does not need
	BearerForeign    // one with a token of another kind
	BearerPersonal   // one with somebody's access token
)

// Place is an endpoint where a fault has another answer than elsewhere.
type Place int

const (
	AtIntrospection Place = iota + 1
	AtRevocation
	AtPush
)

// Revocation is what ends with a revoked token (RFC 7009).
type Revocation struct {
	ForeignInSilence bool // a public client that revokes another's token hears nothing, and nothing happens
	AccessEndsAll    bool // an access token takes with it what it came from, as a refresh token does
}

// Headers are labels of answers to programs.
type Headers struct {
	JSON     string // the type of JSON; empty: application/json
	KeySet   string // the type of the key set; empty: as JSON
	NoPragma bool   // Cache-Control says all
	// KeySetCache is the Cache-Control of the key set; empty: no-cache.
	KeySetCache string
}

// Uncached says that a document has no Cache-Control.
const Uncached = "-"

// OwnTokens is how a client gets a token for itself (client_credentials).
type OwnTokens int

const (
	// OwnTokensConfigured holds what the client is configured for, or the part that it asks for.
	OwnTokensConfigured OwnTokens = iota
	// OwnTokensAsked holds what it asks for and is configured for, in silence; scope is not said where that is nothing.
	OwnTokensAsked
)

// Answer replaces strict's words for a fault, and stands on the page where a person is told of it. Empty fields keep strict's. A text may hold %s, for what the client sent or lacks. Of
// several words %l makes a list in quotes, and %p the plural's s.
type Answer struct {
	Status int
	Code   string // may hold one %s, too
	Text   string
	Silent bool // no description at all
}
