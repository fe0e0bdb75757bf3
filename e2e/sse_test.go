package e2e

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/profile"
	"mcpharness/internal/todomcp"
)

// signingIn is what the SDK's client lacks on the HTTP+SSE transport: it signs in when it is challenged, and sends the
// request once more.
type signingIn struct {
	handler  auth.OAuthHandler
	endpoint string
	next     http.RoundTripper
	mu       sync.Mutex
}

func (s *signingIn) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := s.send(r)
	if err != nil || response.StatusCode != http.StatusUnauthorized && response.StatusCode != http.StatusForbidden {
		return response, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// The resource is the endpoint, not the URL for messages that it gave out.
	about, err := http.NewRequestWithContext(r.Context(), r.Method, s.endpoint, nil)
	if err != nil {
		return nil, err
	}
	if err := s.handler.Authorize(r.Context(), about, response); err != nil {
		return nil, err
	}
	if r.GetBody != nil {
		if r.Body, err = r.GetBody(); err != nil {
			return nil, err
		}
	}
	return s.send(r)
}

func (s *signingIn) send(r *http.Request) (*http.Response, error) {
	source, err := s.handler.TokenSource(r.Context())
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	if source != nil {
		token, err := source.Token()
		if err != nil {
			return nil, err
		}
		token.SetAuthHeader(r)
	}
	return s.next.RoundTrip(r)
}

// overSSE opens a session on the legacy transport.
func (v *visitor) overSSE(t *testing.T, on *target) *mcp.ClientSession {
	t.Helper()
	handler, err := v.oauth(t.Context(), on)
	require.NoError(t, err)
	endpoint := todomcp.SSEURL(on.url)
	transport := &mcp.SSEClientTransport{Endpoint: endpoint, HTTPClient: &http.Client{Transport: &signingIn{handler: handler, endpoint: endpoint, next: on.wire}}}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "e2e", Version: "1"}, nil).Connect(t.Context(), transport, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = session.Close() })
	require.Equal(t, legacy, session.InitializeResult().ProtocolVersion)
	return session
}

// needsTwoResources is for clients that name this transport's own URL as their resource.
func (on *target) needsTwoResources(t *testing.T) {
	t.Helper()
	if live != "" && on.profile.Target == profile.TargetResource {
		lacks(t, twoResources)
	}
}

// TestEveryoneHasExactlyTheRightsOfTheRoleOverSSE is the role matrix on the transport of the tutorial.
func TestEveryoneHasExactlyTheRightsOfTheRoleOverSSE(t *testing.T) {
	t.Parallel()
	on := newTarget(t, setup{})
	for _, style := range on.styles {
		t.Run(fmt.Sprint(style), func(t *testing.T) {
			t.Parallel()
			if style == profile.TargetResource {
				on.needsTwoResources(t)
			}
			visitors, sessions := map[string]*visitor{}, map[string]*mcp.ClientSession{}
			for _, r := range rights {
				visitors[r.person] = &visitor{people: []string{r.person}, registered: true, style: style}
				sessions[r.person] = visitors[r.person].overSSE(t, on)
			}
			for i, r := range rights {
				session, other := sessions[r.person], sessions[rights[(i+1)%len(rights)].person]
				who := identityOf(t, session)
				require.ElementsMatch(t, r.scopes, on.granted(who.Scopes))
				require.Equal(t, r.roles, who.Roles)

				own, foreign := create(t, session, "mine"), create(t, other, "not mine")
				require.Equal(t, who.Subject, own.OwnerID)
				require.NotEqual(t, who.Subject, foreign.OwnerID)
				seen := list(t, session)
				require.Contains(t, seen, own.ID)
				if r.all {
					require.Contains(t, seen, foreign.ID)
				} else {
					for _, item := range seen {
						require.Equal(t, who.Subject, item.OwnerID)
					}
				}
				require.NoError(t, remove(t, session, own.ID))

				err := remove(t, session, foreign.ID)
				if r.all {
					require.NoError(t, err)
					continue
				}
				require.Error(t, err)
				require.Contains(t, list(t, other), foreign.ID, "a refused delete deletes nothing")
				// The SDK's client gives this transport up after any refusal.
				sessions[r.person] = visitors[r.person].overSSE(t, on)
				require.Equal(t, who, identityOf(t, sessions[r.person]))
			}
		})
	}
}

func TestAClientSignsInAndStepsUpOverSSE(t *testing.T) {
	t.Parallel()
	on := newTarget(t, setup{})
	on.needsTwoResources(t)
	foreign := create(t, (&visitor{people: []string{"bob"}}).visit(t, on), "bob's")
	alice := &visitor{people: []string{"alice"}, style: "resource", registered: true, scopes: []string{"create:todos"}}
	session := alice.overSSE(t, on)
	require.Equal(t, []string{"create:todos"}, on.granted(identityOf(t, session).Scopes))
	require.NotContains(t, list(t, session), foreign.ID)

	require.NoError(t, remove(t, session, foreign.ID))
	require.Equal(t, 2, alice.signed(), "the challenge sends the client to the authorization server once")
	require.Contains(t, identityOf(t, session).Scopes, "delete:todos", "on the same stream")
	require.Equal(t, 1, on.wire.count(func(e exchange) bool {
		return e.method == http.MethodGet && e.path == "/sse" && e.status == http.StatusOK
	}))
}

func TestASSEClientOfOnePersonCannotGoOnAsAnother(t *testing.T) {
	t.Parallel()
	on := newTarget(t, setup{})
	on.needsTwoResources(t)
	foreign := create(t, (&visitor{people: []string{"carol"}}).visit(t, on), "carol's")
	v := &visitor{people: []string{"bob", "alice"}, style: "resource", registered: true}
	session := v.overSSE(t, on)
	require.ErrorContains(t, remove(t, session, foreign.ID), "Not Found", "alice signed in for the step-up, and the stream is bob's")
	require.Contains(t, list(t, (&visitor{people: []string{"carol"}}).visit(t, on)), foreign.ID)
}
