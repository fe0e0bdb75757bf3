package idp

import (
	"net/http"
	"net/url"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
)

// servedDocuments is where this server plays the host of client metadata documents, so that a client that names one can be tested
// without a host of its own. The documents describe the public clients of the configuration.
const servedDocuments = "/clients/"

// servedDocument is a client metadata document of this server.
type servedDocument struct {
	ClientID      string   `json:"client_id"`
	ClientName    string   `json:"client_name"`
	RedirectURIs  []string `json:"redirect_uris"`
	GrantTypes    []string `json:"grant_types"`
	ResponseTypes []string `json:"response_types"`
	AuthMethod    string   `json:"token_endpoint_auth_method"`
}

// DocumentURL returns where the metadata document of a configured client is, or "" where there is none: the issuer is not https,
// or the client is none that a document can describe.
func (s *Server) DocumentURL(c *store.Client) string {
	if !s.secure || c.Strange() || !c.Public() || !c.May(engine.GrantCode) {
		return ""
	}
	location := s.url(servedDocuments + url.PathEscape(c.ID) + ".json")
	if checkDocumentURL(location) != nil {
		return ""
	}
	return location
}

func (s *Server) serveDocument(w http.ResponseWriter, r *http.Request) {
	id, isDocument := strings.CutSuffix(r.PathValue("document"), ".json")
	c, known := s.Store.Client(id)
	if !isDocument || !known || s.DocumentURL(c) == "" {
		writeJSON(w, http.StatusNotFound, errorBody{Error: "not_found", Description: "no client metadata document; an https server has one at " + servedDocuments + "ID.json for each public client of its configuration"})
		return
	}
	w.Header().Set("Cache-Control", "max-age=60")
	name := c.Name
	if name == "" {
		name = c.ID
	}
	writeJSON(w, http.StatusOK, servedDocument{
		ClientID: s.DocumentURL(c), ClientName: name, RedirectURIs: c.RedirectURIs, GrantTypes: c.GrantTypes,
		ResponseTypes: []string{"code"}, AuthMethod: store.AuthNone,
	})
}
