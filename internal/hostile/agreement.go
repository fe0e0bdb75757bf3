package hostile

import "net/http"

// agreementCases have headers that say something else than the body: what a gateway saw is not what would run.
func agreementCases() []Case {
	const source = "MCP 2026-07-28, transports, standard headers (SEP-2243)"
	lying := func(name string, changes ...change) Case {
		return answered(http.StatusBadRequest, codeHeaderMismatch, name, source, changes...)
	}
	return []Case{
		lying("Mcp-Name hides a delete", deletes(), field("Mcp-Name", "whoami")),
		lying("Mcp-Name of a delete, harmless body", field("Mcp-Name", "delete-todo")),
		lying("Mcp-Name in another case", deletes(), field("Mcp-Name", "Delete-Todo")),
		lying("Mcp-Name empty", deletes(), field("Mcp-Name", "")),
		lying("Mcp-Name twice, lying first", deletes(), field("Mcp-Name", "whoami", "delete-todo")),
		lying("Mcp-Name twice, lying last", deletes(), field("Mcp-Name", "delete-todo", "whoami")),
		lying("Mcp-Name twice, the same", field("Mcp-Name", "whoami", "whoami")),
		lying("Mcp-Name with both", deletes(), field("Mcp-Name", "whoami, delete-todo")),
		lying("Mcp-Name in base64, lying", deletes(), field("Mcp-Name", "=?base64?d2hvYW1p?=")),
		lying("Mcp-Name in broken base64", field("Mcp-Name", "=?base64?d2hvYW1p")),
		lying("Mcp-Name percent-encoded", field("Mcp-Name", "who%61mi")),
		lying("Mcp-Method hides a call", deletes(), field("Mcp-Method", "tools/list")),
		lying("Mcp-Method in another case", deletes(), field("Mcp-Method", "Tools/Call")),
		lying("Mcp-Method empty", deletes(), field("Mcp-Method", "")),
		lying("Mcp-Method twice, lying first", deletes(), field("Mcp-Method", "ping", "tools/call")),
		lying("Mcp-Method twice, lying last", deletes(), field("Mcp-Method", "tools/call", "ping")),
		lying("Mcp-Method with both", deletes(), field("Mcp-Method", "ping, tools/call")),
		lying("both lying", deletes(), field("Mcp-Method", "prompts/get"), field("Mcp-Name", "whoami")),
		lying("Mcp-Name under an old version", deletes(), field("Mcp-Protocol-Version", "2025-06-18"), body(oldCall("delete-todo", `{"id":"$victim"}`)), field("Mcp-Name", "whoami")),
		lying("Mcp-Name without a version", deletes(), field("Mcp-Protocol-Version"), body(oldCall("delete-todo", `{"id":"$victim"}`)), field("Mcp-Name", "whoami")),
		lying("Mcp-Method under an old version", deletes(), field("Mcp-Protocol-Version", "2025-03-26"), body(oldCall("delete-todo", `{"id":"$victim"}`)), field("Mcp-Method", "ping")),
		lying("version twice", field("Mcp-Protocol-Version", Legacy, Modern)),
		lying("version of the body is another", field("Mcp-Protocol-Version", Legacy), body(modernCall)),
		lying("version of the body, none in the header", field("Mcp-Protocol-Version"), body(modernCall)),
	}
}

func oldCall(tool, arguments string) string {
	return `{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"` + tool + `","arguments":` + arguments + `}}`
}

var modernCall = `{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"whoami","arguments":{}` + meta(Modern) + `}}`

// orderCases have two things wrong: Host and Origin come first, then the credentials, then method and body, then the scope.
func orderCases() []Case {
	const source = "RFC 6750 section 3.1; MCP 2026-07-28, authorization"
	large := together(calls("whoami", "{}"), func(d *draft) { d.request.Body += string(make([]byte, 1<<20)) })
	expired := claim("exp", "1")
	return []Case{
		withoutID(anonymous("no token, batch", source, credentials(), body(`[{"jsonrpc":"2.0","id":$id,"method":"ping"}]`))),
		withoutID(anonymous("no token, not JSON", source, credentials(), body("x"))),
		withoutID(anonymous("no token, empty body", source, credentials(), body(""))),
		anonymous("no token, body cut short", source, credentials(), body(`{"jsonrpc":"2.0","id":$id,"method":"to`)),
		anonymous("no token, body too large", source, credentials(), large),
		anonymous("no token, lying header", source, credentials(), field("Mcp-Name", "delete-todo")),
		anonymous("no token, no such tool", source, credentials(), calls("no-such-tool", "{}")),
		anonymous("no token, delete", source, credentials(), deletes()),
		anonymous("no token, content type wrong", source, credentials(), field("Content-Type", "text/plain")),
		anonymous("no token, server/discover", source, credentials(), body(`{"jsonrpc":"2.0","id":$id,"method":"server/discover","params":{}}`)),
		anonymous("no token, initialize", source, credentials(), body(`{"jsonrpc":"2.0","id":$id,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`)),
		anonymous("no token, ping", source, credentials(), body(`{"jsonrpc":"2.0","id":$id,"method":"ping"}`)),
		withoutID(refused("expired, batch", source, expired, body(`[{"jsonrpc":"2.0","id":$id,"method":"ping"}]`))),
		refused("expired, body cut short", source, expired, body(`{"jsonrpc":"2.0","id":$id,"method":"to`)),
		refused("expired, body too large", source, expired, large),
		refused("expired, lying header", source, expired, field("Mcp-Name", "delete-todo")),
		refused("expired, scope missing too", source, expired, deletes()),
		refused("expired, content type wrong", source, expired, field("Content-Type", "text/plain")),
		withoutID(malformed("two tokens, not JSON", source, credentials("Bearer $token x"), body("x"))),
		malformed("two tokens, delete", source, credentials("Bearer $token x"), deletes()),
		answered(http.StatusBadRequest, codeHeaderMismatch, "lying header, scope missing too", source, deletes(), field("Mcp-Name", "whoami")),
		answered(http.StatusForbidden, codeRefused, "foreign origin, scope missing too", source, deletes(), field("Origin", "https://evil.example")),
		answered(http.StatusUnsupportedMediaType, codeRefused, "content type wrong, scope missing too", source, deletes(), field("Content-Type", "text/plain")),
	}
}
