package personality

// Faults of client documents where an owner's policy judges them. Each is told to the person.
const (
	DocumentScheme     Fault = iota + 2000 // of the URL: not https
	DocumentHost                           // an address of the document or in it is at no host that the policy trusts
	DocumentHostless                       // an address in it has no host
	DocumentUserInfo                       // in the URL
	DocumentFragment                       // in the URL
	DocumentQuery                          // in the URL
	DocumentPathless                       // the URL
	DocumentDots                           // in the URL's path
	DocumentUnread                         // it cannot be fetched, or is no client metadata
	DocumentNameless                       // no client_id in it
	DocumentOfAnother                      // client_id in it is not its URL
	DocumentSecret                         // in it
	DocumentMethod                         // token_endpoint_auth_method needs a secret
	DocumentIncomplete                     // it lacks what the policy demands
	DocumentPublic                         // where only clients are wanted that authenticate
	DocumentRedirect                       // the request's redirect URI is not in it
	DocumentInvalid                        // what it says cannot be
)

// keycloakDocumentRefusals are the texts of the executor client-id-metadata-document. All were measured.
func keycloakDocumentRefusals() map[Fault]Answer {
	const id, metadata = "Invalid Client ID: ", "Invalid Client Metadata: "
	return map[Fault]Answer{
		DocumentScheme:     {Text: id + "invalid scheme."},
		DocumentHost:       {Text: id + "domain not allowed."},
		DocumentHostless:   {Text: "Invalid Client ID / Metadata: host unresolved."},
		DocumentUserInfo:   {Text: id + "userinfo included."},
		DocumentFragment:   {Text: id + "fragment included."},
		DocumentQuery:      {Text: id + "query included."},
		DocumentPathless:   {Text: id + "empty path."},
		DocumentDots:       {Text: id + "path traverse segment included."},
		DocumentUnread:     {Text: "Client Metadata fetch failed"},
		DocumentNameless:   {Text: metadata + "no client_id."},
		DocumentOfAnother:  {Text: metadata + "client_id property does not exactly match client_id parameter."},
		DocumentSecret:     {Text: metadata + "client_secret or client_secret_expires_at property in client metadata is must not included."},
		DocumentMethod:     {Text: metadata + "token_endpoint_auth_method property in client metadata is not-allowed authentication method.."},
		DocumentIncomplete: {Text: metadata + "it does not include all required properties."},
		DocumentPublic:     {Text: metadata + "confidential client is only allowed."},
		DocumentRedirect:   {Text: metadata + "redirect_uri parameter does not exactly match the one of redirect_uris property in client metadata."},
		DocumentInvalid:    {Text: "invalid request"},
	}
}
