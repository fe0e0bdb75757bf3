package e2e

import (
	"net"
	"os"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/profile"
	"mcpharness/internal/todomcp"
	"mcpharness/internal/useragent"
	"mcpharness/mockidp"
)

// live is the profile of a real provider, by path or by name. Empty: every test starts a mock of its own.
var live = os.Getenv("E2E_PROFILE")

// startMock starts an authorization server that knows the todo server by its URL.
func (on *target) startMock(t *testing.T, l net.Listener, configure func(*mockidp.Config)) {
	t.Helper()
	config := mockidp.DefaultConfig()
	config.Resources[0].URI, config.DefaultResource = on.url, on.url
	config.AcceptAudience = true
	if configure != nil {
		configure(&config)
	}
	var err error
	on.idp, err = mockidp.Start(mockidp.Options{Config: &config, Resources: []string{todomcp.SSEURL(on.url)}}, l)
	require.NoError(t, err)
	t.Cleanup(on.idp.Close)
	on.profile, err = profile.Load("mock", func(name string) string {
		if name == "MOCK_IDP_ISSUER" {
			return on.idp.Issuer()
		}
		return os.Getenv(name)
	})
	require.NoError(t, err)
	on.styles = []profile.Target{profile.TargetResource, profile.TargetAudience, profile.TargetScope}
	on.registers = true
}

// reachLive reads the profile of E2E_PROFILE and asks its provider what it can do.
func (on *target) reachLive(t *testing.T) {
	t.Helper()
	var err error
	on.profile, err = profile.Load(live, os.Getenv)
	require.NoError(t, err)
	if len(on.profile.Roles.Admin) < 1 || len(on.profile.Roles.User) < 2 {
		lacks(t, people)
	}
	metadata, err := auth.GetAuthServerMetadata(t.Context(), on.profile.Issuer, on.http)
	require.NoError(t, err, "is the provider of %s running?", live)
	require.NotNil(t, metadata, "no metadata at %s: is the provider of %s running?", on.profile.Issuer, live)
	on.registers = metadata.RegistrationEndpoint != ""
	on.styles = []profile.Target{profile.TargetResource} // MCP clients always send resource, so every provider must bear it
	if on.profile.Target != profile.TargetResource {
		on.styles = append(on.styles, on.profile.Target)
	}
}

// person finds who plays a part: alice is the profile's first admin, bob and carol are its first users. A test's own
// configuration may have more people, who play themselves.
func (on *target) person(part string) useragent.Person {
	roles := on.profile.Roles
	logins := map[string]profile.Login{"alice": roles.Admin[0], "bob": roles.User[0], "carol": roles.User[1]}
	login, ok := logins[part]
	if !ok {
		login.User = part
	}
	return useragent.Person{Username: login.User, Password: login.Password}
}

// granted are the scopes that a client asked for, out of those that its token carries.
func (on *target) granted(scopes []string) []string {
	if !on.profile.HasQuirk("unasked-scopes") {
		return scopes
	}
	var asked []string
	for _, scope := range todoScopes {
		for _, carried := range scopes {
			if carried == scope {
				asked = append(asked, scope)
			}
		}
	}
	return asked
}
