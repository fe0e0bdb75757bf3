package realm

import "strings"

// leftovers say of each kind of object which members Keycloak 26.7.4 knows that the translation does not ask for.
var leftovers = map[string]map[string]leftover{
	"realm": table(
		"", "id displayName displayNameHtml keycloakVersion publicKey certificate codeSecret",
		"sign-in is always by user name and password", "browserFlow=browser directGrantFlow=direct@grant resetCredentialsFlow=reset@credentials clientAuthenticationFlow=clients "+
			"dockerAuthenticationFlow=docker@auth firstBrokerLoginFlow=first@broker@login registrationFlow=registration rememberMe=false verifyEmail=false",
		"", "authenticatorConfig requiredCredentials ssoSessionIdleTimeoutRememberMe ssoSessionMaxLifespanRememberMe",
		"nobody registers, and nobody changes or forgets a password", "registrationAllowed=false registrationEmailAsUsername=false resetPasswordAllowed=false editUsernameAllowed=false passwordPolicy "+
			"actionTokenGeneratedByAdminLifespan=43200 actionTokenGeneratedByUserLifespan=300 accessCodeLifespanUserAction=300 smtpServer",
		"a sign-in may take ten minutes", "accessCodeLifespanLogin",
		"no one-time passwords and no passkeys", "otpPolicyType otpPolicyAlgorithm otpPolicyInitialCounter otpPolicyDigits otpPolicyLookAheadWindow otpPolicyPeriod otpPolicyCodeReusable "+
			"otpSupportedApplications webAuthnPolicyRpEntityName webAuthnPolicySignatureAlgorithms webAuthnPolicyRpId webAuthnPolicyAttestationConveyancePreference "+
			"webAuthnPolicyAuthenticatorAttachment webAuthnPolicyRequireResidentKey webAuthnPolicyResidentKey webAuthnPolicyUserVerificationRequirement webAuthnPolicyCreateTimeout "+
			"webAuthnPolicyAvoidSameAuthenticatorRegister webAuthnPolicyAcceptableAaguids webAuthnPolicyExtraOrigins webAuthnPolicyPasswordlessRpEntityName "+
			"webAuthnPolicyPasswordlessSignatureAlgorithms webAuthnPolicyPasswordlessRpId webAuthnPolicyPasswordlessAttestationConveyancePreference "+
			"webAuthnPolicyPasswordlessAuthenticatorAttachment webAuthnPolicyPasswordlessRequireResidentKey webAuthnPolicyPasswordlessResidentKey "+
			"webAuthnPolicyPasswordlessUserVerificationRequirement webAuthnPolicyPasswordlessCreateTimeout webAuthnPolicyPasswordlessAvoidSameAuthenticatorRegister "+
			"webAuthnPolicyPasswordlessAcceptableAaguids webAuthnPolicyPasswordlessExtraOrigins webAuthnPolicyPasswordlessPasskeysEnabled webAuthnPolicyPasswordlessMediation",
		"wrong passwords are not counted", "bruteForceProtected=false",
		"", "permanentLockout maxTemporaryLockouts bruteForceStrategy maxFailureWaitSeconds minimumQuickLoginWaitSeconds waitIncrementSeconds quickLoginCheckMilliSeconds maxDeltaTimeSeconds failureFactor maxSecondaryAuthFailures",
		"every person signs in by the file's own passwords", "identityProviders identityProviderMappers userFederationProviders userFederationMappers federatedUsers",
		"themes and languages", "loginTheme accountTheme adminTheme emailTheme internationalizationEnabled=false supportedLocales defaultLocale localizationTexts",
		"pages have the mock's own security headers", "browserSecurityHeaders",
		"no events are kept", "eventsEnabled=false eventsExpiration enabledEventTypes adminEventsEnabled=false adminEventsDetailsEnabled=false",
		"no device flow", "oauth2DeviceCodeLifespan=600 oAuth2DeviceCodeLifespan=600 oauth2DevicePollingInterval=5 oAuth2DevicePollingInterval=5",
		"", "accessTokenLifespanForImplicitFlow eventsListeners",
		"http is always taken", "sslRequired=external|EXTERNAL|none|NONE",
		"people always sign in by their email address too", "loginWithEmailAllowed=true duplicateEmailsAllowed=false",
		"no organizations", "organizationsEnabled=false organizations",
		"no administration", "adminPermissionsEnabled=false adminPermissionsClient userManagedAccessAllowed=false scimApiEnabled=false verifiableCredentialsEnabled=false",
		"groups are given by the file only", "defaultGroups",
		"tokens issued before a time stay good", "notBefore=0",
		"keys are the mock's own", "privateKey",
		"the realm's own protocol mappers, of an old Keycloak", "protocolMappers",
	),
	"attributes of the realm": table(
		"", "cibaBackchannelTokenDeliveryMode cibaExpiresIn cibaAuthRequestedUserHint cibaInterval oauth2DeviceCodeLifespan oauth2DevicePollingInterval realmReusableOtpCode userProfileEnabled shortVerificationUri "+
			"actionTokenGeneratedByUserLifespan.* organizationsEnabled=false verifiableCredentialsEnabled=false",
		"a pushed request is good for a minute", "parRequestUriLifespan=60",
		"the issuer is where the mock is, or --issuer", "frontendUrl",
		"the level of authentication is always 1", "acr.loa.map={}",
	),
	"role":  table("", "id name description composite clientRole containerId", "attributes of roles", "attributes"),
	"group": table("", "id description parentId subGroupCount access"),
	"client": table(
		"", "id description type name baseUrl adminUrl alwaysDisplayInConsole nodeReRegistrationTimeout registeredNodes access origin surrogateAuthRequired registrationAccessToken",
		"no implicit or hybrid flow: response_type=token and its like are unauthorized_client, with Keycloak this client gets tokens by them", "implicitFlowEnabled=false directGrantsOnly=false",
		"no authorization services (UMA)", "authorizationServicesEnabled=false authorizationSettings",
		"sign-in is always by user name and password", "authenticationFlowBindingOverrides",
		"clients are not told of a sign-out", "frontchannelLogout=false",
		"tokens issued before a time stay good", "notBefore=0|-1",
	),
	"attributes of a client": table(
		"", "realm_client client.secret.creation.time client.secret.rotation.expiration.time logoUri policyUri tosUri login_theme client.introspection.response.allow.jwt.claim.enabled backchannel.logout.session.required "+
			"frontchannel.logout.session.required saml.* saml_*",
		"no client certificates", "jwt.credential.certificate",
		"no signed or encrypted requests", "request.object.required=not@required request.object.signature.alg=any request.object.encryption.alg=any request.object.encryption.enc=any request.uris",
		"the consent page has no line about the client itself", "display.on.consent.screen=false consent.screen.text",
		"no device flow: this client is refused a device code, Keycloak gives it one", "oauth2.device.authorization.grant.enabled=false",
		"no CIBA, no token exchange", "oidc.ciba.grant.enabled=false standard.token.exchange.enabled=false "+
			"standard.token.exchange.enableRefreshRequestedTokenType=NO oauth2.jwt.authorization.grant.enabled=false client_credentials.use_refresh_token=false ciba.backchannel.token.delivery.mode",
		"no lightweight access tokens: this client's have all claims, with Keycloak few", "client.use.lightweight.access.token.enabled=false",
		"clients are not told of a sign-out", "backchannel.logout.url backchannel.logout.revoke.offline.tokens=false frontchannel.logout.url",
		"no certificates, no DPoP", "tls.client.certificate.bound.access.tokens=false dpop.bound.access.tokens=false x509.subjectdn x509.allow.regex.pattern.comparison=false",
		"answers always have iss and session_state", "exclude.issuer.from.auth.response=false exclude.session.state.from.auth.response=false",
		"tokens are signed by the realm's algorithm, with Keycloak this client's by the one that is named here", "access.token.signed.response.alg id.token.signed.response.alg user.info.response.signature.alg authorization.signed.response.alg",
		"nothing is encrypted", "id.token.encrypted.response.alg id.token.encrypted.response.enc user.info.encrypted.response.alg user.info.encrypted.response.enc authorization.encrypted.response.alg authorization.encrypted.response.enc",
		"the level of authentication is always 1", "default.acr.values acr.loa.map={} minimum.acr.value",
	),
	"user": table(
		"", "self origin createdTimestamp disableableCredentialTypes access totp=false emailConstraint",
		"no required actions: Keycloak asks after the sign-in for what is named here (a new password, a profile), and before that there is no code", "requiredActions",
		"every person signs in by the file's own passwords", "federatedIdentities socialLinks federationLink",
		"people are asked for consent again", "clientConsents",
		"tokens issued before a time stay good", "notBefore=0",
		"no administration", "verifiableCredentials issuedVerifiableCredentials applicationRoles",
	),
	"credential": table("", "id userLabel createdDate priority algorithm hashIterations counter digits period config federationLink", "a first password need not be changed: Keycloak asks for a new one after the sign-in, and before that there is no code", "temporary=false"),
	"scope":      table("", "id description"),
	"attributes of a scope": table(
		"", "gui.order", "no scopes with parameters", "is.dynamic.scope=false dynamic.scope.regexp"),
	"mapper": table("", "id protocol consentRequired consentText name"),
	"attributes of a mapper": table(
		"", "user.attribute included.client.audience included.custom.audience usermodel.realmRoleMapping.rolePrefix usermodel.clientRoleMapping.clientId usermodel.clientRoleMapping.rolePrefix "+
			"user.session.note claim.value full.path user.attribute.* single attribute.nameformat attribute.name",
		"no lightweight access tokens: with Keycloak they have this claim, and few others", "lightweight.claim=false",
		"claims beside the tokens, in the answer of the token endpoint", "access.tokenResponse.claim=false",
		"of a person's attribute and the groups' the person's counts alone", "aggregate.attrs=false",
	),
	"mapping":   table("", "self"),
	"component": table("", "id name subComponents"),
}

// table makes a table of pairs: what the mock does not do, and the members that ask for it, each with the values that ask for
// nothing. In those @ stands for a blank.
func table(pairs ...string) map[string]leftover {
	all := map[string]leftover{}
	for i := 0; i < len(pairs); i += 2 {
		for word := range strings.FieldsSeq(pairs[i+1]) {
			name, same, _ := strings.Cut(word, "=")
			all[name] = leftover{pairs[i], strings.ReplaceAll(same, "@", " ")}
		}
	}
	return all
}

// translated are the members that the translation asks for, to find what a misspelt one was meant to be.
var translated = map[string]string{
	"realm": "realm enabled roles groups users clients clientScopes scopeMappings clientScopeMappings defaultDefaultClientScopes defaultOptionalClientScopes defaultRole defaultRoles components " +
		"clientProfiles clientPolicies accessTokenLifespan accessCodeLifespan ssoSessionIdleTimeout ssoSessionMaxLifespan offlineSessionIdleTimeout offlineSessionMaxLifespanEnabled offlineSessionMaxLifespan clientSessionIdleTimeout clientSessionMaxLifespan " +
		"clientOfflineSessionIdleTimeout clientOfflineSessionMaxLifespan revokeRefreshToken refreshTokenMaxReuse defaultSignatureAlgorithm attributes",
	"role":  "composites",
	"group": "path realmRoles clientRoles subGroups",
	"client": "clientId enabled protocol rootUrl publicClient secret clientAuthenticatorType redirectUris webOrigins standardFlowEnabled directAccessGrantsEnabled serviceAccountsEnabled bearerOnly consentRequired " +
		"fullScopeAllowed protocolMappers defaultClientScopes optionalClientScopes attributes defaultRoles",
	"attributes of a client": "pkce.code.challenge.method access.token.header.type.rfc9068 access.token.lifespan post.logout.redirect.uris use.refresh.tokens resource_url " +
		"client.session.idle.timeout client.session.max.lifespan client.offline.session.idle.timeout client.offline.session.max.lifespan " +
		"require.pushed.authorization.requests use.jwks.url jwks.url use.jwks.string jwks.string token.endpoint.auth.signing.alg",
	"user":                  "id username email firstName lastName enabled emailVerified attributes credentials realmRoles clientRoles groups serviceAccountClientId",
	"credential":            "type value secretData credentialData",
	"scope":                 "name protocol attributes protocolMappers",
	"attributes of a scope": "include.in.token.scope display.on.consent.screen consent.screen.text include.in.openid.provider.metadata",
	"mapper":                "protocolMapper config",
	"mapping":               "client clientScope roles",
	"component":             "providerId subType config",
}
