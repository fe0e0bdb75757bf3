package personality

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
	// Checks are what a request is judged by, and in which order; nil: as at the authorization endpoint.
	Checks []Check
	// ResourceLater looks at resource only when the request is opened.
	ResourceLater bool
	// ObjectAlone takes nothing but what a request object says, if there is one. The client and the response type beside it are only judged.
	ObjectAlone bool
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
	OneAudience    bool // a client assertion names one aud; by RFC 7523 §3 it may name several
	LongAssertions bool // a client assertion may be good for more than an hour
	Unchallenged   bool // a refusal names no scheme: there is no WWW-Authenticate
	HeaderOnly     bool // only who came with a header is told a scheme, and the error with it
	BeforeGrant    bool // the client is known before the grant type is looked at
	NoEmptySecret  bool // a header must have a secret in it, of a public client too
}

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
	// KeySetByAccept gives the key set the type application/jwk-set+json for who accepts nothing else.
	KeySetByAccept bool
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
