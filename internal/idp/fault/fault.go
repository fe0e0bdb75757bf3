// Package fault makes an authorization server misbehave as real ones have done, for tests of clients and of resource servers.
// A fault stands between the server and the network and changes requests or answers; the server behind it knows nothing of it.
package fault

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Site says where a server has what faults change. The endpoints are URL paths; empty where the server has none.
type Site struct {
	Issuer                     string
	Authorize, Token, Register string
	Redirects                  func(clientID string) []string // that the client registered
}

// Fault is one way to misbehave.
type Fault struct {
	Name string
	What string // what a client meets
	wrap func(Site, http.Handler) http.Handler
}

// All returns every fault, in the order of a flow.
func All() []Fault {
	return []Fault{
		{"issuer-slash", "metadata name the issuer with a slash at the end where it has none, or without the one that it has", slashedIssuer},
		{"issuer-elsewhere", "metadata name the issuer on another host, as behind a proxy that the server does not know of", issuerElsewhere},
		{"only-oauth-inserted", "metadata are only at /.well-known/oauth-authorization-server/PATH", onlyAt(oauthDocument, inserted)},
		{"only-oauth-appended", "metadata are only at /PATH/.well-known/oauth-authorization-server", onlyAt(oauthDocument, appended)},
		{"only-oidc-inserted", "metadata are only at /.well-known/openid-configuration/PATH", onlyAt(oidcDocument, inserted)},
		{"only-oidc-appended", "metadata are only at /PATH/.well-known/openid-configuration", onlyAt(oidcDocument, appended)},
		{"html-for-missing", "a well-known URL without a document answers 200 and a web page", pageForMissing},
		{"pkce-unadvertised", "metadata lack code_challenge_methods_supported, and PKCE works", pkceUnadvertised},
		{"no-cors", "no answer has a CORS header, and a preflight gets 405", noCORS},

		{"registration-hosts", "registration is for trusted hosts: 403 insufficient_scope", registrationRefused(untrustedHost)},
		{"registration-token", "registration wants an initial access token: 401 invalid_token without one", registrationRefused(withoutToken)},
		{"registration-scopes", "registration refuses the scope openid: 403 insufficient_scope", registrationRefused(withOpenID)},
		{"registration-members", "registration refuses members that are not of RFC 7591: 400 invalid_client_metadata", registrationRefused(withUnknownMembers)},
		{"registration-secret", "registration gives a client that asked for the method none a secret, and wants it at the token endpoint", secretUnasked},

		{"redirect-exact", "a redirect URI must be registered with its port, on loopback too: 400 and a page", redirectExact},
		{"iss-missing", "authorization answers lack iss, though metadata promise it", issMissing},
		{"iss-wrong", "authorization answers have the iss of another server, as in a mix-up", issWrong},

		{"refresh-none", "token answers have no refresh token, whatever the client asked for", noRefreshToken},
		{"refresh-answer-lost", "the first answer with refreshed tokens is lost: the connection ends, the old refresh token is used up", refreshAnswerLost},
		{"unknown-client-unclear", "a client that the server does not know gets 422 at the token endpoint, and JSON that is no OAuth error", unknownClientUnclear},
	}
}

// Wrap puts the named faults before a server. The error names a fault that there is not.
func Wrap(site Site, server http.Handler, names []string) (http.Handler, error) {
	all := All()
	for _, name := range names {
		at := slices.IndexFunc(all, func(f Fault) bool { return f.Name == name })
		if at < 0 {
			var known []string
			for _, f := range all {
				known = append(known, f.Name)
			}
			return nil, fmt.Errorf("no fault is called %q; want one of %s", name, strings.Join(known, ", "))
		}
		server = all[at].wrap(site, server)
	}
	return server, nil
}
