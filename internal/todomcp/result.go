package todomcp

import (
	"mcpharness/internal/todo"
)

// todoResult is a todo on the wire.
type todoResult struct {
	ID        string `json:"id"`
	Content   string `json:"content"`
	OwnerID   string `json:"ownerId"`   // the owner's subject; the issuer is always the caller's own
	CreatedAt string `json:"createdAt"` // RFC 3339, UTC, milliseconds
}

func toResult(t todo.Todo) todoResult {
	return todoResult{
		ID:        t.ID,
		Content:   t.Content,
		OwnerID:   t.Owner.Subject,
		CreatedAt: t.CreatedAt.UTC().Format("2006-01-02T15:04:05.000Z"),
	}
}

// todoSchema is the JSON Schema of todoResult.
const todoSchema = `{
	"type": "object",
	"properties": {
		"id": {"type": "string", "description": "The todo's id, as delete-todo takes it."},
		"content": {"type": "string", "description": "What is to be done."},
		"ownerId": {"type": "string", "description": "The subject (sub) of the user who created it."},
		"createdAt": {"type": "string", "format": "date-time", "description": "When it was created: RFC 3339, UTC."}
	},
	"required": ["id", "content", "ownerId", "createdAt"],
	"additionalProperties": false
}`
