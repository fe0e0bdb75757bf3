package e2e

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/profile"
	"mcpharness/internal/todomcp"
	"mcpharness/internal/useragent"
	"mcpharness/mockidp"
)

// live is the profile of a real provider, by path or by name. Empty: every test starts a mock of its own.
var live = os.Getenv("E2E_PROFILE")

// startMock starts an authorization server that knows the todo server by its URL, and reads the profile that is for it.
func (on *target) startMock(t *testing.T, l net.Listener, s setup) {
	t.Helper()
	config := mockidp.DefaultConfig()
	config.Resources[0].URI, config.DefaultResource = on.url, on.url
	config.AcceptAudience = s.as == ""
	if s.configure != nil {
		s.configure(&config)
	}
	if s.as != "" {
		config.SigningKey = cachedKey(t, s.as)
	}
	options := mockidp.Options{As: s.as, Config: &config, Resources: []string{todomcp.SSEURL(on.url)}, Faults: s.faults}
	if on.realm = s.realm; s.realm != "" {
		options.Realm, options.Resources = s.realm, nil
	}
	if s.path != "" {
		options.Issuer = "http://" + l.Addr().String() + s.path
	}
	var err error
	on.idp, err = mockidp.Start(options, l)
	require.NoError(t, err)
	t.Cleanup(on.idp.Close)
	on.profile, err = profile.Load(profileOf(s.as), on.variable)
	require.NoError(t, err)
	if roles := &on.profile.Roles; len(roles.Admin) == 0 { // the profile knows nobody: the mock's own people
		roles.Admin, roles.User = []profile.Login{{User: "alice"}}, []profile.Login{{User: "bob"}, {User: "carol"}}
	}
	if s.as != "" {
		on.askStyles(t)
		return
	}
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
	on.askStyles(t)
}

// askStyles asks the provider's metadata how clients may come. MCP clients always send resource, so every provider must bear it.
func (on *target) askStyles(t *testing.T) {
	t.Helper()
	on.issuer = on.profile.Issuer
	metadata, err := on.metadata(t.Context())
	require.NoError(t, err, "is the provider at %s running?", on.issuer)
	on.registers = metadata.RegistrationEndpoint != ""
	on.styles = []profile.Target{on.profile.Target}
	if on.profile.Target != profile.TargetResource && !on.profile.HasQuirk("no-pkce-metadata") {
		on.styles = append(on.styles, profile.TargetResource)
	}
}

// metadata reads the issuer's document as MCP clients do. They refuse a provider that does not say that it has PKCE
// (MCP 2025-06-18, authorization), so there the document is read as clients of OpenID Connect do.
func (on *target) metadata(ctx context.Context) (*oauthex.AuthServerMeta, error) {
	metadata, err := auth.GetAuthServerMetadata(ctx, on.issuer, on.http)
	if on.profile.HasQuirk("no-pkce-metadata") {
		if err == nil || !strings.Contains(err.Error(), "PKCE") {
			return nil, fmt.Errorf("metadata: want the client to miss PKCE, which the profile says is not advertised, got %v", err)
		}
		provider, err := oidc.NewProvider(oidc.ClientContext(ctx, on.http), on.issuer)
		if err != nil {
			return nil, err
		}
		metadata = new(oauthex.AuthServerMeta)
		return metadata, provider.Claims(metadata)
	}
	if err == nil && metadata == nil {
		err = fmt.Errorf("no metadata at %s", on.issuer)
	}
	return metadata, err
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
