package idp

import (
	"encoding/json"
	"net/http"
	"slices"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// managed finds the client that a request manages, or answers 401: to a wrong token, to none, and, as RFC 7592 §2 wants,
// where there is no such client. Configured clients are managed in the configuration only. The fault is that of somebody who may not.
func (s *Server) managed(w http.ResponseWriter, r *http.Request, fault personality.Fault) (c *store.Client, token string, ok bool) {
	noStore(w)
	token, problem := s.bearer(w, r)
	if s.engine.Minds(fault) {
		return s.managedOrTold(w, r, token, fault)
	}
	if problem != nil {
		s.challenge(w, r, *problem)
		return nil, "", false
	}
	c, known := s.Store.Client(r.PathValue("client"))
	if !known || !c.MayManage(token) {
		s.challenge(w, r, challenge{http.StatusUnauthorized, "invalid_token", "this is not the registration access token of a client that is registered here; a client that was deleted, or forgotten when the server restarted, registers again", "", 0})
		return nil, "", false
	}
	return c, token, true
}

// managedOrTold is managed for a personality that has words of its own.
func (s *Server) managedOrTold(w http.ResponseWriter, r *http.Request, token string, fault personality.Fault) (*store.Client, string, bool) {
	c, known := s.Store.Client(r.PathValue("client"))
	switch {
	case token == "":
		s.writeError(w, r, engine.NewFault(fault, "", "invalid_token", "no registration access token"))
		return nil, "", false
	case !known || !c.MayManage(token):
		s.writeError(w, r, s.bearerFault(token, fault))
		return nil, "", false
	}
	if refusal := s.registrarOrigin(r); refusal != nil {
		s.writeError(w, r, refusal)
		return nil, "", false
	}
	return c, token, true
}

// readClient tells a client what is registered (RFC 7592 §2.1). The secret was told once, and stays what it was.
func (s *Server) readClient(w http.ResponseWriter, r *http.Request) {
	c, token, ok := s.managed(w, r, personality.RegistrationForeign)
	if !ok {
		return
	}
	var answer map[string]any
	if err := json.Unmarshal(c.Metadata, &answer); err != nil {
		s.writeError(w, r, &engine.Error{Code: "server_error", Description: "reading the registration failed; the server's log says why", Status: http.StatusInternalServerError, Cause: err})
		return
	}
	writeJSON(w, http.StatusOK, s.registration(c, answer, token))
}

// issuedMembers are for the server to say: a client must not send them (RFC 7592 §2.2).
var issuedMembers = []string{"registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"}

// updateClient replaces what is registered (RFC 7592 §2.2): what the request leaves out goes back to its default, unless the
// personality keeps it. Identifier, secret and grants stay.
func (s *Server) updateClient(w http.ResponseWriter, r *http.Request) {
	rules := s.Personality.Registration
	c, token, ok := s.managed(w, r, personality.RegistrationUnalterable)
	if !ok {
		return
	}
	document, refusal := s.readRegistration(w, r)
	if refusal == nil {
		refusal = s.checkUpdate(c, document)
	}
	var changed store.Client
	var answer map[string]any
	if refusal == nil {
		changed, answer, refusal = s.registrant(document)
	}
	changed.ID, changed.Registered, changed.IssuedAt, changed.ManagementHash = c.ID, true, c.IssuedAt, c.ManagementHash
	if refusal == nil && rules.RotatesToken {
		token, refusal = s.managementToken(&changed)
	}
	if refusal != nil {
		s.writeError(w, r, refusal)
		return
	}
	if rules.KeepsUnsaid {
		keepUnsaid(&changed, c, document, answer)
	}
	s.giveAccount(&changed)
	switch {
	case changed.UsesSecret() && c.UsesSecret():
		changed.SecretHash = c.SecretHash
		s.tellSecret(c, answer)
	case changed.UsesSecret():
		giveSecret(&changed, answer)
	}
	changed.Metadata = s.kept(answer)
	s.Store.AddClient(changed)
	s.Logger.InfoContext(r.Context(), "changed a registration", "client_id", c.ID, "client_name", changed.Name, "method", changed.AuthMethod, "redirect_uris", changed.RedirectURIs)
	writeJSON(w, http.StatusOK, s.registration(&changed, answer, token))
}

// tellSecret repeats a secret that stays, where it is told again.
func (s *Server) tellSecret(c *store.Client, answer map[string]any) {
	var before map[string]any
	if s.Personality.Registration.TellsSecret && json.Unmarshal(c.Metadata, &before) == nil {
		answer["client_secret"], answer["client_secret_expires_at"] = before["client_secret"], before["client_secret_expires_at"]
	}
}

// keepUnsaid keeps of a client what an update does not name.
func keepUnsaid(changed, before *store.Client, document clientMetadata, answer map[string]any) {
	unsaid := func(name string) bool { _, has := document[name]; return !has }
	if unsaid("client_name") && before.Name != "" {
		changed.Name, answer["client_name"] = before.Name, before.Name
	}
	if unsaid("scope") {
		changed.DefaultScopes, changed.OptionalScopes = before.DefaultScopes, before.OptionalScopes
		answer["scope"] = registeredScope(changed)
	}
	if unsaid("post_logout_redirect_uris") && !slices.Equal(before.LogoutURIs, before.RedirectURIs) { // else they follow the redirect URIs
		changed.LogoutURIs, answer["post_logout_redirect_uris"] = before.LogoutURIs, before.LogoutURIs
	}
}

// checkUpdate holds an update to what the client cannot choose (RFC 7592 §2.2).
func (s *Server) checkUpdate(c *store.Client, document clientMetadata) *engine.Error {
	byPolicy := s.Personality.Registration.Policies != nil
	for _, name := range issuedMembers {
		if _, has := document[name]; has && !byPolicy {
			return engine.NewError("invalid_client_metadata", name+" is for the server to say and must not be in an update (RFC 7592 section 2.2)")
		}
	}
	id, refusal := document.text("client_id")
	if refusal != nil {
		return refusal
	}
	if id != c.ID {
		return engine.NewFault(personality.IdentifierChanged, "", "invalid_client_metadata", "client_id must be in an update, and be that of the client (RFC 7592 section 2.2)")
	}
	secret, refusal := document.text("client_secret")
	if refusal != nil {
		return refusal
	}
	if _, has := document["client_secret"]; has && !byPolicy && !(c.UsesSecret() && c.SecretIs(secret)) {
		return engine.NewError("invalid_client_metadata", "client_secret is not the client's; a client cannot choose its secret, so leave it out (RFC 7592 section 2.2)")
	}
	return nil
}

// deleteClient forgets a client and everything that was granted to it (RFC 7592 §2.3).
func (s *Server) deleteClient(w http.ResponseWriter, r *http.Request) {
	c, _, ok := s.managed(w, r, personality.RegistrationUnalterable)
	if !ok {
		return
	}
	s.Store.RemoveClient(c.ID)
	s.Logger.InfoContext(r.Context(), "deleted a client", "client_id", c.ID)
	w.WriteHeader(http.StatusNoContent)
}
