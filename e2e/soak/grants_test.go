package soak

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/testnet"
	"mcpharness/mockidp"
)

const (
	// The example of RFC 7636 appendix B.
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	callback  = "http://127.0.0.1:54321/callback"
	address   = "127.0.0.1:4444"
)

// Each round is a client that registers, signs bob in, redeems and refreshes, as MCP clients do at every sign-in. Some rounds
// replay what was used, revoke, or leave a sign-in behind.
func TestGrantsLeaveNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := testnet.New()
		t.Cleanup(func() { _ = network.Close() })
		l, err := network.Listen(address)
		require.NoError(t, err)
		config := mockidp.DefaultConfig()
		config.MaxRegisteredClients = 2 * rounds(t) / phases // full after two phases
		idp, err := mockidp.Start(mockidp.Options{Config: &config, AutoLogin: true}, l)
		require.NoError(t, err)
		t.Cleanup(idp.Close)
		s := server{t, idp.Issuer(), network.Client()}
		soak(t, s.grant, func() { s.grant(0) })
	})
}

type server struct {
	t      *testing.T
	issuer string
	http   *http.Client
}

func (s server) grant(n int) {
	registered := s.send(http.StatusCreated, "/register", "application/json",
		`{"redirect_uris":["`+callback+`"],"token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token"]}`)
	client := registered["client_id"].(string)
	request := url.Values{
		"client_id": {client}, "redirect_uri": {callback}, "response_type": {"code"}, "state": {"a-state"}, "nonce": {"a-nonce"},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"}, "scope": {"openid create:todos"},
	}
	if n%8 == 1 {
		s.authorize(request) // and nobody answers the page
	}
	request.Set("login_hint", "bob")
	code := s.authorize(request).Query().Get("code")
	require.NotEmpty(s.t, code)

	redeem := url.Values{"grant_type": {"authorization_code"}, "client_id": {client}, "code": {code}, "code_verifier": {verifier}, "redirect_uri": {callback}}
	first := s.token(http.StatusOK, redeem)
	refresh := func(status int, of map[string]any) map[string]any {
		return s.token(status, url.Values{"grant_type": {"refresh_token"}, "client_id": {client}, "refresh_token": {of["refresh_token"].(string)}})
	}
	second := refresh(http.StatusOK, first)
	switch n % 8 {
	case 2:
		s.token(http.StatusBadRequest, redeem) // ends the grant
		refresh(http.StatusBadRequest, second)
	case 3:
		refresh(http.StatusBadRequest, first) // a replay, which ends the grant too
		refresh(http.StatusBadRequest, second)
	case 4:
		s.send(http.StatusOK, "/revoke", "application/x-www-form-urlencoded", url.Values{"client_id": {client}, "token": {second["access_token"].(string)}}.Encode())
	}
}

// authorize returns where an authorization request is redirected to.
func (s server) authorize(request url.Values) *url.URL {
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.issuer+"/authorize?"+request.Encode(), nil)
	require.NoError(s.t, err)
	response, err := s.http.Transport.RoundTrip(r)
	require.NoError(s.t, err)
	require.NoError(s.t, response.Body.Close())
	to, err := response.Location()
	require.NoError(s.t, err)
	return to
}

func (s server) token(status int, form url.Values) map[string]any {
	return s.send(status, "/token", "application/x-www-form-urlencoded", form.Encode())
}

// send posts a body and returns the JSON of the answer, which must have this status.
func (s server) send(status int, path, mediaType, body string) (answer map[string]any) {
	response, err := s.http.Post(s.issuer+path, mediaType, strings.NewReader(body))
	require.NoError(s.t, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	require.Equal(s.t, status, response.StatusCode, "%s", raw)
	if len(raw) > 0 {
		require.NoError(s.t, json.Unmarshal(raw, &answer))
	}
	return answer
}
