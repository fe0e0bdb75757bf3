package todomcp_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/todo"
)

// Wrong arguments are tool errors, which a model can read and mend, in either era.
func TestWrongArgumentsAreToolErrors(t *testing.T) {
	t.Parallel()
	long, _ := json.Marshal(strings.Repeat("é", 4097))
	const badCursor = "cursor: want the unchanged nextCursor of an earlier page, or none for the first page; got something else"
	r := newRig(t)
	token := r.token(t, "bob", todo.Scopes()...)
	for _, era := range eras {
		session := r.connect(t, era, token)
		for _, test := range []struct{ tool, args, want string }{
			{"create-todo", `{}`, "content: want a string, got nothing: it is required"},
			{"create-todo", `[]`, "arguments: want an object, got an array"},
			{"create-todo", `"milk"`, "arguments: want an object, got a string"},
			{"create-todo", `{"content": null}`, "content: want a string, got null"},
			{"create-todo", `{"content": 5}`, "content: want a string, got a number"},
			{"create-todo", `{"content": {"text": "x"}}`, "content: want a string, got an object"},
			{"create-todo", `{"content": ["x"]}`, "content: want a string, got an array"},
			{"create-todo", `{"content": true}`, "content: want a string, got a boolean"},
			{"create-todo", `{"content": ""}`, "content: want 1 to 4096 characters, got none"},
			{"create-todo", `{"content": "\u3000 \n"}`, "content: want 1 to 4096 characters, got only white space"},
			{"create-todo", `{"content": ` + string(long) + `}`, "content: want at most 4096 characters, got 4097"},
			{"create-todo", `{"content": "a\u0000b"}`, "content: want text without NUL characters (U+0000), got at least one"},
			{"create-todo", `{"content": "\ud83d"}`, "content: want valid Unicode, got half of a surrogate pair"},
			{"create-todo", `{"content": "x", "owner": "alice"}`, `arguments: got an unknown "owner", want only: content`},
			{"create-todo", `{"Content": "x"}`, `arguments: got an unknown "Content", want only: content`},
			{"get-todos", `{"limit": "10"}`, "limit: want a whole number, got a string"},
			{"get-todos", `{"limit": null}`, "limit: want a whole number, got null"},
			{"get-todos", `{"limit": 1.5}`, "limit: want a whole number, got a fraction"},
			{"get-todos", `{"limit": 1e99}`, "limit: want a whole number, got one that is too large"},
			{"get-todos", `{"limit": 0}`, "limit: want 1 to 200, got 0"},
			{"get-todos", `{"limit": -1}`, "limit: want 1 to 200, got -1"},
			{"get-todos", `{"limit": 201}`, "limit: want 1 to 200, got 201"},
			{"get-todos", `{"cursor": 1}`, "cursor: want a string, got a number"},
			{"get-todos", `{"cursor": ""}`, "cursor: want the nextCursor of an earlier page, got an empty string; leave it out for the first page"},
			{"get-todos", `{"cursor": "zzz"}`, badCursor},
			{"get-todos", `{"cursor": "djEuMQ"}`, badCursor},
			{"get-todos", `{"offset": 3}`, `arguments: got an unknown "offset", want only: limit, cursor`},
			{"delete-todo", `{}`, "id: want a string, got nothing: it is required"},
			{"delete-todo", `{"id": 7}`, "id: want a string, got a number"},
			{"delete-todo", `{"id": ""}`, "id: want the id of a todo, got an empty string"},
			{"delete-todo", `{"id": "x", "force": true}`, `arguments: got an unknown "force", want only: id`},
			{"whoami", `{"verbose": true}`, `arguments: got an unknown "verbose", want none: this tool takes no arguments`},
		} {
			result := call(t, session, test.tool, json.RawMessage(test.args))
			require.True(t, result.IsError, "%s %s %s", era, test.tool, test.args)
			require.Equal(t, test.want, textOf(t, result), "%s %s %s", era, test.tool, test.args)
			require.Nil(t, result.StructuredContent)
		}
		require.Empty(t, succeed[page](t, session, "get-todos", nil).Todos, "nothing was created")
	}
}

// Without the scope, arguments that do not read still get the tool's own error: there is nothing to step up for.
func TestWrongArgumentsNeedNoScope(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	session := r.connect(t, eras[0], r.token(t, "bob"))
	for _, tool := range []string{"create-todo", "delete-todo"} {
		require.True(t, call(t, session, tool, map[string]any{"x": 1}).IsError)
	}
}

func TestWholeNumbersAreThoseOfJSONSchema(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	session := r.connect(t, eras[0], r.token(t, "bob"))
	for _, limit := range []string{"5", "5.0", "5e0", "50e-1"} {
		succeed[page](t, session, "get-todos", json.RawMessage(`{"limit": `+limit+`}`))
	}
}

func TestUnknownToolIsAProtocolError(t *testing.T) {
	forEachEra(t, func(t *testing.T, era string) {
		r := newRig(t)
		session := r.connect(t, era, r.token(t, "bob"))
		_, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "drop-todos"})
		var rpc *jsonrpc.Error
		require.ErrorAs(t, err, &rpc)
		require.EqualValues(t, jsonrpc.CodeInvalidParams, rpc.Code)
		require.Contains(t, rpc.Message, `unknown tool "drop-todos"`)
		call(t, session, "whoami", nil) // the session lives on
	})
}

var errDisk = errors.New("disk on fire")

// burning fails at everything.
type burning struct{}

func (burning) Create(context.Context, todo.Todo) error { return errDisk }
func (burning) List(context.Context, todo.Reach, todo.Position, int) ([]todo.Todo, error) {
	return nil, errDisk
}
func (burning) Delete(context.Context, todo.Reach, string) (todo.Todo, error) {
	return todo.Todo{}, errDisk
}
func (burning) Exists(context.Context, todo.Reach, string) (bool, error) { return false, errDisk }
func (burning) Ping(context.Context) error                               { return errDisk }

func TestStoreFailureIsAToolErrorWithoutItsCause(t *testing.T) {
	forEachEra(t, func(t *testing.T, era string) {
		r := newRigOver(t, burning{}, "/mcp")
		session := r.connect(t, era, r.token(t, "bob", todo.ScopeCreate))
		for tool, args := range map[string]map[string]any{
			"create-todo": {"content": "my secret plan"}, "get-todos": {}, "delete-todo": {"id": "x"},
		} {
			result := call(t, session, tool, args)
			require.True(t, result.IsError)
			require.Contains(t, textOf(t, result), "through no fault of the call; try again later")
			require.NotContains(t, textOf(t, result), "disk")
			require.Contains(t, r.logs.String(), "tool="+tool)
		}
		require.Contains(t, r.logs.String(), "disk on fire")
		require.NotContains(t, r.logs.String(), "secret plan")
	})
}
