package pages

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheFormPostPageSendsItselfAndWorksByItsButton(t *testing.T) {
	t.Parallel()
	d := render(t, func(w http.ResponseWriter) {
		FormPost{Issuer: "http://localhost:4444", Action: "https://app.example/cb?a=1&b=2", Client: "app.example",
			Parameters: []Detail{{Name: "code", Value: evil}, {Name: "state", Value: " \u202E "}}}.Write(w)
	})
	form := document{Node: d.one(t, "form", "method", "post", "action", "https://app.example/cb?a=1&b=2")}
	require.Len(t, form.all("input"), 2)
	form.one(t, "input", "type", "hidden", "name", "code", "value", evil)
	form.one(t, "input", "type", "hidden", "name", "state", "value", " \u202E ")
	require.Equal(t, "Continue", text(form.one(t, "button", "type", "submit")))
	_, named := attribute(form.one(t, "button"), "name")
	require.False(t, named, "a named button would add a parameter to the response")

	script := d.one(t, "script").FirstChild.Data
	require.Equal(t, "document.forms[0].submit()", script)
	sum := sha256.Sum256([]byte(script))
	policy := d.header.Get("Content-Security-Policy")
	require.Contains(t, policy, "; script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'; ")
	require.Contains(t, policy, "; form-action http: https:; ")
	require.Contains(t, policy, "default-src 'none'; ")
	require.Equal(t, "no-store", d.header.Get("Cache-Control"))
}

func TestTheFormPostPageSendsNothingToASchemeThatABrowserWouldRun(t *testing.T) {
	t.Parallel()
	d := render(t, func(w http.ResponseWriter) { FormPost{Action: "javascript:alert(1)"}.Write(w) })
	require.Contains(t, d.header.Get("Content-Security-Policy"), "; form-action 'none'; ")
	action, _ := attribute(d.one(t, "form"), "action")
	require.NotContains(t, action, "javascript")
}
