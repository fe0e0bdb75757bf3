// Package todomcp is the todo manager as an MCP server: four tools over a todo.Service, behind a guard, on the
// streamable HTTP transport of protocol 2026-07-28 and of all older revisions.
package todomcp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcpharness/internal/guard"
	"mcpharness/internal/todo"
)

// Options say what New needs.
type Options struct {
	Todos *todo.Service
	// Guard says whose tokens are accepted, and Guard.Resource under which URL the MCP endpoint is reached. New fills
	// Authorize, Scopes and, if empty, ResourceName and Logger.
	Guard   guard.Options
	Logger  *slog.Logger // nil: nothing is logged. Contents and tokens never are.
	Version string       // the program's version, told to clients; empty: "dev"
	// RateLimit is how many requests a person may make a second, in the long run; twice as many at once. 0: no limit.
	RateLimit float64
	Observer  Observer // nil: nobody counts, and nothing is spent on it
}

// Server is the todo manager. It is safe for concurrent use and keeps no sessions, so several processes over one
// store can serve the same clients. Only the event streams of the HTTP+SSE transport are bound to a process.
type Server struct {
	todos    *todo.Service
	log      *slog.Logger
	guard    *guard.Guard
	tools    map[string]tool
	observer Observer
	mcp      *mcp.Server
	path     string // of the MCP endpoint
	sse      *sse   // nil: the MCP endpoint has its path
}

// maxBody is the most bytes of a request's body. The largest honest one, a todo of MaxContent escaped characters,
// has a tenth of it.
const maxBody = 1 << 20

const instructions = `A todo manager with roles. What a caller may do follows from the scopes of the access token:
- create-todo needs create:todos.
- get-todos lists everybody's todos with read:todos, and only the caller's own without it.
- delete-todo deletes anybody's todo with delete:todos, and only the caller's own without it.
- whoami tells who is signed in and which scopes were granted.
If a call is refused for want of a scope, asking again with the same rights will not help: sign in with more rights, or tell the user that their role does not allow it.`

// New returns a server. It does not touch the network: the issuer may be down.
func New(opts Options) (*Server, error) {
	if opts.Todos == nil {
		return nil, errors.New("building the todo server: want a todo service, got none")
	}
	s := &Server{todos: opts.Todos, log: opts.Logger, tools: map[string]tool{}, observer: opts.Observer}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.path, err = endpointPath(opts.Guard.Resource); err != nil {
		return nil, fmt.Errorf("building the todo server: %w", err)
	}

	guarded := opts.Guard
	guarded.Authorize = s.authorize
	guarded.Scopes = todo.Scopes()
	if guarded.ResourceName == "" {
		guarded.ResourceName = "Todo manager"
	}
	if guarded.Logger == nil {
		guarded.Logger = s.log
	}
	switch {
	case !(opts.RateLimit >= 0 && opts.RateLimit <= MaxRateLimit): // or no number
		return nil, fmt.Errorf("building the todo server: rate limit: want 0 to %d requests a second, got %v", MaxRateLimit, opts.RateLimit)
	case opts.RateLimit > 0:
		guarded.Throttle = newThrottle(opts.RateLimit).wait
	}
	if s.guard, err = guard.New(guarded); err != nil {
		return nil, fmt.Errorf("building the todo server: %w", err)
	}

	if opts.Version == "" {
		opts.Version = "dev"
	}
	s.mcp = mcp.NewServer(
		&mcp.Implementation{Name: "todo-mcp", Title: "Todo manager", Version: opts.Version},
		&mcp.ServerOptions{
			Instructions: instructions,
			// Without sessions nobody could be told of a change; and there is no logging to clients. The SDK answers prompts/list
			// and resources/list, here with nothing, and what is answered must be declared.
			Capabilities: &mcp.ServerCapabilities{
				Tools: &mcp.ToolCapabilities{}, Prompts: &mcp.PromptCapabilities{}, Resources: &mcp.ResourceCapabilities{},
			},
			SetCacheable: cacheable,
		})
	for _, t := range []tool{s.createTodo(), s.getTodos(), s.deleteTodo(), s.whoami()} {
		t = s.observedTool(t)
		s.tools[t.definition.Name] = t
		s.mcp.AddTool(t.definition, s.handler(t))
	}
	if legacy := SSEURL(opts.Guard.Resource); legacy != "" {
		if s.sse, err = s.newSSE(legacy); err != nil {
			return nil, fmt.Errorf("building the todo server: %w", err)
		}
	}
	return s, nil
}

// CloseStreams ends the event streams of the HTTP+SSE transport and lets no new one begin. It belongs at the start of a
// shutdown, which would wait for the streams.
func (s *Server) CloseStreams() {
	if s.sse != nil {
		s.sse.streams.stop()
	}
}

// cacheable says how long lists may be kept (MCP 2026-07-28, server/utilities/caching). They change only with the
// program. They are the same for everybody, but a shared cache would hand them to people who showed no token.
func cacheable(_ context.Context, _ mcp.Request, c *mcp.Cacheable) {
	c.CacheScope = "private"
	c.TTLMs = int((5 * time.Minute).Milliseconds())
}

// mcpHandler is the SDK's transport. It speaks 2026-07-28 only without sessions, and needs none for the older
// revisions. Its Logger is left out: it would log what strangers sent.
func (s *Server) mcpHandler() http.Handler {
	return mcp.NewStreamableHTTPHandler(
		func(*http.Request) *mcp.Server { return s.mcp },
		&mcp.StreamableHTTPOptions{
			Stateless:                    true,
			JSONResponse:                 true,
			DisableLocalhostProtection:   true, // the guard checks Host against the public URL, also behind a proxy
			MaxRequestBodyBytes:          maxBody,
			PropagateRequestCancellation: true,
		})
}
