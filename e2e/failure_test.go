package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/internal/providercheck"
)

// The tests in failure_*_test.go reproduce failures that people met between real clients, servers and providers. docs/failures.md
// lists them. Each has a half that fails, as it did there, and a half that shows what gets through.

// offline skips on a live provider: it cannot fail when asked, or be another one.
func offline(t *testing.T) {
	t.Helper()
	if live != "" {
		lacks(t, misbehaving)
	}
}

// refused wants the server to refuse a token, and returns the words of its challenge.
func (on *target) refused(t *testing.T, token string) string {
	t.Helper()
	got := on.ask(t, "Bearer "+token)
	require.Equal(t, http.StatusUnauthorized, got.status, string(got.body))
	require.Equal(t, "invalid_token", got.challengeError(t))
	return got.header.Get("WWW-Authenticate")
}

// accepted wants the server to take a token.
func (on *target) accepted(t *testing.T, token string) {
	t.Helper()
	got := on.ask(t, "Bearer "+token)
	require.Equal(t, http.StatusOK, got.status, "%s %s", got.header.Get("WWW-Authenticate"), got.body)
}

// redeem posts a form to the token endpoint, with a client's secret or without.
func (on *target) redeem(t *testing.T, form url.Values, client ...string) (status int, body map[string]any) {
	t.Helper()
	metadata, err := on.metadata(t.Context())
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, metadata.TokenEndpoint, strings.NewReader(form.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if len(client) == 2 {
		request.SetBasicAuth(client[0], client[1])
	}
	response, err := on.http.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.NoError(t, json.NewDecoder(response.Body).Decode(&body))
	return response.StatusCode, body
}

// flow signs somebody in with the profile's client. The parameters come on top of the authorization request.
func (v *visitor) flow(t *testing.T, on *target, parameters ...string) (*oauth2.Token, error) {
	t.Helper()
	v.settle(on)
	client, err := v.client(t.Context(), on)
	require.NoError(t, err)
	return v.codeFlow(t.Context(), on, client, with(parameters...)...)
}

// with makes options of names and values.
func with(parameters ...string) (options []oauth2.AuthCodeOption) {
	for i := 0; i < len(parameters); i += 2 {
		options = append(options, oauth2.SetAuthURLParam(parameters[i], parameters[i+1]))
	}
	return options
}

// diagnosis asks what check-provider says of the issuer, and returns the findings that are not well, by code.
func (on *target) diagnosis(t *testing.T, options providercheck.Options) map[providercheck.Code]providercheck.Finding {
	t.Helper()
	options.Issuer = on.issuer
	report, err := providercheck.Run(t.Context(), options)
	require.NoError(t, err)
	findings := map[providercheck.Code]providercheck.Finding{}
	for _, f := range report.Findings {
		if f.Level == providercheck.Error || f.Level == providercheck.Warning {
			findings[f.Code] = f
		}
	}
	return findings
}

// byHand is what check-provider needs to ask as the profile's client.
func (on *target) byHand(scopes ...string) providercheck.Options {
	return providercheck.Options{Resource: on.url, Scopes: scopes, Client: &providercheck.Client{ID: on.profile.Clients.Registered.ID, RedirectURI: registeredRedirect}}
}

// prm reads the protected resource metadata where the challenge says they are.
func (on *target) prm(t *testing.T) *oauthex.ProtectedResourceMetadata {
	t.Helper()
	challenges, err := oauthex.ParseWWWAuthenticate(on.ask(t, "").header.Values("WWW-Authenticate"))
	require.NoError(t, err)
	require.Len(t, challenges, 1)
	metadata, err := oauthex.GetProtectedResourceMetadata(t.Context(), challenges[0].Params["resource_metadata"], on.url, on.http)
	require.NoError(t, err)
	return metadata
}
