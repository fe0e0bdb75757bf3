package personality

// Registration is how clients register and manage themselves (RFC 7591, RFC 7592).
type Registration struct {
	// Policies judge what a client may register; nil: RFC 7591 and RFC 8252 to the letter.
	Policies *RegistrationPolicies
	// Members are all that a document may hold; nil: what is not known is ignored, as RFC 7591 §2 demands.
	Members []string
	// TypeUntold takes a document without a Content-Type.
	TypeUntold bool
	// Fixed are members of every answer.
	Fixed map[string]any
	// UUIDs gives identifiers that are UUIDs.
	UUIDs bool
	// TokenClaims are in registration access tokens, which are JWTs then; nil: nobody can read one.
	TokenClaims map[string]any
	// Locates says in Location where what was registered is (RFC 9110 §15.3.2).
	Locates bool
	// TellsSecret lets a client read its secret again, and not when it was registered.
	TellsSecret bool
	// KeepsUnsaid keeps what an update does not name: name, scopes and addresses for after a sign-out. By RFC 7592 §2.2 they are gone.
	KeepsUnsaid bool
	// RotatesToken gives a new registration access token with an update, and the old one is over.
	RotatesToken bool
}

// RegistrationPolicies are rules of a server's owner in place of the RFCs'. A redirect URI may be missing, relative or end in a star.
type RegistrationPolicies struct {
	// TrustedHosts are where redirect URIs and client_uri may lead to: host names, or *.example.com for those below a domain. Nil: anywhere.
	TrustedHosts []string
	// WebOrigins are where scripts may come from that register or manage a client. Nil: anywhere.
	WebOrigins []string
	// Senders are from where clients may register, host names; nil: anywhere.
	Senders []string
	// AllRoles has the tokens of such clients tell of all roles of a person, not of those only that the granted scopes are for.
	AllRoles bool
	// Scopes are what a client may name; nil: those that clients get which name none.
	Scopes []string
	// Most is how many clients there may be when one registers, with the BuiltIn ones that a real server has beside the configured ones. 0: any
	// number; the oldest goes.
	Most, BuiltIn int
	// GrantTypes can be registered, others are dropped. Without a word of them, a client gets a code and refresh tokens.
	GrantTypes []string
	// ResponseTypes are in the answer of each client that may have a code.
	ResponseTypes []string
}
