package idp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
)

// takeKeys reads by which keys a client signs (RFC 7591 §2).
func takeKeys(c *store.Client, m clientMetadata, answer map[string]any) *engine.Error {
	raw, has := m["jwks"]
	if has = has && string(raw) != "null"; has {
		if _, err := engine.ParseKeys(raw); err != nil {
			return engine.NewError("invalid_client_metadata", "jwks "+err.Error())
		}
		c.Keys = raw
		answer["jwks"] = json.RawMessage(raw)
	}
	switch {
	case has && c.KeysURI != "":
		return engine.NewError("invalid_client_metadata", "jwks and jwks_uri must not both be there (RFC 7591 section 2)")
	case c.SigningAlgorithm != "" && !slices.Contains(engine.AssertionAlgorithms(), c.SigningAlgorithm):
		return engine.NewError("invalid_client_metadata", "token_endpoint_auth_signing_alg must be one of "+strings.Join(engine.AssertionAlgorithms(), ", "))
	case c.AuthMethod == store.AuthKey && !has && c.KeysURI == "":
		return engine.NewError("invalid_client_metadata", "private_key_jwt needs jwks or jwks_uri, with the public key")
	}
	if c.KeysURI != "" {
		if err := CheckKeysURI(c.KeysURI); err != nil {
			return engine.NewError("invalid_client_metadata", err.Error())
		}
	}
	return nil
}

// CheckKeysURI says why no key set is fetched from a URL. Only https tells the keys of the client from somebody else's.
func CheckKeysURI(uri string) error {
	if u, err := url.Parse(uri); err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.Contains(uri, "#") {
		return errors.New("jwks_uri must be an https URL without user information and fragment; a client without one registers its keys as jwks")
	}
	return nil
}

// takeLogout reads where a client wants people to be sent after a logout (OpenID Connect RP-Initiated Logout 1.0 §3.1).
func takeLogout(c *store.Client, m clientMetadata, answer map[string]any) *engine.Error {
	uris, refusal := m.list("post_logout_redirect_uris")
	switch {
	case refusal != nil:
		return refusal
	case len(uris) > maxRedirectURIs:
		return engine.NewError("invalid_client_metadata", fmt.Sprintf("more than %d post_logout_redirect_uris", maxRedirectURIs))
	}
	for _, uri := range uris {
		if len(uri) > maxMetadataText {
			return engine.NewError("invalid_client_metadata", fmt.Sprintf("a post_logout_redirect_uri is longer than %d bytes", maxMetadataText))
		}
		if err := CheckRedirectURI(uri, c.ApplicationType); err != nil {
			return engine.NewError("invalid_client_metadata", "post_logout_redirect_uris: "+engine.Clip(uri)+" "+err.Error())
		}
	}
	if c.LogoutURIs = uris; len(uris) > 0 {
		answer["post_logout_redirect_uris"] = uris
	}
	return nil
}

// fetchKeys gets a client's key set, under the rules for whatever strangers name: bounded, without redirects, and from public
// addresses unless the configuration says otherwise.
func (s *Server) fetchKeys(ctx context.Context, uri string) ([]byte, time.Duration, error) {
	document, err := s.Fetcher.JSON(ctx, uri, engine.MaxKeySet)
	if err != nil {
		return nil, 0, fmt.Errorf("cannot be fetched: %w", err)
	}
	return document.Body, document.FreshFor, nil
}
