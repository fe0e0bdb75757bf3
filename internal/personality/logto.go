package personality

// Logto is Logto with the MCP endpoint as an API resource and a Native application for each client.
// Unless said otherwise a value was measured on Logto 1.42.0.
func Logto() Personality {
	return Personality{
		Name:        "logto",
		Description: "Logto, with an API resource for the MCP endpoint and Native applications",
		Version:     "Logto 1.42.0",
		Sure:        Measured,

		IssuerPath: "/oidc",
		Paths: Paths{ // measured; there is no registration: every path below /oidc/reg is a 404
			Authorize: "/auth", Token: "/token", JWKS: "/jwks", UserInfo: "/me", Introspect: "/token/introspection",
			Revoke: "/token/revocation", Logout: "/session/end", Push: "/request",
			Login: "/sign-in", Consent: "/consent", // measured at /sign-in and /consent of the host
		},
		Documents: Documents{OIDCAppended: true, OAuthAppended: true, SlashToo: true}, // measured: inserted ones are 404; the RFC 8414 one is there since 1.42

		SigningAlgorithm: "ES384", // measured: EC P-384 when a tenant is made
		AccessToken: AccessToken{
			Format:      OpaqueWithoutTarget, // measured
			Type:        "at+jwt",            // measured
			ScopeClaim:  "scope",             // measured
			ScopeAlways: true,                // measured: "" where nothing is granted
			ClientClaim: "client_id",         // measured; role names are in no access token
		},
		IDToken: IDToken{NoHash: true}, // measured: the header is alg and kid, and there is no at_hash

		Target:            TargetResourceEachTime, // measured
		UnknownScope:      UnknownScopeDropped,    // measured
		NoScopeIsNone:     true,                   // measured
		ListsIdentityOnly: true,                   // measured: API scopes are never in scopes_supported
		NothingGranted:    NothingGrantedIsDenied, // measured: after the sign-in, and only without openid

		IssuerParameter:  true,                              // measured: on errors, too
		Refresh:          Refresh{Rule: RefreshWithConsent}, // measured for SPA and Native applications, which rotate
		Introspection:    IntrospectionOfOpaque,             // measured
		UserInfoOfOpaque: true,                              // measured: 401 for a JWT
		Errors: map[Fault]Answer{ // measured, all of them
			UnknownClient:      {Status: 400, Code: "invalid_client", Text: "invalid client %s"},
			ClientNotNamed:     {Status: 400, Code: "invalid_request", Text: "no client authentication mechanism provided"},
			WrongSecret:        {Status: 401, Code: "invalid_client", Text: "client authentication failed"},
			BadCode:            {Code: "invalid_grant", Text: "grant request is invalid"},
			WrongVerifier:      {Code: "invalid_grant", Text: "grant request is invalid"},
			WrongRedirect:      {Code: "invalid_grant", Text: "grant request is invalid"},
			BadRefreshToken:    {Code: "invalid_grant", Text: "grant request is invalid"},
			ReusedRefreshToken: {Code: "invalid_grant", Text: "grant request is invalid"},
			WiderRefresh:       {Code: "invalid_scope", Text: "refresh token missing requested scope(s)"},
			ChallengeMissing:   {Code: "invalid_request", Text: "Authorization Server policy requires PKCE to be used for this request"},
			ChallengeMethod:    {Code: "invalid_request", Text: "not supported value of code_challenge_method"},
			NothingLeft:        {Code: "access_denied", Silent: true},
			ResourceUnknown:    {Code: "invalid_target", Text: "resource indicator is missing, or unknown"},
			ResourceMissing:    {Code: "invalid_target", Text: "resource indicator is missing, or unknown"},
			StructuredToken:    {Status: 400, Code: "unsupported_token_type", Text: "Structured JWT Tokens cannot be %s"},
		},
		FailedExchangeKeepsCode: true, // measured; what burns a code is success, or invalid_target
	}
}
