package pages

import "net/http"

// LoginForm is the page on which a person says a name and a password.
//
// Contract for programs: one form, method post, to Action, with the fields "username" (not with Again) and "password", the hidden field
// "credentialId" and the submit button "login". The answer redirects to the client, or leads to another page of this server.
type LoginForm struct {
	Issuer       string
	Action       string // where the form is posted to; same origin as the page
	ClientName   string // may be empty: the page then shows ClientID
	ClientID     string
	RedirectHost string // host and port, or a private scheme with its colon ("cursor:")
	RedirectURI  string // see Consent
	Username     string // filled in beforehand
	Refused      string // why the last try was refused; empty at the first
	Again        string // who has to give the password once more, and is not asked for the name; empty: anybody
	RestartURL   string // where somebody else can sign in instead; empty: nowhere
	API          string // what a program may call instead of posting the form; empty: nothing
}

// Write answers with the page.
func (v LoginForm) Write(w http.ResponseWriter) {
	formAction := "'self'"
	if source := redirectSource(v.RedirectURI); source != "" {
		formAction += " " + source
	}
	write(w, http.StatusOK, formPage, v, formAction)
}
