package personality

// logtoAuthorization was measured with every single fault, and with all pairs of 25 faults to see which is told.
func logtoAuthorization() Authorization {
	return Authorization{
		Checks: []Check{
			CheckClientRepeated, CheckRedirectRepeated, CheckRepeated, CheckRequestObject, CheckClient, CheckResponseMode, CheckTypeGiven,
			CheckRegistration, CheckResponseType, CheckGrant, CheckRedirectGiven, CheckPrompt, CheckRedirect,
			CheckChallengeMethod, CheckChallenge, CheckChallengeForm, CheckOpenID, CheckScope, CheckMaxAge, CheckHint, CheckPushed,
		},
		TellsClient:      true,
		ResponseTypes:    []string{"none", "id_token"},
		NoneForbidden:    true,
		ResponseModes:    []string{"query", "fragment", "form_post"},
		Prompts:          []string{"none", "login", "consent"},
		PKCE:             PKCEOfPublic, // of all but Traditional applications
		Redirects:        RedirectsAnyPortOfNative,
		OnlyRedirect:     true,
		LoginHintFills:   true,
		MaxAgeZeroAsks:   true,
		PostedErrorFails: true,
		Order:            []string{"code", "error", "error_description", "state", "iss"},
	}
}

// logtoAuthorizationRefusals are what clients hear by way of browsers, and browsers where no client may be told. All were measured.
func logtoAuthorizationRefusals() map[Fault]Answer {
	typeForbidden := Answer{Code: "invalid_request", Text: "requested response_type is not allowed for this client"}
	tooOld := Answer{Code: "login_required", Text: "End-User authentication could not be obtained"}
	return map[Fault]Answer{
		AuthorizeRepeated:   {Code: "invalid_request", Text: "%l parameter%p must not be provided twice"},
		AuthorizeClientless: {Code: "invalid_request", Text: "missing required parameter 'client_id'"},
		AuthorizeClient:     {Status: 400, Code: "invalid_client", Text: "invalid client %s"},
		AuthorizeRedirect:   {Code: "invalid_redirect_uri", Text: "redirect_uri did not match any of the client's registered redirect_uris"},
		RedirectMissing:     {Code: "invalid_request", Text: "missing required parameter 'redirect_uri'"},
		RequestObject:       {Silent: true},
		RequestURIObject:    {Silent: true},
		RegistrationObject:  {Silent: true},
		PushedRequest:       {Code: "invalid_request_uri", Text: "request_uri is invalid, expired, or was already used"},

		ResponseTypeMissing:   {Text: "missing required parameter 'response_type'"},
		ResponseTypeUnknown:   {Text: "unsupported response_type requested"},
		ResponseTypeForbidden: typeForbidden,
		CodeForbidden:         typeForbidden,
		ResponseModeUnknown:   {Code: "unsupported_response_mode", Text: "unsupported response_mode requested"},

		PromptUnknown:          {Text: "unsupported prompt value requested"},
		PromptNotAlone:         {Text: "prompt none must only be used alone"},
		ChallengeMissing:       {Text: "Authorization Server policy requires PKCE to be used for this request"},
		ChallengeWanted:        {Text: "code_challenge must be provided with code_challenge_method"},
		ChallengeMethodMissing: {Text: "code_challenge_method must be provided"},
		ChallengeMethod:        {Text: "not supported value of code_challenge_method"},
		ChallengeMalformed:     {Text: "code_challenge %s"},
		OpenIDWanted:           {Text: "openid scope must be requested when using the %s parameter"},
		MaxAge:                 {Text: "invalid max_age parameter value"},
		HintBad:                {Text: "could not validate id_token_hint"},

		LoginNeeded:     {Text: "End-User authentication is required"},
		LoginTooOld:     tooOld,
		LoginUnresolved: {Text: "login prompt was not resolved"},
		HintOfAnother:   {Text: "id_token_hint and authenticated subject do not match"},
		ConsentNeeded:   {Text: "requested scopes not granted"},
		NativeSilent:    {Code: "interaction_required", Text: "native clients require End-User interaction"},
		NothingLeft:     {Code: "access_denied", Silent: true},
		ConsentDenied:   {Silent: true},

		LogoutHint:           {Text: "could not validate id_token_hint"},
		LogoutHintUnreadable: {Text: "could not decode id_token_hint"},
		LogoutMismatch:       {Text: "client_id does not match the provided id_token_hint"},
		LogoutClient:         {Code: "invalid_client", Text: "invalid client %s"},
		LogoutRedirect:       {Text: "post_logout_redirect_uri not registered"},
		LogoutForged:         {Text: "xsrf token invalid"},
		LogoutCookieless:     {Text: "could not find logout details"},
	}
}
