package personality

// keycloakRefusals are what programs hear at the endpoints that no browser comes to. All were measured.
func keycloakRefusals() map[Fault]Answer {
	return map[Fault]Answer{
		BadEncoding:  {Status: 500, Code: "unknown_error", Text: "For more on this error consult the server log."},
		Repeated:     {Code: "invalid_request", Text: "duplicated parameter"},
		WrongMethod:  {Status: 401, Code: "unauthorized_client", Text: "Invalid method used to get client secret. Client requires method '%s' to obtain client secret from the request"},
		HeaderEscape: {Status: 400, Code: "unauthorized_client", Text: "Unexpected error when authenticating client"},

		NoRoute:        {Status: 404, Code: "HTTP 404 Not Found", Silent: true},
		NoRouteOutside: {Status: 404, Code: "Unable to find matching target resource method", Silent: true},
		NoIssuer:       {Status: 404, Code: "Realm does not exist", Silent: true},
		NoMethod:       {Status: 405, Code: "HTTP 405 Method Not Allowed", Silent: true},
		NotAcceptable:  {Status: 406, Code: "The accept header value did not match the value in @Produces", Silent: true},
		OddPath:        {Status: 400, Code: "missingNormalization", Text: "Request path not normalized"},
		PathSemicolon:  {Status: 400, Code: "invalidCharacter", Text: "Request path contains invalid character ';'"},
		ForeignOrigin:  {Status: 403, Code: "Invalid origin", Silent: true},

		AssertionMissing:   {Status: 400, Code: "invalid_client", Text: "Parameter client_assertion_type is missing"},
		AssertionForged:    {Status: 400, Code: "invalid_client", Text: "Client authentication with signed JWT failed: Signature on JWT token failed validation"},
		AssertionElsewhere: {Status: 400, Code: "invalid_client", Text: "Invalid token audience"},
		AssertionAudiences: {Status: 400, Code: "invalid_client", Text: "Multiple audiences not allowed"},
		AssertionInactive:  {Status: 400, Code: "invalid_client", Text: "Token is not active"},
		AssertionUnending:  {Status: 400, Code: "invalid_client", Text: "Token exp claim is required"},
		AssertionNameless:  {Status: 400, Code: "invalid_client", Text: "Token jti claim is required"},
		AssertionReplayed:  {Status: 400, Code: "invalid_client", Text: "Token reuse detected"},

		CodeMissing:       {Code: "invalid_request", Text: "Missing parameter: code"},
		CodeOfAnother:     {Code: "invalid_grant", Text: "Auth error: Found different client_id in clientSession"},
		VerifierMissing:   {Code: "invalid_grant", Text: "PKCE code verifier not specified"},
		VerifierMalformed: {Code: "invalid_grant", Text: "PKCE verification failed: Invalid code verifier"},
		VerifierUnasked:   {Code: "invalid_grant", Text: "PKCE code verifier specified but challenge not present in authorization"},

		RefreshTokenMissing:   {Code: "invalid_request", Text: "No refresh token"},
		RefreshTokenOver:      {Code: "invalid_grant", Text: "Token is not active"},
		OfflineDenied:         {Code: "not_allowed", Text: "Offline tokens not allowed for the user or client"},
		OfflineEnded:          {Code: "invalid_grant", Text: "Offline user session not found"},
		RefreshTokenOfAnother: {Code: "invalid_grant", Text: "Invalid refresh token. Token client and authorized client don't match"},

		TokenMissing: {Code: "invalid_request", Text: "Token not provided."},
		HintUnknown:  {Code: "invalid_request", Text: "Unsupported token type."},

		RevocationOfAnother: {Code: "invalid_request", Text: "Unmatching clients"},
		RevocationOfIDToken: {Code: "unsupported_token_type", Text: "Unsupported token type"},
		RevocationOfAny:     {Status: 200, Code: "invalid_token", Text: "Invalid token"},

		TokenInactive:       {Status: 401, Code: "invalid_token", Text: "Token verification failed"},
		TokenOfEndedSession: {Status: 401, Code: "invalid_token", Text: "user_session_not_found"},
		TokenOfBefore:       {Status: 401, Code: "invalid_token", Text: "invalid_token"},
		OpenIDMissing:       {Status: 403, Code: "insufficient_scope", Text: "Missing openid scope"},
		TokenRepeated:       {Status: 400, Code: "invalid_request", Text: "Duplicate parameter"},
		TwoTokens:           {Status: 400, Code: "invalid_request", Text: "More than one method used for including an access token"},

		PushedName: {Code: "invalid_request", Text: "It is not allowed to include request_uri to PAR."},

		PasswordUnasked: {Code: "invalid_client", Text: "Client requires user consent"},
		UsernameMissing: {Status: 401, Code: "invalid_request", Text: "Missing parameter: %s"},
		WrongPassword:   {Code: "invalid_grant", Text: "Invalid user credentials"},
		PersonDisabled:  {Code: "invalid_grant", Text: "Account disabled"},

		BearerOnly:       {Status: 400, Code: "invalid_client", Text: "Bearer-only not allowed"},
		OwnTokenOfPublic: {Status: 401, Code: "unauthorized_client", Text: "Public client not allowed to retrieve service account"},
		OwnTokenDenied:   {Status: 401, Code: "unauthorized_client", Text: "Client not enabled to retrieve service account"},
	}
}

// keycloakRefusalsByPlace are those that differ from endpoint to endpoint. All were measured.
func keycloakRefusalsByPlace() map[Place]map[Fault]Answer {
	stranger := Answer{Status: 401, Code: "invalid_request", Text: "Authentication failed."}
	return map[Place]map[Fault]Answer{
		AtIntrospection: {
			WrongSecret: {Status: 401, Code: "invalid_client", Text: "Client authentication failed."}, WrongMethod: {Status: 401, Code: "invalid_client", Text: "Client authentication failed."},
		},
		AtRevocation: {TokenMissing: {Text: "Token not provided"}},
		AtPush: {
			UnknownClient: stranger, ClientNotNamed: stranger, WrongSecret: stranger, WrongMethod: stranger, HeaderEscape: stranger,
			RequestObject:         {Text: "invalidRequestMessage"},
			ScopeUnknown:          {Code: "invalid_request"},
			ResponseTypeUnknown:   {Code: "invalid_request", Text: "Unsupported response type"},
			ResponseTypeForbidden: {Status: 401},
		},
	}
}

// keycloakOtherGrants are the grant types that Keycloak knows and the mock does not carry out, but for password where a realm file gives it to
// a client. Each refusal was measured with clients
// that are not set up for it, as those of the realm.
func keycloakOtherGrants() map[string]Answer {
	return map[string]Answer{
		"password": {Code: "unauthorized_client", Text: "Client not allowed for direct access grants"},
		"urn:ietf:params:oauth:grant-type:uma-ticket":     {Status: 401, Code: "unauthorized_client", Text: "Client not enabled to retrieve service account"},
		"urn:ietf:params:oauth:grant-type:device_code":    {Code: "invalid_grant", Text: "Client not allowed OAuth 2.0 Device Authorization Grant"},
		"urn:openid:params:grant-type:ciba":               {Code: "invalid_grant", Text: "Client not allowed OIDC CIBA Grant"},
		"urn:ietf:params:oauth:grant-type:token-exchange": {Code: "invalid_request", Text: "Standard token exchange is not enabled for the requested client"},
		"urn:ietf:params:oauth:grant-type:jwt-bearer":     {Code: "invalid_grant", Text: "The provided assertion is not a valid JWT"},
	}
}
