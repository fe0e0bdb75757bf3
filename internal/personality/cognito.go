package personality

// Cognito is a user pool of Amazon Cognito with the MCP endpoint's URL as the identifier of a resource server, and groups. All of it
// is from Amazon's documentation as of November 2026, not run.
func Cognito() Personality {
	const pool = "/eu-west-1_todo"
	return Personality{
		Name:        "cognito",
		Description: "an Amazon Cognito user pool with a resource server and groups, its endpoints on the issuer's host",
		Version:     "Amazon Cognito as documented in November 2026",
		Sure:        Documented,

		IssuerPath: pool, // documentation
		FromHost:   true, // documentation: the endpoints are not below the issuer, and there even on another host
		Paths: Paths{ // documentation
			Authorize: "/oauth2/authorize", Token: "/oauth2/token", UserInfo: "/oauth2/userInfo", Revoke: "/oauth2/revoke",
			JWKS: pool + "/.well-known/jwks.json", Login: "/login", Consent: "/consent",
		},
		Documents:         Documents{OIDCAppended: true},                // documentation
		Omitted:           []string{"code_challenge_methods_supported"}, // documentation; PKCE works
		ListsIdentityOnly: true,                                         // documentation

		SigningAlgorithm: "RS256", // documentation
		AccessToken: AccessToken{ // no typ: documentation
			ScopeClaim:    "scope",                                             // documentation
			ClientClaim:   "client_id",                                         // documentation
			UsernameClaim: "username",                                          // documentation
			RolesClaim:    Claim{"cognito:groups"},                             // documentation
			Audience:      AudienceAbsent,                                      // documentation
			Fixed:         map[string]any{"token_use": "access", "version": 2}, // documentation
		},
		IDToken: IDToken{Fixed: map[string]any{"token_use": "id"}}, // documentation

		Target:      TargetScopePrefixAlone,                       // documentation
		DeniedScope: DeniedScopeGranted,                           // documentation: the client's scopes, whatever the group
		ScopeNames:  ScopeNames{Prefixed: true, InToken: true},    // documentation: identifier, slash, name
		Refresh:     Refresh{Rule: RefreshAlways, Reusable: true}, // documentation: rotation is off by default
	}
}
