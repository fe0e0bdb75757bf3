package pages

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
)

// FormPost carries an authorization response to the client in the body of a POST (OAuth 2.0 Form Post Response Mode).
// With scripts on, the form sends itself; without, its person presses the button. It is the only page with a script.
type FormPost struct {
	Issuer     string
	Action     string   // the redirect URI, http or https
	Client     string   // host and port of the client, for the text
	Parameters []Detail // of the response
	Failed     bool     // the status says so, too
	SignsOut   bool     // it is no response, but the confirmation of a sign-out, and goes to this server
}

// submitScript is allowed by its hash, as the stylesheet is.
const submitScript = "document.forms[0].submit()"

var (
	formPostPage = parse("formpost.html")
	scriptSource = func() string {
		sum := sha256.Sum256([]byte(submitScript))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}()
)

// Submit is the script of the page.
func (FormPost) Submit() template.JS { return submitScript }

// Write answers with the page. It is safe for concurrent use.
func (v FormPost) Write(w http.ResponseWriter) {
	formAction := "'none'"
	if source := redirectSource(v.Action); source != "" {
		formAction = source
	}
	status := http.StatusOK
	if v.Failed {
		status = http.StatusBadRequest
	}
	write(w, status, formPostPage, v, formAction+"; script-src "+scriptSource)
}
