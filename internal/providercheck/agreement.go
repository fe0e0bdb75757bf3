package providercheck

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
)

// flowMembers are the members that decide what an MCP client does, but for the issuer, which has a check of its own. PKCE has one, too.
var flowMembers = []string{authorizationEndpoint, tokenEndpoint, registrationEndpoint, jwksURI,
	"scopes_supported", "response_types_supported", "grant_types_supported", "token_endpoint_auth_methods_supported",
	"authorization_response_iss_parameter_supported", "client_id_metadata_document_supported", "require_pushed_authorization_requests"}

func union(a, b map[string]json.RawMessage) map[string]bool {
	names := map[string]bool{}
	for name := range a {
		names[name] = true
	}
	for name := range b {
		names[name] = true
	}
	return names
}

// sameJSON compares values; the order of a list means nothing in metadata.
func sameJSON(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var left, right any
	if json.Unmarshal(a, &left) != nil || json.Unmarshal(b, &right) != nil {
		return false
	}
	return reflect.DeepEqual(inOrder(left), inOrder(right))
}

// inOrder sorts a list of strings and leaves all else alone.
func inOrder(value any) any {
	list, ok := value.([]any)
	if !ok {
		return value
	}
	var words []string
	for _, element := range list {
		word, ok := element.(string)
		if !ok {
			return value
		}
		words = append(words, word)
	}
	slices.Sort(words)
	return words
}
