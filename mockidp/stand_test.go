package mockidp_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/internal/useragent"
	"mcpharness/mockidp"
)

const (
	api      = "http://localhost:3001/mcp" // the default resource of the built-in configuration
	redirect = "http://localhost:54321/callback"
)

type object = map[string]any

// stand is a server that stands in for a provider, as its clients see it. Tests share one for each provider: making RSA keys takes time.
type stand struct {
	as       string
	idp      *mockidp.Server
	metadata object
	verifier string
}

var stands struct {
	sync.Mutex
	servers map[string]*mockidp.Server
}

func TestMain(m *testing.M) {
	stands.servers = map[string]*mockidp.Server{}
	defer func() {
		for _, server := range stands.servers {
			server.Close()
		}
	}()
	m.Run()
}

func standIn(t *testing.T, as string) *stand {
	t.Helper()
	stands.Lock()
	defer stands.Unlock()
	if stands.servers[as] == nil {
		server, err := mockidp.Start(mockidp.Options{As: as})
		require.NoError(t, err)
		stands.servers[as] = server
	}
	s := &stand{as: as, idp: stands.servers[as], verifier: oauth2.GenerateVerifier()}
	status, body := s.get(t, s.idp.MetadataURL())
	require.Equal(t, 200, status)
	s.metadata = body
	return s
}

// everywhere runs a test for each provider of a table, and wants all of them in it.
func everywhere[T any](t *testing.T, rows map[string]T, run func(t *testing.T, s *stand, row T)) {
	t.Helper()
	for _, p := range mockidp.Personalities() {
		require.Contains(t, rows, p.Name)
	}
	for as, row := range rows {
		t.Run(as, func(t *testing.T) {
			t.Parallel()
			run(t, standIn(t, as), row)
		})
	}
}

func (s *stand) get(t *testing.T, location string) (status int, body object) {
	t.Helper()
	res, err := s.idp.Client().Get(location)
	require.NoError(t, err)
	defer res.Body.Close()
	_ = json.NewDecoder(res.Body).Decode(&body) // a page is no object
	return res.StatusCode, body
}

// post posts a form to an endpoint of the metadata, with name and secret of a client or without.
func (s *stand) post(t *testing.T, endpoint string, form url.Values, client ...string) (status int, body object) {
	t.Helper()
	location, ok := s.metadata[endpoint].(string)
	require.True(t, ok, "no %s in the metadata of %s", endpoint, s.as)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, location, strings.NewReader(form.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if len(client) == 2 {
		request.SetBasicAuth(client[0], client[1])
	}
	res, err := s.idp.Client().Do(request)
	require.NoError(t, err)
	defer res.Body.Close()
	_ = json.NewDecoder(res.Body).Decode(&body)
	return res.StatusCode, body
}

// names writes scopes as clients of this provider do.
func (s *stand) names(scopes ...string) string {
	var words []string
	for _, scope := range scopes {
		if strings.Contains(scope, ":") {
			switch s.as {
			case "entra":
				scope = api + "/" + strings.ReplaceAll(scope, ":", "_")
			case "cognito":
				scope = api + "/" + scope
			}
		}
		words = append(words, scope)
	}
	return strings.Join(words, " ")
}

// authorize signs somebody in and returns what the client is told. The parameters come on top of a good request.
func (s *stand) authorize(t *testing.T, person string, parameters url.Values) url.Values {
	t.Helper()
	query := url.Values{
		"client_id": {"mcp-client"}, "redirect_uri": {redirect}, "response_type": {"code"}, "state": {"s"},
		"code_challenge": {oauth2.S256ChallengeFromVerifier(s.verifier)}, "code_challenge_method": {"S256"},
	}
	maps.Copy(query, parameters)
	location := s.metadata["authorization_endpoint"].(string) + "?" + query.Encode()
	callback, err := useragent.New(s.idp.Client()).SignIn(t.Context(), location, useragent.Person{Username: person, Password: person})
	require.NoError(t, err)
	return callback.Query()
}

// redeem exchanges a code. The parameters come on top of a good request.
func (s *stand) redeem(t *testing.T, code string, parameters url.Values) (status int, body object) {
	t.Helper()
	form := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"mcp-client"}, "redirect_uri": {redirect}, "code": {code}, "code_verifier": {s.verifier},
	}
	maps.Copy(form, parameters)
	return s.post(t, "token_endpoint", form)
}

// tokens is a whole flow for the default resource, which is named in every way that clients have.
func (s *stand) tokens(t *testing.T, person string, scopes ...string) object {
	t.Helper()
	named := url.Values{"resource": {api}}
	asked := url.Values{"resource": {api}, "scope": {s.names(scopes...)}, "prompt": {"consent"}}
	answer := s.authorize(t, person, asked)
	require.Empty(t, answer.Get("error"), answer)
	status, body := s.redeem(t, answer.Get("code"), named)
	require.Equal(t, 200, status, body)
	return body
}

// decoded reads a JWT without judging it; both are nil where it is none.
func decoded(token any) (header, claims object) {
	parts := strings.Split(token.(string), ".")
	if len(parts) != 3 {
		return nil, nil
	}
	for i, into := range []*object{&header, &claims} {
		raw, _ := base64.RawURLEncoding.DecodeString(parts[i])
		_ = json.Unmarshal(raw, into)
	}
	return header, claims
}

func decodeJSON(r io.Reader, into any) error { return json.NewDecoder(r).Decode(into) }
