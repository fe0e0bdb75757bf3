package pages

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryPageIsOneAccessibleDocument(t *testing.T) {
	t.Parallel()
	for name, page := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := render(t, page)
			d.one(t, "html", "lang", "en")
			require.NotEmpty(t, text(d.one(t, "title")))
			require.NotEmpty(t, text(d.one(t, "h1")))
			require.Contains(t, text(d.one(t, "header")), "Test server. Anybody can sign in as anybody. Never expose it.")
			d.one(t, "main")
			d.one(t, "footer")
			d.one(t, "meta", "name", "viewport", "content", "width=device-width, initial-scale=1")

			ids := map[string]bool{}
			for _, n := range d.all("*") {
				if id, ok := attribute(n, "id"); ok {
					require.False(t, ids[id], "id %q twice", id)
					ids[id] = true
				}
			}
			for _, n := range d.all("*") {
				for _, key := range []string{"aria-labelledby", "aria-describedby"} {
					refs, _ := attribute(n, key)
					for id := range strings.FieldsSeq(refs) {
						require.True(t, ids[id], "%s names %q, which is not there", key, id)
					}
				}
			}
			for _, tag := range []string{"section", "form"} {
				for _, n := range d.all(tag) {
					label, _ := attribute(n, "aria-labelledby")
					require.NotEmpty(t, label, "%s without a label", tag)
				}
			}
		})
	}
}

func TestEveryPageWorksWithoutScriptAndInlineStyle(t *testing.T) {
	t.Parallel()
	for name, page := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireInert(t, render(t, page))
		})
	}
}

// requireInert fails if a page holds anything that could run, load or restyle.
func requireInert(t *testing.T, d document) {
	t.Helper()
	for _, tag := range []string{"script", "iframe", "object", "embed", "base", "img", "template"} {
		require.Empty(t, d.all(tag), tag)
	}
	d.one(t, "style")
	for _, n := range d.all("*") {
		for _, a := range n.Attr {
			require.False(t, strings.HasPrefix(a.Key, "on"), "event handler %s", a.Key)
			require.NotEqual(t, "style", a.Key)
			if a.Key == "href" || a.Key == "action" {
				require.NotContains(t, strings.ToLower(a.Val), "javascript:")
			}
		}
	}
}

func TestHEADHasTheHeadersAndNoBody(t *testing.T) {
	t.Parallel()
	for name, page := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { page(w) }))
			defer server.Close()
			get, err := server.Client().Get(server.URL)
			require.NoError(t, err)
			defer get.Body.Close()
			head, err := server.Client().Head(server.URL)
			require.NoError(t, err)
			defer head.Body.Close()
			body, err := io.ReadAll(head.Body)
			require.NoError(t, err)
			require.Empty(t, body)
			require.Equal(t, get.StatusCode, head.StatusCode)
			require.Positive(t, head.ContentLength)
			get.Header.Del("Date")
			head.Header.Del("Date")
			require.Equal(t, get.Header, head.Header)
		})
	}
}

func TestLoginHasOneFormWithAButtonForEachUser(t *testing.T) {
	t.Parallel()
	d := render(t, samples()["login"])
	form := document{Node: d.one(t, "form", "method", "post", "action", "/login")}
	form.one(t, "input", "type", "hidden", "name", "transaction", "value", "tx-1")
	require.Len(t, form.all("button"), 3)
	for user, label := range map[string]string{
		"alice": "alice, Alice Adams, Admin, gets create:todos and read:todos",
		"bob":   "bob, User, gets create:todos, withheld read:todos, not in role User, suggested by the client",
		"dora":  "dora, no role, gets none of the scopes asked for, withheld read:todos, no role includes them",
	} {
		form.one(t, "button", "type", "submit", "name", "username", "value", user, "aria-label", label)
	}
	require.Contains(t, text(form.one(t, "button", "value", "bob")), "withheld read:todos not in role User")
	focused, _ := attribute(d.one(t, "button", "autofocus", ""), "value")
	require.Equal(t, "bob", focused)
	require.Contains(t, text(d.one(t, "main")), "Returns to localhost:6274")
}

func TestLoginTellsThatTheHintNamesNobody(t *testing.T) {
	t.Parallel()
	v := sampleLogin()
	v.HintUnknown = "dave"
	d := render(t, func(w http.ResponseWriter) { v.Write(w, http.StatusOK) })
	require.Contains(t, text(d.one(t, "p", "role", "status")), "dave")
	require.Empty(t, render(t, samples()["login"]).all("p", "role", "status"))
}

func TestLoginWithoutUsersSaysWhatToConfigure(t *testing.T) {
	t.Parallel()
	d := render(t, func(w http.ResponseWriter) { Login{ClientID: "c"}.Write(w, http.StatusOK) })
	require.Empty(t, d.all("form"))
	require.Contains(t, text(d.one(t, "main")), "Add users: to the configuration")
}

func TestConsentHasOneFormWithAllowAndDeny(t *testing.T) {
	t.Parallel()
	d := render(t, samples()["consent"])
	form := document{Node: d.one(t, "form", "method", "post", "action", "/consent")}
	form.one(t, "input", "type", "hidden", "name", "transaction", "value", "tx-1")
	require.Len(t, form.all("button"), 2)
	require.Equal(t, "Allow", text(form.one(t, "button", "type", "submit", "name", "decision", "value", "allow")))
	require.Equal(t, "Deny", text(form.one(t, "button", "type", "submit", "name", "decision", "value", "deny")))
	d.one(t, "a", "href", "/login?transaction=tx-1")
}

// Enter on the sign-in page, pressed twice, must not be the answer to a question that nobody has read.
func TestConsentIsNotGivenByAnotherEnter(t *testing.T) {
	t.Parallel()
	keycloak := sampleConsent()
	keycloak.AcceptCancel = true
	for name, page := range map[string]func(http.ResponseWriter){
		"allow": samples()["consent"],
		"yes":   func(w http.ResponseWriter) { keycloak.Write(w, http.StatusOK) },
	} {
		d := render(t, page)
		d.one(t, "h1", "tabindex", "-1", "autofocus", "")
		require.Len(t, d.all("*", "autofocus", ""), 1, name)
	}
}

func TestConsentSaysWhoGetsWhatAndWhereItGoes(t *testing.T) {
	t.Parallel()
	d := render(t, samples()["consent"])
	require.Equal(t, "Allow MCP Inspector to act for bob?", text(d.one(t, "h1")))
	require.Equal(t, "Gets create:todos create todos", text(d.one(t, "section", "aria-labelledby", "granted")))
	require.Contains(t, text(d.one(t, "section", "aria-labelledby", "withheld")), "withheld: bob's role User does not include read:todos")
	main := text(d.one(t, "main"))
	for _, want := range []string{"You will be sent back to localhost:6274.", "Any program on this computer can be behind that address.", "This client registered itself.", "https://todo.mcp-server.app", "mcp-inspector"} {
		require.Contains(t, main, want)
	}
}

func TestConsentForAPreregisteredWebClientCarriesNoCautions(t *testing.T) {
	t.Parallel()
	v := sampleConsent()
	v.Registered, v.LoopbackRedirect, v.Withheld, v.Granted, v.SwitchURL = false, false, nil, nil, ""
	d := render(t, func(w http.ResponseWriter) { v.Write(w, http.StatusOK) })
	require.Empty(t, d.all("p", "class", "caution"))
	require.Empty(t, d.all("section", "aria-labelledby", "withheld"))
	require.NotContains(t, text(d.one(t, "main")), "Switch user")
	require.Contains(t, text(d.one(t, "section", "aria-labelledby", "granted")), "No scopes")
}

// MCP 2026-07-28, security considerations: a client_id that is a URL is everybody's to use.
func TestConsentNamesTheHostThatDescribesAClientAndWarnsOfPretenders(t *testing.T) {
	t.Parallel()
	v := sampleConsent()
	v.ClientID, v.DocumentHost, v.Registered, v.LoopbackOnly = "https://app.example/client.json", "app.example", false, true
	main := text(render(t, func(w http.ResponseWriter) { v.Write(w, http.StatusOK) }).one(t, "main"))
	require.Contains(t, main, "https://app.example/client.json as app.example describes it")
	require.Contains(t, main, "It is answered on this computer only, so any program here can pretend to be it.")
	v.LoopbackOnly = false
	main = text(render(t, func(w http.ResponseWriter) { v.Write(w, http.StatusOK) }).one(t, "main"))
	require.Contains(t, main, "as app.example describes it")
	require.NotContains(t, main, "pretend")
}

func TestConsentNamesAPrivateSchemeAsAProgram(t *testing.T) {
	t.Parallel()
	v := sampleConsent()
	v.RedirectHost, v.LoopbackRedirect = "cursor:", false
	main := text(render(t, func(w http.ResponseWriter) { v.Write(w, http.StatusOK) }).one(t, "main"))
	require.Contains(t, main, "You will be sent back to the program that opens cursor: links.")
	require.Contains(t, main, "Any program on this computer can claim such links.")
}

func TestProblemSaysWhatWasWrongExpectedAndToChange(t *testing.T) {
	t.Parallel()
	d := render(t, samples()["problem"])
	require.Equal(t, http.StatusBadRequest, d.status)
	d.one(t, "meta", "name", "problem", "content", "The redirect URI is not registered: It is unknown.")
	main := text(d.one(t, "main"))
	require.Contains(t, main, "400 Bad Request")
	require.Contains(t, main, "What was wrong It is unknown. What was expected A registered one. What to change Register it.")
	require.Contains(t, main, "redirect_uri http://localhost/cb\u2423 state empty")
}

func TestHomeListsWhatTheServerHas(t *testing.T) {
	t.Parallel()
	d := render(t, samples()["home"])
	d.one(t, "a", "href", "http://localhost:4444/.well-known/oauth-authorization-server")
	require.Empty(t, d.all("a", "href", "http://localhost:4444/token"), "a browser cannot open the token endpoint")
	require.Contains(t, text(d.one(t, "section", "aria-labelledby", "clients")), "Dyn registered itself client_id dyn authentication none http://localhost:1/cb")
	require.Contains(t, text(d.one(t, "section", "aria-labelledby", "users")), "alice Alice Adams Admin may get create:todos read:todos sub sub-alice")

	for _, auto := range []bool{false, true} {
		v := sampleHome()
		v.AutoLogin = auto
		main := text(render(t, func(w http.ResponseWriter) { v.Write(w, http.StatusOK) }).one(t, "main"))
		require.Equal(t, auto, strings.Contains(main, "auto-login is on"))
		require.Equal(t, !auto, strings.Contains(main, "With --auto-login"))
	}
}

func TestHomeSaysHowPeopleSignInHere(t *testing.T) {
	t.Parallel()
	v := sampleHome()
	strict := text(render(t, func(w http.ResponseWriter) { v.Write(w, http.StatusOK) }).one(t, "main"))
	require.Contains(t, strict, "keeps to the letter of the RFCs")
	require.Contains(t, strict, "decision=allow")
	v.StandsFor, v.Password = "keycloak", true
	other := text(render(t, func(w http.ResponseWriter) { v.Write(w, http.StatusOK) }).one(t, "main"))
	require.Contains(t, other, "answers as keycloak does")
	require.Contains(t, other, "with username and password.")
	require.NotContains(t, other, "press a user")
}

func TestManyUsersAndScopesStayReadable(t *testing.T) {
	t.Parallel()
	v := Login{ClientID: "c"}
	var scopes []string
	for i := range 30 {
		scopes = append(scopes, fmt.Sprintf("s%d", i))
	}
	for i := range 100 {
		v.Users = append(v.Users, UserCard{Username: fmt.Sprintf("user%d", i), Allowed: scopes})
	}
	d := render(t, func(w http.ResponseWriter) { v.Write(w, http.StatusOK) })
	require.Len(t, d.all("button", "name", "username"), 100)
	card := text(d.one(t, "button", "value", "user7"))
	require.Contains(t, card, "s7 22 more")
	require.NotContains(t, card, "s8")
	require.Equal(t, "s8", scopes[8], "the caller's scopes are left alone")
}
