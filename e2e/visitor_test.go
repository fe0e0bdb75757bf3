package e2e

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/internal/profile"
	"mcpharness/internal/useragent"
)

// visitor is a person with a client: who signs in, and how the client goes about it.
type visitor struct {
	people     []string       // who signs in at the first authorization, the second and so on; the last one again after that
	deny       bool           // presses deny
	registered bool           // the client is known beforehand; else it registers itself, where the provider lets it
	declares   bool           // a client that registers itself names its scopes then
	refresh    bool           // the client asks for offline_access and registers for refresh tokens
	style      profile.Target // how the client names the API: resource by default
	resource   string         // the API, where it is not the server's own URL
	trusting   bool           // looks at no iss by itself
	regardless bool           // comes as an MCP client, though the provider is not fit for those
	carried    bool           // the token is got the profile's own way by a client that cannot get another one
	protocol   string
	scopes     []string // asked for at first; nil: what the server's challenge names

	mu      sync.Mutex
	signIns int
}

const (
	modern = "2026-07-28"
	legacy = "2025-11-25"
)

var todoScopes = []string{"create:todos", "read:todos", "delete:todos"}

const (
	registeredRedirect = "http://localhost:54321/callback" // of the profile's registered client, whose port is free
	ownRedirect        = "http://127.0.0.1:54321/callback" // nobody listens: the browser stops before it
)

// connect opens a session; the sign-in happens on the way.
func (v *visitor) connect(t *testing.T, on *target) (*mcp.ClientSession, error) {
	t.Helper()
	v.settle(on)
	handler, err := v.oauth(t.Context(), on)
	if err != nil {
		return nil, err
	}
	return on.dial(t, handler, v.protocol)
}

// dial opens a session whose client authorizes itself by a handler.
func (on *target) dial(t *testing.T, handler auth.OAuthHandler, protocol string) (*mcp.ClientSession, error) {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "e2e", Version: "1"}, nil)
	transport := &mcp.StreamableClientTransport{Endpoint: on.url, HTTPClient: on.http, OAuthHandler: handler, DisableStandaloneSSE: true, MaxRetries: -1}
	session, err := client.Connect(t.Context(), transport, &mcp.ClientSessionOptions{ProtocolVersion: protocol})
	if err == nil {
		t.Cleanup(func() { _ = session.Close() })
	}
	return session, err
}

// settle fills in what is left open.
func (v *visitor) settle(on *target) {
	v.carried = v.carried || on.profile.HasQuirk("no-pkce-metadata") && !v.regardless // MCP clients do not come there
	if v.style == "" && v.carried {
		v.style = on.profile.Target
	}
	if v.style == "" {
		v.style = profile.TargetResource
	}
}

// visit is connect for visitors who must get in.
func (v *visitor) visit(t *testing.T, on *target) *mcp.ClientSession {
	t.Helper()
	session, err := v.connect(t, on)
	require.NoError(t, err)
	return session
}

func (v *visitor) oauth(ctx context.Context, on *target) (auth.OAuthHandler, error) {
	if v.carried || v.style != profile.TargetResource { // go-sdk always names the resource
		token, err := v.token(ctx, on)
		return carrier{oauth2.StaticTokenSource(token)}, err
	}
	config := &auth.AuthorizationCodeHandlerConfig{
		RedirectURL: ownRedirect, Client: on.http, RequestRefreshToken: v.refresh, AuthorizationCodeFetcher: v.fetcher(on),
	}
	if v.scopes != nil {
		config.ScopeFilter = func([]string) []string {
			if v.signed() == 0 {
				return v.scopes
			}
			return todoScopes
		}
	}
	if v.registered || !on.registers {
		config.RedirectURL = registeredRedirect
		config.PreregisteredClient = &oauthex.ClientCredentials{ClientID: on.profile.Clients.Registered.ID, Issuer: on.issuer}
	} else {
		config.DynamicClientRegistrationConfig = &auth.DynamicClientRegistrationConfig{Metadata: &oauthex.ClientRegistrationMetadata{
			RedirectURIs: []string{ownRedirect}, ClientName: "e2e", TokenEndpointAuthMethod: "none", GrantTypes: v.grantTypes(),
		}}
	}
	return auth.NewAuthorizationCodeHandler(config)
}

// fetcher is how go-sdk's client sends the person to the browser.
func (v *visitor) fetcher(on *target) auth.AuthorizationCodeFetcher {
	return func(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
		answer, err := v.signIn(ctx, on, args.URL)
		if err != nil {
			return nil, err
		}
		return &auth.AuthorizationResult{Code: answer.Get("code"), State: answer.Get("state"), Iss: answer.Get("iss")}, nil
	}
}

func (v *visitor) grantTypes() []string {
	if v.refresh {
		return []string{"authorization_code", "refresh_token"}
	}
	return []string{"authorization_code"}
}

// signIn is the browser's part: the pages of the authorization server, up to the redirect to the client.
func (v *visitor) signIn(ctx context.Context, on *target, authorizationURL string) (url.Values, error) {
	v.mu.Lock()
	person := on.person(v.people[min(v.signIns, len(v.people)-1)])
	v.signIns++
	v.mu.Unlock()
	person.Deny = v.deny
	callback, err := useragent.New(on.http).SignIn(ctx, authorizationURL, person)
	if err != nil {
		return nil, err
	}
	answer := callback.Query()
	issuer := on.issuer
	if on.profile.HasQuirk("no-iss-in-response") {
		issuer = ""
	}
	if answer.Get("iss") != issuer && !v.trusting {
		return nil, fmt.Errorf("authorization response: want iss %q, got %q", issuer, answer.Get("iss"))
	}
	if code := answer.Get("error"); code != "" {
		return nil, fmt.Errorf("authorization response: %s: %s", code, answer.Get("error_description"))
	}
	return answer, nil
}

func (v *visitor) signed() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.signIns
}

// token runs the code flow with x/oauth2, for the request styles that go-sdk's client does not have.
func (v *visitor) token(ctx context.Context, on *target) (*oauth2.Token, error) {
	v.settle(on)
	config, err := v.client(ctx, on)
	if err != nil {
		return nil, err
	}
	return v.codeFlow(ctx, on, config)
}

// client is the x/oauth2 client, registered if need be.
func (v *visitor) client(ctx context.Context, on *target) (*oauth2.Config, error) {
	metadata, err := on.metadata(ctx)
	if err != nil {
		return nil, err
	}
	config := &oauth2.Config{
		ClientID: on.profile.Clients.Registered.ID, RedirectURL: registeredRedirect, Scopes: v.wireScopes(on),
		Endpoint: oauth2.Endpoint{AuthURL: metadata.AuthorizationEndpoint, TokenURL: metadata.TokenEndpoint, AuthStyle: oauth2.AuthStyleInParams},
	}
	if !v.registered && on.registers {
		config.RedirectURL = ownRedirect
		config.ClientID, err = v.register(ctx, on, metadata.RegistrationEndpoint)
	}
	return config, err
}

func (v *visitor) codeFlow(ctx context.Context, on *target, config *oauth2.Config, options ...oauth2.AuthCodeOption) (*oauth2.Token, error) {
	api := cmp.Or(v.resource, on.url)
	verifier := oauth2.GenerateVerifier()
	options = append(options, oauth2.S256ChallengeOption(verifier))
	exchange := []oauth2.AuthCodeOption{oauth2.VerifierOption(verifier)}
	switch v.style {
	case profile.TargetResource:
		options, exchange = append(options, oauth2.SetAuthURLParam("resource", api)), append(exchange, oauth2.SetAuthURLParam("resource", api))
	case profile.TargetAudience:
		options = append(options, oauth2.SetAuthURLParam("audience", api))
	}
	answer, err := v.signIn(ctx, on, config.AuthCodeURL("state-"+verifier[:8], options...))
	if err != nil {
		return nil, err
	}
	return config.Exchange(on.context(ctx), answer.Get("code"), exchange...)
}

// context makes x/oauth2 use the target's HTTP client.
func (on *target) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, on.http)
}

func (v *visitor) wireScopes(on *target) []string {
	scopes := v.scopes
	if scopes == nil {
		scopes = todoScopes
	}
	var asked []string
	for _, scope := range scopes {
		asked = append(asked, on.profile.WireScope(scope))
	}
	return asked
}

func (v *visitor) register(ctx context.Context, on *target, endpoint string) (string, error) {
	client := map[string]any{"redirect_uris": []string{ownRedirect}, "token_endpoint_auth_method": "none", "application_type": "native"}
	if v.declares {
		client["scope"] = strings.Join(v.wireScopes(on), " ")
	}
	document, err := json.Marshal(client)
	if err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(document))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := on.http.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var registered struct {
		ClientID string `json:"client_id"`
	}
	if err := json.NewDecoder(response.Body).Decode(&registered); err != nil || response.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("registering: status %d, %v", response.StatusCode, err)
	}
	return registered.ClientID, nil
}

// carrier carries a token that was got elsewhere and cannot get another one.
type carrier struct{ source oauth2.TokenSource }

func (c carrier) TokenSource(context.Context) (oauth2.TokenSource, error) { return c.source, nil }

func (c carrier) Authorize(_ context.Context, _ *http.Request, response *http.Response) error {
	defer response.Body.Close()
	return errors.New("refused: " + response.Header.Get("WWW-Authenticate"))
}

// todoItem is a todo as a client reads it: its own type, so that a wrong JSON name fails here.
type todoItem struct {
	ID        string    `json:"id"`
	Content   string    `json:"content"`
	OwnerID   string    `json:"ownerId"`
	CreatedAt time.Time `json:"createdAt"`
}

// call calls a tool that must succeed and reads its structured result.
func call[T any](t *testing.T, session *mcp.ClientSession, tool string, arguments map[string]any) T {
	t.Helper()
	if arguments == nil {
		arguments = map[string]any{} // a nil map would be null, which is no object
	}
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
	require.NoError(t, err)
	require.False(t, result.IsError, "%s: %v", tool, result.Content)
	encoded, err := json.Marshal(result.StructuredContent)
	require.NoError(t, err)
	var value T
	require.NoError(t, json.Unmarshal(encoded, &value))
	return value
}

func create(t *testing.T, session *mcp.ClientSession, content string) todoItem {
	t.Helper()
	return call[todoItem](t, session, "create-todo", map[string]any{"content": content})
}

func remove(t *testing.T, session *mcp.ClientSession, id string) error {
	t.Helper()
	_, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "delete-todo", Arguments: map[string]any{"id": id}})
	return err
}

// list reads every page.
func list(t *testing.T, session *mcp.ClientSession) map[string]todoItem {
	t.Helper()
	type page struct {
		Todos      []todoItem `json:"todos"`
		NextCursor string     `json:"nextCursor"`
	}
	all := map[string]todoItem{}
	arguments := map[string]any{"limit": 50}
	for {
		p := call[page](t, session, "get-todos", arguments)
		for _, item := range p.Todos {
			require.NotContains(t, all, item.ID, "a todo stands on two pages")
			all[item.ID] = item
		}
		if p.NextCursor == "" {
			return all
		}
		arguments["cursor"] = p.NextCursor
	}
}
