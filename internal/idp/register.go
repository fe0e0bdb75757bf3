package idp

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"time"

	"mcpharness/internal/idp/store"
)

// register takes a client's metadata and gives it an identifier (RFC 7591). Metadata that this server does not know is
// ignored, as §2 demands, and not in the answer, which says what is registered.
func (s *Server) register(w http.ResponseWriter, r *http.Request) {
	document, refusal := readRegistration(w, r)
	if refusal != nil {
		s.writeError(w, r, refusal)
		return
	}
	client, answer, refusal := s.clientOf(document)
	if refusal != nil {
		s.writeError(w, r, refusal)
		return
	}
	client.ID, client.Registered, client.IssuedAt = "client-"+rand.Text(), true, time.Now()
	client.Metadata, _ = json.Marshal(answer) // strings, lists and JSON that was parsed: it cannot fail
	if client.UsesSecret() {
		giveSecret(&client, answer)
	}
	token := rand.Text()
	client.ManagementHash = store.HashSecret(token)
	s.Store.AddClient(client)
	s.Logger.InfoContext(r.Context(), "registered a client", "client_id", client.ID, "client_name", client.Name, "method", client.AuthMethod, "redirect_uris", client.RedirectURIs)
	noStore(w)
	writeJSON(w, http.StatusCreated, s.registration(&client, answer, token))
}

// giveSecret makes a secret, which is told once: the store keeps its hash.
func giveSecret(c *store.Client, answer map[string]any) {
	secret := rand.Text()
	c.SecretHash = store.HashSecret(secret)
	answer["client_secret"], answer["client_secret_expires_at"] = secret, 0
}

// registration completes the client information response (RFC 7591 §3.2.1, RFC 7592 §3).
func (s *Server) registration(c *store.Client, answer map[string]any, token string) map[string]any {
	answer["client_id"], answer["client_id_issued_at"] = c.ID, c.IssuedAt.Unix()
	answer["registration_client_uri"], answer["registration_access_token"] = s.url(s.Personality.Paths.Register)+"/"+c.ID, token
	return answer
}
