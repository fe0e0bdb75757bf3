package walkthrough

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"

	"mcpharness/internal/useragent"
)

// redirectURI is the client's. Nobody listens there: the browser hands the redirect over instead of following it.
const redirectURI = "http://127.0.0.1:8765/callback"

const clientName = "Walkthrough"

// visitor is a person with a browser and an MCP client: the official SDK's, with its OAuth handler.
type visitor struct {
	username string
	http     *http.Client
	session  *mcp.ClientSession
	pages    []pages // of each sign-in
}

// pages is what the browser saw of one sign-in.
type pages struct {
	authorization *url.URL // the authorization request
	login         string   // heading of the login page
	consent       string   // heading of the consent page
	callback      *url.URL // the redirect to the client
}

// connect opens a session with the MCP server; the server's refusal makes the client sign the person in on the way.
func (v *visitor) connect(ctx context.Context, endpoint string) error {
	oauth, err := auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		Client: v.http, RedirectURL: redirectURI, AuthorizationCodeFetcher: v.authorize,
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{Metadata: &oauthex.ClientRegistrationMetadata{
			ClientName: clientName, RedirectURIs: []string{redirectURI}, TokenEndpointAuthMethod: "none",
			GrantTypes: []string{"authorization_code"},
		}},
	})
	if err != nil {
		return fmt.Errorf("building the client: %w", err)
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "walkthrough", Version: "1"}, nil)
	v.session, err = client.Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint: endpoint, HTTPClient: v.http, OAuthHandler: oauth, DisableStandaloneSSE: true, MaxRetries: -1,
	}, nil)
	return err
}

func (v *visitor) close() {
	if v.session != nil {
		_ = v.session.Close()
	}
}

// authorize is the person at the browser: it presses the person's card on the login page and allows on the consent page.
func (v *visitor) authorize(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
	var seen pages
	defer func() { v.pages = append(v.pages, seen) }()
	var err error
	if seen.authorization, err = url.Parse(args.URL); err != nil {
		return nil, errors.New("the authorization URL does not parse")
	}
	browser := useragent.New(v.http)
	page, err := browser.Open(ctx, args.URL)
	if err == nil {
		seen.login = page.Heading
		page, err = press(ctx, browser, page, "username", v.username)
	}
	if err == nil {
		seen.consent = page.Heading
		page, err = press(ctx, browser, page, "decision", "allow")
	}
	if err != nil {
		return nil, err
	}
	if seen.callback = page.Callback; seen.callback == nil {
		return nil, fmt.Errorf("want the redirect to the client, got a page: status %d %q", page.Status, page.Heading)
	}
	answer := seen.callback.Query()
	if problem := answer.Get("error"); problem != "" {
		return nil, fmt.Errorf("want a code, got the error %s: %s", problem, answer.Get("error_description"))
	}
	return &auth.AuthorizationResult{Code: answer.Get("code"), State: answer.Get("state"), Iss: answer.Get("iss")}, nil
}

func press(ctx context.Context, browser *useragent.Browser, page *useragent.Page, name, value string) (*useragent.Page, error) {
	form := page.Form(name)
	if form == nil {
		return nil, fmt.Errorf("want a page with a button %s=%s, got status %d %q %s", name, value, page.Status, page.Heading, page.Problem)
	}
	return browser.Submit(ctx, form, name, value)
}

// call calls a tool and returns the text of its refusal or error as an error.
func (v *visitor) call(ctx context.Context, tool string, arguments map[string]any) error {
	if arguments == nil {
		arguments = map[string]any{}
	}
	result, err := v.session.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		return err
	}
	if result.IsError {
		return fmt.Errorf("the tool %s failed: %v", tool, result.StructuredContent)
	}
	return nil
}
