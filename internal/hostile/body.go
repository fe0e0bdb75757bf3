package hostile

import (
	"net/http"
	"strings"
)

// bodyCases try to hide a call that deletes somebody else's todo from a check that reads the body in another way than the
// server that runs it. The token is honest and has the scope create:todos.
func bodyCases() []Case {
	const differently = "CWE-436, RFC 8259 section 4"
	const folded = "CWE-178"
	const batches = "MCP 2025-06-18, changes: no JSON-RPC batches"
	const depth = "RFC 8259 section 9"
	invalid := func(name, source, text string) Case {
		return answered(http.StatusBadRequest, codeInvalidRequest, name, source, body(text))
	}
	unread := func(code int, name, source, text string) Case {
		return unanswerable(http.StatusBadRequest, code, name, source, body(text))
	}
	const harmless = `"method":"tools/call","params":{"name":"whoami","arguments":{}$meta}`
	const deletion = `"method":"tools/call","params":{"name":"delete-todo","arguments":{"id":"$victim"}$meta}`
	return []Case{
		lacksDelete("delete, plain", bearerErrors),
		withoutID(lacks("delete:todos", "delete, as a notification", jsonRPC, deletes(), body(`{"jsonrpc":"2.0",`+deletion+`}`))),
		withoutID(lacks("delete:todos", "delete, id null", jsonRPC, deletes(), body(`{"jsonrpc":"2.0","id":null,`+deletion+`}`))),
		lacks("delete:todos", "delete, names escaped", differently, deletes(), body(`{"jsonrpc":"2.0","id":$id,"m\u0065thod":"tools\/call","p\u0061rams":{"n\u0061me":"delete\u002dtodo","arguments":{"\u0069d":"$victim"}$meta}}`)),
		lacks("delete:todos", "delete, params first", differently, deletes(), body(`{"params":{"arguments":{"id":"$victim"},"name":"delete-todo"$meta},"method":"tools/call","id":$id,"jsonrpc":"2.0"}`)),
		lacks("delete:todos", "delete, more members", differently, deletes(), body(`{"jsonrpc":"2.0","id":$id,"tool":"whoami","scope":"delete:todos",`+deletion+`}`)),
		unread(codeInvalidRequest, "batch that hides a delete", batches, `[{"jsonrpc":"2.0","id":$id,`+harmless+`},{"jsonrpc":"2.0","id":2,`+deletion+`}]`),
		unread(codeInvalidRequest, "batch of one delete", batches, `[{"jsonrpc":"2.0","id":$id,`+deletion+`}]`),
		unread(codeInvalidRequest, "batch of one harmless call", batches, `[{"jsonrpc":"2.0","id":$id,`+harmless+`}]`),
		unread(codeInvalidRequest, "empty batch", batches, `[]`),
		unread(codeInvalidRequest, "batch in a batch", batches, `[[{"jsonrpc":"2.0","id":$id,`+deletion+`}]]`),
		unread(codeInvalidRequest, "batch after blanks", batches, " \r\n\t[{\"jsonrpc\":\"2.0\",\"id\":$id,"+deletion+"}]"),
		invalid("method twice", differently, `{"jsonrpc":"2.0","id":$id,"method":"ping",`+deletion+`}`),
		invalid("method twice, harmless last", differently, `{"jsonrpc":"2.0","id":$id,`+deletion+`,"method":"ping"}`),
		invalid("method twice, escaped", differently, `{"jsonrpc":"2.0","id":$id,"m\u0065thod":"ping",`+deletion+`}`),
		invalid("params twice", differently, `{"jsonrpc":"2.0","id":$id,"params":{"name":"whoami"$meta},`+deletion+`}`),
		invalid("params twice, harmless last", differently, `{"jsonrpc":"2.0","id":$id,`+deletion+`,"params":{"name":"whoami"$meta}}`),
		invalid("name twice", differently, `{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"whoami","name":"delete-todo","arguments":{"id":"$victim"}$meta}}`),
		invalid("name twice, harmless last", differently, `{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"delete-todo","arguments":{"id":"$victim"},"name":"whoami"$meta}}`),
		invalid("name twice, escaped", differently, `{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"n\u0061me":"whoami","name":"delete-todo","arguments":{"id":"$victim"}$meta}}`),
		invalid("arguments twice", differently, `{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"delete-todo","arguments":{"id":"x"},"arguments":{"id":"$victim"}$meta}}`),
		invalid("argument twice", differently, `{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"delete-todo","arguments":{"id":"x","id":"$victim"}$meta}}`),
		invalid("jsonrpc twice", differently, `{"jsonrpc":"2.0","jsonrpc":"2.0","id":$id,`+harmless+`}`),
		unread(codeInvalidRequest, "id twice", differently, `{"jsonrpc":"2.0","id":$id,"id":2,`+harmless+`}`),
		invalid("METHOD beside method", folded, `{"jsonrpc":"2.0","id":$id,"METHOD":"ping",`+deletion+`}`),
		invalid("Method instead of method", folded, `{"jsonrpc":"2.0","id":$id,"Method":"tools/call","params":{"name":"delete-todo","arguments":{"id":"$victim"}$meta}}`),
		invalid("Params beside params", folded, `{"jsonrpc":"2.0","id":$id,"Params":{"name":"delete-todo","arguments":{"id":"$victim"}},`+harmless+`}`),
		invalid("Params with a long s", folded, `{"jsonrpc":"2.0","id":$id,"param`+"\u017f"+`":{"name":"delete-todo","arguments":{"id":"$victim"}},`+harmless+`}`),
		invalid("Name beside name", folded, `{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"whoami","Name":"delete-todo","arguments":{"id":"$victim"}$meta}}`),
		invalid("NAME beside name, escaped", folded, `{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"\u004eAME":"delete-todo","name":"whoami","arguments":{"id":"$victim"}$meta}}`),
		invalid("Arguments beside arguments", folded, `{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"delete-todo","Arguments":{"id":"$victim"},"arguments":{"id":"x"}$meta}}`),
		invalid("ID beside id", folded, `{"jsonrpc":"2.0","ID":7,"id":$id,`+harmless+`}`),
		unread(codeInvalidRequest, "id an object", jsonRPC, `{"jsonrpc":"2.0","id":{"x":1},`+harmless+`}`),
		unread(codeInvalidRequest, "id an array", jsonRPC, `{"jsonrpc":"2.0","id":[1],`+harmless+`}`),
		unread(codeInvalidRequest, "id true", jsonRPC, `{"jsonrpc":"2.0","id":true,`+harmless+`}`),
		invalid("jsonrpc 1.0", jsonRPC, `{"jsonrpc":"1.0","id":$id,`+harmless+`}`),
		invalid("jsonrpc a number", jsonRPC, `{"jsonrpc":2.0,"id":$id,`+harmless+`}`),
		invalid("jsonrpc missing", jsonRPC, `{"id":$id,`+harmless+`}`),
		invalid("method missing", jsonRPC, `{"jsonrpc":"2.0","id":$id,"params":{"name":"whoami"$meta}}`),
		invalid("method empty", jsonRPC, `{"jsonrpc":"2.0","id":$id,"method":"","params":{"name":"whoami"$meta}}`),
		invalid("method an array", jsonRPC, `{"jsonrpc":"2.0","id":$id,"method":["tools/call"],"params":{"name":"whoami"$meta}}`),
		invalid("half a surrogate pair in method", differently, `{"jsonrpc":"2.0","id":$id,"method":"tools/call\ud800","params":{"name":"whoami"$meta}}`),
		invalid("result beside method", jsonRPC, `{"jsonrpc":"2.0","id":$id,"result":{},`+deletion+`}`),
		invalid("error beside method", jsonRPC, `{"jsonrpc":"2.0","id":$id,"error":{"code":1,"message":"x"},`+deletion+`}`),
		invalid("arguments 200 deep", depth, `{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"whoami","arguments":{"x":`+nested(200, "")+`}$meta}}`),
		answered(http.StatusBadRequest, codeParse, "arguments 20,000 deep", depth, body(`{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"whoami","arguments":{"x":`+nested(20000, "")+`}$meta}}`)),
		answered(http.StatusBadRequest, codeInvalidParams, "params an array", jsonRPC, body(`{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":["delete-todo",{"id":"$victim"}]}`)),
		answered(http.StatusBadRequest, codeInvalidParams, "params a string", jsonRPC, body(`{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":"delete-todo"}`)),
		answered(http.StatusBadRequest, codeInvalidParams, "params missing", mcpTransport, body(`{"jsonrpc":"2.0","id":$id,"method":"tools/call"}`)),
		answered(http.StatusBadRequest, codeInvalidParams, "name missing", mcpTransport, body(`{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"arguments":{}$meta}}`)),
		answered(http.StatusBadRequest, codeInvalidParams, "name an array", mcpTransport, body(`{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":["whoami","delete-todo"],"arguments":{"id":"$victim"}$meta}}`)),
		answered(http.StatusBadRequest, codeInvalidParams, "half a surrogate pair in name", differently, body(`{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"delete-todo\ud800","arguments":{"id":"$victim"}$meta}}`)),
		answered(http.StatusBadRequest, codeInvalidParams, "meta an array", mcpTransport, body(`{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"whoami","_meta":[]}}`)),
		answered(http.StatusBadRequest, codeParse, "something after it", jsonRPC, body(`{"jsonrpc":"2.0","id":$id,`+harmless+`}x`)),
		answered(http.StatusBadRequest, codeParse, "a second request after it", differently, body(`{"jsonrpc":"2.0","id":$id,`+harmless+`}{"jsonrpc":"2.0","id":2,`+deletion+`}`)),
		answered(http.StatusBadRequest, codeParse, "a second request on a line of its own", differently, body(`{"jsonrpc":"2.0","id":$id,`+harmless+"}\n"+`{"jsonrpc":"2.0","id":2,`+deletion+`}`)),
		answered(http.StatusBadRequest, codeParse, "cut short", jsonRPC, body(`{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"who`)),
		answered(http.StatusBadRequest, codeParse, "not UTF-8", "RFC 8259 section 8.1", body(`{"jsonrpc":"2.0","id":$id,"x":"`+"\xff"+`",`+deletion+`}`)),
		answered(http.StatusBadRequest, codeParse, "comment", "RFC 8259 section 2", body(`{"jsonrpc":"2.0","id":$id,/*`+harmless+`,*/`+deletion+`}`)),
		answered(http.StatusBadRequest, codeParse, "comma after the last member", "RFC 8259 section 4", body(`{"jsonrpc":"2.0","id":$id,`+harmless+`,}`)),
		unread(codeParse, "empty", jsonRPC, ""),
		unread(codeParse, "not JSON", jsonRPC, "delete-todo"),
		unread(codeParse, "byte order mark", "RFC 8259 section 8.1", "\ufeff"+`{"jsonrpc":"2.0","id":$id,`+deletion+`}`),
		unread(codeInvalidRequest, "a string", jsonRPC, `"tools/call"`),
		unread(codeInvalidRequest, "null", jsonRPC, "null"),
		answered(http.StatusRequestEntityTooLarge, codeRefused, "larger than 1 MiB", "RFC 9110 section 15.5.14", body(`{"jsonrpc":"2.0","id":$id,`+harmless+strings.Repeat(" ", 1<<20)+"}")),
		toolError("argument in another case", folded, `{"Id":"$victim"}`),
		toolError("argument in another case too", folded, `{"id":"x","ID":"$victim"}`),
		toolError("argument and one more", mcpTransport, `{"id":"$victim","force":true}`),
		toolError("argument an array", mcpTransport, `{"id":["$victim"]}`),
		toolError("argument an object", mcpTransport, `{"id":{"$ne":null}}`),
		toolError("argument a number", mcpTransport, `{"id":1}`),
		toolError("argument null", mcpTransport, `{"id":null}`),
		toolError("argument empty", mcpTransport, `{"id":""}`),
		toolError("argument missing", mcpTransport, `{}`),
		toolError("half a surrogate pair in the argument", differently, `{"id":"$victim\ud800"}`),
	}
}

// toolError is a delete whose arguments are wrong: the tool itself says so, in a result.
func toolError(name, source, arguments string) Case {
	c := answered(http.StatusOK, 0, name, source, calls("delete-todo", arguments))
	c.Want.ToolError = true
	return c
}
