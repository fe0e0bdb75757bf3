package idp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/personality"
)

// checkMembers refuses members that the personality does not know, where it minds, and tells where the first one stands.
func (s *Server) checkMembers(body []byte, document clientMetadata) *engine.Error {
	known := s.Personality.Registration.Members
	if known == nil {
		return nil
	}
	for name := range document {
		if !slices.Contains(known, name) {
			name, line, column := firstUnknown(body, known)
			about := fmt.Sprintf("%q at line %d column %d", engine.Clip(name), line, column)
			return engine.NewFault(personality.MemberUnknown, about, "invalid_client_metadata", "member "+engine.Clip(name)+" is not known here")
		}
	}
	return nil
}

// firstUnknown finds the first member of a JSON object that is not known. Line and column count from 1, and are those behind the first token of its value.
func firstUnknown(body []byte, known []string) (name string, line, column int) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	_, _ = decoder.Token() // the brace; the object was read before, so nothing fails here
	for decoder.More() {
		token, _ := decoder.Token()
		name, _ = token.(string)
		after := int(decoder.InputOffset())
		var value json.RawMessage
		_ = decoder.Decode(&value)
		if slices.Contains(known, name) {
			continue
		}
		end := after + bytes.Index(body[after:], value)
		if value[0] == '"' || value[0] == '{' || value[0] == '[' {
			end++
		} else {
			end += len(value)
		}
		line = 1 + bytes.Count(body[:end], []byte("\n"))
		return name, line, end - bytes.LastIndexByte(body[:end], '\n')
	}
	return "", 0, 0
}
