package guard

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxBodyDepth = 100
	metaVersion  = "io.modelcontextprotocol/protocolVersion"
)

// message is a strictly parsed JSON-RPC body.
type message struct {
	call       Call
	isResponse bool
	name       string // what Mcp-Name mirrors: params.name or params.uri
	version    string // the protocol version in params._meta, else empty
}

// nameMembers says which member of params the Mcp-Name header mirrors (MCP 2026-07-28, transports, standard headers).
var nameMembers = map[string]string{"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}

// parseMessage accepts only what every decoder reads the same way, so that the request which is judged is the request
// which runs: one object, no member twice, and none beside a member that matters which differs from it only in case.
func parseMessage(body []byte) (message, *refusal) {
	var m message
	if err := checkJSON(body, maxBodyDepth); err != nil {
		if errors.Is(err, errNotJSON) || errors.Is(err, errUTF8) {
			return m, badBody(codeParse, "the body is "+err.Error())
		}
		return m, badBody(codeInvalidRequest, "the body is refused: "+err.Error())
	}
	if kindOf(body) == "an array" {
		return m, badBody(codeInvalidRequest, "JSON-RPC batches are not accepted, send one message a request")
	}
	top, err := members(body)
	if err != nil {
		return m, badBody(codeInvalidRequest, "the body: want a JSON-RPC object, got "+kindOf(body))
	}
	if no := exactNames(top, "", "jsonrpc", "id", "method", "params", "result", "error"); no != nil {
		return m, no
	}
	if v, err := stringOf(top["jsonrpc"]); err != nil || v != "2.0" {
		return m, badBody(codeInvalidRequest, `the member jsonrpc: want "2.0"`)
	}
	if id, present := top["id"]; present {
		switch kindOf(id) {
		case "a number":
			// MCP: a string or an integer. Beyond 2^53 decoders round it, and the answer would have another id.
			if n, err := strconv.ParseInt(string(id), 10, 64); err != nil || n > maxExactInteger || n < -maxExactInteger {
				return m, badBody(codeInvalidRequest, "the member id: want a string, or an integer of at most 2^53-1 in plain digits")
			}
			m.call.ID = id
		case "a string":
			m.call.ID = id
		case "null": // a notification, as decoders into a pointer or an interface read it
		default:
			return m, badBody(codeInvalidRequest, "the member id: want a string or a number, got "+kindOf(id))
		}
	}
	_, hasMethod := top["method"]
	_, hasResult := top["result"]
	_, hasError := top["error"]
	if hasResult || hasError {
		if hasMethod || hasResult == hasError {
			return m, badBody(codeInvalidRequest, "want a request with method or a response with one of result and error, got a mixture")
		}
		m.isResponse = true
		return m, nil
	}
	if m.call.Method, err = stringOf(top["method"]); err != nil || m.call.Method == "" || hasReplacement(m.call.Method) {
		return m, badBody(codeInvalidRequest, "the member method: want the name of a method, got "+kindOf(top["method"]))
	}
	return m, m.readParams(top["params"])
}

func (m *message) readParams(raw json.RawMessage) *refusal {
	nameMember, named := nameMembers[m.call.Method]
	params := map[string]json.RawMessage{}
	if kind := kindOf(raw); kind != "nothing" && kind != "null" {
		var err error
		if params, err = members(raw); err != nil {
			return badBody(codeInvalidParams, "the member params: want an object, got "+kind)
		}
	}
	if no := exactNames(params, "params.", "name", "uri", "arguments", "_meta"); no != nil {
		return no
	}
	if raw, present := params["_meta"]; present && kindOf(raw) != "null" {
		meta, err := members(raw)
		if err != nil {
			return badBody(codeInvalidParams, "the member params._meta: want an object, got "+kindOf(raw))
		}
		if no := exactNames(meta, "params._meta.", metaVersion); no != nil {
			return no
		}
		if v, present := meta[metaVersion]; present {
			if m.version, err = stringOf(v); err != nil || m.version == "" {
				return badBody(codeInvalidParams, "the member params._meta."+metaVersion+": want a version, got "+kindOf(v))
			}
		}
	}
	if !named {
		return nil
	}
	var err error
	if m.name, err = stringOf(params[nameMember]); err != nil || hasReplacement(m.name) {
		return badBody(codeInvalidParams, fmt.Sprintf("the member params.%s: want a string, got %s", nameMember, kindOf(params[nameMember])))
	}
	if m.call.Method == "tools/call" {
		m.call.Tool, m.call.Arguments = m.name, params["arguments"]
	}
	return nil
}

// exactNames refuses members that a decoder which folds case would take for one of the known ones.
func exactNames(object map[string]json.RawMessage, path string, known ...string) *refusal {
	for name := range object {
		for _, want := range known {
			if name != want && strings.EqualFold(name, want) {
				return badBody(codeInvalidRequest, fmt.Sprintf("the member %s%s is written in another case", path, want))
			}
		}
	}
	return nil
}

// hasReplacement finds U+FFFD, which decoders put where a lone surrogate stood: not every decoder does.
func hasReplacement(s string) bool { return strings.ContainsRune(s, utf8.RuneError) }

func badBody(code int, text string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: code, message: text}
}

// maxExactInteger is the largest integer that every JSON decoder keeps (RFC 8259 section 6).
const maxExactInteger = 1<<53 - 1

// findID looks for the request's id in a body, or a beginning of one, that is refused unread: null if it is not there,
// is no id, or is there twice.
func findID(body []byte) json.RawMessage {
	dec := json.NewDecoder(strings.NewReader(string(body)))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	var id json.RawMessage
	for found := false; dec.More(); {
		name, err := dec.Token()
		if err != nil {
			break
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			break
		}
		if name == "id" {
			if found {
				return nil
			}
			id, found = value, true
		}
	}
	if !slices.Contains([]string{"a string", "a number"}, kindOf(id)) || !utf8.Valid(id) {
		return nil
	}
	return id
}
