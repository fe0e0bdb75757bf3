package pages

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

// document is an answer as a browser sees it.
type document struct {
	*html.Node
	status int
	header http.Header
	body   string
}

type view func(http.ResponseWriter)

func render(t *testing.T, write view) document {
	t.Helper()
	rec := httptest.NewRecorder()
	write(rec)
	body := rec.Body.String()
	node, err := html.Parse(strings.NewReader(body))
	require.NoError(t, err)
	return document{Node: node, status: rec.Code, header: rec.Result().Header, body: body}
}

// all returns the elements with this tag whose attributes have the wanted values, given in pairs.
func (d document) all(tag string, pairs ...string) []*html.Node {
	var found []*html.Node
	for n := range d.Descendants() {
		if n.Type == html.ElementNode && (tag == "*" || n.Data == tag) && matches(n, pairs) {
			found = append(found, n)
		}
	}
	return found
}

func (d document) one(t *testing.T, tag string, pairs ...string) *html.Node {
	t.Helper()
	found := d.all(tag, pairs...)
	require.Len(t, found, 1, "%s %v", tag, pairs)
	return found[0]
}

func matches(n *html.Node, pairs []string) bool {
	for i := 0; i < len(pairs); i += 2 {
		if value, ok := attribute(n, pairs[i]); !ok || value != pairs[i+1] {
			return false
		}
	}
	return true
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// text is what stands in an element, blanks folded as on the screen.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		switch {
		case d.Type == html.TextNode && d.Parent.Data != "style":
			b.WriteString(d.Data)
		case slices.Contains([]string{"br", "dd", "div", "dt", "h1", "h2", "li", "p"}, d.Data):
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func sampleLogin() Login {
	return Login{
		Issuer: "http://localhost:4444", Action: "/login", Transaction: "tx-1",
		ClientName: "MCP Inspector", ClientID: "mcp-inspector", RedirectHost: "localhost:6274",
		Resources: []string{"https://todo.mcp-server.app"},
		Users: []UserCard{
			{Username: "alice", Name: "Alice Adams", Subject: "sub-alice", Roles: []string{"Admin"}, Allowed: []string{"create:todos", "read:todos"}},
			{Username: "bob", Subject: "sub-bob", Roles: []string{"User"}, Allowed: []string{"create:todos"}, Withheld: []string{"read:todos"}, Preselected: true},
			{Username: "dora", Withheld: []string{"read:todos"}},
		},
	}
}

func sampleConsent() Consent {
	return Consent{
		Issuer: "http://localhost:4444", Action: "/consent", Transaction: "tx-1", SwitchURL: "/login?transaction=tx-1",
		ClientName: "MCP Inspector", ClientID: "mcp-inspector", ClientURI: "https://inspector.example/about",
		RedirectHost: "localhost:6274", LoopbackRedirect: true, Registered: true,
		Username: "bob", Name: "Bob Baker", Roles: []string{"User"}, Resources: []string{"https://todo.mcp-server.app"},
		Granted:     []Scope{{Name: "create:todos", Meaning: "create todos"}},
		Withheld:    []Scope{{Name: "read:todos", Meaning: "see all todos"}},
		RedirectURI: "http://localhost:6274",
	}
}

func sampleProblem() Problem {
	return Problem{
		Issuer: "http://localhost:4444", Status: http.StatusBadRequest, Title: "The redirect URI is not registered",
		Wrong: "It is unknown.", Expected: "A registered one.", Change: "Register it.",
		Details: []Detail{{Name: "redirect_uri", Value: "http://localhost/cb "}, {Name: "state"}},
	}
}

func sampleHome() Home {
	return Home{
		Issuer:    "http://localhost:4444",
		Endpoints: []Detail{{Name: "metadata", Value: "http://localhost:4444/.well-known/oauth-authorization-server"}, {Name: "token_endpoint", Value: "http://localhost:4444/token"}},
		Users:     sampleLogin().Users,
		Clients:   []HomeClient{{ID: "todo-mcp", AuthMethod: "client_secret_basic"}, {ID: "dyn", Name: "Dyn", AuthMethod: "none", RedirectURIs: []string{"http://localhost:1/cb"}, Registered: true}},
		Resources: []string{"https://todo.mcp-server.app"},
	}
}

func sampleLogout() Logout {
	return Logout{
		Issuer: "http://localhost:4444", Action: "/logout", Username: "bob", ClientName: "MCP Inspector",
		Parameters: []Detail{{Name: "state", Value: "s"}}, RedirectURI: "cursor://signed-out",
	}
}

// samples has every page once, filled as in daily use.
func samples() map[string]view {
	return map[string]view{
		"login": func(w http.ResponseWriter) { sampleLogin().Write(w, http.StatusOK) },
		"login form again": func(w http.ResponseWriter) {
			LoginForm{
				Issuer: "http://localhost:4444", Action: "http://localhost:4444/login?tab_id=t", ClientID: "mcp-client", RedirectHost: "localhost:6274",
				RedirectURI: "http://localhost:6274/oauth/callback", Again: "bob", RestartURL: "http://localhost:4444/restart?tab_id=t",
			}.Write(w)
		},
		"login form": func(w http.ResponseWriter) {
			LoginForm{
				Issuer: "http://localhost:4444", Action: "http://localhost:4444/login?tab_id=t", ClientID: "mcp-client", RedirectHost: "localhost:6274",
				RedirectURI: "http://localhost:6274/oauth/callback", Username: "bob", Refused: "Invalid username or password.",
			}.Write(w)
		},
		"consent": func(w http.ResponseWriter) { sampleConsent().Write(w, http.StatusOK) },
		"problem": func(w http.ResponseWriter) { sampleProblem().Write(w) },
		"home":    func(w http.ResponseWriter) { sampleHome().Write(w, http.StatusOK) },
		"logout":  func(w http.ResponseWriter) { sampleLogout().Write(w, http.StatusOK) },
		"logged out": func(w http.ResponseWriter) {
			Logout{Issuer: "http://localhost:4444", Username: "bob"}.Write(w, http.StatusOK)
		},
	}
}
