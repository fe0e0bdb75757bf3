package personality

import "maps"

// Keycloak is Keycloak with the realm of providers/keycloak/realm.json and without experimental features.
// Unless said otherwise a value was measured on Keycloak 26.7.4 with that realm.
func Keycloak() Personality {
	const oidc = "/protocol/openid-connect"
	invalidClient := "Invalid client or Invalid client credentials"
	imitated := Personality{
		Name:        "keycloak",
		Description: "Keycloak with the realm of providers/keycloak/realm.json, or a realm file of yours",
		Version:     "Keycloak 26.7.4",
		Sure:        Measured,

		IssuerPath: "/realms/todo",
		Paths: Paths{ // measured
			Authorize: oidc + "/auth", Token: oidc + "/token", JWKS: oidc + "/certs", UserInfo: oidc + "/userinfo",
			Introspect: oidc + "/token/introspect", Revoke: oidc + "/revoke", Logout: oidc + "/logout", Push: oidc + "/ext/par/request",
			Register: "/clients-registrations/openid-connect",
			Login:    "/login-actions/authenticate", Consent: "/login-actions/consent", ConsentPage: "/login-actions/required-action",
			Restart: "/login-actions/restart", LogoutConfirm: oidc + "/logout/logout-confirm",
			CookieCheck: oidc + "/3p-cookies/step1.html",
		},
		// measured: the OpenID Connect document with the path inserted is a 404, the other three are one document
		Documents: Documents{OAuthInserted: true, OAuthAppended: true, OIDCAppended: true, SlashToo: true, CacheControl: "no-cache, must-revalidate, no-transform, no-store", Negotiates: true},
		Routes: Routes{ // measured
			SlashToo: true, HidesAllow: true, PlainPaths: true, AnswersOptions: true,
			HiddenByMethod: []string{"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/clients-registrations/openid-connect", "/clients-registrations/openid-connect/{client}"},
		},
		CORS: CORS{ // measured
			EchoesOrigin: true, OwnOriginsOnly: true, MaxAge: 3600, Exposed: []string{"Access-Control-Allow-Methods"},
			RequestHeaders: []string{"Origin", "Accept", "X-Requested-With", "Content-Type", "Access-Control-Request-Method", "Access-Control-Request-Headers", "Authorization", "DPoP"},
			Hidden:         []Fault{GrantTypeMissing, GrantTypeUnknown, ForeignOrigin},
			HiddenRefusals: []string{"/clients-registrations/openid-connect"},
			NoPreflight:    []string{oidc + "/ext/par/request"},
			PagesToo:       []string{oidc + "/logout"},
		},
		Omitted:           []string{"client_id_metadata_document_supported", "protected_resources"}, // measured
		Advertised:        keycloakMetadata(),                                                       // measured
		HidesPublicMethod: true,                                                                     // measured: none is in no list of methods, and public clients work

		SigningAlgorithm: "RS256",                       // measured
		Headers:          Headers{KeySetByAccept: true}, // measured
		EncryptionKey:    true,                          // measured: an RSA-OAEP key for encryption is in the key set
		SpareKey:         "RS256",                       // measured, with defaultSignatureAlgorithm ES256
		KeyCertificates:  true,                          // measured: x5c, x5t and x5t#S256 in both
		AccessToken: AccessToken{
			Type:        "JWT",                                                                                                                    // measured: at+jwt only of clients with access.token.header.type.rfc9068
			Fixed:       map[string]any{"typ": "Bearer"},                                                                                          // measured
			IDPrefix:    IDPrefix{Online: "onrt", Offline: "ofrt", Own: "trrt", Code: "ac:", Refresh: "rt:", Credentials: "cc:", Password: "ro:"}, // measured
			ScopeClaim:  "scope",                                                                                                                  // measured
			ScopeAlways: true,                                                                                                                     // measured: "" where nothing is granted
			ClientClaim: "azp",                                                                                                                    // measured: there is no client_id
		},
		IDToken: IDToken{Type: "JWT", Fixed: map[string]any{"typ": "ID"}, ClientClaim: "azp", ID: true}, // measured

		Target:            TargetConfigured,                                                       // measured: a malformed resource is refused, any other has no effect
		Features:          Features{TargetFilter: "resource-indicators", ClientDocuments: "cimd"}, // measured: experimental
		ClientScopes:      true,                                                                   // measured
		UUIDSubjects:      true,                                                                   // measured
		DocumentsByPolicy: true,                                                                   // measured
		Realms:            "/realms/",                                                             // measured

		IssuerParameter: true,                                                                                                       // measured: on errors, too
		Refresh:         Refresh{Readable: true, TellsExpiry: true},                                                                 // measured; the realm has refresh tokens good for one use
		Introspection:   IntrospectionInAudience,                                                                                    // measured
		Login:           LoginForm,                                                                                                  // measured
		Consent:         ConsentOfStrangers,                                                                                         // measured
		Session:         Session{Always: true, AfterConsent: true, Binds: true, OfflineApart: true, CodesReturn: true, Named: true}, // measured

		Authorization: keycloakAuthorization(),
		ErrorPages:    ErrorPagesOrJSON, // measured
		// measured: the realm's clients have post.logout.redirect.uris +, and so have those that register
		Logout: Logout{AtRedirects: true, NamedSession: true},

		Registration: keycloakRegistration(),
		Bearer:       Bearer{InForm: true, Lax: true, ShortRealm: true, Bare: true}, // measured
		Push:         keycloakPush(),
		IgnoresQuery: true,                                                                                                                                               // measured
		Forms:        Forms{Loose: true, KeepsEmpty: true, RepeatedLast: true, OneResource: true},                                                                        // measured
		ClientAuth:   ClientAuth{FormFirst: true, EitherSecret: true, IgnoresSurplus: true, AnyGrant: true, OneAudience: true, LongAssertions: true, Unchallenged: true}, // measured
		OtherGrants:  keycloakOtherGrants(),
		ClosedEndpoints: map[string]Answer{ // measured
			oidc + "/auth/device":   {Code: "unauthorized_client", Text: "Client is not allowed to initiate OAuth 2.0 Device Authorization Grant. The flow is disabled for the client."},
			oidc + "/ext/ciba/auth": {Status: 401, Code: "invalid_grant", Text: "Client not allowed OIDC CIBA Grant"},
		},
		ErrorsAt: keycloakRefusalsByPlace(),
		Errors: map[Fault]Answer{ // measured, all of them
			UnknownClient:       {Status: 401, Code: "invalid_client", Text: invalidClient},
			ClientNotNamed:      {Status: 401, Code: "invalid_client", Text: invalidClient},
			WrongSecret:         {Status: 401, Code: "unauthorized_client", Text: invalidClient},
			BadCode:             {Code: "invalid_grant", Text: "Code not valid"},
			WrongVerifier:       {Code: "invalid_grant", Text: "PKCE verification failed: Code mismatch"},
			WrongRedirect:       {Code: "invalid_grant", Text: "Incorrect redirect_uri"},
			BadRefreshToken:     {Code: "invalid_grant", Text: "Invalid refresh token"},
			ReusedRefreshToken:  {Code: "invalid_grant", Text: "Maximum allowed refresh token reuse exceeded"},
			SessionEnded:        {Code: "invalid_grant", Text: "Session not active"},
			CodeClientLeft:      {Code: "invalid_grant", Text: "User session not found"},
			ClientLeftSession:   {Code: "invalid_grant", Text: "Session doesn't have required client"},
			ClientCameToSession: {Code: "invalid_grant", Text: "refresh token issued before the client session started"},
			WiderRefresh:        {Code: "invalid_scope", Text: "Invalid scopes: %s"},
			ScopeUnknown:        {Code: "invalid_scope", Text: "Invalid scopes: %s"},
			ResourceMismatch:    {Code: "invalid_target", Text: "The requested resource is not matching the original request."},
			ResourceUnfiltered:  {Status: 500, Code: "unknown_error", Text: "For more on this error consult the server log."},
			ResourceUnknown:     {Code: "invalid_target", Text: "The requested resource is invalid, missing, unknown, or malformed."},
			GrantTypeMissing:    {Code: "invalid_request", Text: "Missing form parameter: grant_type"},
			GrantTypeUnknown:    {Code: "unsupported_grant_type", Text: "Unsupported grant_type"},
			PublicIntrospects:   {Status: 403, Code: "invalid_request", Text: "Client not allowed."},
		},
	}
	maps.Copy(imitated.Errors, keycloakRefusals())
	maps.Copy(imitated.Errors, keycloakDocumentRefusals())
	maps.Copy(imitated.Errors, keycloakRegistrationRefusals())
	maps.Copy(imitated.Errors, keycloakAuthorizationRefusals())
	return imitated
}
