package guard

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
)

// checkAgreement refuses headers that say something else than the body: whatever looked at the headers on the way (a
// gateway, a log) must have seen the request that runs. MCP demands it since 2026-07-28 (SEP-2243); here it holds for
// every version, since older ones would just ignore the header. Missing headers are the MCP handler's business, but for the
// version's, and that too on a transport that is headerless.
func checkAgreement(h http.Header, m message, headerless bool) *refusal {
	if no := agrees(h, "Mcp-Method", m.call.Method, false); no != nil {
		return no
	}
	if _, named := nameMembers[m.call.Method]; named {
		if no := agrees(h, "Mcp-Name", m.name, true); no != nil {
			return no
		}
	}
	if versions := h.Values("Mcp-Protocol-Version"); len(versions) > 1 {
		return mismatch("MCP-Protocol-Version", "is there twice")
	}
	if m.version != "" && h.Get("Mcp-Protocol-Version") == "" && !headerless {
		return mismatch("MCP-Protocol-Version", "is missing, params._meta names a version")
	}
	if m.version != "" {
		return agrees(h, "Mcp-Protocol-Version", m.version, false)
	}
	return nil
}

func agrees(h http.Header, name, want string, encodable bool) *refusal {
	values := h.Values(name)
	switch {
	case len(values) == 0:
		return nil
	case len(values) > 1:
		return mismatch(name, "is there twice")
	case values[0] == want:
		return nil
	case encodable && decodeHeader(values[0]) == want:
		return nil
	}
	return mismatch(name, "does not match the body")
}

func mismatch(name, problem string) *refusal {
	return badBody(codeHeaderMismatch, fmt.Sprintf("header mismatch: %s %s", name, problem))
}

// decodeHeader undoes SEP-2243's encoding of values that a header cannot carry: =?base64?…?=.
func decodeHeader(value string) string {
	encoded, isEncoded := strings.CutPrefix(value, "=?base64?")
	encoded, isClosed := strings.CutSuffix(encoded, "?=")
	if !isEncoded || !isClosed || strings.ContainsAny(encoded, "\r\n") {
		return value
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return value
	}
	return string(decoded)
}
