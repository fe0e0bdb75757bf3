package hostile

import "net/http"

// JSON-RPC error codes that answers carry.
const (
	codeRefused        = -32089 // of a refusal that neither JSON-RPC nor MCP has a code for
	codeParse          = -32700
	codeInvalidRequest = -32600
	codeInvalidParams  = -32602
	codeHeaderMismatch = -32020 // MCP 2026-07-28, transports
)

// everyScope is what a 401 asks for: what a newcomer needs to use the whole server.
const everyScope = "create:todos read:todos delete:todos"

// Sources that many cases name.
const (
	bearerUsage   = "RFC 6750 section 2.1"
	bearerErrors  = "RFC 6750 section 3.1"
	jwtProfile    = "RFC 9068 section 2.2"
	validation    = "RFC 9068 section 4"
	bcp           = "RFC 8725"
	compactForm   = "RFC 7515 section 7.1"
	jsonRPC       = "JSON-RPC 2.0 section 4"
	mcpTransport  = "MCP 2026-07-28, transports"
	mcpTokens     = "MCP 2026-07-28, authorization, token handling"
	uniqueMembers = "RFC 8725 section 2.4, RFC 7493 section 2.3"
)

// refused is a case whose token is refused: 401 invalid_token.
func refused(name, source string, changes ...change) Case {
	return Case{Name: name, Source: source, changes: changes, Want: Answer{Status: http.StatusUnauthorized, Challenge: true, Error: "invalid_token", Scope: everyScope, Code: codeRefused}}
}

// anonymous is a case that shows no credentials: 401 without an error code.
func anonymous(name, source string, changes ...change) Case {
	return Case{Name: name, Source: source, changes: changes, Want: Answer{Status: http.StatusUnauthorized, Challenge: true, Scope: everyScope, Code: codeRefused}}
}

// malformed is a case whose credentials break the grammar: 400 invalid_request.
func malformed(name, source string, changes ...change) Case {
	return Case{Name: name, Source: source, changes: changes, Want: Answer{Status: http.StatusBadRequest, Challenge: true, Error: "invalid_request", Code: codeRefused}}
}

// lacks is a case whose token lacks a scope: 403 insufficient_scope.
func lacks(scope, name, source string, changes ...change) Case {
	return Case{Name: name, Source: source, changes: changes, Want: Answer{Status: http.StatusForbidden, Challenge: true, Error: "insufficient_scope", Scope: scope, Code: codeRefused}}
}

// lacksDelete tries to delete somebody else's todo with a token whose scopes do not reach that far.
func lacksDelete(name, source string, changes ...change) Case {
	return lacks("delete:todos", name, source, together(deletes(), together(changes...)))
}

// answered is a case with an HTTP status and a JSON-RPC code, and no challenge.
func answered(status, code int, name, source string, changes ...change) Case {
	return Case{Name: name, Source: source, changes: changes, Want: Answer{Status: status, Code: code}}
}

// unanswerable is answered for a request whose id cannot be read.
func unanswerable(status, code int, name, source string, changes ...change) Case {
	c := answered(status, code, name, source, changes...)
	c.Want.NoID = true
	return c
}

// honest is a case that must be accepted.
func honest(name, source string, changes ...change) Case {
	return Case{Name: name, Source: source, changes: changes, Want: Answer{Status: http.StatusOK}}
}

// withoutID says that a case's request has no id that can be read.
func withoutID(c Case) Case {
	c.Want.NoID = true
	return c
}

// only limits cases to one signature algorithm.
func only(algorithm string, cases ...Case) []Case {
	for i := range cases {
		cases[i].Algorithm = algorithm
	}
	return cases
}
