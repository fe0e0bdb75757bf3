package pages

import "net/http"

// Logout is the page at the end of a session (OpenID Connect RP-Initiated Logout 1.0). With an Action it asks first.
//
// Contract for programs: where it asks, one form, method post, to Action, with the hidden Parameters and one submit button
// named "decision" with the value "logout".
type Logout struct {
	Issuer     string
	Action     string // where the confirmation is posted to; empty: nothing is to be confirmed
	Username   string // who is, or was, signed in here; may be empty
	ClientName string // the client that asked; may be empty
	Parameters []Detail
	EndsTokens bool // what clients hold ends with the session
	// Code makes the form one with the hidden field "session_code" and the submit button "confirmLogout", without Parameters.
	Code string

	// RedirectURI is where the answer to the post redirects to; see Consent.
	RedirectURI string
}

var logoutPage = parse("logout.html")

// Write answers with the page. It is safe for concurrent use.
func (v Logout) Write(w http.ResponseWriter, status int) {
	formAction := "'none'"
	if v.Action != "" {
		formAction = "'self'"
		if source := redirectSource(v.RedirectURI); source != "" {
			formAction += " " + source
		}
	}
	write(w, status, logoutPage, v, formAction)
}
