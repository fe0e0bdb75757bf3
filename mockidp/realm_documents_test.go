package mockidp_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/mockidp"
)

// documentPolicy is a client policy as Keycloak's export has it, for documents at localhost and below example.com.
const documentPolicy = `
	"clientProfiles": {"profiles": [{"name": "documents", "executors": [{"executor": "client-id-metadata-document", "configuration":
		{"cimd-allow-http-scheme": true, "cimd-allow-permitted-domains": ["localhost", "*.example.com"], "cimd-restrict-same-domain": false}}]}]},
	"clientPolicies": {"policies": [{"name": "documents", "enabled": true, "profiles": ["documents"], "conditions": [{"condition": "client-id-uri", "configuration":
		{"client-id-uri-scheme": ["http", "https"], "client-id-uri-allow-permitted-domains": ["localhost", "*.example.com"]}}]}]}`

// withDocuments is a Keycloak with the realm of realmFile, a client policy and the feature cimd.
func withDocuments(t *testing.T, policy string) realmClient {
	t.Helper()
	data, err := os.ReadFile(realmFile)
	require.NoError(t, err)
	file := writeRealm(t, strings.TrimSuffix(strings.TrimSpace(string(data)), "}")+","+policy+"}")
	idp := mockidp.New(t, mockidp.Options{As: "keycloak", Realm: file, Features: []string{"cimd"}})
	return realmClient{issuer: idp.Issuer(), http: idp.Client(), verifier: oauth2.GenerateVerifier()}
}

// documents serves client documents.
type documents struct {
	base    string
	mu      sync.Mutex
	bodies  map[string]string
	fetches atomic.Int32
}

func serveDocuments(t *testing.T) *documents {
	t.Helper()
	d := &documents{bodies: map[string]string{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.fetches.Add(1)
		d.mu.Lock()
		defer d.mu.Unlock()
		body, has := d.bodies[r.URL.Path]
		if !has {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, body) // text/plain: the type is not looked at
	}))
	t.Cleanup(server.Close)
	d.base = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	return d
}

// add serves a good document with some members changed; nil takes one out.
func (d *documents) add(changes object) (location string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	path := "/" + strconv.Itoa(len(d.bodies)) + ".json"
	document := object{"client_id": d.base + path, "client_name": "By document", "redirect_uris": []string{redirect}, "token_endpoint_auth_method": "none"}
	maps.Copy(document, changes)
	maps.DeleteFunc(document, func(_ string, value any) bool { return value == nil })
	body, _ := json.Marshal(document)
	d.bodies[path] = string(body)
	return d.base + path
}

// told is the text of the page that an authorization request gets for a client.
func (k realmClient) told(t *testing.T, id string) (status int, text string) {
	t.Helper()
	query := url.Values{"client_id": {id}, "redirect_uri": {redirect}, "response_type": {"code"}, "scope": {"openid"}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, k.issuer+"/protocol/openid-connect/auth?"+query.Encode(), nil)
	require.NoError(t, err)
	request.Header.Set("Accept", "application/json")
	res, err := k.http.Do(request)
	require.NoError(t, err)
	defer res.Body.Close()
	var body struct{ Error string }
	_ = json.NewDecoder(res.Body).Decode(&body)
	return res.StatusCode, body.Error
}

// TestAClientDocumentNeedsAPolicyOfTheRealm: all was measured on Keycloak 26.7.4 with the feature cimd.
func TestAClientDocumentNeedsAPolicyOfTheRealm(t *testing.T) {
	t.Parallel()
	served := serveDocuments(t)
	id := served.add(nil)
	plain := todoRealm(t, "cimd")
	status, text := plain.told(t, id)
	require.Equal(t, []any{400, "Client not found."}, []any{status, text})
	require.Zero(t, served.fetches.Load())

	k := withDocuments(t, documentPolicy)
	k.id = id
	status, body := k.redeem(t, "x", nil)
	require.Equal(t, []any{401, "invalid_client"}, []any{status, body["error"]}, "known when it was seen by a browser")
	for range 2 {
		code := k.authorize(t, "alice", url.Values{"scope": {"openid create:todos"}}).Get("code")
		status, body = k.redeem(t, code, nil)
		require.Equal(t, 200, status, body)
		header, claims := decoded(body["access_token"])
		require.Equal(t, []any{"JWT", id, "create:todos email openid profile"}, []any{header["typ"], claims["azp"], inOrder(body["scope"])})
		require.Contains(t, body, "refresh_token")
	}
	require.EqualValues(t, 1, served.fetches.Load(), "it is fetched once")
}

func TestWhatIsWrongWithAClientDocumentIsToldInKeycloaksWords(t *testing.T) {
	t.Parallel()
	served := serveDocuments(t)
	good := served.add(nil)
	const secret = "Invalid Client Metadata: client_secret or client_secret_expires_at property in client metadata is must not included."
	const method = "Invalid Client Metadata: token_endpoint_auth_method property in client metadata is not-allowed authentication method.."
	const redirects = "Invalid Client Metadata: redirect_uri parameter does not exactly match the one of redirect_uris property in client metadata."
	k := withDocuments(t, documentPolicy)
	for name, row := range map[string]struct{ id, want string }{
		"good":                         {good, ""},
		"no method":                    {served.add(object{"token_endpoint_auth_method": nil}), ""},
		"no name":                      {served.add(object{"client_name": nil}), ""},
		"any port":                     {served.add(object{"redirect_uris": []string{"http://localhost/callback"}}), ""},
		"an unknown scope":             {served.add(object{"scope": "nope"}), ""},
		"query":                        {good + "?a", "Invalid Client ID: query included."},
		"fragment":                     {good + "#a", "Invalid Client ID: fragment included."},
		"user information":             {strings.Replace(good, "//", "//a@", 1), "Invalid Client ID: userinfo included."},
		"no path":                      {served.base, "Invalid Client ID: empty path."},
		"dots":                         {served.base + "/a/../0.json", "Invalid Client ID: path traverse segment included."},
		"another host":                 {strings.Replace(good, "localhost", "127.0.0.1", 1), "Client not found."},
		"nothing there":                {served.base + "/none.json", "Client Metadata fetch failed"},
		"an unknown member":            {served.add(object{"resource": "x"}), "Client Metadata fetch failed"},
		"another type":                 {served.add(object{"redirect_uris": "x"}), "Client Metadata fetch failed"},
		"long":                         {served.add(object{"client_name": strings.Repeat("x", 6000)}), "Client Metadata fetch failed"},
		"no client_id":                 {served.add(object{"client_id": nil}), "Invalid Client Metadata: no client_id."},
		"another client_id":            {served.add(object{"client_id": "http://localhost/x"}), "Invalid Client Metadata: client_id property does not exactly match client_id parameter."},
		"a secret":                     {served.add(object{"client_secret": "x"}), secret},
		"when a secret expires":        {served.add(object{"client_secret_expires_at": 0}), secret},
		"a method with a secret":       {served.add(object{"token_endpoint_auth_method": "client_secret_post"}), method},
		"a method with a key and none": {served.add(object{"token_endpoint_auth_method": "private_key_jwt"}), "invalid request"},
		"an unknown method":            {served.add(object{"token_endpoint_auth_method": "nope"}), "invalid request"},
		"an unknown response type":     {served.add(object{"response_types": []string{"bogus"}}), "invalid request"},
		"no redirect URIs":             {served.add(object{"redirect_uris": nil}), redirects},
		"other redirect URIs":          {served.add(object{"redirect_uris": []string{"http://localhost:1/callback"}}), redirects},
		"a redirect elsewhere":         {served.add(object{"redirect_uris": []string{redirect, "http://other.example/"}}), "Invalid Client ID: domain not allowed."},
		"a redirect without a host":    {served.add(object{"redirect_uris": []string{redirect, "app:/cb"}}), "Invalid Client ID / Metadata: host unresolved."},
		"a logo elsewhere":             {served.add(object{"logo_uri": "http://other.example/x.png"}), "Invalid Client ID: domain not allowed."},
	} {
		status, text := k.told(t, row.id)
		if row.want == "" {
			require.Equal(t, 200, status, name)
			continue
		}
		require.Equal(t, []any{400, row.want}, []any{status, text}, name)
	}
}

func TestTheSettingsOfADocumentPolicyCount(t *testing.T) {
	t.Parallel()
	served := serveDocuments(t)
	for change, want := range map[string]string{
		`"cimd-allow-http-scheme": true -> "cimd-allow-http-scheme": false`:                                                           "Invalid Client ID: invalid scheme.",
		`"cimd-allow-permitted-domains": ["localhost", "*.example.com"] -> "cimd-allow-permitted-domains": ["*.example.com"]`:         "Invalid Client ID: domain not allowed.",
		`"client-id-uri-scheme": ["http", "https"] -> "client-id-uri-scheme": ["https"]`:                                              "Client not found.",
		`"client-id-uri-allow-permitted-domains": ["localhost", "*.example.com"] -> "x": []`:                                          "Client not found.",
		`"cimd-restrict-same-domain": false -> "cimd-required-properties": ["client_name", "logo_uri"]`:                               "Invalid Client Metadata: it does not include all required properties.",
		`"cimd-restrict-same-domain": false -> "only-allow-confidential-client": "true"`:                                              "Invalid Client Metadata: confidential client is only allowed.",
		`"name": "documents", "enabled": true, "profiles": ["documents"] -> "name": "o", "enabled": false, "profiles": ["documents"]`: "Client not found.",
	} {
		old, changed, _ := strings.Cut(change, " -> ")
		require.Contains(t, documentPolicy, old)
		k := withDocuments(t, strings.Replace(documentPolicy, old, changed, 1))
		status, text := k.told(t, served.add(nil))
		require.Equal(t, []any{400, want}, []any{status, text}, change)
	}
}

func TestMetadataTellOfClientDocuments(t *testing.T) {
	t.Parallel()
	for feature, want := range map[string]bool{"cimd": true, "resource-indicators": false} {
		res, err := http.Get(todoRealm(t, feature).issuer + "/.well-known/openid-configuration")
		require.NoError(t, err)
		defer res.Body.Close()
		var metadata object
		require.NoError(t, json.NewDecoder(res.Body).Decode(&metadata))
		require.Equal(t, want, metadata["client_id_metadata_document_supported"] == true, feature)
		for _, endpoint := range []string{"token", "introspection", "revocation"} {
			require.Equal(t, want, contains(metadata[endpoint+"_endpoint_auth_methods_supported"].([]any), "none"), feature)
		}
	}
}

// TestARealmHasRoomForSoManyClients: measured on Keycloak 26.7.4, which counts the six clients that each realm has.
func TestARealmHasRoomForSoManyClients(t *testing.T) {
	t.Parallel()
	idp := mockidp.New(t, mockidp.Options{As: "keycloak", Realm: writeRealm(t, `{"realm": "r", "enabled": true, "clients": [{"clientId": "c"}],
		"components": {"org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy": [
			{"providerId": "consent-required", "subType": "anonymous"}, {"providerId": "max-clients", "subType": "anonymous", "config": {"max-clients": ["8"]}}]}}`)})
	register := func() (int, object) {
		res, err := idp.Client().Post(idp.Issuer()+"/clients-registrations/openid-connect", "application/json", strings.NewReader(`{"redirect_uris":["http://localhost/callback"]}`))
		require.NoError(t, err)
		defer res.Body.Close()
		var body object
		require.NoError(t, json.NewDecoder(res.Body).Decode(&body))
		return res.StatusCode, body
	}
	status, made := register()
	require.Equal(t, 201, status, made)
	full := object{"error": "insufficient_scope", "error_description": "Policy 'Max Clients Limit' rejected request to client-registration service. Details: It's allowed to have max 8 clients per realm"}
	status, refused := register()
	require.Equal(t, []any{403, full}, []any{status, refused})

	deletion, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, made["registration_client_uri"].(string), nil)
	require.NoError(t, err)
	deletion.Header.Set("Authorization", "Bearer "+made["registration_access_token"].(string))
	res, err := idp.Client().Do(deletion)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	status, again := register()
	require.Equal(t, 201, status, again)
}

func TestWhoMayRegisterIsSaidByTheRealm(t *testing.T) {
	t.Parallel()
	const untrusted = "Policy 'Trusted Hosts' rejected request to client-registration service. Details: Host not trusted."
	policy := func(config string) string {
		return `{"realm": "r", "enabled": true, "components": {"org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy": [
			{"providerId": "consent-required", "subType": "anonymous"}, {"providerId": "trusted-hosts", "subType": "anonymous", "config": ` + config + `}]}}`
	}
	for file, want := range map[string]string{
		`{"realm": "r", "enabled": true}`: untrusted, // Keycloak's own policies
		policy(`{"trusted-hosts": ["localhost"], "host-sending-registration-request-must-match": ["true"]}`):                                          "",
		policy(`{"trusted-hosts": ["host.example"], "host-sending-registration-request-must-match": ["true"]}`):                                       untrusted,
		policy(`{"trusted-hosts": ["host.example"], "host-sending-registration-request-must-match": ["false"]}`):                                      "URI doesn't match any trusted host or trusted domain",
		policy(`{"trusted-hosts": ["host.example"], "host-sending-registration-request-must-match": ["false"], "client-uris-must-match": ["false"]}`): "",
		policy(`{"trusted-hosts": ["localhost"], "client-uris-must-match": ["false"]}`):                                                               "",
		policy(`{"trusted-hosts": ["host.example"], "client-uris-must-match": ["false"]}`):                                                            untrusted,
		strings.Replace(policy(`{}`), `, {"providerId": "trusted-hosts", "subType": "anonymous", "config": {}}`, "", 1):                               "",
	} {
		idp := mockidp.New(t, mockidp.Options{As: "keycloak", Realm: writeRealm(t, file)})
		res, err := idp.Client().Post(idp.Issuer()+"/clients-registrations/openid-connect", "application/json", strings.NewReader(`{"redirect_uris":["http://localhost/callback"]}`))
		require.NoError(t, err)
		defer res.Body.Close()
		var body object
		require.NoError(t, json.NewDecoder(res.Body).Decode(&body))
		if want == "" {
			require.Equal(t, 201, res.StatusCode, body)
			continue
		}
		require.Equal(t, 403, res.StatusCode, file)
		require.Contains(t, body["error_description"], want)
	}
}
