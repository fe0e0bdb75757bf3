package idp

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// metadata is both the RFC 8414 document and the OpenID Connect discovery document: one server, one set of facts.
type metadata struct {
	Issuer                 string   `json:"issuer"`
	AuthorizationEndpoint  string   `json:"authorization_endpoint"`
	TokenEndpoint          string   `json:"token_endpoint"`
	JWKSURI                string   `json:"jwks_uri"`
	RegistrationEndpoint   string   `json:"registration_endpoint,omitempty"`
	UserInfoEndpoint       string   `json:"userinfo_endpoint,omitempty"`
	ScopesSupported        []string `json:"scopes_supported"`
	ResponseTypesSupported []string `json:"response_types_supported"`
	ResponseModesSupported []string `json:"response_modes_supported"`
	GrantTypesSupported    []string `json:"grant_types_supported"`
	AuthMethodsSupported   []string `json:"token_endpoint_auth_methods_supported"`
	AuthAlgorithms         []string `json:"token_endpoint_auth_signing_alg_values_supported"` // RFC 8414 §2: with private_key_jwt
	// The endpoints that a personality may lack, each with who may call it.
	IntrospectionEndpoint    string   `json:"introspection_endpoint,omitempty"`
	IntrospectionAuthMethods []string `json:"introspection_endpoint_auth_methods_supported,omitempty"`
	IntrospectionAlgorithms  []string `json:"introspection_endpoint_auth_signing_alg_values_supported,omitempty"`
	EndSessionEndpoint       string   `json:"end_session_endpoint,omitempty"` // RP-Initiated Logout 1.0 §2.1
	PushEndpoint             string   `json:"pushed_authorization_request_endpoint,omitempty"`
	RequirePushed            bool     `json:"require_pushed_authorization_requests"` // RFC 9126 §5
	RevocationEndpoint       string   `json:"revocation_endpoint,omitempty"`
	RevocationAuthMethods    []string `json:"revocation_endpoint_auth_methods_supported,omitempty"`
	RevocationAlgorithms     []string `json:"revocation_endpoint_auth_signing_alg_values_supported,omitempty"`
	// Clients refuse a server whose document lacks this, the OpenID Connect one too (MCP 2026-07-28, authorization).
	ChallengeMethods    []string `json:"code_challenge_methods_supported"`
	IssuerParameter     bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207 §3
	ClientDocuments     bool     `json:"client_id_metadata_document_supported"`          // draft-ietf-oauth-client-id-metadata-document §6
	ProtectedResources  []string `json:"protected_resources,omitempty"`                  // RFC 9728 §4
	SubjectTypes        []string `json:"subject_types_supported"`
	IDTokenAlgorithms   []string `json:"id_token_signing_alg_values_supported"`
	ClaimsSupported     []string `json:"claims_supported"`
	PromptValues        []string `json:"prompt_values_supported"`
	ClaimsParameter     bool     `json:"claims_parameter_supported"`
	RequestParameter    bool     `json:"request_parameter_supported"`
	RequestURIParameter bool     `json:"request_uri_parameter_supported"` // absent would mean true
}

func (s *Server) describe() metadata {
	paths := s.Personality.Paths
	var resources []string
	for _, r := range s.Catalog.Resources {
		resources = append(resources, r.URI)
	}
	m := metadata{
		Issuer:                 s.Issuer,
		AuthorizationEndpoint:  s.url(paths.Authorize),
		TokenEndpoint:          s.url(paths.Token),
		JWKSURI:                s.url(paths.JWKS),
		ScopesSupported:        s.engine.KnownScopes(),
		ResponseTypesSupported: []string{"code"},
		ResponseModesSupported: s.responseModes(),
		GrantTypesSupported:    engine.GrantTypes(),
		AuthMethodsSupported:   authMethods,
		AuthAlgorithms:         engine.AssertionAlgorithms(),
		ChallengeMethods:       []string{"S256"},
		IssuerParameter:        s.Personality.IssuerParameter,
		ClientDocuments:        s.Personality.ClientDocuments,
		ProtectedResources:     resources,
		SubjectTypes:           []string{"public"},
		ClaimsSupported:        []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "name", "preferred_username", "email", "email_verified"},
		PromptValues:           promptValues,
		RequirePushed:          s.RequirePushed,
	}
	if s.Personality.HidesPublicMethod {
		m.AuthMethodsSupported = confidentialMethods
	}
	if paths.Register != "" {
		m.RegistrationEndpoint = s.url(paths.Register)
	}
	if paths.UserInfo != "" {
		m.UserInfoEndpoint = s.url(paths.UserInfo)
	}
	if paths.Logout != "" {
		m.EndSessionEndpoint = s.url(paths.Logout)
	}
	if paths.Push != "" {
		m.PushEndpoint = s.url(paths.Push)
	}
	if paths.Introspect != "" {
		m.IntrospectionEndpoint, m.IntrospectionAuthMethods, m.IntrospectionAlgorithms = s.url(paths.Introspect), confidentialMethods, m.AuthAlgorithms
	}
	if paths.Revoke != "" {
		m.RevocationEndpoint, m.RevocationAuthMethods, m.RevocationAlgorithms = s.url(paths.Revoke), m.AuthMethodsSupported, m.AuthAlgorithms
	}
	return m
}

// authMethods start with none: a client that takes the first method it knows should come as a public one.
var (
	authMethods         = append([]string{store.AuthNone}, confidentialMethods...)
	confidentialMethods = []string{store.AuthBasic, store.AuthPost, store.AuthKey}
)

// MetadataURL is the first place where the personality serves the document: where RFC 8414 §3.1 puts it, if it does so.
func (s *Server) MetadataURL() string {
	for _, place := range s.documentPlaces() {
		return s.origin + place
	}
	return ""
}

// Audience is what access tokens say in aud for a resource.
func (s *Server) Audience(resource string) string { return s.engine.Audience(resource) }

func (s *Server) discovery(w http.ResponseWriter, r *http.Request) {
	document := s.metadata
	for _, k := range s.Store.Keys() {
		if !slices.Contains(document.IDTokenAlgorithms, k.Algorithm) {
			document.IDTokenAlgorithms = append(document.IDTokenAlgorithms, k.Algorithm)
		}
	}
	rules := s.Personality.Documents
	if rules.CacheControl != personality.Uncached {
		w.Header().Set("Cache-Control", cmp.Or(rules.CacheControl, "no-cache")) // a test server changes under its clients
	}
	if rules.Negotiates && !acceptsJSON(r) {
		w.Header().Del("Cache-Control")
		s.noRoute(w, r, personality.NotAcceptable, engine.NewError("not_acceptable", "the document is application/json"), http.StatusNotAcceptable)
		return
	}
	if len(s.Personality.Omitted) == 0 && len(s.Personality.Advertised) == 0 {
		writeJSON(w, http.StatusOK, document)
		return
	}
	members := without(document, s.Personality.Omitted)
	for name, value := range s.Personality.Advertised {
		members[name] = s.advertised(value)
	}
	writeJSON(w, http.StatusOK, members)
}

// advertised puts the issuer before paths, also within objects.
func (s *Server) advertised(value any) any {
	switch v := value.(type) {
	case string:
		if strings.HasPrefix(v, "/") {
			return s.url(v)
		}
	case map[string]any:
		put := map[string]any{}
		for name, inner := range v {
			put[name] = s.advertised(inner)
		}
		return put
	}
	return value
}

// acceptsJSON reads Accept as far as a document needs it (RFC 9110 §12.5.1): no header accepts everything.
func acceptsJSON(r *http.Request) bool {
	accepted := strings.Join(r.Header.Values("Accept"), ",")
	if accepted == "" {
		return true
	}
	for one := range strings.SplitSeq(accepted, ",") {
		kind, _, _ := strings.Cut(one, ";")
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case "*/*", "application/*", "application/json":
			return true
		}
	}
	return false
}

// without leaves members out of a document.
func without(document metadata, names []string) map[string]any {
	var members map[string]any
	encoded, err := json.Marshal(document)
	if err == nil {
		err = json.Unmarshal(encoded, &members)
	}
	if err != nil {
		panic(err) // strings, booleans and lists of strings: it cannot fail
	}
	for _, name := range names {
		delete(members, name)
	}
	return members
}
