package todomcp

import (
	"context"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcpharness/internal/guard"
	"mcpharness/internal/todo"
)

type todosResult struct {
	Todos      []todoResult `json:"todos"`
	NextCursor string       `json:"nextCursor,omitempty"`
}

func (s *Server) getTodos() tool {
	definition := &mcp.Tool{
		Name:  "get-todos",
		Title: "List todos",
		Description: "Lists todos, oldest first: everybody's with the scope read:todos, else only the signed-in user's own. " +
			"A result with nextCursor has more: call again with cursor set to it.",
		InputSchema: json.RawMessage(`{
			"type": "object",
			"properties": {
				"limit": {
					"type": "integer",
					"minimum": 1,
					"maximum": 200,
					"default": 50,
					"description": "The most todos to return, 1 to 200."
				},
				"cursor": {
					"type": "string",
					"minLength": 1,
					"description": "The nextCursor of the page before, unchanged. Leave it out for the first page."
				}
			},
			"additionalProperties": false
		}`),
		OutputSchema: json.RawMessage(`{
			"type": "object",
			"properties": {
				"todos": {"type": "array", "items": ` + todoSchema + `, "description": "The todos of this page, oldest first."},
				"nextCursor": {"type": "string", "description": "There are more todos; absent on the last page."}
			},
			"required": ["todos"],
			"additionalProperties": false
		}`),
		Annotations: &mcp.ToolAnnotations{
			Title: "List todos", ReadOnlyHint: true, IdempotentHint: true, DestructiveHint: new(false), OpenWorldHint: new(false),
		},
	}
	call := func(ctx context.Context, id guard.Identity, req todo.PageRequest) (any, error) {
		page, err := s.todos.List(ctx, principal(id), req)
		if err != nil {
			return nil, err
		}
		result := todosResult{Todos: make([]todoResult, 0, len(page.Todos)), NextCursor: page.Next}
		for _, t := range page.Todos {
			result.Todos = append(result.Todos, toResult(t))
		}
		return result, nil
	}
	return define(definition, readPageRequest, anybody, call)
}

func readPageRequest(raw json.RawMessage) (todo.PageRequest, error) {
	var req todo.PageRequest
	args, err := readArguments(raw, "limit", "cursor")
	if err != nil {
		return req, err
	}
	limit, given, err := args.integer("limit")
	if err != nil {
		return req, err
	}
	if given && limit == 0 { // which PageRequest takes for "not given"
		return req, &todo.InputError{Field: "limit", Fault: "want 1 to 200, got 0"}
	}
	cursor, given, err := args.text("cursor")
	if err != nil {
		return req, err
	}
	if given && cursor == "" {
		return req, &todo.InputError{Field: "cursor", Fault: "want the nextCursor of an earlier page, got an empty string; leave it out for the first page"}
	}
	return todo.PageRequest{Limit: limit, Cursor: cursor}, nil
}
