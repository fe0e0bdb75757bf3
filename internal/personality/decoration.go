package personality

// Decoration is what JSON errors carry beside the members of RFC 6749 §5.2. The zero value is nothing.
type Decoration struct {
	CodePrefix string            // the member code is this, and the error behind it; empty: there is no decoration
	Codes      map[string]string // another code, by error_description
	Messages   map[string]string // the member message, by code
	Message    string            // where Messages has none; %s is the code
	URIs       map[string]string // error_uri (RFC 6749 §5.2), by error
	Plain      string            // a query parameter that is false where a client wants no decoration
}
