package idp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// Bounds of a registration.
const (
	maxRegistration = 64 << 10
	maxRedirectURIs = 32
	maxMetadataText = 2048
)

type clientMetadata map[string]json.RawMessage

func (s *Server) readRegistration(w http.ResponseWriter, r *http.Request) (clientMetadata, *engine.Error) {
	kind := r.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(kind)
	untold := kind == "" && s.Personality.Registration.TypeUntold
	if (err != nil || media != "application/json") && !untold {
		return nil, engine.NewFault(personality.NotJSON, "", "invalid_client_metadata", "want Content-Type: application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRegistration))
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return nil, engine.NewError("invalid_client_metadata", "the document is longer than 64 KiB")
	case err != nil:
		return nil, engine.NewError("invalid_client_metadata", "the body could not be read")
	}
	document, err := uniqueMembers(body)
	if err != nil {
		fault := personality.BadJSON
		if json.Valid(body) {
			fault = personality.WrongJSON
		}
		return nil, engine.NewFault(fault, "", "invalid_client_metadata", "the document (RFC 7591 section 3.1): "+err.Error())
	}
	return document, s.checkMembers(body, document)
}

// text reads a string member; absent and null are "".
func (m clientMetadata) text(name string) (string, *engine.Error) {
	var value string
	if raw, ok := m[name]; ok && json.Unmarshal(raw, &value) != nil {
		return "", engine.NewFault(personality.WrongJSON, "", "invalid_client_metadata", name+" must be a string")
	}
	if len(value) > maxMetadataText {
		return "", engine.NewError("invalid_client_metadata", fmt.Sprintf("%s is longer than %d bytes", name, maxMetadataText))
	}
	return value, nil
}

// list reads a member that is an array of strings.
func (m clientMetadata) list(name string, absent ...string) ([]string, *engine.Error) {
	raw, ok := m[name]
	if !ok || string(raw) == "null" {
		return absent, nil
	}
	var values []string
	if json.Unmarshal(raw, &values) != nil {
		return nil, engine.NewFault(personality.WrongJSON, "", "invalid_client_metadata", name+" must be an array of strings")
	}
	return values, nil
}

// clientOf makes a client of its metadata, with the defaults of RFC 7591 §2, and the answer that repeats what is registered.
func (s *Server) clientOf(m clientMetadata) (store.Client, map[string]any, *engine.Error) {
	var c store.Client
	answer := map[string]any{}
	texts := map[string]*string{
		"client_name": &c.Name, "client_uri": &c.URI, "application_type": &c.ApplicationType, "token_endpoint_auth_method": &c.AuthMethod,
		"jwks_uri": &c.KeysURI, "token_endpoint_auth_signing_alg": &c.SigningAlgorithm,
		"scope": new(string), "software_id": new(string), "software_version": new(string), "logo_uri": new(string), "tos_uri": new(string), "policy_uri": new(string),
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) { // in order, so that of several faults the same one is told
		value, refusal := m.text(name)
		if refusal != nil {
			return c, nil, refusal
		}
		if *texts[name] = value; value != "" {
			answer[name] = value
		}
	}
	for _, name := range []string{"client_uri", "logo_uri", "tos_uri", "policy_uri"} {
		if u, err := url.Parse(*texts[name]); *texts[name] != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
			return c, nil, engine.NewError("invalid_client_metadata", name+" must be an http or https URL")
		}
	}
	if c.AuthMethod == "" {
		c.AuthMethod = store.AuthBasic
	}
	if !slices.Contains(authMethods, c.AuthMethod) {
		return c, nil, engine.NewError("invalid_client_metadata", "token_endpoint_auth_method must be one of "+strings.Join(authMethods, ", "))
	}
	if !slices.Contains([]string{"", "native", "web"}, c.ApplicationType) {
		return c, nil, engine.NewError("invalid_client_metadata", "application_type must be native or web")
	}
	for scope := range strings.FieldsSeq(*texts["scope"]) {
		if !slices.Contains(s.Catalog.Scopes(), scope) {
			return c, nil, engine.NewError("invalid_client_metadata", "scope "+engine.Clip(scope)+" is not known here; known are: "+strings.Join(s.Catalog.Scopes(), " "))
		}
	}
	if refusal := takeGrants(&c, m); refusal != nil {
		return c, nil, refusal
	}
	if refusal := takeKeys(&c, m, answer); refusal != nil {
		return c, nil, refusal
	}
	if refusal := takeLogout(&c, m, answer); refusal != nil {
		return c, nil, refusal
	}
	if raw, has := m["require_pushed_authorization_requests"]; has {
		if json.Unmarshal(raw, &c.PushOnly) != nil {
			return c, nil, engine.NewError("invalid_client_metadata", "require_pushed_authorization_requests must be true or false")
		}
		answer["require_pushed_authorization_requests"] = c.PushOnly
	}
	var named []string
	if *texts["scope"] != "" {
		named = strings.Fields(*texts["scope"])
	}
	s.Catalog.GiveScopes(&c, named)
	answer["token_endpoint_auth_method"], answer["grant_types"] = c.AuthMethod, c.GrantTypes
	answer["redirect_uris"], answer["response_types"] = c.RedirectURIs, []string{"code"}
	return c, answer, nil
}

// registrableGrants leaves client_credentials out: what a client may do in its own name is for the configuration to say.
var registrableGrants = []string{engine.GrantCode, engine.GrantRefresh}

// takeGrants reads what the client will do and where it is answered. Other grant types are dropped, which RFC 7591 §2 allows
// and the answer says: some clients register for the device flow beside the code flow.
func takeGrants(c *store.Client, m clientMetadata) *engine.Error {
	grantTypes, refusal := m.list("grant_types", engine.GrantCode)
	if refusal != nil {
		return refusal
	}
	for _, g := range registrableGrants {
		if slices.Contains(grantTypes, g) {
			c.GrantTypes = append(c.GrantTypes, g)
		}
	}
	responseTypes, refusal := m.list("response_types", "code")
	if refusal != nil {
		return refusal
	}
	redirectURIs, refusal := m.list("redirect_uris")
	if refusal != nil {
		return refusal
	}
	switch {
	case !c.May(engine.GrantCode):
		return engine.NewError("invalid_client_metadata", "grant_types must hold authorization_code, the one that a registered client can begin with; a client for client_credentials belongs into the configuration")
	case !slices.Contains(responseTypes, "code"):
		return engine.NewError("invalid_client_metadata", "response_types must hold code, which goes with the grant type authorization_code")
	case len(redirectURIs) == 0:
		return engine.NewError("invalid_redirect_uri", "redirect_uris is missing; the grant type authorization_code needs at least one")
	case len(redirectURIs) > maxRedirectURIs:
		return engine.NewError("invalid_redirect_uri", fmt.Sprintf("more than %d redirect_uris", maxRedirectURIs))
	}
	for _, uri := range redirectURIs {
		if len(uri) > maxMetadataText {
			return engine.NewError("invalid_redirect_uri", fmt.Sprintf("a redirect URI is longer than %d bytes", maxMetadataText))
		}
		if err := CheckRedirectURI(uri, c.ApplicationType); err != nil {
			return engine.NewError("invalid_redirect_uri", engine.Clip(uri)+" "+err.Error())
		}
	}
	c.RedirectURIs = redirectURIs
	return nil
}
