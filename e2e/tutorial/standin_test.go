//go:build unix

package tutorial

import (
	"context"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	cmdline "mcpharness/internal/command"
	"mcpharness/internal/testlogto"
	"mcpharness/mockidp"
)

// live is the profile of a provider that runs, as the end-to-end tests have it. The part about that provider then goes to the real one.
var live = strings.TrimSuffix(filepath.Base(os.Getenv("E2E_PROFILE")), ".yaml")

// useLive leaves the port of a running Keycloak as it is.
func useLive(t *testing.T, p *ports) {
	if live != "keycloak" {
		return
	}
	issuer := os.Getenv("KEYCLOAK_ISSUER")
	if issuer == "" {
		issuer = "http://localhost:8180/realms/todo"
	}
	u, err := url.Parse(issuer)
	require.NoError(t, err)
	require.Equal(t, "/realms/todo", u.Path, "the tutorial is about the realm of this repository")
	p.use("8180", u.Port())
}

// standIns are what is started in the place of providers, with the personality of each.
var standIns = map[string]func(*testing.T, *terminal){
	"keycloak": func(t *testing.T, term *terminal) {
		if live == "keycloak" {
			t.Logf("Keycloak is the real one at %s", term.env["KEYCLOAK_ISSUER"])
			return
		}
		idp, err := mockidp.Start(mockidp.Options{
			As: "keycloak", Realm: "../../providers/keycloak/realm.json", Origin: "http://localhost:" + term.ports.of("8180"),
		}, at(t, term.ports.of("8180"))...)
		require.NoError(t, err)
		t.Cleanup(idp.Close)
	},

	// A Logto of the reader's own: recorded answers for its Management API, the personality for everything else.
	"logto": func(t *testing.T, term *terminal) {
		resource := "http://localhost:" + term.ports.of("3011") + "/mcp"
		origin := "http://localhost:" + term.ports.of("3001")
		config := mockidp.DefaultConfig()
		config.Resources[0].URI, config.DefaultResource = resource, resource
		for i := range config.Users {
			config.Users[i].Password = testlogto.Passwords[i]
		}
		for i := range config.Clients {
			if config.Clients[i].ID == "mcp-client" {
				config.Clients[i].ID = testlogto.NativeApplication
			}
		}
		personality, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		idp, err := mockidp.Start(mockidp.Options{As: "logto", Config: &config, Issuer: origin + "/oidc"}, personality)
		require.NoError(t, err)
		t.Cleanup(idp.Close)
		recording := testlogto.Play(t, strings.NewReplacer(testlogto.Resource, resource, url.QueryEscape(testlogto.Resource), url.QueryEscape(resource)), "dry-run", "empty")
		serve(t, at(t, term.ports.of("3001")), managed{recording, &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: personality.Addr().String()})
			r.Out.Host = r.In.Host
		}}})
		term.env["LOGTO_M2M_ID"], term.env["LOGTO_M2M_SECRET"] = testlogto.ID, testlogto.Secret
	},
}

// managed is a Logto: the Management API, with the token for it, and everything else.
type managed struct{ api, rest http.Handler }

func (m managed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _, application := r.BasicAuth()
	signIn := strings.HasPrefix(r.URL.Path, "/api/experience") || strings.HasPrefix(r.URL.Path, "/api/interaction")
	if application || strings.HasPrefix(r.URL.Path, "/api/") && !signIn {
		m.api.ServeHTTP(w, r)
		return
	}
	m.rest.ServeHTTP(w, r)
}

// at listens on a port of localhost, as the commands do.
func at(t *testing.T, port string) []net.Listener {
	t.Helper()
	listeners, _, err := cmdline.Listen("listen", "localhost:"+port, false)
	require.NoError(t, err)
	return listeners
}

func serve(t *testing.T, listeners []net.Listener, handler http.Handler) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- cmdline.Serve(ctx, handler, listeners) }()
	t.Cleanup(func() { stop(); require.NoError(t, <-ended) })
}
