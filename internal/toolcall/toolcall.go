// Package toolcall is the smallest MCP client with OAuth, for a terminal: it calls one tool as one person, who signs in on the way, and
// tells what happened. It knows the servers by their URLs only.
package toolcall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"

	"mcpharness/internal/useragent"
)

// Options say which tool is called, where, and by whom.
type Options struct {
	Endpoint  string // of the MCP server
	Tool      string
	Arguments map[string]any
	// ClientID is a public client of the authorization server that may come back to http://127.0.0.1/callback on any port. Empty: the
	// client registers itself (RFC 7591).
	ClientID string
	// Person signs in without a browser. Nil: a URL is told, and somebody opens it.
	Person *useragent.Person
	Out    io.Writer    // for the result, as JSON
	Tell   io.Writer    // for what happens on the way
	Client *http.Client // nil: one with timeouts, without a proxy
}

const (
	timeout = 6 * time.Minute // of everything, with a person at a browser
	maxBody = 4 << 20         // of one answer
)

// Refused is a tool that the person may not call, also after asking for the rights.
type Refused struct{ Reason string }

func (r *Refused) Error() string { return "refused: " + r.Reason }

// Run calls the tool. The error is a *Refused if the server does not let the person do it. No token and no password is told or is in an
// error.
func Run(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if o.Client == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.Proxy = nil // the servers are on this machine
		defer transport.CloseIdleConnections()
		o.Client = &http.Client{Transport: bounded{transport}, Timeout: 30 * time.Second}
	}
	who, err := someone(o)
	if err != nil {
		return err
	}
	defer who.close()
	oauth, err := handler(o, who)
	if err != nil {
		return fmt.Errorf("building the client: %w", err)
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "todo-mcp call", Version: "1"}, nil)
	session, err := client.Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint: o.Endpoint, HTTPClient: o.Client, OAuthHandler: oauth, DisableStandaloneSSE: true, MaxRetries: -1,
	}, nil)
	switch {
	case err != nil && oauth.failure() != nil:
		return oauth.failure()
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("nothing listens at %s; want a running server, started in another terminal", o.Endpoint)
	case err != nil:
		return fmt.Errorf("connecting to %s: %w", o.Endpoint, err)
	}
	defer session.Close()
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: o.Tool, Arguments: o.Arguments})
	switch {
	case err != nil && oauth.failure() != nil:
		return oauth.failure()
	case err != nil && oauth.refusal() != "":
		return &Refused{oauth.refusal()}
	case err != nil:
		if there := tools(ctx, session); len(there) > 0 && !slices.Contains(there, o.Tool) {
			return fmt.Errorf("the server has no tool %q, only %s", o.Tool, plain(strings.Join(there, ", ")))
		}
		return fmt.Errorf("calling %s: %w", o.Tool, err)
	case result.IsError:
		return fmt.Errorf("calling %s: %s", o.Tool, text(result))
	}
	return write(o.Out, result)
}

// tools names what the server has; nothing if it does not say.
func tools(ctx context.Context, session *mcp.ClientSession) (names []string) {
	list, err := session.ListTools(ctx, nil)
	if err != nil {
		return nil
	}
	for _, tool := range list.Tools {
		names = append(names, tool.Name)
	}
	return names
}

// handler is the official SDK's, with somebody who watches.
func handler(o Options, who person) (*watched, error) {
	config := &auth.AuthorizationCodeHandlerConfig{Client: o.Client, RedirectURL: who.redirectURI()}
	w := &watched{tell: o.Tell}
	config.AuthorizationCodeFetcher = func(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
		w.asks(who.name(), args.URL)
		answer, err := who.authorize(ctx, args.URL)
		if err != nil {
			return nil, err
		}
		if problem := answer.Get("error"); problem != "" {
			return nil, fmt.Errorf("the authorization server answers %s: %s", problem, answer.Get("error_description"))
		}
		return &auth.AuthorizationResult{Code: answer.Get("code"), State: answer.Get("state"), Iss: answer.Get("iss")}, nil
	}
	if o.ClientID != "" {
		config.PreregisteredClient = &oauthex.ClientCredentials{ClientID: o.ClientID}
	} else {
		config.DynamicClientRegistrationConfig = &auth.DynamicClientRegistrationConfig{Metadata: &oauthex.ClientRegistrationMetadata{
			ClientName: "todo-mcp call", RedirectURIs: []string{who.redirectURI()}, TokenEndpointAuthMethod: "none",
			GrantTypes: []string{"authorization_code"},
		}}
	}
	var err error
	w.inner, err = auth.NewAuthorizationCodeHandler(config)
	return w, err
}

// write prints the result as a program reads it, or else its text.
func write(out io.Writer, result *mcp.CallToolResult) error {
	if result.StructuredContent == nil {
		_, err := fmt.Fprintln(out, text(result))
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(result.StructuredContent)
}

func text(result *mcp.CallToolResult) string {
	var parts []string
	for _, content := range result.Content {
		if t, ok := content.(*mcp.TextContent); ok {
			parts = append(parts, t.Text)
		}
	}
	return plain(strings.Join(parts, "\n"))
}

// bounded lets no answer be larger than maxBody.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		response.Body = http.MaxBytesReader(nil, response.Body, maxBody)
	}
	return response, err
}

func (b bounded) CloseIdleConnections() {
	if c, ok := b.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

var errNobody = errors.New("nobody came back from the browser in time")
