package personality

import "maps"

// logtoRefusals are what Logto answers to a fault. All were measured.
func logtoRefusals() map[Fault]Answer {
	const grant, target = "grant request is invalid", "resource indicator is missing, or unknown"
	badGrant := Answer{Code: "invalid_grant", Text: grant}
	unauthenticated := Answer{Status: 401, Code: "invalid_client", Text: "client authentication failed"}
	notAllowed := Answer{Code: "invalid_request", Text: "requested grant type is not allowed for this client"}
	badToken := Answer{Status: 401, Code: "invalid_token", Text: "invalid token provided"}
	noRoute := Answer{Status: 404, Code: "invalid_request", Text: "unrecognized route or not allowed method (%s)"}
	refusals := map[Fault]Answer{
		UnknownClient:       {Status: 400, Code: "invalid_client", Text: "invalid client %s"},
		ClientNotNamed:      {Status: 400, Code: "invalid_request", Text: "no client authentication mechanism provided"},
		WrongSecret:         unauthenticated,
		WrongMethod:         unauthenticated,
		SeveralMechanisms:   {Status: 400, Code: "invalid_request", Text: "client authentication must only be provided using one mechanism"},
		HeaderMalformed:     {Status: 400, Code: "invalid_request", Text: "invalid authorization header value format"},
		HeaderEscape:        {Status: 400, Code: "invalid_request", Text: "client_id and client_secret in the authorization header are not properly encoded"},
		HeaderSecretMissing: {Status: 400, Code: "invalid_request", Text: "client_secret must be provided in the Authorization header"},
		ClientMismatch:      {Status: 400, Code: "invalid_request", Text: "client_id mismatch"},
		Repeated:            {Code: "invalid_request", Text: "%l parameter%p must not be provided twice"},

		GrantTypeMissing: {Code: "invalid_request", Text: "missing required parameter 'grant_type'"},
		GrantTypeUnknown: {Code: "unsupported_grant_type", Text: "unsupported grant_type requested"},
		GrantDenied:      notAllowed,
		OwnTokenDenied:   notAllowed,
		OwnTokenOfPublic: notAllowed,

		CodeMissing:           {Code: "invalid_request", Text: "missing required parameter%p %l"},
		BadCode:               badGrant,
		CodeOfAnother:         badGrant,
		WrongRedirect:         badGrant,
		VerifierMissing:       badGrant,
		VerifierMalformed:     {Code: "invalid_request", Text: "code_verifier %s"},
		VerifierUnasked:       badGrant,
		WrongVerifier:         badGrant,
		RefreshTokenMissing:   {Code: "invalid_request", Text: "missing required parameter 'refresh_token'"},
		RefreshTokenOfAnother: badGrant,
		BadRefreshToken:       badGrant,
		ReusedRefreshToken:    badGrant,
		SessionEnded:          badGrant,
		ClientLeftSession:     badGrant,
		CodeClientLeft:        badGrant,
		ClientCameToSession:   badGrant,
		WiderRefresh:          {Code: "invalid_scope", Text: "refresh token missing requested scope%p"},

		ResourceUnknown: {Code: "invalid_target", Text: target},
		TargetMalformed: {Code: "invalid_target", Text: "resource indicator must %s"},
		ResourceMissing: {Code: "invalid_target", Text: "both `resource` and `organization_id` are not provided"},
		ResourceSeveral: {Code: "invalid_target", Text: "only a single resource indicator value is supported for this grant type"},

		PushedName:          {Code: "request_uri_not_supported", Silent: true},
		BodyType:            {Code: "invalid_request", Text: "only application/x-www-form-urlencoded content-type bodies are supported on %s"},
		ForeignOrigin:       {Status: 400, Code: "invalid_request", Text: "origin %s"},
		TokenMissing:        {Code: "invalid_request", Text: "missing required parameter 'token'"},
		RevocationOfAnother: {Code: "invalid_request", Text: "client is not authorized to revoke the presented token"},
		BearerMissing:       {Code: "invalid_token", Text: "no access token provided"},
		TwoTokens:           {Status: 400, Code: "invalid_request", Text: "access token must only be provided using one mechanism"},
		BearerInQuery:       {Status: 400, Code: "invalid_request", Text: "access tokens must not be provided via query parameter"},
		BearerScheme:        {Status: 400, Code: "invalid_request", Text: "authorization header scheme must be `Bearer`"},
		BearerMalformed:     {Status: 400, Code: "invalid_request", Text: "invalid authorization header value format"},
		TokenInactive:       badToken,
		BearerNotOpaque:     badToken,
		OpenIDMissing:       badToken,

		StructuredToken: {Status: 400, Code: "unsupported_token_type", Text: "Structured JWT Tokens cannot be %s"},
		NoRoute:         noRoute,
		NoRouteOutside:  noRoute,
		NoMethod:        noRoute,
	}
	maps.Copy(refusals, logtoAuthorizationRefusals())
	return refusals
}

// logtoOtherGrants are grant types that Logto knows, of which the mock's clients are not allowed any.
func logtoOtherGrants() map[string]Answer {
	notAllowed := logtoRefusals()[GrantDenied]
	return map[string]Answer{
		"urn:ietf:params:oauth:grant-type:device_code":    notAllowed,
		"urn:ietf:params:oauth:grant-type:token-exchange": notAllowed,
	}
}
