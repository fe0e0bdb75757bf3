package personality

// keycloakAuthorization was measured with every single fault, and with two faults in a request to see which is told.
func keycloakAuthorization() Authorization {
	return Authorization{
		Checks: []Check{
			CheckClientRepeated, CheckClient, CheckRequestObject, CheckMaxAge, CheckRedirect, CheckResponseType, CheckResponseMode, CheckGrant,
			CheckRepeated, CheckScope, CheckChallengeMethod, CheckChallenge, CheckChallengeForm, CheckPushed, CheckCreate,
		},
		SignedMaxAge:     true,
		UnsignedObjects:  true,
		ResponseTypes:    []string{"none", "token", "id_token"},
		ResponseModes:    []string{"query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt"},
		LongestParameter: 4000,
		PKCE:             PKCEByClient, // the realm's clients have pkce.code.challenge.method
		Redirects:        RedirectsWithoutPort,
		LevelAsksAgain:   true,
		HintsFill:        true,
		Order:            []string{"error", "error_description", "state", "session_state", "iss", "code"},
		Found:            true,
	}
}

// keycloakAuthorizationRefusals are what browsers hear, and clients by way of them. All were measured.
func keycloakAuthorizationRefusals() map[Fault]Answer {
	return map[Fault]Answer{
		AuthorizeUnreadable: {Status: 400, Text: "Invalid parameter: redirect_uri"}, // it stays encoded, as all of the request
		AuthorizeClientless: {Text: "Invalid Request"},
		AuthorizeRepeated:   {Text: "Invalid Request"},
		AuthorizeClient:     {Text: "Client not found."},
		AuthorizeDisabled:   {Text: "Client disabled."},
		AuthorizeBearerOnly: {Status: 403, Text: "Bearer-only applications are not allowed to initiate browser login"},
		AuthorizeRedirect:   {Text: "Invalid parameter: redirect_uri"},
		RedirectMissing:     {Text: "Invalid parameter: redirect_uri"},
		RequestURIObject:    {Text: "Invalid Request"},
		RequestObject:       {Text: "Invalid Request"},
		PushedRequest:       {Text: "Invalid Request"},
		MaxAge:              {Text: "Invalid Request"},

		ResponseTypeMissing:   {Text: "Missing parameter: response_type"},
		ResponseTypeUnknown:   {Silent: true},
		ResponseTypeForbidden: {Code: "unauthorized_client", Text: "Client is not allowed to initiate browser login with given response_type. Implicit flow is disabled for the client."},
		CodeForbidden:         {Code: "unauthorized_client", Text: "Client is not allowed to initiate browser login with given response_type. Standard flow is disabled for the client."},
		ResponseModeUnknown:   {Text: "Invalid parameter: response_mode"},

		ChallengeMissing:       {Text: "Missing parameter: code_challenge"},
		ChallengeMethodMissing: {Text: "Missing parameter: code_challenge_method"},
		ChallengeMethod:        {Text: "Invalid parameter: code challenge method is not matching the configured one"},
		ChallengeMethodUnknown: {Text: "Invalid parameter: code_challenge_method"},
		ChallengeMalformed:     {Text: "Invalid parameter: code_challenge"},

		SignUp:        {Text: "Registration not allowed"},
		LoginNeeded:   {Silent: true},
		LoginTooOld:   {Silent: true},
		ConsentNeeded: {Code: "interaction_required", Silent: true},
		ConsentDenied: {Silent: true},

		SignInGone:        {Text: "Restart login cookie not found. It may have expired; it may have been deleted or cookies are disabled in your browser. If cookies are disabled then enable them. Click Back to Application to login again."},
		SignInUnclear:     {Text: "An error occurred, please login again through your application."},
		SignInOver:        {Text: "authentication_expired"},
		SignedInAsAnother: {Text: "You are already authenticated as different user '%s' in this session. Please sign out first."},

		LogoutHint:       {Text: "Invalid parameter: id_token_hint"},
		LogoutClientless: {Text: "Missing parameters: id_token_hint"},
		LogoutRedirect:   {Text: "Invalid redirect uri"},
		LogoutGone:       {Text: "Logout failed"},
	}
}

// keycloakPush was measured in the same way. Scopes come before repeated parameters here.
func keycloakPush() Push {
	return Push{
		Seconds: 60,
		Checks: []Check{
			CheckClientRepeated, CheckClient, CheckMaxAge, CheckRequestObject, CheckRedirect, CheckResponseType, CheckResponseMode, CheckGrant,
			CheckScope, CheckRepeated, CheckChallengeMethod, CheckChallenge, CheckChallengeForm,
		},
		ResourceLater: true,
		ObjectAlone:   true,
		UntilAnswered: true,
	}
}
