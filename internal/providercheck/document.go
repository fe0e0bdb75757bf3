package providercheck

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// document is the metadata of an authorization server (RFC 8414 §2, OpenID Connect Discovery §3). Lists that are absent are nil.
type document struct {
	issuer        string
	urls          map[string]string // endpoints by member
	scopes        []string
	responseTypes []string
	grantTypes    []string
	authMethods   []string
	challenges    []string
	idTokenAlgs   []string
	resources     []string // RFC 9728 §4
	iss           bool
	documents     bool // client ID metadata documents
	parRequired   bool
	signedRequest bool

	raw    map[string]json.RawMessage
	faults []string // members of the wrong type
}

const (
	authorizationEndpoint = "authorization_endpoint"
	tokenEndpoint         = "token_endpoint"
	registrationEndpoint  = "registration_endpoint"
	jwksURI               = "jwks_uri"
	userinfoEndpoint      = "userinfo_endpoint"
	introspectionEndpoint = "introspection_endpoint"
	revocationEndpoint    = "revocation_endpoint"
	parEndpoint           = "pushed_authorization_request_endpoint"
	endSessionEndpoint    = "end_session_endpoint"
)

var urlMembers = []string{authorizationEndpoint, tokenEndpoint, registrationEndpoint, jwksURI, userinfoEndpoint,
	introspectionEndpoint, revocationEndpoint, parEndpoint, endSessionEndpoint}

// parseDocument reads metadata. The error says why it is no JSON object; a member of the wrong type is a fault and reads as absent.
func parseDocument(data []byte) (*document, error) {
	raw, err := parseObject(data)
	if err != nil {
		return nil, err
	}
	d := &document{raw: raw, urls: map[string]string{}}
	member(d, "issuer", &d.issuer, "a string")
	for _, name := range urlMembers {
		var location string
		member(d, name, &location, "a string")
		if location != "" {
			d.urls[name] = location
		}
	}
	for name, list := range map[string]*[]string{
		"scopes_supported": &d.scopes, "response_types_supported": &d.responseTypes, "grant_types_supported": &d.grantTypes,
		"token_endpoint_auth_methods_supported": &d.authMethods, "code_challenge_methods_supported": &d.challenges,
		"id_token_signing_alg_values_supported": &d.idTokenAlgs, "protected_resources": &d.resources,
	} {
		member(d, name, list, "an array of strings")
	}
	for name, flag := range map[string]*bool{
		"authorization_response_iss_parameter_supported": &d.iss, "client_id_metadata_document_supported": &d.documents,
		"require_pushed_authorization_requests": &d.parRequired, "require_signed_request_object": &d.signedRequest,
	} {
		member(d, name, flag, "true or false")
	}
	slices.Sort(d.faults)
	return d, nil
}

// parseObject reads one JSON object and nothing after it.
func parseObject(data []byte) (map[string]json.RawMessage, error) {
	var raw map[string]json.RawMessage
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&raw); err != nil || raw == nil {
		return nil, fmt.Errorf("want a JSON object, got %s", kind(data))
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("want one JSON object, got more after it")
	}
	return raw, nil
}

// member reads one member. JSON null is a fault: typed parsers of clients refuse it where a string or a list belongs.
func member[T any](d *document, name string, to *T, want string) {
	value, ok := d.raw[name]
	if !ok {
		return
	}
	var read T
	if kind(value) == "null" || json.Unmarshal(value, &read) != nil || bytes.Contains(value, []byte("null")) && hasNull(value) {
		d.faults = append(d.faults, fmt.Sprintf("%s: want %s, got %s", name, want, kind(value)))
		return
	}
	*to = read
}

// hasNull finds the null in an array, which encoding/json reads as "".
func hasNull(value json.RawMessage) bool {
	var elements []json.RawMessage
	return json.Unmarshal(value, &elements) == nil && slices.ContainsFunc(elements, func(e json.RawMessage) bool { return kind(e) == "null" })
}

// kind names what a text is, for people.
func kind(data []byte) string {
	text := strings.ToLower(string(bytes.TrimSpace(data[:min(len(data), 200)])))
	switch {
	case text == "":
		return "nothing"
	case text == "null":
		return "null"
	case strings.HasPrefix(text, "<"):
		return "HTML or XML"
	case !json.Valid(data):
		return "text that is not JSON"
	case text[0] == '{':
		return "an object"
	case text[0] == '[':
		return "an array of something else"
	case text[0] == '"':
		return "a string"
	case text == "true" || text == "false":
		return text
	}
	return "a number"
}

// grants are those that the document states or, saying nothing, implies.
func (d *document) grants() []string {
	if _, stated := d.raw["grant_types_supported"]; !stated {
		return []string{"authorization_code", "implicit"} // RFC 8414 §2
	}
	return d.grantTypes
}

// methods are the ways of client authentication that the document states or implies.
func (d *document) methods() []string {
	if _, stated := d.raw["token_endpoint_auth_methods_supported"]; !stated {
		return []string{"client_secret_basic"} // RFC 8414 §2
	}
	return d.authMethods
}
