package providers_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/profile"
)

// realm is what the profile relies on in keycloak/realm.json.
type realm struct {
	Realm        string
	ClientScopes []struct {
		Name            string
		ProtocolMappers []struct {
			ProtocolMapper string
			Config         map[string]string
		}
	}
	ScopeMappings []struct {
		ClientScope string
		Roles       []string
	}
	Clients []struct {
		ClientID     string
		PublicClient bool
		RedirectURIs []string
		Attributes   map[string]string
	}
	Users []struct {
		Username, FirstName, LastName, Email string
		RealmRoles                           []string
		Credentials                          []struct{ Value string }
	}
}

func keycloak(t *testing.T) (*profile.Profile, realm) {
	t.Helper()
	p, err := profile.Load("keycloak", func(string) string { return "" })
	require.NoError(t, err)
	data, err := os.ReadFile("keycloak/realm.json")
	require.NoError(t, err)
	var r realm
	require.NoError(t, json.Unmarshal(data, &r))
	return p, r
}

// TestTheRealmGivesTheRightsOfTheMocksRoles guards the one thing that neither side would complain about.
func TestTheRealmGivesTheRightsOfTheMocksRoles(t *testing.T) {
	t.Parallel()
	_, r := keycloak(t)
	grants := map[string][]string{}
	for _, m := range r.ScopeMappings {
		for _, role := range m.Roles {
			grants[role] = append(grants[role], m.ClientScope)
		}
	}
	require.ElementsMatch(t, []string{"create:todos", "read:todos", "delete:todos"}, grants["Admin"])
	require.ElementsMatch(t, []string{"create:todos"}, grants["User"])
}

func TestTheRealmHasWhatItsProfileSays(t *testing.T) {
	t.Parallel()
	p, r := keycloak(t)
	require.Equal(t, "http://localhost:8180/realms/"+r.Realm, p.Issuer)

	audiences := map[string][]string{}
	for _, s := range r.ClientScopes {
		for _, m := range s.ProtocolMappers {
			if m.ProtocolMapper == "oidc-audience-mapper" {
				audiences[s.Name] = append(audiences[s.Name], m.Config["included.custom.audience"]+m.Config["included.client.audience"])
			}
		}
	}
	for _, scope := range []string{"todo-mcp", p.WireScope("create:todos"), p.WireScope("read:todos"), p.WireScope("delete:todos")} {
		require.ElementsMatch(t, []string{p.Token.Audience, "todo-mcp"}, audiences[scope], scope)
	}
	seen := 0
	for _, c := range r.Clients {
		switch c.ClientID {
		case p.Clients.Registered.ID:
			seen++
			require.True(t, c.PublicClient)
			require.Contains(t, c.RedirectURIs, "http://127.0.0.1/callback", "without a port, so that any will do")
			require.Equal(t, "S256", c.Attributes["pkce.code.challenge.method"])
		case "todo-mcp":
			seen++
			require.Equal(t, p.Token.Audience, c.Attributes["resource_url"])
		}
	}
	require.Equal(t, 2, seen)

	people := map[string][]string{}
	passwords := map[string]string{}
	for _, u := range r.Users {
		people[u.Username], passwords[u.Username] = u.RealmRoles, u.Credentials[0].Value
		require.True(t, u.FirstName != "" && u.LastName != "" && u.Email != "", "%s stops at a page that asks for the rest", u.Username)
	}
	for role, logins := range map[string][]profile.Login{"Admin": p.Roles.Admin, "User": p.Roles.User} {
		for _, login := range logins {
			require.Contains(t, people[login.User], role)
			require.Equal(t, passwords[login.User], login.Password)
		}
	}
}
