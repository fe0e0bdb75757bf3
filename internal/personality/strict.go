package personality

// Strict is this project's own personality: the letter of the RFCs, and the stricter choice where they leave one.
func Strict() Personality {
	return Personality{
		Name:        "strict",
		Description: "the letter of the RFCs",
		Version:     "RFC 6749, 6750, 7636, 8414, 8707, 9068, 9207, OAuth 2.1",
		Sure:        Own,
		Paths: Paths{
			Authorize: "/authorize", Token: "/token", Register: "/register", JWKS: "/jwks", UserInfo: "/userinfo",
			Introspect: "/introspect", Revoke: "/revoke", Logout: "/logout", Push: "/par",
			Login: "/login", Consent: "/consent",
		},
		Documents:        Documents{OAuthInserted: true, OAuthAppended: true, OIDCInserted: true, OIDCAppended: true},
		SigningAlgorithm: "ES256",
		AccessToken: AccessToken{
			Type:        "at+jwt",       // RFC 9068 §2.1
			ScopeClaim:  "scope",        // RFC 9068 §2.2.3, RFC 8693 §4.2
			ClientClaim: "client_id",    // RFC 9068 §2.2
			RolesClaim:  Claim{"roles"}, // RFC 9068 §2.2.3.1
		},
		IDToken:         IDToken{Type: "JWT"},
		IssuerParameter: true,
		ClientDocuments: true,
	}
}
