package idp

import (
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// register takes a client's metadata and gives it an identifier (RFC 7591). Metadata that this server does not know is
// ignored, as §2 demands, and not in the answer, which says what is registered.
func (s *Server) register(w http.ResponseWriter, r *http.Request) {
	document, refusal := s.readRegistration(w, r)
	if refusal == nil {
		refusal = s.registrarOrigin(r)
	}
	if refusal == nil {
		refusal = s.checkRegistrar(r, document)
	}
	var client store.Client
	var answer map[string]any
	if refusal == nil {
		client, answer, refusal = s.registrant(document)
	}
	if refusal == nil {
		refusal = s.roomForClient()
	}
	var token string
	if refusal == nil {
		token, refusal = s.managementToken(&client)
	}
	if refusal != nil {
		s.writeError(w, r, refusal)
		return
	}
	client.ID, client.Registered, client.IssuedAt = "client-"+rand.Text(), true, time.Now()
	if s.Personality.Registration.UUIDs {
		client.ID = engine.UUID()
	}
	s.giveAccount(&client)
	if client.UsesSecret() {
		giveSecret(&client, answer)
	}
	client.Metadata = s.kept(answer)
	s.Store.AddClient(client)
	s.Logger.InfoContext(r.Context(), "registered a client", "client_id", client.ID, "client_name", client.Name, "method", client.AuthMethod, "redirect_uris", client.RedirectURIs)
	noStore(w)
	if s.Personality.Registration.Locates {
		w.Header().Set("Location", s.url(s.Personality.Paths.Register)+"/"+client.ID)
	}
	answer["client_id_issued_at"] = client.IssuedAt.Unix()
	writeJSON(w, http.StatusCreated, s.registration(&client, answer, token))
}

// checkRegistrar refuses what strict passes over: a bearer token, as everybody may register, and an identifier, as the server gives it.
func (s *Server) checkRegistrar(r *http.Request, document clientMetadata) *engine.Error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") && token != "" && s.engine.Minds(personality.BearerUnreadable) {
		return s.bearerFault(token, personality.BearerForeign)
	}
	if _, chosen := document["client_id"]; chosen && s.engine.Minds(personality.IdentifierChosen) {
		return engine.NewFault(personality.IdentifierChosen, "", "invalid_client_metadata", "client_id is for the server to give")
	}
	if policies := s.Personality.Registration.Policies; policies != nil && policies.Senders != nil {
		return trustedSender(policies.Senders, r.RemoteAddr)
	}
	return nil
}

// bearerFault says what is wrong with a bearer token that is not the one that is wanted; other is the fault of one that was made for
// something else.
func (s *Server) bearerFault(token string, other personality.Fault) *engine.Error {
	fault := other
	switch s.engine.KindOf(token) {
	case engine.UnreadableToken:
		fault = personality.BearerUnreadable
	case engine.PersonalToken:
		fault = personality.BearerPersonal
	}
	return engine.NewFault(fault, "", "invalid_token", "this is not a token for this request")
}

// managementToken makes a registration access token, of which the store keeps the hash.
func (s *Server) managementToken(c *store.Client) (string, *engine.Error) {
	token := rand.Text()
	if claims := s.Personality.Registration.TokenClaims; claims != nil {
		var err error
		if token, err = s.engine.RegistrationToken(claims); err != nil {
			return "", &engine.Error{Code: "server_error", Description: "making the registration access token failed", Status: http.StatusInternalServerError, Cause: err}
		}
	}
	c.ManagementHash = store.HashSecret(token)
	return token, nil
}

// giveAccount gives a client that may get tokens in its own name an account.
func (s *Server) giveAccount(c *store.Client) {
	if c.May(engine.GrantClientCredentials) && !c.Public() {
		c.Account = "service-account-" + c.ID
	}
}

// giveSecret makes a secret, which is told once: the store keeps its hash.
func giveSecret(c *store.Client, answer map[string]any) {
	secret := rand.Text()
	c.SecretHash = store.HashSecret(secret)
	answer["client_secret"], answer["client_secret_expires_at"] = secret, 0
}

// kept is what is remembered of an answer: the secret only where it is told again.
func (s *Server) kept(answer map[string]any) []byte {
	said := maps.Clone(answer)
	if !s.Personality.Registration.TellsSecret {
		delete(said, "client_secret")
		delete(said, "client_secret_expires_at")
	}
	encoded, _ := json.Marshal(said) // strings, lists and JSON that was parsed: it cannot fail
	return encoded
}

// registration completes the client information response (RFC 7591 §3.2.1, RFC 7592 §3).
func (s *Server) registration(c *store.Client, answer map[string]any, token string) map[string]any {
	answer["client_id"] = c.ID
	answer["registration_client_uri"], answer["registration_access_token"] = s.url(s.Personality.Paths.Register)+"/"+c.ID, token
	if !s.Personality.Registration.TellsSecret {
		answer["client_id_issued_at"] = c.IssuedAt.Unix()
	}
	return answer
}
