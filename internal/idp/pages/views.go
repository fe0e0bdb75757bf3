package pages

import "net/http"

// Login is the page on which a person chooses who signs in.
//
// Contract for programs: one form, method post, to Action, with the hidden field "transaction"
// and one submit button named "username" for each user. The answer to that post must stay on the
// issuer's origin (the consent page, or a Problem): this page's form-action allows nothing else.
type Login struct {
	Issuer       string
	Action       string // where the form is posted to; same origin as the page
	Transaction  string // names the authorization request; the caller checks it against the browser
	ClientName   string // may be empty: the page then shows ClientID
	ClientID     string
	RedirectHost string   // host and port, or a private scheme with its colon ("cursor:")
	Resources    []string // resource indicators of the request (RFC 8707)
	Users        []UserCard
	HintUnknown  string // a login_hint that names nobody; empty when there was none or it was known
}

// UserCard is one user as the Login and Home pages show it.
type UserCard struct {
	Username    string
	Name        string
	Subject     string
	Roles       []string
	Allowed     []string // scopes of this request that the user may get; on Home: all that the roles allow
	Withheld    []string // scopes of this request that the user's roles do not include
	Preselected bool     // named by login_hint: marked and focused
}

// Consent is the page on which the person who signed in allows or denies the client's request.
//
// Contract for programs: one form, method post, to Action, with the hidden field "transaction"
// and two submit buttons named "decision" with the values "allow" and "deny".
type Consent struct {
	Issuer      string
	Action      string
	Transaction string
	SwitchURL   string // back to the user cards; empty: no such link

	ClientName       string
	ClientID         string
	ClientURI        string // a link when it is http or https, else plain text
	RedirectHost     string // host and port, or a private scheme with its colon ("cursor:")
	LoopbackRedirect bool   // any program on this computer can be behind the redirect
	Registered       bool   // dynamically registered (RFC 7591): its name and URI are its own claims
	DocumentHost     string // where the metadata document is that ClientID names; empty: no such client
	LoopbackOnly     bool   // answered on this computer only, so any program here can use a client_id that everybody knows

	Username  string
	Name      string
	Roles     []string
	Resources []string
	Granted   []Scope
	Withheld  []Scope // asked for, but not included in the user's roles

	// AcceptCancel has the buttons called accept and cancel, and the hidden field "code", which is the user name, in place of "decision"
	// and "transaction".
	AcceptCancel bool

	// RedirectURI is where the answer to the post redirects to. Chrome holds a form's redirects against
	// form-action too, so the policy allows its kind of scheme.
	RedirectURI string
}

// Scope is a scope and what it lets a client do, in plain words. Meaning may be empty.
type Scope struct {
	Name    string
	Meaning string
}

// Problem is the page for an error that must not be sent to the redirect URI
// (RFC 6749 section 4.1.2.1), or that has none. Headless tests find its gist in
// <meta name="problem" content="Title: Wrong">.
type Problem struct {
	Issuer   string
	Status   int    // HTTP status of the answer
	Title    string // a short sentence without a full stop
	Said     string // what the provider would say, all of it; empty: nothing of its own
	Wrong    string // what was wrong
	Expected string // what was expected
	Change   string // what to change
	Details  []Detail
}

// Detail is a name and its value, shown to the letter: blanks at the ends and invisible
// characters are made visible.
type Detail struct {
	Name  string
	Value string
}

// Home is the page at the issuer's root: what this server is and how to use it.
type Home struct {
	Issuer    string
	Endpoints []Detail // metadata name and URL
	Users     []UserCard
	Clients   []HomeClient
	Resources []string
	AutoLogin bool   // a login_hint that names a user signs in without a page
	Password  bool   // the sign-in form asks for one
	StandsFor string // whose personality this server has; empty: nobody's
}

// HomeClient is a client as the Home page lists it.
type HomeClient struct {
	ID           string
	Name         string
	AuthMethod   string // token_endpoint_auth_method
	RedirectURIs []string
	Registered   bool // dynamically registered
	Document     bool // described by the document at its ID
}

// Write answers with the login page. It is safe for concurrent use, as are the others.
func (v Login) Write(w http.ResponseWriter, status int) {
	write(w, status, loginPage, v, "'self'")
}

// Write answers with the consent page.
func (v Consent) Write(w http.ResponseWriter, status int) {
	formAction := "'self'"
	if source := redirectSource(v.RedirectURI); source != "" {
		formAction += " " + source
	}
	write(w, status, consentPage, v, formAction)
}

// Write answers with the problem page under the problem's own status.
func (v Problem) Write(w http.ResponseWriter) {
	write(w, v.Status, problemPage, v, "'none'")
}

// Write answers with the home page.
func (v Home) Write(w http.ResponseWriter, status int) {
	write(w, status, homePage, v, "'none'")
}
