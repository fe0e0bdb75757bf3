package idp

import (
	"net/http"

	"mcpharness/internal/idp/pages"
	"mcpharness/internal/personality"
)

// home says what this server is, to whoever opens the issuer in a browser.
func (s *Server) home(w http.ResponseWriter, r *http.Request) {
	view := pages.Home{Issuer: s.Issuer, AutoLogin: s.AutoLogin, Password: s.Personality.Login != personality.LoginCards, Endpoints: []pages.Detail{
		{Name: "issuer", Value: s.Issuer},
		{Name: "authorization_endpoint", Value: s.metadata.AuthorizationEndpoint},
		{Name: "token_endpoint", Value: s.metadata.TokenEndpoint},
		{Name: "jwks_uri", Value: s.metadata.JWKSURI},
	}}
	if s.Personality.Sure != personality.Own {
		view.StandsFor = s.Personality.Name
	}
	for _, e := range []pages.Detail{
		{Name: "registration_endpoint", Value: s.metadata.RegistrationEndpoint},
		{Name: "userinfo_endpoint", Value: s.metadata.UserInfoEndpoint},
		{Name: "introspection_endpoint", Value: s.metadata.IntrospectionEndpoint},
		{Name: "revocation_endpoint", Value: s.metadata.RevocationEndpoint},
		{Name: "pushed_authorization_request_endpoint", Value: s.metadata.PushEndpoint},
		{Name: "end_session_endpoint", Value: s.metadata.EndSessionEndpoint},
	} {
		if e.Value != "" {
			view.Endpoints = append(view.Endpoints, e)
		}
	}
	for _, place := range s.documentPlaces() {
		view.Endpoints = append(view.Endpoints, pages.Detail{Name: "metadata", Value: s.origin + place})
	}
	for _, p := range s.Store.People() {
		view.Users = append(view.Users, pages.UserCard{Username: p.Username, Name: p.Name, Subject: p.Subject, Roles: p.Roles, Allowed: p.Scopes})
	}
	for _, c := range s.Store.Clients() {
		view.Clients = append(view.Clients, pages.HomeClient{ID: c.ID, Name: c.Name, AuthMethod: c.AuthMethod, RedirectURIs: c.RedirectURIs, Registered: c.Registered, Document: c.Document})
	}
	for _, resource := range s.Catalog.Resources {
		view.Resources = append(view.Resources, resource.URI)
	}
	view.Write(w, http.StatusOK)
}
