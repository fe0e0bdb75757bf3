package personality

// Entra is a tenant of Microsoft Entra ID with the MCP endpoint as an app registration whose App ID URI is its URL, with app roles
// and tokens of version 2. All of it is from Microsoft's documentation as of November 2026 or from the reports named, not run.
func Entra() Personality {
	const tenant = "/8f2e6c1a-0b57-4d3e-9a41-d2c5b7f03e96"
	return Personality{
		Name:        "entra",
		Description: "a Microsoft Entra ID tenant with the App ID URI as the resource, app roles, and tokens of version 2",
		Version:     "Microsoft Entra ID as documented in November 2026",
		Sure:        Documented,

		IssuerPath: tenant + "/v2.0", // documentation
		FromHost:   true,             // documentation: the endpoints are not below the issuer
		Paths: Paths{ // documentation; userinfo is at another host and for other tokens, and there is neither registration nor introspection
			Authorize: tenant + "/oauth2/v2.0/authorize", Token: tenant + "/oauth2/v2.0/token", JWKS: tenant + "/discovery/v2.0/keys",
			Logout: tenant + "/oauth2/v2.0/logout", Login: tenant + "/login", Consent: tenant + "/consent",
		},
		Documents:         Documents{OIDCAppended: true},                // documentation
		Omitted:           []string{"code_challenge_methods_supported"}, // github.com/modelcontextprotocol/typescript-sdk/issues/832; PKCE works
		ListsIdentityOnly: true,                                         // documentation

		SigningAlgorithm: "RS256", // documentation
		AccessToken: AccessToken{
			Type:          "JWT",                        // documentation
			ScopeClaim:    "scp",                        // documentation: a string
			HidesIdentity: true,                         // documentation: openid and its like are never in scp
			ClientClaim:   "azp",                        // documentation: appid in tokens of version 1
			RolesClaim:    Claim{"roles"},               // documentation: app roles
			Audience:      AudienceGUID,                 // documentation: the API's application id; the App ID URI in version 1
			Fixed:         map[string]any{"ver": "2.0"}, // documentation
		},
		IDToken: IDToken{Type: "JWT", Fixed: map[string]any{"ver": "2.0"}}, // documentation

		Target:        TargetScopePrefix,                            // documentation
		DeniedScope:   DeniedScopeGranted,                           // documentation: consent decides about scopes, not the role
		ScopeNames:    ScopeNames{Prefixed: true, Underscore: true}, // documentation; the underscore is this repository's choice
		NoScopeIsNone: true,
		Refresh:       Refresh{Rule: RefreshWithOfflineAccess, Reusable: true}, // documentation: the old one is not revoked
		Errors: map[Fault]Answer{
			// github.com/microsoft/azure-devops-mcp/issues/1511
			ResourceMismatch: {Code: "invalid_target", Text: "AADSTS9010010: The resource parameter provided in the request doesn't match with the requested scopes."},
		},
	}
}
