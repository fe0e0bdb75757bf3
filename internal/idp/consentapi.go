package idp

import (
	"net/http"
	"slices"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
)

// consenting lets a step through if somebody has signed in.
func (s *Server) consenting(next func(http.ResponseWriter, *http.Request, store.Transaction)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t, ok := s.interacting(w, r)
		switch {
		case !ok:
		case t.Username == "":
			s.refuseStep(w, r, http.StatusBadRequest, "session.not_found", "Session not found. Please go back and sign in again.")
		default:
			next(w, r, t)
		}
	}
}

// consentDescription is what a consent page shows.
type consentDescription struct {
	Application struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"application"`
	User struct {
		ID       string  `json:"id"`
		Name     string  `json:"name"`
		Avatar   *string `json:"avatar"`
		Username string  `json:"username"`
		Email    *string `json:"primaryEmail"`
		Phone    *string `json:"primaryPhone"`
	} `json:"user"`
	Organizations  []struct{}        `json:"organizations"`
	IdentityScopes []string          `json:"missingOIDCScope"`
	ResourceScopes []consentResource `json:"missingResourceScopes"`
	RedirectURI    string            `json:"redirectUri"`
}

type consentResource struct {
	Resource struct {
		ID        string `json:"id"`
		Name      string `json:"name"`
		Indicator string `json:"indicator"`
	} `json:"resource"`
	Scopes []consentScope `json:"scopes"`
}

type consentScope struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// describeConsent says what the client asks for. What the person's roles deny is not in it.
func (s *Server) describeConsent(w http.ResponseWriter, _ *http.Request, t store.Transaction) {
	person, _ := s.Store.Person(t.Username)
	granted, _ := s.engine.May(t.Scopes, person)
	d := consentDescription{Organizations: []struct{}{}, IdentityScopes: []string{}, ResourceScopes: []consentResource{}, RedirectURI: t.RedirectURI}
	d.Application.ID, d.Application.Name = t.ClientID, t.ClientID
	if c, known := s.Store.Client(t.ClientID); known && c.Name != "" {
		d.Application.Name = c.Name
	}
	d.User.ID, d.User.Name, d.User.Username = person.Subject, person.Name, person.Username
	if person.Email != "" {
		d.User.Email = &person.Email
	}
	for _, scope := range granted {
		if engine.IsIdentity(scope) && scope != "openid" && scope != "offline_access" {
			d.IdentityScopes = append(d.IdentityScopes, scope)
		}
	}
	for _, resource := range s.Catalog.Resources {
		if !slices.Contains(t.Resources, resource.URI) {
			continue
		}
		of := consentResource{}
		of.Resource.ID, of.Resource.Name, of.Resource.Indicator = resource.URI, resource.Name, resource.URI
		for _, scope := range granted {
			if slices.Contains(resource.Scopes, scope) {
				of.Scopes = append(of.Scopes, consentScope{scope, scope, s.Catalog.Meaning(scope)})
			}
		}
		if of.Scopes != nil {
			d.ResourceScopes = append(d.ResourceScopes, of)
		}
	}
	writeJSON(w, http.StatusOK, d)
}

func (s *Server) giveConsent(w http.ResponseWriter, r *http.Request, t store.Transaction) {
	s.allowed(w, r, t)
	writeJSON(w, http.StatusOK, map[string]string{"redirectTo": s.resumption(t)})
}
