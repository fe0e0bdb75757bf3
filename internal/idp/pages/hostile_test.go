package pages

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// evil has what a self-registered client could call itself to break out of any context.
const evil = `</title></style><script>alert(1)</script>"><img src=x onerror=alert(1)>' onfocus='alert(1) {{.}}`

func TestHostileValuesStayText(t *testing.T) {
	t.Parallel()
	link := "javascript:alert(1)//" + evil
	cards := []UserCard{{Username: evil, Name: evil, Subject: evil, Roles: []string{evil, evil}, Allowed: []string{evil}, Withheld: []string{evil}, Preselected: true}}
	scopes := []Scope{{Name: evil, Meaning: evil}}
	for name, page := range map[string]view{
		"login": func(w http.ResponseWriter) {
			Login{Issuer: link, Action: link, Transaction: evil, ClientName: evil, ClientID: evil, RedirectHost: evil, Resources: []string{evil}, Users: cards, HintUnknown: evil}.Write(w, http.StatusOK)
		},
		"consent": func(w http.ResponseWriter) {
			Consent{Issuer: link, Action: link, Transaction: evil, SwitchURL: link, ClientName: evil, ClientID: evil, ClientURI: link, RedirectHost: evil, LoopbackRedirect: true, Registered: true, DocumentHost: evil, LoopbackOnly: true, Username: evil, Name: evil, Roles: []string{evil}, Resources: []string{evil}, Granted: scopes, Withheld: scopes, RedirectURI: link}.Write(w, http.StatusOK)
		},
		"problem": func(w http.ResponseWriter) {
			Problem{Issuer: link, Status: 400, Title: evil, Said: evil, Wrong: evil, Expected: evil, Change: evil, Details: []Detail{{Name: evil, Value: evil}}}.Write(w)
		},
		"home": func(w http.ResponseWriter) {
			Home{Issuer: link, Endpoints: []Detail{{Name: "jwks_uri", Value: link}}, Users: cards, Clients: []HomeClient{{ID: evil, Name: evil, AuthMethod: evil, RedirectURIs: []string{link}, Registered: true}}, Resources: []string{evil}}.Write(w, http.StatusOK)
		},
		"logout": func(w http.ResponseWriter) {
			Logout{Issuer: link, Action: link, Username: evil, ClientName: evil, Parameters: []Detail{{Name: evil, Value: evil}}, RedirectURI: link}.Write(w, http.StatusOK)
		},
		"logout by code": func(w http.ResponseWriter) {
			Logout{Issuer: link, Action: link, Username: evil, ClientName: evil, Code: evil, RedirectURI: link}.Write(w, http.StatusOK)
		},
		"login form": func(w http.ResponseWriter) {
			LoginForm{Issuer: link, Action: link, ClientName: evil, ClientID: evil, RedirectHost: evil, RedirectURI: link, Username: evil, Refused: evil, API: link}.Write(w)
		},
		"login form again": func(w http.ResponseWriter) {
			LoginForm{Issuer: link, Action: link, ClientName: evil, ClientID: evil, RedirectHost: evil, RedirectURI: link, Again: evil, RestartURL: link}.Write(w)
		},
		"logged out": func(w http.ResponseWriter) { Logout{Issuer: link, Username: evil}.Write(w, http.StatusOK) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := render(t, page)
			requireInert(t, d)
			require.Contains(t, text(d.Node), "<script>alert(1)</script>", "shown as text")
			require.Contains(t, text(d.Node), "{{.}}")
		})
	}
}

func TestFormValuesAreTheCallersToTheLetter(t *testing.T) {
	t.Parallel()
	odd := " b\u202Eob <\"'&> "
	v := Login{Action: "/login?a=1&b=2", Transaction: odd, Users: []UserCard{{Username: odd}}}
	d := render(t, func(w http.ResponseWriter) { v.Write(w, http.StatusOK) })
	d.one(t, "form", "action", "/login?a=1&b=2")
	d.one(t, "input", "name", "transaction", "value", odd)
	d.one(t, "button", "name", "username", "value", odd)
}

func TestNamesCannotReorderOrHideText(t *testing.T) {
	t.Parallel()
	v := sampleConsent()
	v.ClientName = "\u202Emoc.elgoog\u2066\u200B"
	d := render(t, func(w http.ResponseWriter) { v.Write(w, http.StatusOK) })
	require.Equal(t, "Allow [U+202E]moc.elgoog[U+2066][U+200B] to act for bob?", text(d.one(t, "h1")))
	require.NotContains(t, d.body, "\u202E")
	for _, bdi := range (document{Node: d.one(t, "h1")}).all("bdi") {
		require.NotEmpty(t, text(bdi))
	}
	require.Len(t, document{Node: d.one(t, "h1")}.all("bdi"), 2, "client and user are isolated from the sentence")
}

func TestALongNameIsCutAndWholeInItsTitle(t *testing.T) {
	t.Parallel()
	v := sampleConsent()
	v.ClientName = strings.Repeat("n", 500)
	d := render(t, func(w http.ResponseWriter) { v.Write(w, http.StatusOK) })
	cut := strings.Repeat("n", nameLength-1) + "\u2026"
	require.Equal(t, "Allow "+cut+" to act for bob?", text(d.one(t, "h1")))
	for _, bdi := range d.all("bdi", "title", v.ClientName) {
		require.Equal(t, cut, text(bdi))
	}
	require.Len(t, d.all("bdi", "title", v.ClientName), 2)
}

func TestOnlyWebAddressesOfAClientBecomeLinks(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]bool{
		"https://client.example/x": true,
		"http://client.example":    true,
		"javascript:alert(1)":      false,
		"data:text/html,x":         false,
		"https:":                   false,
		"/login":                   false,
	} {
		v := sampleConsent()
		v.ClientURI = uri
		d := render(t, func(w http.ResponseWriter) { v.Write(w, http.StatusOK) })
		links := d.all("a", "href", uri)
		require.Equal(t, want, len(links) == 1, uri)
		for _, link := range links {
			rel, _ := attribute(link, "rel")
			require.Equal(t, "noopener noreferrer", rel)
		}
		require.Contains(t, text(d.one(t, "main")), uri)
	}
}
