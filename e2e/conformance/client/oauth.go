package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

const (
	redirectURL = "http://127.0.0.1:54321/callback"                     // nobody listens: the redirect is read, not followed
	documentURL = "https://conformance-test.local/client-metadata.json" // the suite's, and it never fetches it
)

// credentials are of a client that the authorization server knows beforehand.
type credentials struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

// newHandler prefers credentials, then a client metadata document, then dynamic registration, as the specification does.
// go-sdk would take the document first, so it gets one of the two only.
func newHandler(client *http.Client, known credentials) (auth.OAuthHandler, error) {
	config := &auth.AuthorizationCodeHandlerConfig{
		RedirectURL: redirectURL, Client: client, RequestRefreshToken: true,
		// RFC 9207 §2.4 leaves it to the client; the specification wants it compared, and accepted if equal.
		AcceptUnadvertisedIss:    true,
		AuthorizationCodeFetcher: fetchCode(client),
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{Metadata: &oauthex.ClientRegistrationMetadata{
			RedirectURIs: []string{redirectURL}, ClientName: "e2e", GrantTypes: []string{"authorization_code", "refresh_token"},
		}},
	}
	if known.ClientID == "" {
		config.ClientIDMetadataDocumentConfig = &auth.ClientIDMetadataDocumentConfig{URL: documentURL}
	} else {
		config.PreregisteredClient = &oauthex.ClientCredentials{ClientID: known.ClientID}
		if known.ClientSecret != "" {
			config.PreregisteredClient.ClientSecretAuth = &oauthex.ClientSecretAuth{ClientSecret: known.ClientSecret}
		}
	}
	return auth.NewAuthorizationCodeHandler(config)
}

// fetchCode is the person with the browser: the suite's authorization server answers with the redirect at once.
func fetchCode(client *http.Client) auth.AuthorizationCodeFetcher {
	browser := *client
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return func(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, args.URL, nil)
		if err != nil {
			return nil, fmt.Errorf("authorizing: %w", err)
		}
		response, err := browser.Do(request)
		if err != nil {
			return nil, fmt.Errorf("authorizing: %w", err)
		}
		defer response.Body.Close()
		callback, err := response.Location()
		if err != nil {
			return nil, fmt.Errorf("authorizing: status %d: %w", response.StatusCode, err)
		}
		answer := callback.Query()
		return &auth.AuthorizationResult{Code: answer.Get("code"), State: answer.Get("state"), Iss: answer.Get("iss")}, nil
	}
}
