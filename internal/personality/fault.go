package personality

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
	PathSemicolon       // as servlets know parameters in paths
	OddPath             // empty or dotted segments, or needless escapes
	ForeignOrigin       // none of the client's
	PublicIntrospects   // a client without a secret asks about tokens
	SessionEnded        // and with it a refresh token
	CodeClientLeft      // the session of a code
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
	RefreshTokenOver      // by what it says itself
	OfflineDenied         // to this person or client
	OfflineEnded          // a refresh token for offline_access, whose grant is over
	RefreshTokenOfAnother // client
	OwnTokenOfPublic      // client_credentials, and no secret
	OwnTokenDenied        // client_credentials, for a client that is not registered for it
	BearerOnly            // a client that takes tokens and gets none
	GrantDenied           // for a client that is not registered for another grant type
	PasswordUnasked       // sent by a client about which people are asked
	UsernameMissing       // where a client sends a password; %s is username
	WrongPassword         // or nobody has the name
	PersonDisabled        //
	SeveralMechanisms     // of client authentication
	HeaderMalformed       // Authorization, of a client
	HeaderEscape          // of a character in it that is none
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
	TokenOfBefore       // its client came to the session again; as TokenOfEndedSession where there are no words
	OpenIDMissing       // among the scopes of a bearer token
	PushedName          // a request_uri in a pushed request

	HintUnknown     // token_type_hint
	RevocationOfAny // a token that is over, or none of this server
	TokenRepeated   // a bearer token in the form, twice
	TwoTokens       // a bearer token in the header, and in the form

	// Faults of client assertions (RFC 7523).

	AssertionMissing   // of a client that has no other way
	AssertionForged    // not signed by a key of the client
	AssertionElsewhere // not for this server
	AssertionAudiences // for this server and others
	AssertionInactive  // expired, or not good yet
	AssertionUnending  // without exp
	AssertionNameless  // without jti
	AssertionReplayed

	// Faults of registrations. What stands in the second group is only refused where Errors has an answer.

	NotJSON          // the Content-Type
	BadJSON          // no JSON
	WrongJSON        // a member has another type
	MetadataInvalid  // a value that is not known or does not fit
	SectorIdentifier // a registration names a document that says which clients know people by one name (OpenID Connect Registration §5)
	RedirectFragment // in a redirect URI
	RedirectHostless // a redirect URI that has no host, where hosts are judged
	HostUntrusted    // %s is URI or URL
	AddressMalformed // %s is URI or URL
	SenderUntrusted
	ClientsTooMany // %s is how many there may be
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

// Answer replaces strict's words for a fault, and stands on the page where a person is told of it. Empty fields keep strict's. A text may hold %s, for what the client sent or lacks. Of
// several words %l makes a list in quotes, and %p the plural's s.
type Answer struct {
	Status int
	Code   string // may hold one %s, too
	Text   string
	Silent bool // no description at all
}
