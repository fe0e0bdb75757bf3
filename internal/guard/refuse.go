package guard

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
)

// JSON-RPC codes. The first is ours, for refusals that have none in JSON-RPC or MCP.
const (
	codeRefused        = -32089
	codeMethodNotFound = -32601
	codeParse          = -32700
	codeInvalidRequest = -32600
	codeInvalidParams  = -32602
	codeHeaderMismatch = -32020
)

const (
	maxBody      = 1 << 20 // bytes of a request that may run
	maxBodyForID = 64 << 10
	timeForID    = time.Second
	timeForBody  = 30 * time.Second
	retryIssuer  = 2 * time.Second
)

// refusal is an HTTP error answer.
type refusal struct {
	status    int
	code      int
	message   string
	challenge *challenge
	allow     string
	// retryAfter, if there is any, becomes whole seconds, rounded up.
	retryAfter time.Duration
}

// refuseUnread refuses a request whose body nobody has read, and reads a bounded part of it to echo the id.
//
// The deadline is taken back only if the body has ended: net/http itself reads what is left before it answers and before
// it closes the body, and must not wait for a slow client either. For the connection's next request it sets its own.
func (g *Guard) refuseUnread(w http.ResponseWriter, r *http.Request, no *refusal) {
	rc := http.NewResponseController(w)
	// Servers without deadlines exist (recorders, some adapters). There the size alone is bounded.
	bounded := rc.SetReadDeadline(time.Now().Add(timeForID)) == nil
	var body []byte
	ended := r.Body == http.NoBody
	if r.Method == http.MethodPost {
		var err error
		body, err = io.ReadAll(io.LimitReader(r.Body, maxBodyForID+1))
		ended = err == nil && len(body) <= maxBodyForID
	}
	if bounded && ended {
		_ = rc.SetReadDeadline(time.Time{})
	}
	g.refuse(w, r, findID(body), no)
}

// refuse writes the refusal as a JSON-RPC error. id nil means null.
func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, id json.RawMessage, no *refusal) {
	g.logger.DebugContext(r.Context(), "refused", "method", r.Method, "status", no.status, "code", no.code, "reason", no.message)
	h := w.Header()
	if no.challenge != nil {
		h.Set("WWW-Authenticate", no.challenge.header(g.metadataURL))
	}
	if no.allow != "" {
		h.Set("Allow", no.allow)
	}
	if no.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((no.retryAfter+time.Second-1)/time.Second)))
	}
	h.Set("Cache-Control", "no-store")
	writeError(w, no.status, id, no.code, no.message)
}

func writeError(w http.ResponseWriter, status int, id json.RawMessage, code int, text string) {
	type rpcError struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	if id == nil {
		id = json.RawMessage("null")
	}
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false) // the id goes back as it came
	// id was cut out of a valid document and the rest are plain fields: this cannot fail.
	_ = enc.Encode(struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   rpcError        `json:"error"`
	}{"2.0", id, rpcError{code, text}})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes())
}
