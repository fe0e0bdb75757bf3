package idp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// What the authorization pages of the MCP specification of 2026-07-28, and the drafts that they name, ask of an authorization server. Each
// row holds the server to the gist of it; the tests that it names go through the cases.
func TestEveryMUSTAndSHOULDOfMCPForAuthorizationServers(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		requirement string
		level       string
		tests       []string
		holds       func(t *testing.T, s server)
	}{
		{
			"OAuth 2.1 for public and for confidential clients", "MUST",
			[]string{"TestClientsAuthenticateByTheMethodTheyAreRegisteredFor", "TestACodeIsGoodForOneRightRequest", "TestARequestThatTheClientGotWrongIsAnsweredByRedirect"},
			func(t *testing.T, s server) {
				s.grant("alice", nil)
				web := q{"client_id": one("todo-web"), "redirect_uri": one("http://127.0.0.1:5/callback")}
				code := s.code("alice", web)
				s.refused(401, "invalid_client", redeeming(code, web))
				s.issued(redeeming(code, web), basic("todo-web", "todo-web-secret")...)
				implicit := s.get("/authorize?" + asking(q{"response_type": one("token")}).Encode()).location(t)
				require.Equal(t, "unsupported_response_type", implicit.Query().Get("error"), "OAuth 2.1 §10.1: gone")
				s.refused(400, "unsupported_grant_type", with(ownName, q{"grant_type": one("password")}))
				plain := s.get("/authorize?" + asking(q{"code_challenge": nil}).Encode()).location(t)
				require.Equal(t, "invalid_request", plain.Query().Get("error"), "OAuth 2.1 §7.5.1: PKCE")
			},
		}, {
			"RFC 8414 metadata or OpenID Connect Discovery", "MUST",
			[]string{"TestMetadataIsInEveryPlaceThatClientsAskFor", "TestMetadataAdvertisesWhatWorks"},
			func(t *testing.T, s server) {
				require.Equal(t, s.Issuer(), s.get(oauthPlace).json["issuer"])
				require.Equal(t, s.Issuer(), s.get(oidcPlace).json["issuer"])
			},
		}, {
			"OpenID Connect Discovery with code_challenge_methods_supported", "MUST",
			[]string{"TestMetadataAdvertisesWhatWorks"},
			func(t *testing.T, s server) {
				require.Equal(t, []any{"S256"}, s.get(oidcPlace).json["code_challenge_methods_supported"])
			},
		}, {
			"iss in success and in error responses, and advertised", "SHOULD, then MUST",
			[]string{"TestARequestThatTheClientGotWrongIsAnsweredByRedirect", "TestStateIsOptionalAndRepeatedAsItWas", "TestAFormPostResponseHoldsWhatARedirectWould"},
			func(t *testing.T, s server) {
				require.Equal(t, one(s.Issuer()), s.allowed("alice", asking(nil)).Query()["iss"])
				require.Equal(t, one(s.Issuer()), s.get("/authorize?" + asking(q{"scope": one("fly")}).Encode()).location(t).Query()["iss"])
				require.Equal(t, true, s.get(oauthPlace).json["authorization_response_iss_parameter_supported"])
			},
		}, {
			"client ID metadata documents, advertised", "SHOULD",
			[]string{"TestAClientThatADocumentDescribesSignsPeopleIn"},
			func(t *testing.T, s server) {
				require.Equal(t, true, s.get(oauthPlace).json["client_id_metadata_document_supported"])
			},
		}, {
			"a document is fetched, held to its URL and to the redirect URI, cached by its headers, and never from inside", "MUST and SHOULD",
			[]string{"TestEveryRuleOfTheDocumentIsToldToThePerson", "TestEveryRuleOfTheURLIsToldToThePerson", "TestRedirectURIsAreMatchedAgainstTheDocument", "TestADocumentIsUsedAsLongAsItsHeadersAllow"},
			func(t *testing.T, s server) {
				page := s.get("/authorize?" + asking(q{"client_id": one("https://127.0.0.1:1/client.json")}).Encode())
				require.Equal(t, 400, page.status, "a loopback address is not fetched from")
				require.Contains(t, page.body, "loopback, private or otherwise special address")
			},
		}, {
			"the consent page shows where the person is sent, and warns of loopback", "MUST and SHOULD",
			[]string{"TestAClientThatADocumentDescribesSignsPeopleIn"},
			func(t *testing.T, s server) {
				b := s.browser()
				page := b.signIn(b.begin(asking(nil)), "alice")
				require.Contains(t, page.body, "127.0.0.1:6274")
				require.Contains(t, page.body, "Any program on this computer can be behind that address")
			},
		}, {
			"dynamic client registration", "MAY",
			[]string{"TestRegisteredClientsWork", "TestRegistrationsThatAreRefused", "TestOnlyTheHolderOfTheTokenManagesARegistration"},
			func(t *testing.T, s server) {
				require.Equal(t, 201, s.register(`{"redirect_uris":["http://127.0.0.1/cb"]}`).status)
			},
		}, {
			"redirect URIs match exactly what was registered", "MUST",
			[]string{"TestNothingIsRedirectedToAnAddressThatIsNotTheClients", "TestRedirectURIsMatchAsStringsButForTheLoopbackPort", "TestPushesThatAreRefused", "TestLogoutRequestsThatLeadNowhere"},
			func(t *testing.T, s server) {
				for _, other := range []string{callback + "/", callback + "?x=1", strings.Replace(callback, "127.0.0.1", "127.0.0.2", 1), "https" + callback[4:], strings.ToUpper(callback)} {
					a := s.get("/authorize?" + asking(q{"redirect_uri": one(other)}).Encode())
					require.Equal(t, 400, a.status, other)
					require.Empty(t, a.header.Get("Location"))
				}
			},
		}, {
			"short-lived access tokens, and rotation for public clients", "SHOULD, MUST",
			[]string{"TestRefreshTokensRotateAndReuseEndsTheFamily", "TestOfConcurrentReplaysExactlyOneWins", "TestTokensEndWithTheirGrantAndWithTime"},
			func(t *testing.T, s server) {
				first := s.grant("alice", nil)
				require.LessOrEqual(t, first["expires_in"], 3600.0)
				second := s.issued(refreshing(first["refresh_token"], nil))
				require.NotEqual(t, first["refresh_token"], second["refresh_token"])
				s.refused(400, "invalid_grant", refreshing(first["refresh_token"], nil))
				s.refused(400, "invalid_grant", refreshing(second["refresh_token"], nil))
			},
		}, {
			"endpoints are https, redirect URIs https or loopback; plain http is for tests on this computer", "MUST",
			[]string{"TestRedirectURIsAreJudgedByTheApplicationType", "TestIssuersThatClientsWouldReadDifferentlyAreRefused"},
			func(t *testing.T, s server) {
				s.register(`{"redirect_uris":["http://app.example/cb"]}`).isError(t, 400, "invalid_redirect_uri")
				secure, address := behindProxy(t, "https://idp.example")
				for name, value := range secure.get(address + oauthPlace).json {
					if strings.HasSuffix(name, "_endpoint") || name == "jwks_uri" {
						require.True(t, strings.HasPrefix(value.(string), "https://idp.example/"), name)
					}
				}
				require.Contains(t, secure.get(address+"/authorize?"+asking(nil).Encode()).header.Get("Set-Cookie"), "Secure")
			},
		}, {
			"a token is for the resource that was asked for (RFC 8707)", "the client's MUST, and the server's",
			[]string{"TestTheTokenStepNarrowsByScopeAndResource", "TestEveryTokenSaysWhatItIsFor", "TestARefreshIsForTheClientsOwnTokenAndNoMoreThanTheGrant"},
			func(t *testing.T, s server) {
				_, payload := claims(t, s.grant("alice", q{"resource": one(remote)})["access_token"])
				require.Equal(t, remote, payload["aud"])
				unknown := s.get("/authorize?" + asking(q{"resource": one("https://evil.example")}).Encode()).location(t)
				require.Equal(t, "invalid_target", unknown.Query().Get("error"))
			},
		},
	} {
		t.Run(row.level+": "+row.requirement, func(t *testing.T) {
			t.Parallel()
			row.holds(t, start(t, mockidp.Options{}))
			for _, name := range row.tests {
				require.Contains(t, testSources(t), "func "+name+"(t *testing.T)", "the test that goes through the cases")
			}
		})
	}
}

// testSources are the tests of this package, as text.
func testSources(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	var all strings.Builder
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(source)
	}
	return all.String()
}
