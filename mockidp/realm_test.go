package mockidp_test

import (
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/internal/useragent"
	"mcpharness/mockidp"
)

const realmFile = "../providers/keycloak/realm.json"

// recordFrom is a real Keycloak that has imported the realms of the comparison:
//
//	go test ./mockidp -run TestTokensOfARealmFile -record-claims http://localhost:8180
var recordFrom = flag.String("record-claims", "", "scheme and host of a Keycloak to record claims from")

// ask is a request of the comparison.
type ask struct{ client, person, scope string }

// comparisons are realms, what is asked of each, and the client that introspects.
var comparisons = map[string]struct {
	file, introspects string
	asked             []ask
}{
	"todo": {realmFile, "todo-mcp", []ask{
		{"mcp-client", "alice", "-"}, {"mcp-client", "alice", "openid"}, {"mcp-client", "alice", "create:todos"}, {"mcp-client", "alice", "openid create:todos read:todos delete:todos"},
		{"mcp-client", "alice", "openid profile email"}, {"mcp-client", "alice", "openid offline_access"}, {"mcp-client", "alice", "web-origins basic"}, {"mcp-client", "alice", "todo-mcp openid acr roles"},
		{"mcp-client", "bob", "-"}, {"mcp-client", "bob", "openid create:todos"}, {"mcp-client", "bob", "openid create:todos read:todos delete:todos"}, {"mcp-client", "bob", "read:todos"},
		{"mcp-client", "bob", "openid openid read:todos"}, {"mcp-client", "bob", "openid phone"}, {"mcp-client", "bob", ""}, {"mcp-client", "bob", "openid  create:todos"},
	}},
	"library": {"testdata/library-realm.json", "shelf", []ask{
		{"desk", "ines", "-"}, {"desk", "ines", "openid lend"}, {"desk", "ines", "openid audit"}, {"desk", "ines", "openid lend audit ranks"}, {"desk", "jo", "openid lend audit ranks"},
		{"desk", "kim", "openid lend audit ranks"}, {"kiosk", "ines", "openid"}, {"kiosk", "ines", "openid who lend audit"}, {"kiosk", "jo", "openid lend audit"}, {"kiosk", "jo", "who"},
		{"guest", "ines", "openid lend audit"}, {"guest", "kim", "-"}, {"shelf", "", "-"}, {"shelf", "", "openid ranks lend"}, {"shelf", "", "nothing"},
	}},
}

// TestTokensOfARealmFileAreKeycloaks compares with recorded answers of Keycloak 26.7.4.
func TestTokensOfARealmFileAreKeycloaks(t *testing.T) {
	t.Parallel()
	for name, c := range comparisons {
		recording := "testdata/keycloak-26.7.4-claims-" + name + ".json"
		if *recordFrom != "" {
			data, err := json.MarshalIndent(everyAnswer(t, *recordFrom+"/realms/"+name, http.DefaultClient, c.introspects, c.asked), "", "  ")
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(recording, append(data, '\n'), 0o600))
			continue
		}
		data, err := os.ReadFile(recording)
		require.NoError(t, err)
		var recorded map[string]object
		require.NoError(t, json.Unmarshal(data, &recorded))
		idp := mockidp.New(t, mockidp.Options{As: "keycloak", Realm: c.file})
		answers := everyAnswer(t, idp.Issuer(), idp.Client(), c.introspects, c.asked)
		require.Len(t, recorded, len(c.asked))
		for request, want := range recorded {
			t.Run(name+"/"+request, func(t *testing.T) {
				require.Equal(t, want, answers[request])
			})
		}
	}
}

// everyAnswer asks for everything, and keeps of the answers what does not differ from one sign-in to the next.
func everyAnswer(t *testing.T, issuer string, client *http.Client, introspects string, asked []ask) map[string]object {
	t.Helper()
	answers := map[string]object{}
	for _, a := range asked {
		k := realmClient{issuer: issuer, http: client, id: a.client, introspects: introspects, verifier: oauth2.GenerateVerifier()}
		answers[strings.TrimSpace(a.person+" at "+a.client+": "+a.scope)] = k.answer(t, a.person, a.scope)
	}
	var plain map[string]object
	data, err := json.Marshal(answers)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(string(data), issuer, "ISSUER")), &plain))
	return plain
}

// realmClient is a public client of a Keycloak, real or not.
type realmClient struct {
	issuer       string
	http         *http.Client
	id, verifier string
	introspects  string // another client
}

func (k realmClient) answer(t *testing.T, person, scope string) object {
	t.Helper()
	parameters := url.Values{}
	if scope != "-" {
		parameters.Set("scope", scope)
	}
	var status int
	var body object
	if person == "" {
		parameters.Set("grant_type", "client_credentials")
		status, body = k.token(t, parameters, k.id+"-secret")
	} else {
		told := k.authorize(t, person, parameters)
		if !told.Has("code") {
			return object{"error": told.Get("error"), "error_description": told.Get("error_description")}
		}
		status, body = k.redeem(t, told.Get("code"), nil)
	}
	if status != 200 {
		return body
	}
	header, access := decoded(body["access_token"])
	answer := object{"scope": inOrder(body["scope"]), "typ": header["typ"], "access": steady(access), "lifetime": access["exp"].(float64) - access["iat"].(float64)}
	if body["id_token"] != nil {
		_, id := decoded(body["id_token"])
		answer["id"], answer["userinfo"] = steady(id), ordered(k.userinfo(t, body["access_token"].(string)))
	}
	answer["introspection"] = steady(k.introspect(t, body["access_token"].(string)))
	if refresh, has := body["refresh_token"].(string); has {
		status, refreshed := k.token(t, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "scope": {"openid"}})
		if answer["refreshed"] = refreshed["error_description"]; status == 200 {
			answer["refreshed"] = inOrder(refreshed["scope"])
		}
	}
	return answer
}

func (k realmClient) authorize(t *testing.T, person string, parameters url.Values) url.Values {
	t.Helper()
	query := url.Values{
		"client_id": {k.id}, "redirect_uri": {redirect}, "response_type": {"code"}, "state": {"s"},
		"code_challenge": {oauth2.S256ChallengeFromVerifier(k.verifier)}, "code_challenge_method": {"S256"},
	}
	maps.Copy(query, parameters)
	location := k.issuer + "/protocol/openid-connect/auth?" + query.Encode()
	callback, err := useragent.New(k.http).SignIn(t.Context(), location, useragent.Person{Username: person, Password: person})
	require.NoError(t, err)
	return callback.Query()
}

func (k realmClient) token(t *testing.T, form url.Values, secret ...string) (int, object) {
	t.Helper()
	if form.Set("client_id", k.id); secret != nil {
		form.Set("client_secret", secret[0])
	}
	return k.post(t, "/token", form)
}

func (k realmClient) post(t *testing.T, endpoint string, form url.Values) (status int, body object) {
	t.Helper()
	res, err := k.http.PostForm(k.issuer+"/protocol/openid-connect"+endpoint, form)
	require.NoError(t, err)
	defer res.Body.Close()
	_ = json.NewDecoder(res.Body).Decode(&body)
	return res.StatusCode, body
}

func (k realmClient) introspect(t *testing.T, token string) object {
	t.Helper()
	_, body := k.post(t, "/token/introspect", url.Values{"client_id": {k.introspects}, "client_secret": {k.introspects + "-secret"}, "token": {token}})
	return body
}

func (k realmClient) userinfo(t *testing.T, token string) (body object) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, k.issuer+"/protocol/openid-connect/userinfo", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	res, err := k.http.Do(request)
	require.NoError(t, err)
	defer res.Body.Close()
	_ = json.NewDecoder(res.Body).Decode(&body)
	return body
}

// steady leaves of claims what is the same at every sign-in: of the others only that they are there. What has no order is put into one.
func steady(claims object) object {
	same := object{}
	for name, value := range claims {
		switch name {
		case "exp", "iat", "auth_time", "at_hash", "sid":
			value = "there"
		case "jti":
			if value, _, _ = strings.Cut(value.(string), ":"); len(value.(string)) > len("onrtac") {
				value = "there"
			}
		case "scope":
			value = inOrder(value)
		}
		same[name] = ordered(value)
	}
	return same
}

func ordered(value any) any {
	switch value := value.(type) {
	case []any:
		slices.SortFunc(value, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
	case object:
		for _, inner := range value {
			ordered(inner)
		}
	}
	return value
}

func inOrder(scope any) string {
	words := strings.Fields(scope.(string))
	slices.Sort(words)
	return strings.Join(words, " ")
}

func writeRealm(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "realm.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// mindRealm is a realm as people write it who have not heard of audience mappers, with two people: dora as she is imported, and fay
// with the role that a full export gives everybody.
const mindRealm = `{"realm": "mind", "enabled": true,
	"users": [
		{"username": "dora", "enabled": true, "email": "d@example.com", "firstName": "D", "lastName": "X", "credentials": [{"type": "password", "value": "dora"}], "attributes": {"desk": ["7", "8"]}},
		{"username": "fay", "enabled": true, "email": "f@example.com", "firstName": "F", "lastName": "X", "credentials": [{"type": "password", "value": "fay"}], "realmRoles": ["default-roles-mind"]},
		{"username": "gone", "email": "g@example.com", "firstName": "G", "lastName": "X", "credentials": [{"type": "password", "value": "gone"}]}],
	"clients": [
		{"clientId": "app", "publicClient": true, "redirectUris": ["http://localhost/callback"], "attributes": {"access.token.lifespan": "77"},
			"protocolMappers": [
				{"name": "desk", "protocolMapper": "oidc-usermodel-attribute-mapper", "config": {"user.attribute": "desk", "claim.name": "place.desk", "jsonType.label": "int", "multivalued": "true", "access.token.claim": "true"}},
				{"name": "fixed", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {"claim.name": "place.house", "claim.value": "{\"n\": 1}", "jsonType.label": "JSON", "access.token.claim": "true", "id.token.claim": "true"}}]},
		{"clientId": "bare", "publicClient": true, "redirectUris": ["http://localhost/callback"], "defaultClientScopes": [], "attributes": {"use.refresh.tokens": "false"}},
		{"clientId": "sa", "secret": "s", "serviceAccountsEnabled": true}]}`

// TestARealmWithoutAudienceMappersWritesNoAudience: each was measured on Keycloak 26.7.4 with such a realm.
func TestARealmWithoutAudienceMappersWritesNoAudience(t *testing.T) {
	t.Parallel()
	idp := mockidp.New(t, mockidp.Options{As: "keycloak", Realm: writeRealm(t, mindRealm)})
	require.True(t, strings.HasSuffix(idp.Issuer(), "/realms/mind"))
	k := realmClient{issuer: idp.Issuer(), http: idp.Client(), id: "app", verifier: oauth2.GenerateVerifier()}
	claimsOf := func(person, scope string) (body, claims object) {
		_, body = k.redeem(t, k.authorize(t, person, url.Values{"scope": {scope}, "resource": {"http://localhost:3001/mcp"}}).Get("code"), nil)
		_, claims = decoded(body["access_token"])
		return body, claims
	}
	body, claims := claimsOf("dora", "openid")
	for _, none := range []string{"aud", "realm_access", "resource_access"} {
		require.NotContains(t, claims, none)
	}
	require.Equal(t, object{"desk": []any{7.0, 8.0}, "house": object{"n": 1.0}}, claims["place"])
	require.Equal(t, []any{77.0, 77.0, "email openid profile", false}, []any{body["expires_in"], claims["exp"].(float64) - claims["iat"].(float64), inOrder(body["scope"]), claims["email_verified"]})
	_, id := decoded(body["id_token"])
	require.Equal(t, object{"house": object{"n": 1.0}}, id["place"])

	_, claims = claimsOf("fay", "openid")
	require.Equal(t, "account", claims["aud"], "by the roles that everybody has")
	require.Equal(t, object{"account": object{"roles": []any{"manage-account", "manage-account-links", "view-profile"}}}, ordered(claims["resource_access"]))
	require.Equal(t, object{"roles": []any{"default-roles-mind", "offline_access", "uma_authorization"}}, ordered(claims["realm_access"]))

	k.id = "bare"
	body, claims = claimsOf("dora", "openid")
	require.NotContains(t, claims, "sub", "that is for a mapper of the scope basic")
	require.NotContains(t, body, "refresh_token")
	require.Equal(t, "openid", body["scope"])

	status, own := realmClient{issuer: k.issuer, http: k.http, id: "sa"}.token(t, url.Values{"grant_type": {"client_credentials"}}, "s")
	require.Equal(t, 200, status, own)
	_, claims = decoded(own["access_token"])
	require.Equal(t, []any{"account", "service-account-sa", "sa", "127.0.0.1"}, []any{claims["aud"], claims["preferred_username"], claims["client_id"], claims["clientAddress"]})
}

func TestWhatTheServerDoesNotDoOfARealmIsAValue(t *testing.T) {
	t.Parallel()
	text := strings.Replace(mindRealm, `"enabled": true,`, `"enabled": true, "defaultSignatureAlgorithm": "ES512", "identityProviders": [{"alias": "x"}],`+documentPolicy+",", 1)
	idp := mockidp.New(t, mockidp.Options{As: "keycloak", Realm: writeRealm(t, text)})
	var lines []string
	for _, u := range idp.Unimitated() {
		lines = append(lines, u.String())
	}
	require.Equal(t, []string{
		"every person signs in by the file's own passwords: identityProviders",
		"no client documents, as the feature that takes them is off; turn it on with --features cimd: clientPolicies",
		"tokens are signed with RS256: defaultSignatureAlgorithm",
	}, lines)
	require.Len(t, idp.Config().Users, 3)
	require.Equal(t, "dora", idp.Config().Users[0].Username)
	require.Nil(t, mockidp.New(t, mockidp.Options{}).Unimitated())
}

func TestARealmCannotBeHadWhereThereAreNone(t *testing.T) {
	t.Parallel()
	file := writeRealm(t, mindRealm)
	for want, options := range map[string]mockidp.Options{
		"a realm file is for a personality that has realms: want --as keycloak, got strict":                      {Realm: file},
		"a realm file is for a personality that has realms: want --as keycloak, got logto":                       {Realm: file, As: "logto"},
		"what tokens are for is said by the audience mappers of the realm file, not by further resources":        {Realm: file, As: "keycloak", Resources: []string{"https://x.example"}},
		"realm file: open testdata/nowhere.json: no such file or directory":                                      {Realm: "testdata/nowhere.json", As: "keycloak"},
		"the realm file has faults\n../internal/realm/realm.go:1: this is no JSON that a realm can be read from": {Realm: "../internal/realm/realm.go", As: "keycloak"},
	} {
		_, err := mockidp.Start(options)
		require.ErrorContains(t, err, want)
	}
}
