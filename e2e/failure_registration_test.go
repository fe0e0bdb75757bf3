package e2e

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/internal/providercheck"
	"mcpharness/mockidp"
)

// enrol posts client metadata to the registration endpoint, with an initial access token or none.
func (on *target) enrol(t *testing.T, client map[string]any, token string) (status int, answer map[string]any) {
	t.Helper()
	metadata, err := on.metadata(t.Context())
	require.NoError(t, err)
	document, err := json.Marshal(client)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, metadata.RegistrationEndpoint, bytes.NewReader(document))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := on.http.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	return response.StatusCode, answer
}

func nativeClient(more ...any) map[string]any {
	client := map[string]any{"redirect_uris": []string{ownRedirect}, "token_endpoint_auth_method": "none"}
	for i := 0; i < len(more); i += 2 {
		client[more[i].(string)] = more[i+1]
	}
	return client
}

// Failure 7: registration is there, and not for everybody. What a policy refuses is told in its own words, and another way is open.
func TestARegistrationThatAPolicyRefusesSaysWhyAndHasAnotherWay(t *testing.T) {
	t.Parallel()
	offline(t)
	for fault, row := range map[string]struct {
		bad    map[string]any
		status int
		text   string
		good   map[string]any
		token  string
	}{
		"registration-hosts":   {nativeClient(), 403, "Host not trusted", nil, ""},
		"registration-token":   {nativeClient(), 401, "Failed decode token", nativeClient(), "an initial access token"},
		"registration-scopes":  {nativeClient("scope", "openid create:todos"), 403, "Not permitted to use specified clientScope", nativeClient("scope", "create:todos"), ""},
		"registration-members": {nativeClient("resource", "http://localhost:3001/mcp"), 400, `Unrecognized field "resource"`, nativeClient(), ""},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			on := newTarget(t, setup{faults: []string{fault}})
			status, answer := on.enrol(t, row.bad, "")
			require.Equal(t, row.status, status)
			require.Contains(t, answer["error_description"], row.text)
			if row.good != nil {
				status, answer = on.enrol(t, row.good, row.token)
				require.Equal(t, 201, status, answer)
			}
			seen := on.diagnosis(t, providercheck.Options{Register: true})
			closed := row.good == nil || row.token != ""
			if _, err := (&visitor{people: []string{"bob"}}).connect(t, on); closed {
				require.ErrorContains(t, err, "failed to register client")
				require.Contains(t, seen[providercheck.Registration].Seen, "it is not open")
			} else {
				require.NoError(t, err, "go-sdk registers with what it needs and no more")
				require.NotContains(t, seen, providercheck.Registration)
			}
			(&visitor{people: []string{"bob"}, registered: true}).visit(t, on) // a client that was made by hand needs no registration
		})
	}
}

// Failure 8: a client asks for the method none and is given a secret. What counts is the answer (RFC 7591 section 3.2.1).
func TestAClientThatWasGivenASecretUsesIt(t *testing.T) {
	t.Parallel()
	offline(t)
	on := newTarget(t, setup{faults: []string{"registration-secret"}})
	status, answer := on.enrol(t, nativeClient(), "")
	require.Equal(t, 201, status)
	v := &visitor{people: []string{"bob"}, registered: true}
	client, err := v.client(t.Context(), on)
	require.NoError(t, err)
	client.ClientID, client.RedirectURL = answer["client_id"].(string), ownRedirect
	_, err = v.codeFlow(t.Context(), on, client)
	require.ErrorContains(t, err, "invalid_client", "who goes on as the public client that it asked to be is not known")

	client.ClientSecret, client.Endpoint.AuthStyle = answer["client_secret"].(string), oauth2.AuthStyleInHeader
	token, err := v.codeFlow(t.Context(), on, client)
	require.NoError(t, err)
	on.accepted(t, token.AccessToken)
	(&visitor{people: []string{"bob"}}).visit(t, on) // go-sdk reads the answer

	seen := on.diagnosis(t, providercheck.Options{Register: true})[providercheck.RegistrationAnswer]
	require.Contains(t, seen.Seen, "a client_secret, where none was asked for")
}

// Failure 8, the other way round: a client sends its secret where it was not registered to.
func TestAClientAuthenticatesInTheOneWayThatItIsRegisteredFor(t *testing.T) {
	t.Parallel()
	offline(t)
	on := newTarget(t, setup{})
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"nobody's"}}
	_, body := on.redeem(t, form, "todo-web", "todo-web-secret")
	require.Equal(t, "invalid_grant", body["error"], "by the Authorization header it is known")
	form["client_id"], form["client_secret"] = []string{"todo-web"}, []string{"todo-web-secret"}
	status, body := on.redeem(t, form)
	require.Equal(t, 401, status)
	require.Equal(t, "invalid_client", body["error"])
	require.Contains(t, body["error_description"], "client_secret_basic", "the refusal says which way is right")
}

// restarted ends the target's mock and starts one anew at the same address. It remembers nothing.
func (on *target) restarted(t *testing.T, faults ...string) {
	t.Helper()
	host, err := url.Parse(on.issuer)
	require.NoError(t, err)
	on.idp.Close()
	config := on.idp.Config()
	on.idp, err = mockidp.Start(mockidp.Options{Config: &config, Faults: faults}, listenAgain(t, host.Host))
	require.NoError(t, err)
	t.Cleanup(on.idp.Close)
}

// Failure 17: the provider forgot a client that had registered itself.
func TestAClientThatWasForgottenRegistersAgain(t *testing.T) {
	t.Parallel()
	offline(t)
	for name, row := range map[string]struct {
		faults []string
		status int
		code   any
	}{
		"as OAuth says it": {nil, 401, "invalid_client"},
		"in other words":   {[]string{"unknown-client-unclear"}, 422, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			on := newTarget(t, setup{})
			bob := &visitor{people: []string{"bob"}, refresh: true}
			client, err := bob.client(t.Context(), on)
			require.NoError(t, err)
			bob.settle(on)
			_, err = bob.codeFlow(t.Context(), on, client)
			require.NoError(t, err)
			session := bob.visit(t, on)
			made := create(t, session, "before the restart")

			on.restarted(t, row.faults...)
			status, body := on.redeem(t, url.Values{"grant_type": {"refresh_token"}, "client_id": {client.ClientID}, "refresh_token": {"any"}})
			require.Equal(t, row.status, status)
			require.Equal(t, row.code, body["error"])
			_, err = bob.codeFlow(t.Context(), on, client)
			require.ErrorContains(t, err, "This client is not known here", "a client that keeps its identifier can only show this page")

			require.Contains(t, list(t, session), made.ID, "go-sdk registers anew, bob signs in, and his todos are still his")
		})
	}
}

func listenAgain(t *testing.T, address string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", address)
	require.NoError(t, err)
	return l
}
