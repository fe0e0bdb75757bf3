package idp_test

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// run is a server that a test ends itself. All of them are at one issuer, as those of a server that is started again.
func run(t *testing.T, options mockidp.Options) server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	options.Issuer = "http://idp.example"
	idp, err := mockidp.Start(options, l)
	require.NoError(t, err)
	t.Cleanup(idp.Close)
	idp.Client().Transport = to(l.Addr().String())
	return server{idp, t}
}

func TestARegisteredClientOutlivesARestart(t *testing.T) {
	t.Parallel()
	options := mockidp.Options{StateFile: filepath.Join(t.TempDir(), "state.json")}
	s := run(t, options)
	registered := s.send("POST", "/register", `{"client_name":"Kept","redirect_uris":["`+callback+`"],"grant_types":["authorization_code","refresh_token"]}`, "Content-Type", "application/json").json
	id, secret := registered["client_id"].(string), registered["client_secret"].(string)
	code := s.allowed("bob", asking(q{"client_id": one(id), "scope": one("openid")})).Query().Get("code")
	before := s.issued(redeeming(code, q{"client_id": nil}), basic(id, secret)...)
	require.NoError(t, s.RotateKeys())
	keys := s.get("/jwks").json
	require.NoError(t, s.Shutdown())

	s = run(t, options)
	require.Equal(t, keys, s.get("/jwks").json)
	userinfo := s.get("/userinfo", "Authorization", "Bearer "+before["access_token"].(string))
	require.NotEqual(t, 200, userinfo.status, "an access token ends with its grant, and grants are not kept")
	require.Contains(t, s.refused(400, "invalid_grant", refreshing(before["refresh_token"], q{"client_id": nil}), basic(id, secret)...), "older than this server's last start")
	code = s.allowed("bob", asking(q{"client_id": one(id)})).Query().Get("code")
	s.issued(redeeming(code, q{"client_id": nil}), basic(id, secret)...)
	require.Contains(t, s.refused(401, "invalid_client", redeeming("x", q{"client_id": nil}), basic(id, "wrong")...), "the client secret is wrong")
	require.NoError(t, s.Shutdown())

	s = run(t, mockidp.Options{})
	require.NotEqual(t, keys, s.get("/jwks").json)
	require.Contains(t, s.get("/authorize?"+asking(q{"client_id": one(id)}).Encode()).body, "This client is not known here")
}

func TestAChangedOrDeletedRegistrationIsSoAfterARestart(t *testing.T) {
	t.Parallel()
	options := mockidp.Options{StateFile: filepath.Join(t.TempDir(), "state.json")}
	s := run(t, options)
	register := func() (id, manage, token string) {
		r := s.send("POST", "/register", `{"redirect_uris":["`+callback+`"],"token_endpoint_auth_method":"none"}`, "Content-Type", "application/json").json
		return r["client_id"].(string), r["registration_client_uri"].(string), r["registration_access_token"].(string)
	}
	changed, at, token := register()
	gone, goneAt, goneToken := register()
	require.Equal(t, 200, s.send("PUT", at, `{"client_id":"`+changed+`","client_name":"Renamed","redirect_uris":["`+callback+`"],"token_endpoint_auth_method":"none"}`, "Content-Type", "application/json", "Authorization", "Bearer "+token).status)
	require.Equal(t, 204, s.send("DELETE", goneAt, "", "Authorization", "Bearer "+goneToken).status)
	require.NoError(t, s.Shutdown())

	s = run(t, options)
	require.Contains(t, s.get("/").body, "Renamed")
	require.NotContains(t, s.get("/").body, gone)
	again := s.send("GET", at, "", "Authorization", "Bearer "+token)
	require.Equal(t, 200, again.status, again.body)
	require.Equal(t, "Renamed", again.json["client_name"])
	require.Equal(t, 401, s.send("GET", goneAt, "", "Authorization", "Bearer "+goneToken).status)
}

func TestAnotherAlgorithmMakesANewKeyAndKeepsTheOldOnePublished(t *testing.T) {
	t.Parallel()
	options := mockidp.Options{StateFile: filepath.Join(t.TempDir(), "state.json")}
	s := run(t, options)
	old := kids(s)
	require.NoError(t, s.Shutdown())

	config := mockidp.DefaultConfig()
	config.SigningAlgorithm = "EdDSA"
	options.Config = &config
	s = run(t, options)
	both := kids(s)
	require.Len(t, both, 2)
	require.Equal(t, old[0], both[1])
	header, _ := claims(t, s.grant("bob", nil)["access_token"])
	require.Equal(t, "EdDSA", header["alg"])
	require.Equal(t, both[0], header["kid"])
	require.NoError(t, s.Shutdown())
	require.Equal(t, both, kids(run(t, options)), "and the next start needs no new one")
}

func kids(s server) (kids []string) {
	s.t.Helper()
	for _, key := range s.get("/jwks").json["keys"].([]any) {
		kids = append(kids, key.(map[string]any)["kid"].(string))
	}
	return kids
}

func TestAStateFileServesOneServerAtATime(t *testing.T) {
	t.Parallel()
	options := mockidp.Options{StateFile: filepath.Join(t.TempDir(), "state.json")}
	first := run(t, options)
	_, err := mockidp.Start(options)
	require.ErrorContains(t, err, "another mock-idp uses it")
	require.NoError(t, first.Shutdown())

	broken := options
	broken.Issuer = "x"
	_, err = mockidp.Start(broken)
	require.ErrorContains(t, err, "want an http or https URL")
	again, err := mockidp.Start(options)
	require.NoError(t, err, "a start that failed has let go of it")
	again.Close()
}

// to reaches one address, whatever the URL says.
func to(address string) http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	return transport
}
