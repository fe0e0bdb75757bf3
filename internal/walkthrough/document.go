package walkthrough

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// member is a member of a JSON object.
type member struct {
	name  string
	value string // compact JSON with a blank after each comma and colon
}

// members reads a JSON object in its own order. Inside of it, … stands for members that are named in cut.
func members(document []byte, cut ...string) ([]member, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, fmt.Errorf("want a JSON object, got %.60q", document)
	}
	var all []member
	for decoder.More() {
		name, value, err := readMember(decoder, cut)
		if err != nil {
			return nil, fmt.Errorf("want JSON, got %.60q: %w", document, err)
		}
		all = append(all, member{name, value})
	}
	return all, nil
}

// compact writes a JSON value to be wrapped at blanks, each object of a list on a line of its own. … stands for members
// that are named in cut.
func compact(document []byte, cut ...string) string {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	text, err := readValue(decoder, cut)
	if err != nil {
		return fmt.Sprintf("%.60q", document) // not JSON: shown as it is
	}
	return text
}

func readMember(decoder *json.Decoder, cut []string) (name, value string, err error) {
	token, err := decoder.Token()
	if err != nil {
		return "", "", err
	}
	name, _ = token.(string)
	value, err = readValue(decoder, cut)
	return name, value, err
}

func readValue(decoder *json.Decoder, cut []string) (string, error) {
	token, err := decoder.Token()
	if err != nil {
		return "", err
	}
	switch token {
	case json.Delim('{'):
		return readObject(decoder, cut)
	case json.Delim('['):
		return readList(decoder, cut)
	}
	return encode(token), nil
}

func readObject(decoder *json.Decoder, cut []string) (string, error) {
	var parts []string
	for decoder.More() {
		name, value, err := readMember(decoder, cut)
		switch {
		case err != nil:
			return "", err
		case slices.Contains(cut, name):
			parts = append(parts, "…")
		default:
			parts = append(parts, encode(name)+": "+value)
		}
	}
	_, err := decoder.Token()
	return "{" + strings.Join(parts, ", ") + "}", err
}

func readList(decoder *json.Decoder, cut []string) (string, error) {
	var parts []string
	objects := false
	for decoder.More() {
		value, err := readValue(decoder, cut)
		if err != nil {
			return "", err
		}
		objects = objects || strings.HasPrefix(value, "{")
		parts = append(parts, value)
	}
	_, err := decoder.Token()
	if objects {
		return "[\n" + strings.Join(parts, ",\n") + "]", err
	}
	return "[" + strings.Join(parts, ", ") + "]", err
}

func encode(value any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // a string, number, bool or nil: cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}
