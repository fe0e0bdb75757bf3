package providercheck

// Code names a check. It is stable: programs may compare it. The level of the finding is the check's answer.
type Code string

const (
	Reachable  Code = "reachable"
	TLS        Code = "tls"
	AnswerTime Code = "answer-time"
	Unfinished Code = "unfinished"

	IssuerForm            Code = "issuer-form"
	MetadataFound         Code = "metadata-found"
	MetadataOAuthInserted Code = "metadata-oauth-inserted"
	MetadataOIDCInserted  Code = "metadata-oidc-inserted"
	MetadataOIDCAppended  Code = "metadata-oidc-appended"
	MetadataOAuthAppended Code = "metadata-oauth-appended"
	IssuerIdentical       Code = "issuer-identical"
	MetadataContentType   Code = "metadata-content-type"
	MetadataMembers       Code = "metadata-members"
	MetadataAgreement     Code = "metadata-agreement"

	Endpoints      Code = "endpoints"
	EndpointsHTTPS Code = "endpoints-https"
	EndpointHosts  Code = "endpoint-hosts"
	PlainRequests  Code = "plain-requests"

	ResponseTypeCode       Code = "response-type-code"
	GrantAuthorizationCode Code = "grant-authorization-code"
	GrantRefreshToken      Code = "grant-refresh-token"
	PKCEAdvertised         Code = "pkce-advertised"
	PKCES256               Code = "pkce-s256"
	PKCEEnforced           Code = "pkce-enforced"
	PKCEPlain              Code = "pkce-plain"
	PKCEWorks              Code = "pkce-works"
	TokenErrors            Code = "token-errors"

	ClientDocuments       Code = "client-documents"
	Registration          Code = "registration"
	RegistrationAnswer    Code = "registration-answer"
	RegistrationCleanedUp Code = "registration-cleaned-up"
	AuthMethodNone        Code = "auth-method-none"
	PublicClient          Code = "public-client"

	Asked                Code = "asked"
	AuthorizationRequest Code = "authorization-request"
	State                Code = "state"
	IssAdvertised        Code = "iss-advertised"
	IssSent              Code = "iss-sent"
	UnknownClient        Code = "unknown-client"
	RedirectExact        Code = "redirect-exact"
	RedirectLoopbackPort Code = "redirect-loopback-port"

	ScopesListed    Code = "scopes-listed"
	ScopeWildcard   Code = "scope-wildcard"
	OfflineAccess   Code = "offline-access"
	ScopesAccepted  Code = "scopes-accepted"
	ResourceKnown   Code = "resource-known"
	ResourceUnknown Code = "resource-unknown"

	Keys        Code = "keys"
	KeysPrivate Code = "keys-private"
	KeysUsable  Code = "keys-usable"
	KeysWeak    Code = "keys-weak"
	KeysKid     Code = "keys-kid"
	Algorithms  Code = "algorithms"

	CORSMetadata     Code = "cors-metadata"
	CORSToken        Code = "cors-token"
	CORSRegistration Code = "cors-registration"
	CORSKeys         Code = "cors-keys"
)

// topic is what there is to say about a code, whatever was found.
type topic struct {
	code  Code
	group string
	why   string
	// What the checker of the MCP Auth library calls the good outcome and the bad one. Several of our codes share one of its.
	mcpAuthOK, mcpAuthNot string
}

const (
	reaching  = "Reaching it"
	metadata  = "Metadata"
	endpoints = "Endpoints"
	flow      = "Authorization code and PKCE"
	clients   = "How clients become known"
	answers   = "Authorization answers"
	targets   = "Scopes and resources"
	keys      = "Signing keys"
	browsers  = "Browser clients (CORS)"
)

const (
	mcpDiscovery    = "MCP 2026-07-28, authorization server discovery"
	mcpRegistration = "MCP 2026-07-28, client registration"
	mcpSecurity     = "MCP 2026-07-28, security considerations"
	mcpAuthz        = "MCP 2026-07-28, authorization"
)

const invalidMetadata = "invalid_server_metadata"

// catalog is every code, in the order of the report.
var catalog = []topic{
	{code: Reachable, group: reaching, why: "Clients must read the metadata before anything else (" + mcpDiscovery + ").", mcpAuthNot: "fetch_server_config_error"},
	{code: TLS, group: reaching, why: "All endpoints are served over https with a certificate that clients trust (RFC 8414 §2, " + mcpSecurity + ")."},
	{code: AnswerTime, group: reaching, why: "A client makes four to six requests before the person sees a page, and many give up after a few seconds."},
	{code: Unfinished, group: reaching, why: "What was not asked is not known to be well."},

	{code: IssuerForm, group: metadata, why: "An issuer is an https URL without query and fragment; http is for loopback (RFC 8414 §2)."},
	{code: MetadataFound, group: metadata, why: "A client tries the well-known URLs in a fixed order and takes the first document (" + mcpDiscovery + ").", mcpAuthOK: "server_metadata_valid", mcpAuthNot: invalidMetadata},
	{code: MetadataOAuthInserted, group: metadata, why: "Every MCP client asks here first (RFC 8414 §3.1)."},
	{code: MetadataOIDCInserted, group: metadata, why: "MCP clients ask here second (RFC 8414 §5, " + mcpDiscovery + ")."},
	{code: MetadataOIDCAppended, group: metadata, why: "MCP clients ask here last (OpenID Connect Discovery §4)."},
	{code: MetadataOAuthAppended, group: metadata, why: "No specification names this place and MCP clients do not ask here; some libraries do."},
	{code: IssuerIdentical, group: metadata, why: "Clients must drop a document whose issuer is not the one they asked for, letter by letter (RFC 8414 §3.3, " + mcpDiscovery + ").", mcpAuthNot: invalidMetadata},
	{code: MetadataContentType, group: metadata, why: "The document is application/json (RFC 8414 §3.2); some clients read nothing else."},
	{code: MetadataMembers, group: metadata, why: "Clients with typed parsers drop the whole document for one member of the wrong type (RFC 8414 §2).", mcpAuthNot: invalidMetadata},
	{code: MetadataAgreement, group: metadata, why: "Clients read different documents of one server; what stands in one only works for some of them."},

	{code: Endpoints, group: endpoints, why: "Without an authorization and a token endpoint there is no flow (RFC 8414 §2).", mcpAuthNot: invalidMetadata},
	{code: EndpointsHTTPS, group: endpoints, why: "All endpoints of an authorization server are https; http is for loopback (" + mcpSecurity + ")."},
	{code: EndpointHosts, group: endpoints, why: "Other hosts than the issuer's may be fine; firewalls and reviewers want to know them."},
	{code: PlainRequests, group: endpoints, why: "MCP clients send plain authorization requests: no PAR (RFC 9126 §5), no signed request objects (RFC 9101 §10.5)."},

	{code: ResponseTypeCode, group: flow, why: "MCP clients use the code flow only; response_types_supported is required (RFC 8414 §2).", mcpAuthOK: "code_response_type_supported", mcpAuthNot: "code_response_type_not_supported"},
	{code: GrantAuthorizationCode, group: flow, why: "MCP clients use the authorization code grant; left out, grant_types_supported means authorization_code and implicit (RFC 8414 §2).", mcpAuthOK: "authorization_code_grant_supported", mcpAuthNot: "authorization_code_grant_not_supported"},
	{code: GrantRefreshToken, group: flow, why: "Without refresh tokens people sign in again each time a token expires (" + mcpAuthz + ", refresh tokens)."},
	{code: PKCEAdvertised, group: flow, why: "Clients must refuse a server whose metadata lacks code_challenge_methods_supported, the OpenID Connect document too (" + mcpSecurity + ").", mcpAuthOK: "pkce_supported", mcpAuthNot: "pkce_not_supported"},
	{code: PKCES256, group: flow, why: "Clients must use S256 (" + mcpSecurity + ", RFC 7636 §4.2).", mcpAuthOK: "s256_code_challenge_method_supported", mcpAuthNot: "s256_code_challenge_method_not_supported"},
	{code: PKCEEnforced, group: flow, why: "A public client's request without code_challenge must be refused, or a stolen code is enough (OAuth 2.1 §4.1.1 and §7.5, RFC 9700 §2.1.1)."},
	{code: PKCEPlain, group: flow, why: "A plain challenge shows the verifier to whoever sees the request (RFC 9700 §2.1.1, RFC 7636 §7.2)."},
	{code: PKCEWorks, group: flow, why: "Where the metadata say nothing of PKCE, clients that do not look still need it (RFC 7636 §5)."},
	{code: TokenErrors, group: flow, why: "Clients read the error code from a JSON body with status 400 or 401 (RFC 6749 §5.2)."},

	{code: ClientDocuments, group: clients, why: "A client that nobody registered names itself by a URL; authorization servers should support that (" + mcpRegistration + ")."},
	{code: Registration, group: clients, why: "Most clients of today register themselves (RFC 7591); without that, each is configured by hand (" + mcpRegistration + ").", mcpAuthOK: "dynamic_registration_supported", mcpAuthNot: "dynamic_registration_not_supported"},
	{code: RegistrationAnswer, group: clients, why: "A client works with what the answer says, not with what it asked for (RFC 7591 §3.2.1)."},
	{code: RegistrationCleanedUp, group: clients, why: "The check leaves nothing behind where the server lets it (RFC 7592 §2.3)."},
	{code: AuthMethodNone, group: clients, why: "Clients on people's machines keep no secret; left out, token_endpoint_auth_methods_supported means client_secret_basic (RFC 8414 §2)."},
	{code: PublicClient, group: clients, why: "A client on people's machines has no secret to show at the token endpoint (OAuth 2.1 §2.1)."},

	{code: Asked, group: answers, why: "Metadata only promise. What the endpoints do is seen by asking them with a client's identifier."},
	{code: AuthorizationRequest, group: answers, why: "Problems are told to the client by redirect, once client and redirect URI are known (RFC 6749 §4.1.2.1)."},
	{code: State, group: answers, why: "Clients drop an answer without the state that they sent (RFC 6749 §4.1.2)."},
	{code: IssAdvertised, group: answers, why: "The iss parameter stops mix-up attacks; servers should send and must then advertise it, and it is to become required (RFC 9207, " + mcpAuthz + ")."},
	{code: IssSent, group: answers, why: "Clients drop an answer whose iss is missing though advertised, or not the issuer letter by letter (RFC 9207 §2.4)."},
	{code: UnknownClient, group: answers, why: "Nothing may be sent to an address that no registered client owns (RFC 6749 §4.1.2.1)."},
	{code: RedirectExact, group: answers, why: "Redirect URIs are compared letter by letter; anything looser hands codes to others (" + mcpSecurity + ", RFC 9700 §2.1)."},
	{code: RedirectLoopbackPort, group: answers, why: "Clients on people's machines listen on whatever port is free (RFC 8252 §7.3, OAuth 2.1 §8.4.2)."},

	{code: ScopesListed, group: targets, why: "Clients take scopes from the challenge or the resource's metadata; the list here is a help only (" + mcpAuthz + ", scopes)."},
	{code: ScopeWildcard, group: targets, why: "A client that asks for all listed scopes asks for the wildcard, too; scopes are to be narrow (MCP security best practices)."},
	{code: OfflineAccess, group: targets, why: "Clients ask for offline_access only where it is listed (" + mcpAuthz + ", refresh tokens)."},
	{code: ScopesAccepted, group: targets, why: "Clients ask for the scopes of the challenge; an error there ends the sign-in (RFC 6749 §4.1.2.1)."},
	{code: ResourceKnown, group: targets, why: "Clients send resource in every request, whether the server supports it or not (RFC 8707 §2, " + mcpAuthz + ")."},
	{code: ResourceUnknown, group: targets, why: "An unknown resource is refused with invalid_target, so that a token is good for one server only (RFC 8707 §2)."},

	{code: Keys, group: keys, why: "Resource servers check tokens by these keys (RFC 8414 §2, RFC 9068 §4).", mcpAuthNot: "missing_jwks_uri"},
	{code: KeysPrivate, group: keys, why: "Whoever reads a private or symmetric key can forge any token (RFC 7517 §9.2)."},
	{code: KeysUsable, group: keys, why: "Without a public signing key no token can be checked (RFC 7517 §4)."},
	{code: KeysWeak, group: keys, why: "An RSA key has 2048 bits or more (RFC 7518 §3.3)."},
	{code: KeysKid, group: keys, why: "With several keys the kid says which one signed (RFC 7517 §4.5)."},
	{code: Algorithms, group: keys, why: "none and symmetric algorithms let others make ID tokens (RFC 8725 §2.1, OpenID Connect Core §3.1.3.7)."},

	{code: CORSMetadata, group: browsers, why: "Browser clients put MCP-Protocol-Version on discovery; a preflight that does not allow it stops them, or makes them ask twice (Fetch, CORS protocol)."},
	{code: CORSToken, group: browsers, why: "Without CORS here a browser client cannot redeem its code (Fetch, CORS protocol)."},
	{code: CORSRegistration, group: browsers, why: "Without CORS here a browser client cannot register (Fetch, CORS protocol)."},
	{code: CORSKeys, group: browsers, why: "A browser client that checks ID tokens reads the keys (Fetch, CORS protocol)."},
}
