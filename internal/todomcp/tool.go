package todomcp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcpharness/internal/guard"
	"mcpharness/internal/todo"
)

// tool is one MCP tool: what clients are told about it, the check before a call, and the call.
//
// It uses the SDK's raw handlers instead of mcp.AddTool: those validate by the schema and so report every wrong
// argument, but in the words of a schema library ("validating /properties/limit: type: …"), and a model that is to
// correct itself needs "limit: want a whole number, got a string".
type tool struct {
	definition *mcp.Tool
	refuse     func(ctx context.Context, id guard.Identity, raw json.RawMessage) (*todo.Refusal, error)
	call       func(ctx context.Context, id guard.Identity, raw json.RawMessage) (any, error)
}

// define builds a tool from a reader of its arguments, the check, and the call. The check is skipped for arguments
// that do not read: the call then says what is wrong with them.
func define[Args any](
	definition *mcp.Tool,
	read func(json.RawMessage) (Args, error),
	refuse func(context.Context, todo.Principal, Args) (*todo.Refusal, error),
	call func(context.Context, guard.Identity, Args) (any, error),
) tool {
	return tool{
		definition: definition,
		refuse: func(ctx context.Context, id guard.Identity, raw json.RawMessage) (*todo.Refusal, error) {
			args, err := read(raw)
			if err != nil {
				return nil, nil
			}
			return refuse(ctx, principal(id), args)
		},
		call: func(ctx context.Context, id guard.Identity, raw json.RawMessage) (any, error) {
			args, err := read(raw)
			if err != nil {
				return nil, argumentError{err}
			}
			return call(ctx, id, args)
		},
	}
}

// anybody is the check of tools that everybody who is signed in may call.
func anybody[Args any](context.Context, todo.Principal, Args) (*todo.Refusal, error) { return nil, nil }

// noArguments reads the arguments of a tool that takes none.
func noArguments(raw json.RawMessage) (struct{}, error) {
	_, err := readArguments(raw)
	return struct{}{}, err
}

// argumentError marks an error of reading arguments, whose text is meant for the caller.
type argumentError struct{ error }

func principal(id guard.Identity) todo.Principal {
	return todo.Principal{Issuer: id.Issuer, Subject: id.Subject, Scopes: id.Scopes}
}

// handler returns the tool as the SDK calls it.
func (s *Server) handler(t tool) mcp.ToolHandler {
	return func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		var out any
		err := errors.New("no identity in the request's context")
		if id, ok := guard.FromContext(ctx); ok {
			out, err = t.call(ctx, id, req.Params.Arguments)
		}
		if err != nil {
			return failed(s.explain(ctx, t.definition.Name, err)), nil
		}
		return succeeded(out)
	}
}

// explain turns an error of a call into the text that its caller may read. What a stranger should not see is logged
// instead; neither holds contents or tokens.
func (s *Server) explain(ctx context.Context, name string, err error) string {
	if resultOf(err) != "failure" {
		return err.Error()
	}
	level := slog.LevelError
	if ctx.Err() != nil {
		level = slog.LevelDebug // the client left
	}
	s.log.Log(ctx, level, "tool failed", "tool", name, "error", err)
	return "the server failed to do this, through no fault of the call; try again later"
}

// resultOf says how a call went, by its error. Only the text of a failure is not meant for the caller.
func resultOf(err error) string {
	var (
		refusal  *todo.Refusal
		input    *todo.InputError
		argument argumentError
	)
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &refusal):
		return "refused"
	case errors.As(err, &input), errors.As(err, &argument), errors.Is(err, todo.ErrNotFound):
		return "error"
	}
	return "failure"
}

// failed is a tool's own error, which the model reads, as against a protocol error (MCP 2026-07-28, server/tools).
func failed(text string) *mcp.CallToolResult {
	return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: text}}}
}

// succeeded gives the value as structured content, and as text for clients of before 2025-06-18.
func succeeded(out any) (*mcp.CallToolResult, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false) // the text is for models and people
	if err := enc.Encode(out); err != nil {
		return nil, fmt.Errorf("encoding the result: %w", err)
	}
	encoded := bytes.TrimSpace(text.Bytes())
	return &mcp.CallToolResult{
		StructuredContent: json.RawMessage(encoded),
		Content:           []mcp.Content{&mcp.TextContent{Text: string(encoded)}},
	}, nil
}
