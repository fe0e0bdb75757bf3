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
	// OfflineApart keeps what was granted with offline_access apart from the client's part in the session, where it is not bound to it: a
	// replayed code ends that part, a used refresh token the grant, a revocation both. A session that was opened for it ends when the code
	// is redeemed, unless its client was granted more in it: the next request has people sign in again.
	OfflineApart bool
	// CodesReturn lets a code be redeemed that is older than its client's part in the session, if it has one again.
	CodesReturn bool
	// OutlivesClients leaves a session open when a revocation has ended the last client's part in it.
	OutlivesClients bool
	// Consents are good for a session only, as long as the client has a part in it.
	Consents bool
	// NativeAsks sends people with a native application by the consent page each time, so that prompt=none never works for it.
	NativeAsks bool
	// Named tells clients which session it is: session_state in responses, sid in tokens, a part of codes.
	Named bool
}
