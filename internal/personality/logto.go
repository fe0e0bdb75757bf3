package personality

import "time"

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
			Revoke: "/token/revocation", Logout: "/session/end", LogoutConfirm: "/session/end/confirm", LogoutDone: "/session/end/success", Push: "/request",
			Login: "/sign-in", Consent: "/consent", LoginAPI: "/api/experience", ConsentAPI: "/api/interaction/consent",
		},
		PagesFromHost: true, // measured
		Login:         LoginAPI,
		Consent:       ConsentInPassing,                                                                           // measured: first-party applications pass by the page, once in a session
		Documents:     Documents{OIDCAppended: true, OAuthAppended: true, SlashToo: true, CacheControl: Uncached}, // measured: inserted ones are 404; the RFC 8414 one is there since 1.42

		SigningAlgorithm: "ES384", // measured: EC P-384 when a tenant is made
		AccessToken: AccessToken{
			Format:      OpaqueWithoutTarget, // measured
			Type:        "at+jwt",            // measured
			ScopeClaim:  "scope",             // measured
			ScopeAlways: true,                // measured: "" where nothing is granted
			OfTarget:    true,                // measured
			NoAuthTime:  true,                // measured: jti sub iat exp scope client_id iss aud, and no more
			ClientClaim: "client_id",         // measured; role names are in no access token
		},
		IDToken: IDToken{NoHash: true, AuthTimeIfAsked: true}, // measured: the header is alg and kid, and there is no at_hash

		Target:        TargetResourceEachTime, // measured
		UnknownScope:  UnknownScopeDropped,    // measured
		NoScopeIsNone: true,                   // measured
		Omitted: []string{ // measured
			"prompt_values_supported", "client_id_metadata_document_supported", "protected_resources", "request_parameter_supported",
			"require_pushed_authorization_requests", "introspection_endpoint_auth_methods_supported",
			"introspection_endpoint_auth_signing_alg_values_supported", "revocation_endpoint_auth_methods_supported",
			"revocation_endpoint_auth_signing_alg_values_supported",
		},
		Advertised: map[string]any{ // measured; what no application of the mock may use is refused as Logto refuses it
			"response_types_supported": []string{"code id_token", "code", "id_token", "none"},
			"grant_types_supported": []string{
				"implicit", "authorization_code", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code",
				"urn:ietf:params:oauth:grant-type:token-exchange",
			},
			"scopes_supported": []string{
				"openid", "offline_access", "profile", "email", "phone", "address", "custom_data", "identities", "roles",
				"urn:logto:scope:organizations", "urn:logto:scope:organization_roles", "urn:logto:scope:sessions",
			},
			"claim_types_supported": []string{"normal"},
			"claims_supported": []string{
				"sub", "name", "picture", "updated_at", "username", "created_at", "preferred_username", "email", "email_verified", "sid", "auth_time", "iss",
			},
		},
		ListsIdentityOnly: true,                   // measured: API scopes are never in scopes_supported
		NothingGranted:    NothingGrantedIsDenied, // measured: after the sign-in, and only without openid

		IssuerParameter:  true,                                                                                                            // measured: on errors, too
		Refresh:          Refresh{Rule: RefreshWithConsent, ReusableBySecret: true, Grace: 3 * time.Second},                               // measured: SPA and Native applications rotate, Traditional ones do not
		Session:          Session{Always: true, Binds: true, BindsOffline: true, OutlivesClients: true, Consents: true, NativeAsks: true}, // measured
		Introspection:    IntrospectionOfOpaque,                                                                                           // measured
		UserInfoOfOpaque: true,                                                                                                            // measured: 401 for a JWT
		Errors:           logtoRefusals(),
		Profile:          []string{"username", "picture", "created_at", "updated_at"}, // measured
		Logout:           Logout{ByPage: true},                                        // measured
		Push:             Push{Seconds: 60, UntilAnswered: true},                      // measured
		ErrorsAt: map[Place]map[Fault]Answer{ // measured
			AtPush: {AuthorizeRedirect: {Code: "invalid_request", Text: "redirect_uri did not match any of the client's registered redirect_uris"}},
		},
		Authorization: logtoAuthorization(),
		ErrorPages:    ErrorPagesNever,                                                 // measured, whatever Accept says
		Routes:        Routes{NoPages: true, OutsideText: "Not Found", SlashToo: true}, // measured
		CORS: CORS{ // measured
			EchoesOrigin: true, NoCredentials: true, EchoesHeaders: true, RedirectOrigins: true, MaxAge: 3600, OwnOriginsOnly: true, Exposed: []string{"WWW-Authenticate"},
			Hidden: []Fault{ForeignOrigin}, PagesToo: []string{"/token/introspection"},
		},
		// measured: what is said of an opaque token is little
		IntrospectionOmits: []string{"auth_time", "username", "jti", "aud"},
		Revocation:         Revocation{ForeignInSilence: true, AccessEndsAll: true}, // measured
		Bearer:             Bearer{InForm: true, Particular: true},                  // measured
		Headers: Headers{ // measured
			JSON: "application/json; charset=utf-8", KeySet: "application/jwk-set+json; charset=utf-8", NoPragma: true,
			KeySetCache: "no-cache, max-age=0, must-revalidate",
		},
		Decoration: Decoration{ // measured in English; message follows Accept-Language there
			CodePrefix: "oidc.", Plain: "parse_error", Message: "An OIDC error occurred: %s.",
			Codes: map[string]string{"interaction session not found": "session.not_found", "authorization request has expired": "session.not_found"},
			Messages: map[string]string{
				"session.not_found":              "Session not found. Please go back and sign in again.",
				"oidc.invalid_scope":             "Invalid scope: {{error_description}}.", // so, raw
				"oidc.invalid_token":             "Invalid token provided.",
				"oidc.invalid_client_metadata":   "Invalid client metadata provided.",
				"oidc.invalid_request":           "Request is invalid.",
				"oidc.invalid_grant":             "Grant request is invalid.",
				"oidc.invalid_redirect_uri":      "`redirect_uri` did not match any of the client's registered `redirect_uris`.",
				"oidc.access_denied":             "Access denied.",
				"oidc.invalid_target":            "Invalid resource indicator.",
				"oidc.unsupported_grant_type":    "Unsupported `grant_type` requested.",
				"oidc.unsupported_response_mode": "Unsupported `response_mode` requested.",
				"oidc.unsupported_response_type": "Unsupported `response_type` requested.",
				"oidc.server_error":              "An unknown OIDC error occurred. Please try again later.",
			},
			URIs: map[string]string{"invalid_grant": "https://openid.sh/debug/invalid_grant"},
		},
		IgnoresQuery:            true,                                                                                     // measured
		Forms:                   Forms{RepeatedLast: true, KnownOnly: true, JSON: true, Untyped: true},                    // measured
		ClientAuth:              ClientAuth{EitherSecret: true, HeaderOnly: true, BeforeGrant: true, NoEmptySecret: true}, // measured
		OtherGrants:             logtoOtherGrants(),
		OwnTokens:               OwnTokensAsked, // measured
		RedirectEachTime:        true,           // measured
		IgnoresScopeOfCode:      true,           // measured
		FailedExchangeKeepsCode: true,           // measured; what burns a code is success, or invalid_target
	}
}
