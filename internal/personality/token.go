package personality

// AccessToken is the shape of an access token.
type AccessToken struct {
	Format Format
	Type   string         // the JOSE header's typ; empty: it has none
	Fixed  map[string]any // claims that all have

	IDPrefix       IDPrefix // of jti
	ScopeClaim     string   // the claim that carries the scopes
	ScopeArray     bool     // as an array, not as a string with spaces
	ScopeAlways    bool     // also where nothing is granted
	OfTarget       bool     // scopes are those of the API, or, where the token is for none, those about the person; also in the answer
	NoAuthTime     bool     // there is no auth_time
	HidesIdentity  bool     // openid, profile, email and offline_access are never in it
	ClientClaim    string   // the claim that carries the client identifier
	UsernameClaim  string   // the claim that carries the user name; empty leaves it out
	RolesClaim     Claim    // the claim that carries role names; empty leaves it out
	Audience       Audience
	UserInfoInAud  bool   // with the scope openid the userinfo endpoint is in aud, too
	PermissionsToo string // a claim that lists, as an array, all that the person's roles allow; empty leaves it out
}

// IDPrefix is what a jti begins with: a word for whose session the token is of, and one for the grant.
type IDPrefix struct {
	Online, Offline, Own       string // a person's session, offline_access, the client itself
	Code, Refresh, Credentials string // the grant
	Password                   string // the grant, too
}

// Claim is the path to a claim, a step an element.
type Claim []string

// Format is whether a client can read an access token.
type Format int

const (
	// JWT is signed (RFC 9068).
	JWT Format = iota
	// OpaqueWithoutTarget is a JWT only where the client has said which API it is for.
	OpaqueWithoutTarget
	// Opaque is never readable: resource servers ask about it (RFC 7662).
	Opaque
)

// Audience is what aud says.
type Audience int

const (
	// AudienceResource is the resource, a string; an array where there are several.
	AudienceResource Audience = iota
	// AudienceAbsent leaves aud out.
	AudienceAbsent
	// AudienceGUID is a GUID that the provider has for the resource.
	AudienceGUID
)

// IDToken is the shape of an ID token.
type IDToken struct {
	Type string // the JOSE header's typ; empty: it has none
	// AuthTimeIfAsked says auth_time only where the request had max_age (OpenID Connect Core §2).
	AuthTimeIfAsked bool
	NoHash          bool           // leaves at_hash out, which OpenID Connect Core §3.1.3.6 allows; then the typ must tell it from an access token
	Fixed           map[string]any // claims that all have
	ClientClaim     string         // names the client beside aud; empty leaves it out
	ID              bool           // there is a jti
}
