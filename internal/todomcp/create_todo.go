package todomcp

import (
	"context"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcpharness/internal/guard"
	"mcpharness/internal/todo"
)

func (s *Server) createTodo() tool {
	definition := &mcp.Tool{
		Name:  "create-todo",
		Title: "Create a todo",
		Description: "Creates a todo that belongs to the signed-in user, and returns it. Needs the scope create:todos. " +
			"White space around the content is cut.",
		InputSchema: json.RawMessage(`{
			"type": "object",
			"properties": {
				"content": {
					"type": "string",
					"minLength": 1,
					"maxLength": 4096,
					"description": "What is to be done: 1 to 4096 characters of text, for example \"Buy milk\"."
				}
			},
			"required": ["content"],
			"additionalProperties": false
		}`),
		OutputSchema: json.RawMessage(todoSchema),
		Annotations:  &mcp.ToolAnnotations{Title: "Create a todo", DestructiveHint: new(false), OpenWorldHint: new(false)},
	}
	read := func(raw json.RawMessage) (content string, err error) {
		args, err := readArguments(raw, "content")
		if err != nil {
			return "", err
		}
		return args.requiredText("content")
	}
	refuse := func(_ context.Context, p todo.Principal, _ string) (*todo.Refusal, error) {
		return todo.MayCreate(p), nil
	}
	call := func(ctx context.Context, id guard.Identity, content string) (any, error) {
		created, err := s.todos.Create(ctx, principal(id), content)
		if err != nil {
			return nil, err
		}
		return toResult(created), nil
	}
	return define(definition, read, refuse, call)
}
