package personality

// Auth0 is an Auth0 tenant with the MCP endpoint as an API: RBAC on, permissions in the token, offline access allowed, and
// resource_parameter_profile "compatibility". All of it is from Auth0's documentation as of November 2026, not run.
func Auth0() Personality {
	return Personality{
		Name:        "auth0",
		Description: "an Auth0 tenant with RBAC, the token dialect access_token_authz, and resource in compatibility mode",
		Version:     "Auth0 as documented in November 2026",
		Sure:        Documented,

		IssuerPath: "/", // documentation: the issuer ends with a slash
		Paths: Paths{ // documentation; registration is off by default
			Authorize: "/authorize", Token: "/oauth/token", UserInfo: "/userinfo", JWKS: "/.well-known/jwks.json",
			Revoke: "/oauth/revoke", Logout: "/oidc/logout", Login: "/u/login", Consent: "/u/consent",
		},
		Documents:         Documents{OIDCAppended: true, OAuthAppended: true, SlashToo: true}, // documentation; the slash is assumed: go-sdk asks with it, as the issuer has one
		ListsIdentityOnly: true,                                                               // documentation: scopes_supported is about OpenID Connect

		SigningAlgorithm: "RS256", // documentation
		AccessToken: AccessToken{
			Format:         OpaqueWithoutTarget, // documentation: without an audience, for userinfo only
			Type:           "JWT",               // documentation: at+jwt is the dialect rfc9068_profile
			ScopeClaim:     "scope",             // documentation
			ClientClaim:    "azp",               // documentation: client_id is the dialect rfc9068_profile
			UserInfoInAud:  true,                // documentation: with openid
			PermissionsToo: "permissions",       // documentation: of the dialects with _authz
		},
		IDToken: IDToken{Type: "JWT"},

		Target:        TargetAudience,      // documentation: resource counts where there is no audience
		UnknownScope:  UnknownScopeDropped, // documentation of RBAC: what is not permitted is left out
		NoScopeIsNone: true,
		Refresh:       Refresh{Rule: RefreshWithOfflineAccess}, // documentation; rotation is set for public clients
	}
}
