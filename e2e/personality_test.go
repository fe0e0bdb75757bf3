package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// onEvery runs a flow on the mock as every provider that it can stand in for, each with the provider's own profile; or on the
// live provider. What differs is an expectation of the flow, asked of the profile's quirks.
func onEvery(t *testing.T, flow func(t *testing.T, on *target)) {
	t.Helper()
	if live != "" {
		flow(t, newTarget(t, setup{}))
		return
	}
	for i, p := range mockidp.Personalities() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			if i == 0 { // the strict one, with every request style that it takes
				flow(t, newTarget(t, setup{}))
				return
			}
			flow(t, newTarget(t, setup{as: p.Name}))
		})
		if p.Realms {
			t.Run(p.Name+" with its realm file", func(t *testing.T) {
				t.Parallel()
				flow(t, newTarget(t, setup{as: p.Name, realm: "../providers/" + p.Name + "/realm.json"}))
			})
		}
	}
}

// onEveryForMCPClients is onEvery for flows that need a whole MCP client. Where such clients refuse the provider, that is the flow.
func onEveryForMCPClients(t *testing.T, flow func(t *testing.T, on *target)) {
	t.Helper()
	onEvery(t, func(t *testing.T, on *target) {
		if on.profile.HasQuirk("no-pkce-metadata") {
			_, err := (&visitor{people: []string{"bob"}, registered: true, regardless: true}).connect(t, on)
			require.ErrorContains(t, err, "does not implement PKCE")
			return
		}
		flow(t, on)
	})
}

// profileOf names the profile for a personality: its own, or that of what it stands for.
func profileOf(as string) string {
	switch as {
	case "":
		return "mock"
	case "opaque":
		return "oauth2"
	}
	return as
}

// variable is the environment that points a profile at the mock.
func (on *target) variable(name string) string {
	issuer := on.idp.Issuer()
	switch {
	case name == "AUTH0_SCHEME":
		return "http"
	case name == "AUTH0_DOMAIN":
		return strings.Trim(strings.TrimPrefix(issuer, "http:"), "/")
	case name == "ENTRA_AUTHORITY":
		return strings.Join(strings.Split(issuer, "/")[:3], "/")
	case name == "ENTRA_TENANT_ID":
		return strings.Split(issuer, "/")[3]
	case name == "ENTRA_API_CLIENT_ID":
		return on.idp.Audience(on.url)
	case strings.HasSuffix(name, "_ISSUER"):
		return issuer
	case name == "KEYCLOAK_AUDIENCE" && on.realm != "":
		return "" // the realm says it
	case slices.Contains([]string{"KEYCLOAK_AUDIENCE", "ENTRA_APP_ID_URI", "COGNITO_RESOURCE_SERVER"}, name):
		return on.url
	case strings.HasSuffix(name, "_RS_CLIENT_SECRET"):
		return "todo-mcp-secret" // of the built-in configuration
	}
	return os.Getenv(name)
}

// grantable are the scopes that a person's client asks for at first: nil, for what the challenge names, or no more than the
// person's role allows where the provider would refuse the rest as an error.
func (on *target) grantable(ofRole []string) []string {
	if on.profile.HasQuirk("scope-by-policy") {
		return ofRole
	}
	return nil
}

// told are the roles that a token tells of.
func (on *target) told(roles []string) []string {
	if on.profile.HasQuirk("no-roles-in-token") {
		return []string{}
	}
	return roles
}

// refusal is a word of the refusal that reaches the caller of a tool for which the role has no right. Where the provider refuses
// scopes as an error, a client that steps up hears that.
func (on *target) refusal(word string) string {
	if on.profile.HasQuirk("scope-by-policy") {
		return "access_denied"
	}
	return word
}

var keys struct {
	sync.Mutex
	folder string
	files  map[string]string // by algorithm
}

// cachedKey is a file with a signing key for a personality: making an RSA key for every target would take most of the time.
func cachedKey(t *testing.T, as string) string {
	t.Helper()
	at := slices.IndexFunc(mockidp.Personalities(), func(p mockidp.Imitated) bool { return p.Name == as })
	require.GreaterOrEqual(t, at, 0, "no personality %q", as)
	algorithm := mockidp.Personalities()[at].Algorithm
	keys.Lock()
	defer keys.Unlock()
	if keys.files[algorithm] != "" {
		return keys.files[algorithm]
	}
	var key any
	var err error
	switch algorithm {
	case "ES256":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ES384":
		key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	default:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	require.NoError(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	if keys.files == nil {
		keys.files = map[string]string{}
		keys.folder, err = os.MkdirTemp("", "e2e-keys-")
		require.NoError(t, err)
	}
	file := filepath.Join(keys.folder, algorithm+".pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), 0o600))
	keys.files[algorithm] = file
	return file
}
