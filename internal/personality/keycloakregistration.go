package personality

// keycloakRegistration is what the realm's policies allow anonymous clients. All was measured.
func keycloakRegistration() Registration {
	return Registration{
		Policies: &RegistrationPolicies{
			TrustedHosts:  []string{"localhost", "127.0.0.1"},
			WebOrigins:    []string{"http://localhost:6274", "http://127.0.0.1:6274"},
			BuiltIn:       6, // account, account-console, admin-cli, broker, realm-management, security-admin-console
			GrantTypes:    []string{"authorization_code", "client_credentials", "password", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"},
			ResponseTypes: []string{"code", "none"},
		},
		Members: []string{
			"redirect_uris", "token_endpoint_auth_method", "token_endpoint_auth_signing_alg", "grant_types", "response_types", "client_id", "client_secret",
			"client_name", "client_uri", "logo_uri", "scope", "contacts", "tos_uri", "policy_uri", "jwks_uri", "jwks", "software_id", "software_version",
			"application_type", "sector_identifier_uri", "subject_type", "id_token_signed_response_alg", "id_token_encrypted_response_alg",
			"id_token_encrypted_response_enc", "userinfo_signed_response_alg", "userinfo_encrypted_response_alg", "userinfo_encrypted_response_enc",
			"request_object_signing_alg", "request_object_encryption_alg", "request_object_encryption_enc", "default_max_age", "require_auth_time",
			"default_acr_values", "initiate_login_uri", "request_uris", "tls_client_certificate_bound_access_tokens", "dpop_bound_access_tokens",
			"tls_client_auth_subject_dn", "post_logout_redirect_uris", "client_id_issued_at", "client_secret_expires_at", "registration_client_uri",
			"registration_access_token", "backchannel_logout_uri", "backchannel_logout_session_required", "backchannel_logout_revoke_offline_tokens",
			"backchannel_token_delivery_mode", "backchannel_client_notification_endpoint", "backchannel_authentication_request_signing_alg",
			"require_pushed_authorization_requests", "authorization_signed_response_alg", "authorization_encrypted_response_alg",
			"authorization_encrypted_response_enc", "frontchannel_logout_uri", "frontchannel_logout_session_required",
		},
		Fixed: map[string]any{
			"subject_type": "public", "request_uris": []string{}, "tls_client_certificate_bound_access_tokens": false, "dpop_bound_access_tokens": false,
			"backchannel_logout_session_required": false, "frontchannel_logout_session_required": false, "require_pushed_authorization_requests": false,
		},
		TypeUntold: true,
		UUIDs:      true,
		Locates:    true,
		TokenClaims: map[string]any{
			"typ": "RegistrationAccessToken", "exp": 0, "registration_auth": "anonymous", "allowed-origins": []string{"http://127.0.0.1:6274", "http://localhost:6274"},
		},
		TellsSecret:  true,
		KeepsUnsaid:  true,
		RotatesToken: true,
	}
}

// keycloakRegistrationRefusals are what clients hear that register or manage themselves. All were measured.
func keycloakRegistrationRefusals() map[Fault]Answer {
	const policy = "' rejected request to client-registration service. Details: "
	return map[Fault]Answer{
		NotJSON:          {Status: 415, Code: "The content-type header value did not match the value in @Consumes", Silent: true},
		BadJSON:          {Code: "invalid_request", Text: "Cannot parse the JSON"},
		WrongJSON:        {Code: "unknown_error", Text: "Cannot parse the JSON"},
		MemberUnknown:    {Code: "Invalid json representation for OIDCClientRepresentation. Unrecognized field %s.", Silent: true},
		MetadataInvalid:  {Code: "invalid_client_metadata", Text: "Client metadata invalid"},
		IdentifierChosen: {Code: "invalid_client_metadata", Text: "Client Identifier included"},
		SectorIdentifier: {Code: "invalid_client_metadata", Text: "Failed to get redirect URIs from the Sector Identifier URI."},
		RedirectFragment: {Code: "invalid_redirect_uri", Text: "A redirect URI must not contain an URL fragment"},
		RedirectHostless: {Status: 500, Code: "unknown_error", Text: "For more on this error consult the server log."}, // so private schemes cannot register
		HostUntrusted:    {Status: 403, Code: "insufficient_scope", Text: "Policy 'Trusted Hosts" + policy + "%s doesn't match any trusted host or trusted domain"},
		AddressMalformed: {Status: 403, Code: "insufficient_scope", Text: "Policy 'Trusted Hosts" + policy + "%s is malformed"},
		SenderUntrusted:  {Status: 403, Code: "insufficient_scope", Text: "Policy 'Trusted Hosts" + policy + "Host not trusted."},
		ClientsTooMany:   {Status: 403, Code: "insufficient_scope", Text: "Policy 'Max Clients Limit" + policy + "It's allowed to have max %s clients per realm"},
		ScopeUntrusted:   {Status: 403, Code: "insufficient_scope", Text: "Policy 'Allowed Client Scopes" + policy + "Not permitted to use specified clientScope"},

		BearerUnreadable: {Status: 401, Code: "invalid_token", Text: "Failed decode token"},
		BearerForeign:    {Status: 401, Code: "invalid_token", Text: "Invalid type of token"},
		BearerPersonal:   {Status: 403, Code: "insufficient_scope", Text: "Forbidden"},

		RegistrationForeign:     {Status: 401, Code: "invalid_token", Text: "Not authorized to view client. Not valid token or client credentials provided."},
		RegistrationUnalterable: {Status: 401, Code: "invalid_token", Text: "Not authorized to update client. Maybe missing token or bad token type."},
		IdentifierChanged:       {Code: "invalid_client_metadata", Text: "Client Identifier modified"},
	}
}
