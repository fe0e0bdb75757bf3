package fidelity

import (
	"cmp"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/profile"
	"mcpharness/internal/useragent"
	"mcpharness/mockidp"
)

// pair is a personality and the provider that it is compared with.
type pair struct {
	name       string                    // of the personality, and of the folder of known differences
	as         string                    // the personality, where the name is not its own
	areas      []string                  // that are asked about; nil: all
	profile    string                    // of the provider, by name
	recordedAt string                    // product and version: the folder of the recording
	mock       map[string]string         // what points the profile at the mock; ISSUER stands for its issuer
	other      string                    // a second public client that both sides know
	resource   string                    // the client that introspects, where the profile names none
	secret     string                    // of that client, where the environment names none
	options    mockidp.Options           // of the mock, beside the personality
	overlay    string                    // a file with more members for the realm file of the options
	start      func(t *testing.T) string // starts the other side where it is asked for, and returns its issuer, or ""; nil: E2E_PROFILE says where it is
	owner      string                    // who mends its differences; empty: whose area they are of
	lacks      map[string]string         // what the other side cannot do for a probe, and why
}

var pairs = []pair{
	{
		name: "keycloak", profile: "keycloak", recordedAt: "keycloak-26.7.4",
		mock:  map[string]string{"KEYCLOAK_ISSUER": "ISSUER"},
		other: "mcp-inspector", secret: "todo-mcp-secret", // of the realm file
		options: mockidp.Options{Realm: "../../providers/keycloak/realm.json"}, // one file behind both back ends
	},
	{
		name: "keycloak-resource-indicators", as: "keycloak", profile: "keycloak", recordedAt: "keycloak-26.7.4-resource-indicators",
		areas: []string{"resource", "metadata"}, // nothing else changes
		mock:  map[string]string{"KEYCLOAK_ISSUER": "ISSUER"},
		other: "mcp-inspector", secret: "todo-mcp-secret",
		options: mockidp.Options{Realm: "../../providers/keycloak/realm.json", Features: []string{"resource-indicators"}},
	},
	{ // live: KEYCLOAK_REALM names a realm file with the overlay in it, as jq -s '.[0] * .[1]' makes one
		name: "keycloak-cimd", as: "keycloak", profile: "keycloak", recordedAt: "keycloak-26.7.4-cimd",
		areas: []string{"document", "metadata"},
		mock:  map[string]string{"KEYCLOAK_ISSUER": "ISSUER"},
		other: "mcp-inspector", secret: "todo-mcp-secret",
		options: mockidp.Options{Realm: "../../providers/keycloak/realm.json", Features: []string{"cimd"}}, overlay: "testdata/documents.json",
	},
	{
		name: "logto", profile: "logto", recordedAt: "oidc-provider-9.9.1", start: startEngine, owner: "logto",
		mock:  map[string]string{"LOGTO_ISSUER": "ISSUER"},
		other: "mcp-inspector", resource: "todo-mcp", secret: "todo-mcp-secret",
		options: mockidp.Options{Config: likeTheEngine()},
		lacks:   map[string]string{"form": "the sign-in page of Logto has no form: its script calls an API"},
	},
}

// redirect is a redirect URI of the profile's client. Nobody listens there: the redirect is looked at, not followed.
const redirect = "http://127.0.0.1:45671/callback"

// isLive reports whether E2E_PROFILE names this pair's provider, with the features that KC_FEATURES has started it with.
func (p pair) isLive() bool {
	return p.start == nil && os.Getenv("KC_FEATURES") == strings.Join(p.options.Features, ",") && strings.TrimSuffix(filepath.Base(os.Getenv("E2E_PROFILE")), ".yaml") == p.profile
}

func (p pair) startMock(t *testing.T) *party {
	t.Helper()
	p.options.As = cmp.Or(p.as, p.name)
	if p.overlay != "" {
		p.options.Realm = overlaid(t, p.options.Realm, p.overlay)
	}
	idp := mockidp.New(t, p.options)
	loaded, err := profile.Load(p.profile, func(name string) string {
		return strings.ReplaceAll(p.mock[name], "ISSUER", idp.Issuer())
	})
	require.NoError(t, err)
	return p.party(t, "the mock", loaded)
}

// overlaid writes a realm file with the members of both files.
func overlaid(t *testing.T, files ...string) string {
	t.Helper()
	members := map[string]json.RawMessage{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(data, &members), file)
	}
	data, err := json.Marshal(members)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "realm.json")
	require.NoError(t, os.WriteFile(file, data, 0o600))
	return file
}

// started starts the other side, if that is for the tests to do and somebody asked for it.
func (p pair) started(t *testing.T) *party {
	t.Helper()
	if p.start == nil {
		return nil
	}
	issuer := p.start(t)
	if issuer == "" {
		return nil
	}
	loaded, err := profile.Load(p.profile, func(name string) string { return strings.ReplaceAll(p.mock[name], "ISSUER", issuer) })
	require.NoError(t, err)
	return p.party(t, p.recordedAt, loaded)
}

func (p pair) reachLive(t *testing.T) *party {
	t.Helper()
	loaded, err := profile.Load(os.Getenv("E2E_PROFILE"), os.Getenv)
	require.NoError(t, err)
	return p.party(t, "the live provider", loaded)
}

// party is one side of a pair, as a client knows it. It is not changed after it was made.
type party struct {
	pair
	name      string
	issuer    string
	endpoints map[string]string // by the metadata's name, without _endpoint
	metadata  map[string]any
	http      *http.Client // follows no redirect
	client    client       // public, of the profile
	other     client       // another public one
	resource  client       // the profile's client that introspects
	people    map[string]useragent.Person
}

// client is how somebody comes to the token endpoint. Without a secret it is a public one.
type client struct {
	id, secret string
	redirect   string
	uri, token string // of its registration, where it registered itself
}

func (p pair) party(t *testing.T, name string, loaded *profile.Profile) *party {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 16
	t.Cleanup(transport.CloseIdleConnections)
	roles := loaded.Roles
	side := &party{
		pair: p, name: name, issuer: loaded.Issuer, endpoints: map[string]string{},
		http: &http.Client{
			Transport: transport, Timeout: 30 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		client:   client{id: loaded.Clients.Registered.ID, redirect: redirect},
		other:    client{id: p.other},
		resource: client{id: cmp.Or(loaded.Introspection.ClientID, p.resource), secret: p.secret},
		people:   map[string]useragent.Person{"alice": person(roles.Admin[0]), "bob": person(roles.User[0]), "carol": person(roles.User[1])},
	}
	if secret := os.Getenv(loaded.Introspection.SecretEnv); secret != "" && loaded.Introspection.SecretEnv != "" {
		side.resource.secret = secret
	}
	side.discover(t)
	return side
}

func person(l profile.Login) useragent.Person {
	return useragent.Person{Username: l.User, Password: l.Password}
}

// discover reads the metadata that both OAuth and OpenID Connect clients find.
func (side *party) discover(t *testing.T) {
	t.Helper()
	c := &talk{party: side, ctx: t.Context()}
	a, err := c.exchange(request{to: side.issuer + "/.well-known/openid-configuration"})
	require.NoError(t, err, "is the provider at %s running?", side.issuer)
	require.Equal(t, http.StatusOK, a.status)
	side.metadata, _ = a.json().(map[string]any)
	for name, value := range side.metadata {
		if short, found := strings.CutSuffix(name, "_endpoint"); found {
			side.endpoints[short], _ = value.(string)
		}
	}
	side.endpoints["jwks"], _ = side.metadata["jwks_uri"].(string)
}
