package personality

// keycloakMetadata are the members of Keycloak's metadata beside those that tell of what the mock does. Measured, in this order of their
// values. Some tell of what the mock has not: docs/personalities.md lists it.
func keycloakMetadata() map[string]any {
	signing := []string{"PS384", "RS384", "EdDSA", "ES384", "HS256", "HS512", "ES256", "RS256", "HS384", "ES512", "PS256", "PS512", "RS512"}
	withNone := append(append([]string{}, signing...), "none")
	asymmetric := []string{"PS384", "RS384", "EdDSA", "ES384", "ES256", "RS256", "ES512", "PS256", "PS512", "RS512"}
	wrapping := []string{"ECDH-ES+A256KW", "ECDH-ES+A192KW", "ECDH-ES+A128KW", "RSA-OAEP", "RSA-OAEP-256", "RSA1_5", "ECDH-ES"}
	content := []string{"A256GCM", "A192GCM", "A128GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512"}
	methods := []string{"private_key_jwt", "client_secret_basic", "client_secret_post", "tls_client_auth", "client_secret_jwt"}
	return map[string]any{
		"frontchannel_logout_session_supported":                           true,
		"frontchannel_logout_supported":                                   true,
		"check_session_iframe":                                            "/protocol/openid-connect/login-status-iframe.html",
		"grant_types_supported":                                           []string{"authorization_code", "client_credentials", "implicit", "password", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:grant-type:uma-ticket", "urn:openid:params:grant-type:ciba"},
		"acr_values_supported":                                            []string{"0", "1"},
		"response_types_supported":                                        []string{"code", "none", "id_token", "token", "id_token token", "code id_token", "code token", "code id_token token"},
		"subject_types_supported":                                         []string{"public", "pairwise"},
		"prompt_values_supported":                                         []string{"none", "login", "consent"},
		"id_token_signing_alg_values_supported":                           signing,
		"id_token_encryption_alg_values_supported":                        wrapping,
		"id_token_encryption_enc_values_supported":                        content,
		"userinfo_signing_alg_values_supported":                           withNone,
		"userinfo_encryption_alg_values_supported":                        wrapping,
		"userinfo_encryption_enc_values_supported":                        content,
		"request_object_signing_alg_values_supported":                     withNone,
		"request_object_encryption_alg_values_supported":                  wrapping,
		"request_object_encryption_enc_values_supported":                  content,
		"response_modes_supported":                                        []string{"query", "fragment", "form_post", "query.jwt", "fragment.jwt", "form_post.jwt", "jwt"},
		"token_endpoint_auth_methods_supported":                           methods,
		"token_endpoint_auth_signing_alg_values_supported":                signing,
		"introspection_endpoint_auth_methods_supported":                   methods,
		"introspection_endpoint_auth_signing_alg_values_supported":        signing,
		"authorization_signing_alg_values_supported":                      signing,
		"authorization_encryption_alg_values_supported":                   wrapping,
		"authorization_encryption_enc_values_supported":                   content,
		"claims_supported":                                                []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "name", "given_name", "family_name", "preferred_username", "email", "acr", "azp", "nonce"},
		"claim_types_supported":                                           []string{"normal"},
		"claims_parameter_supported":                                      true,
		"request_parameter_supported":                                     true,
		"request_uri_parameter_supported":                                 true,
		"require_request_uri_registration":                                true,
		"code_challenge_methods_supported":                                []string{"plain", "S256"},
		"tls_client_certificate_bound_access_tokens":                      true,
		"dpop_signing_alg_values_supported":                               asymmetric,
		"revocation_endpoint_auth_methods_supported":                      methods,
		"revocation_endpoint_auth_signing_alg_values_supported":           signing,
		"backchannel_logout_supported":                                    true,
		"backchannel_logout_session_supported":                            true,
		"device_authorization_endpoint":                                   "/protocol/openid-connect/auth/device",
		"backchannel_token_delivery_modes_supported":                      []string{"poll", "ping"},
		"backchannel_authentication_endpoint":                             "/protocol/openid-connect/ext/ciba/auth",
		"backchannel_authentication_request_signing_alg_values_supported": asymmetric,
		"mtls_endpoint_aliases": map[string]any{
			"token_endpoint":                        "/protocol/openid-connect/token",
			"revocation_endpoint":                   "/protocol/openid-connect/revoke",
			"introspection_endpoint":                "/protocol/openid-connect/token/introspect",
			"device_authorization_endpoint":         "/protocol/openid-connect/auth/device",
			"registration_endpoint":                 "/clients-registrations/openid-connect",
			"userinfo_endpoint":                     "/protocol/openid-connect/userinfo",
			"pushed_authorization_request_endpoint": "/protocol/openid-connect/ext/par/request",
			"backchannel_authentication_endpoint":   "/protocol/openid-connect/ext/ciba/auth",
		},
	}
}
