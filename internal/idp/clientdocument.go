package idp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
)

// The sections in this file are those of draft-ietf-oauth-client-id-metadata-document-02.

// namesDocument reports whether a client_id is a URL to fetch, good or bad. No identifier that this server makes up is one (§7.1).
func namesDocument(id string) bool { return strings.HasPrefix(id, "https://") }

// documentURL is narrower than RFC 3986, so that no two programs read such a URL differently.
var documentURL = regexp.MustCompile(`^https://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[1-9][0-9]{0,4})?/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*(\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?$`)

// checkDocumentURL holds a client_id to §3.
func checkDocumentURL(id string) error {
	authority, _, _ := strings.Cut(strings.TrimPrefix(id, "https://"), "/")
	u, err := url.Parse(id)
	switch {
	case len(id) > maxMetadataText:
		return fmt.Errorf("is longer than %d bytes", maxMetadataText)
	case strings.Contains(id, "#"):
		return errors.New("has a fragment")
	case strings.Contains(authority, "@"):
		return errors.New("holds user information")
	case err != nil || !namesDocument(id):
		return errors.New("is no https URL")
	case u.Path == "":
		return errors.New("has no path; want for example https://app.example/client.json")
	case slices.ContainsFunc(strings.Split(u.Path, "/"), func(segment string) bool { return segment == "." || segment == ".." }):
		return errors.New("has a dot segment in its path")
	case !documentURL.MatchString(id):
		return errors.New("is no plain https URL: want a host, perhaps a port, and a path, in ASCII")
	}
	return nil
}

// documentHost is what the consent page shows of where a client's description is (§8.5).
func documentHost(c *store.Client) string {
	u, err := url.Parse(c.ID)
	if !c.Document || err != nil {
		return ""
	}
	return u.Host
}

// documentedClient makes a client of a document. It may do what a client that registers itself may do, and is read by the same rules.
func (s *Server) documentedClient(id string, body []byte) (store.Client, *engine.Error) {
	none := store.Client{}
	m, err := uniqueMembers(body)
	if err != nil {
		return none, invalidDocument(err.Error())
	}
	named, refusal := m.text("client_id")
	switch {
	case refusal != nil:
		return none, refusal
	case named == "":
		return none, invalidDocument("client_id is missing; want the document's own URL")
	case named != id:
		return none, invalidDocument("its client_id is " + engine.Clip(named) + ", and not the URL from which it was fetched; they are compared as strings")
	}
	if refusal := checkDocumentSecrets(m); refusal != nil {
		return none, refusal
	}
	delete(m, "scope") // it speaks of scopes at all servers, and limits nothing here
	if method, refusal := m.text("token_endpoint_auth_method"); refusal == nil && method == "" {
		m["token_endpoint_auth_method"] = json.RawMessage(`"none"`) // the default of RFC 7591 §2 needs a secret
	}
	c, _, refusal := s.clientOf(m)
	switch {
	case refusal != nil:
		return none, refusal
	case strings.TrimSpace(c.Name) == "":
		return none, invalidDocument("client_name is missing") // MCP 2026-07-28, client registration
	}
	c.ID, c.Document = id, true
	return c, nil
}

// checkDocumentSecrets refuses what a public document cannot keep (§4.1).
func checkDocumentSecrets(m clientMetadata) *engine.Error {
	for _, name := range []string{"client_secret", "client_secret_expires_at"} {
		if _, has := m[name]; has {
			return invalidDocument(name + " must not be in it: everybody can read it")
		}
	}
	method, refusal := m.text("token_endpoint_auth_method")
	switch {
	case refusal != nil:
		return refusal
	case strings.HasPrefix(method, "client_secret_"):
		return invalidDocument("token_endpoint_auth_method " + engine.Clip(method) + " needs a shared secret, and there is none; want none, or a method with a public key")
	}
	return nil // that keys are public is a rule of every registration
}

func invalidDocument(description string) *engine.Error {
	return engine.NewError("invalid_client_metadata", description)
}

// uniqueMembers reads one JSON object. A repeated member is refused: which one counts differs from parser to parser.
func uniqueMembers(body []byte) (clientMetadata, error) {
	notOne := errors.New("it must be one JSON object")
	if !utf8.Valid(body) {
		return nil, errors.New("it must be UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, notOne
	}
	members := clientMetadata{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, notOne
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, notOne
		}
		if _, repeated := members[name.(string)]; repeated {
			return nil, errors.New(engine.Clip(name.(string)) + " stands in it more than once")
		}
		members[name.(string)] = value
	}
	if _, err := decoder.Token(); err != nil { // the closing brace
		return nil, notOne
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, notOne
	}
	return members, nil
}
