package personality

// Okta is a custom authorization server of Okta whose audience is the MCP endpoint, with a groups claim, and an access policy that
// allows each group its scopes. All of it is from Okta's documentation as of November 2026, not run.
func Okta() Personality {
	return Personality{
		Name:        "okta",
		Description: "an Okta custom authorization server with a groups claim and an access policy for each group",
		Version:     "Okta as documented in November 2026",
		Sure:        Documented,

		IssuerPath: "/oauth2/default",
		Paths: Paths{ // documentation; registration wants an administrator's token
			Authorize: "/v1/authorize", Token: "/v1/token", JWKS: "/v1/keys", UserInfo: "/v1/userinfo", Introspect: "/v1/introspect",
			Revoke: "/v1/revoke", Logout: "/v1/logout", Push: "/v1/par", Login: "/v1/login", Consent: "/v1/consent",
		},
		Documents: Documents{OAuthInserted: true, OAuthAppended: true, OIDCAppended: true}, // documentation: appended is the older form

		SigningAlgorithm: "RS256", // documentation
		AccessToken: AccessToken{ // no typ: what it is, is not documented
			ScopeClaim: "scp", ScopeArray: true, // documentation
			ClientClaim: "cid",                    // documentation
			RolesClaim:  Claim{"groups"},          // documentation: if the authorization server is given such a claim
			Fixed:       map[string]any{"ver": 1}, // documentation
		},
		IDToken: IDToken{Fixed: map[string]any{"ver": 1}}, // documentation

		Target:        TargetConfiguredAlways, // documentation: one audience for each authorization server
		DeniedScope:   DeniedScopeRefused,     // documentation: the access policy does not leave scopes out, it refuses
		NoScopeIsNone: true,
		Refresh:       Refresh{Rule: RefreshWithOfflineAccess}, // documentation
	}
}
