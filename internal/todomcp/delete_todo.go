package todomcp

import (
	"context"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcpharness/internal/guard"
	"mcpharness/internal/todo"
)

type deletedResult struct {
	Deleted todoResult `json:"deleted"`
}

func (s *Server) deleteTodo() tool {
	definition := &mcp.Tool{
		Name:  "delete-todo",
		Title: "Delete a todo",
		Description: "Deletes a todo for good, and returns what it was. One's own todos need no scope, others' need delete:todos. " +
			"get-todos gives the ids.",
		InputSchema: json.RawMessage(`{
			"type": "object",
			"properties": {
				"id": {"type": "string", "minLength": 1, "description": "The id of the todo, as create-todo and get-todos return it."}
			},
			"required": ["id"],
			"additionalProperties": false
		}`),
		OutputSchema: json.RawMessage(`{
			"type": "object",
			"properties": {"deleted": ` + todoSchema + `},
			"required": ["deleted"],
			"additionalProperties": false
		}`),
		Annotations: &mcp.ToolAnnotations{
			Title: "Delete a todo", DestructiveHint: new(true), IdempotentHint: true, OpenWorldHint: new(false),
		},
	}
	read := func(raw json.RawMessage) (id string, err error) {
		args, err := readArguments(raw, "id")
		if err != nil {
			return "", err
		}
		if id, err = args.requiredText("id"); err == nil && id == "" {
			err = &todo.InputError{Field: "id", Fault: "want the id of a todo, got an empty string"}
		}
		return id, err
	}
	call := func(ctx context.Context, caller guard.Identity, id string) (any, error) {
		deleted, err := s.todos.Delete(ctx, principal(caller), id)
		if err != nil {
			return nil, err
		}
		return deletedResult{Deleted: toResult(deleted)}, nil
	}
	return define(definition, read, s.todos.MayDelete, call)
}
