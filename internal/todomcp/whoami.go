package todomcp

import (
	"context"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcpharness/internal/guard"
)

type whoamiResult struct {
	Subject string   `json:"subject"`
	Issuer  string   `json:"issuer"`
	Client  string   `json:"client"`
	Scopes  []string `json:"scopes"`
	Roles   []string `json:"roles"`
}

func (s *Server) whoami() tool {
	definition := &mcp.Tool{
		Name:        "whoami",
		Title:       "Who am I",
		Description: "Tells who is signed in, through which client, and with which scopes and roles, as this server reads the access token.",
		InputSchema: json.RawMessage(`{"type": "object", "additionalProperties": false}`),
		OutputSchema: json.RawMessage(`{
			"type": "object",
			"properties": {
				"subject": {"type": "string", "description": "The user's id (sub) at the issuer; ownerId of the user's todos."},
				"issuer": {"type": "string", "description": "The authorization server that issued the token."},
				"client": {"type": "string", "description": "The OAuth client that the token was issued to; empty if the token does not say."},
				"scopes": {"type": "array", "items": {"type": "string"}, "description": "The scopes granted."},
				"roles": {"type": "array", "items": {"type": "string"}, "description": "The user's roles, for information; only scopes decide."}
			},
			"required": ["subject", "issuer", "client", "scopes", "roles"],
			"additionalProperties": false
		}`),
		Annotations: &mcp.ToolAnnotations{
			Title: "Who am I", ReadOnlyHint: true, IdempotentHint: true, DestructiveHint: new(false), OpenWorldHint: new(false),
		},
	}
	call := func(_ context.Context, id guard.Identity, _ struct{}) (any, error) {
		return whoamiResult{
			Subject: id.Subject,
			Issuer:  id.Issuer,
			Client:  id.ClientID,
			Scopes:  append([]string{}, id.Scopes...), // [] rather than null
			Roles:   append([]string{}, id.Roles...),
		}, nil
	}
	return define(definition, noArguments, anybody, call)
}
