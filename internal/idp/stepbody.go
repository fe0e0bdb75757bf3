package idp

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"mcpharness/internal/idp/engine"
)

// stepBody is what a page's script sends.
type stepBody map[string]json.RawMessage

// stepIssue is what is wrong with one member.
type stepIssue struct {
	Code     string   `json:"code"`
	Expected string   `json:"expected,omitempty"`
	Received string   `json:"received,omitempty"`
	Minimum  int      `json:"minimum,omitempty"`
	Options  []string `json:"options,omitempty"`
	Path     []string `json:"path"`
	Message  string   `json:"message"`
}

// readStep reads a JSON object. What is no JSON counts as an empty one, so that its members are missing.
func readStep(w http.ResponseWriter, r *http.Request) (stepBody, *stepIssue) {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		return nil, &stepIssue{Code: "custom", Path: []string{}, Message: "the body could not be read, or is longer than 64 KiB"}
	}
	var body stepBody
	if media == "application/json" {
		_ = json.Unmarshal(raw, &body)
	}
	return body, nil
}

// text reads a string.
func (b stepBody) text(name string) (string, *stepIssue) {
	raw, has := b[name]
	if !has {
		return "", &stepIssue{Code: "invalid_type", Expected: "string", Received: "undefined", Path: []string{name}, Message: "Required"}
	}
	var value any
	_ = json.Unmarshal(raw, &value) // a part of what was parsed
	text, ok := value.(string)
	if !ok {
		kind := kindOf(value)
		return "", &stepIssue{Code: "invalid_type", Expected: "string", Received: kind, Path: []string{name}, Message: "Expected string, received " + kind}
	}
	return text, nil
}

func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

// credentials reads a name, of which kind it is, and a password.
func (b stepBody) credentials() (kind, name, password string, issue *stepIssue) {
	var identifier stepBody
	raw, has := b["identifier"]
	if has && json.Unmarshal(raw, &identifier) != nil || !has || identifier == nil {
		return "", "", "", &stepIssue{Code: "invalid_type", Expected: "object", Received: "undefined", Path: []string{"identifier"}, Message: "Required"}
	}
	kinds := []string{"username", "email", "phone", "userId"}
	if kind, issue = identifier.text("type"); issue == nil && !slices.Contains(kinds, kind) {
		issue = oneOf("type", kind, kinds)
	}
	if issue == nil {
		name, issue = identifier.text("value")
	}
	if issue != nil {
		issue.Path = append([]string{"identifier"}, issue.Path...)
		return "", "", "", issue
	}
	if password, issue = b.text("password"); issue == nil && password == "" {
		issue = &stepIssue{Code: "too_small", Minimum: 1, Path: []string{"password"}, Message: "String must contain at least 1 character(s)"}
	}
	return kind, name, password, issue
}

func oneOf(name, received string, options []string) *stepIssue {
	return &stepIssue{
		Code: "invalid_enum_value", Received: engine.Clip(received), Options: options, Path: []string{name},
		Message: fmt.Sprintf("Invalid enum value. Expected '%s', received '%s'", strings.Join(options, "' | '"), engine.Clip(received)),
	}
}

// stepError is how these endpoints refuse.
type stepError struct {
	Code    string     `json:"code"`
	Message string     `json:"message"`
	Data    *stepFault `json:"data,omitempty"`
	Details string     `json:"details,omitempty"`
}

type stepFault struct {
	Issues []*stepIssue `json:"issues"`
	Name   string       `json:"name"`
}

func (s *Server) refuseStep(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	s.Logger.InfoContext(r.Context(), "refused", "path", r.URL.Path, "error", code)
	writeJSON(w, status, stepError{Code: code, Message: message})
}

func (s *Server) invalidInput(w http.ResponseWriter, r *http.Request, issue *stepIssue) {
	s.Logger.InfoContext(r.Context(), "refused", "path", r.URL.Path, "error", "guard.invalid_input", "description", issue.Message)
	said := issue.Message
	if issue.Code == "invalid_type" {
		said = "Expected " + issue.Expected + " but received " + issue.Received + "."
	}
	writeJSON(w, http.StatusBadRequest, stepError{
		Code: "guard.invalid_input", Message: "The request body is invalid.", Data: &stepFault{[]*stepIssue{issue}, "ZodError"},
		Details: fmt.Sprintf("Error in key path %q: (%s) %s", strings.Join(issue.Path, "."), issue.Code, said),
	})
}

// sessionNotFound is for a browser without a sign-in under way.
func (s *Server) sessionNotFound(w http.ResponseWriter, r *http.Request) {
	s.writeError(w, r, engine.NewError("invalid_request", "interaction session not found"))
}
