package personality

// Routes is how paths and methods that lead nowhere are answered.
type Routes struct {
	// SlashToo has each endpoint for programs, and the authorization endpoint, also with a slash behind it.
	SlashToo bool
	// HidesAllow leaves Allow out where the method is wrong (RFC 9110 §15.5.6 demands it).
	HidesAllow bool
	// HiddenByMethod are paths below the issuer where another method finds nothing (404), not a wrong method (405).
	HiddenByMethod []string
	// NoPages answers with JSON whoever asks. Otherwise who accepts HTML gets a page where there is nothing.
	NoPages bool
	// OutsideText is the answer, in plain text, where there is nothing and the path is not below the issuer. Otherwise that is JSON, too.
	OutsideText string
	// PlainPaths refuses a path that has empty or dotted segments, or escapes what needs none. Otherwise it is cleaned.
	PlainPaths bool
	// AnswersOptions gives OPTIONS an empty 200 everywhere. Otherwise it is a method like others where there is no CORS.
	AnswersOptions bool
}

// CORS is what browsers are told about scripts of other origins (Fetch, "CORS protocol"). Strict tells every origin the same, *.
type CORS struct {
	// EchoesOrigin allows the very origin that asks, with credentials, and says nothing to who sends no Origin.
	EchoesOrigin bool
	// NoCredentials echoes the origin without credentials, and tells * to who sends no Origin.
	NoCredentials bool
	// EchoesHeaders lets a preflight allow whichever headers it asks for.
	EchoesHeaders bool
	// RedirectOrigins counts the origins of a client's redirect URIs, and the server's own, among the client's.
	RedirectOrigins bool
	// RequestHeaders are what a preflight allows; nil for Authorization, Content-Type and MCP-Protocol-Version.
	RequestHeaders []string
	MaxAge         int // seconds that a preflight's answer is good; 0 for 600
	// Exposed are answer headers that scripts may read; nil for WWW-Authenticate. Documents and keys expose none of them.
	Exposed []string
	// OwnOriginsOnly refuses the actual request of a client that is known, from an origin that is not one of its own. Before the client is
	// known every origin is told.
	OwnOriginsOnly bool
	// Hidden are faults whose answer has no CORS headers, so that a script sees a network error.
	Hidden []Fault
	// HiddenRefusals are endpoints, with what is below them, all of whose refusals are hidden.
	HiddenRefusals []string
	// NoPreflight are endpoints whose actual answers have the headers, and whose preflights have not.
	NoPreflight []string
	// PagesToo are endpoints for people or for servers that scripts may call.
	PagesToo []string
}
