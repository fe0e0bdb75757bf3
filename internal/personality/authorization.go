package personality

// Authorization is how requests to the authorization endpoint are read and judged.
type Authorization struct {
	// Checks are made in this order, and the first that fails is told. What fails before CheckRedirect is told to the person, on a
	// page; what fails from there on is told to the client. Nil: strict's.
	Checks []Check
	// SignedMaxAge reads max_age as a 32-bit number with a sign. Below zero every sign-in is too old.
	SignedMaxAge bool
	// UnsignedObjects takes parameters out of a request object with alg none, over those of the query.
	UnsignedObjects bool
	ResponseTypes   []string // known ones beside code: none is answered, what brings tokens is allowed to no client
	ResponseModes   []string // nil: query and form_post
	PKCE            PKCE
	Redirects       Redirects
	// HintsFill lets login_hint fill the form. It, id_token_hint and prompt=select_account do not decide who may answer.
	HintsFill bool
	// LevelAsksAgain has a person sign in again where a request wants a level of authentication (acr_values, or acr among claims).
	LevelAsksAgain bool
	// Order is that of parameters in a response; nil: by name.
	Order []string
	// TellsClient tells the client also of what fails before CheckRedirect, if it and where to answer can be found out all the same. A
	// redirect URI that is not registered is told in place of that.
	TellsClient bool
	Prompts     []string // nil: none, login, consent and select_account
	// LongestParameter is how many characters a parameter may have; a longer one counts as not there. 0: any number.
	LongestParameter int
	// OnlyRedirect lets a redirect URI be left out that is the client's only one, with openid, too.
	OnlyRedirect bool
	// NoneForbidden allows response_type=none to no client, though it is known.
	NoneForbidden bool
	// LoginHintFills lets login_hint decide nothing.
	LoginHintFills bool
	// MaxAgeZeroAsks reads max_age=0 as prompt=login.
	MaxAgeZeroAsks bool
	// PostedErrorFails answers 400 with the form that posts an error to the client.
	PostedErrorFails bool
	// Found redirects with 302, not 303 (RFC 9700 §4.12).
	Found bool
}

// Check is one thing that a request is judged by.
type Check int

// The checks, in strict's order.
const (
	CheckClientRepeated   Check = iota + 1 // client_id
	CheckRedirectRepeated                  // redirect_uri
	CheckClient                            // is known
	CheckRedirect                          // is registered
	CheckRepeated                          // any other parameter
	CheckRequestObject                     // request, request_uri; an unreadable one, where the personality has words for it
	CheckRegistration                      // registration
	CheckResponseType                      // is there, and known
	CheckResponseMode                      // is known, and can be done
	CheckGrant                             // the client may have codes, and the response type
	CheckChallenge                         // of PKCE, is there
	CheckChallengeMethod                   // is allowed
	CheckChallengeForm                     // can be a challenge
	CheckPrompt                            // has known values, and none alone
	CheckMaxAge                            // is a number
	CheckScope                             // and the resource
	CheckPushed                            // the request was pushed, if it has to be
	CheckCreate                            // prompt=create: nobody can sign up here
	CheckTypeGiven                         // response_type is there
	CheckRedirectGiven                     // redirect_uri is there
	CheckOpenID                            // openid is asked for, if a parameter of OpenID Connect is
	CheckHint                              // id_token_hint is one of this server
)

// PKCE is who has to use it, and how.
type PKCE int

const (
	// PKCEAlways wants S256 of every client.
	PKCEAlways PKCE = iota
	// PKCEByClient wants S256 of clients that are set up so: those of the configuration. Others may leave it out, or use plain.
	PKCEByClient
	// PKCEOfPublic wants it of clients without a secret. Others may leave it out. Whoever uses it names S256.
	PKCEOfPublic
)

// Redirects is which redirect URIs a registered one stands for, beside itself.
type Redirects int

const (
	// RedirectsAnyLoopbackPort lets the port of http://127.0.0.1, http://[::1] and http://localhost be any (RFC 8252 §7.3).
	RedirectsAnyLoopbackPort Redirects = iota
	// RedirectsWithoutPort compares again without the port of http://127.0.0.1 and http://localhost: any port is good where none is
	// registered. A registered URI that ends with * stands for all that begin so.
	RedirectsWithoutPort
	// RedirectsAnyPortOfNative is RedirectsAnyLoopbackPort for native applications. Other clients have the registered ones only.
	RedirectsAnyPortOfNative
)

// Logout is what a logout request does (OpenID Connect RP-Initiated Logout 1.0).
type Logout struct {
	// AtRedirects takes a client's redirect URIs for those after a logout, where it registered none, and compares them by the same rule.
	AtRedirects bool
	// NamedSession ends the session that the ID token of a request names (sid), at whatever browser. Where another one is open at this
	// browser, or the request has no ID token, the person is asked; but for a redirect if nobody is signed in. A POST with a
	// refresh_token comes from the client itself, and ends the token's session.
	NamedSession bool
	// ByPage answers each request with a page that posts itself to Paths.LogoutConfirm, where the session ends.
	ByPage bool
}

// ErrorPages is how a person is told of an error that is not told to the client.
type ErrorPages int

const (
	// ErrorPagesAlways shows a page.
	ErrorPagesAlways ErrorPages = iota
	// ErrorPagesOrJSON answers {"error": "the provider's words"} to who accepts application/json.
	ErrorPagesOrJSON
	// ErrorPagesNever answers as programs are answered, with the request's state and iss.
	ErrorPagesNever
)

// Faults at the authorization endpoint and its pages.
const (
	AuthorizeUnreadable    Fault = iota + 1000 // not form-encoded
	AuthorizeClientless                        // no client_id, or more than one
	AuthorizeClient                            // unknown
	AuthorizeDisabled                          // a client that is
	AuthorizeBearerOnly                        // a client that is
	AuthorizeRedirect                          // missing, or not registered
	AuthorizeRepeated                          // client_id or redirect_uri; %s is which
	RedirectMissing                            // though needed
	RequestURIObject                           // request_uri, where RequestObject is only request
	RegistrationObject                         // the parameter registration
	PromptUnknown                              // a value
	PromptNotAlone                             // none, and others
	OpenIDWanted                               // for %s, a parameter of OpenID Connect
	ChallengeWanted                            // as there is a method
	HintBad                                    // id_token_hint
	HintOfAnother                              // than who is signed in, and prompt=none
	LoginTooOld                                // for max_age, and prompt=none
	LoginUnresolved                            // max_age=0, and prompt=none
	LogoutHintUnreadable                       // no JWT at all
	LogoutMismatch                             // client_id is another than the ID token's
	LogoutClient                               // unknown; %s is which
	LogoutForged                               // the confirmation has no right xsrf
	LogoutCookieless                           // nothing is there to confirm at this browser
	RequestObject                              // request or request_uri
	PushedRequest                              // a request_uri that names no request which waits
	MaxAge                                     // no number
	ResponseTypeMissing                        //
	ResponseTypeUnknown                        //
	ResponseTypeForbidden                      // to the client
	CodeForbidden                              // for the client
	ResponseModeUnknown                        //
	ChallengeMethodMissing                     // where S256 has to be named
	ChallengeMethodUnknown                     // of a client that may choose
	ChallengeMalformed                         //
	SignUp                                     // asked for by prompt=create
	LoginNeeded                                // and prompt=none
	ConsentNeeded                              // and prompt=none
	ConsentDenied                              //
	SignInGone                                 // over, of another browser, or cookies are off
	SignInUnclear                              // the form is not the one of the sign-in
	SignInOver                                 // and its form is sent once more
	SignedInAsAnother                          // %s is who
	LogoutHint                                 // no ID token, or another client's
	LogoutClientless                           // a redirect, and no client to ask about it
	LogoutRedirect                             // not registered
	LogoutGone                                 // the answer to a question that was not asked
)
