package idp

import (
	"crypto/rand"
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
	answer["client_id"], answer["client_id_issued_at"] = client.ID, client.IssuedAt.Unix()
	if !client.Public() {
		secret := rand.Text()
		client.SecretHash = store.HashSecret(secret)
		answer["client_secret"], answer["client_secret_expires_at"] = secret, 0
	}
	s.Store.AddClient(client)
	s.Logger.InfoContext(r.Context(), "registered a client", "client_id", client.ID, "client_name", client.Name, "method", client.AuthMethod, "redirect_uris", client.RedirectURIs)
	noStore(w)
	writeJSON(w, http.StatusCreated, answer)
}
